package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataFolderTest {
  @TempDir private Path parent;
  private Path folder;
  private DataFolder data;

  @BeforeEach
  void name() {
    folder = parent.resolve("data");
    data = new DataFolder(folder, new SecureRandom());
  }

  @Test
  void seedIsMadeOnceAndStays() throws Exception {
    long seed = data.seed();

    assertThat(data.seed()).isEqualTo(seed);
    assertThat(new DataFolder(folder, new SecureRandom()).seed()).isEqualTo(seed);
    assertThat(new DataFolder(parent.resolve("other"), new SecureRandom()).seed())
        .isNotEqualTo(seed);
  }

  @Test
  void folderAndFileAreTheUsersAlone() throws Exception {
    data.seed();

    assertThat(mode(folder)).isEqualTo("rwx------");
    assertThat(mode(folder.resolve(DataFolder.SEED_FILE))).isEqualTo("rw-------");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve(DataFolder.SEED_FILE));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----"})
  void seedThatOthersMayUseIsRefused(String mode) throws Exception {
    data.seed();
    Path file = folder.resolve(DataFolder.SEED_FILE);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));

    assertThatExceptionOfType(StartException.class)
        .isThrownBy(data::seed)
        .withMessageContaining(file.toString())
        .withMessageContaining(mode)
        .withMessageContaining("chmod 600");
    assertThatExceptionOfType(StartException.class).isThrownBy(data::check);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "123", "0123456789abcdeg", "0123456789ABCDEF", "0123456789abcdef0"})
  void damagedSeedIsRefusedAndNotReplaced(String text) throws Exception {
    data.seed();
    Path file = folder.resolve(DataFolder.SEED_FILE);
    Files.writeString(file, text);

    assertThatExceptionOfType(StartException.class)
        .isThrownBy(data::seed)
        .withMessageContaining("remove it for a new one");
    assertThat(file).hasContent(text);
  }

  @Test
  void folderThatCannotBeMadeIsASentence() throws Exception {
    Files.writeString(folder, "a file in the way");

    assertThatExceptionOfType(StartException.class)
        .isThrownBy(data::seed)
        .withMessageContaining(folder.toString())
        .withMessageContaining("--data");
  }

  @Test
  void checkMakesNothing() throws Exception {
    data.check();

    assertThat(folder).doesNotExist();
  }

  @Test
  void serversThatStartTogetherEndWithOneSeed() throws Exception {
    List<Long> seeds =
        Stream.generate(() -> new DataFolder(folder, new SecureRandom()))
            .limit(64)
            .parallel()
            .map(DataFolderTest::seed)
            .distinct()
            .toList();

    assertThat(seeds).hasSize(1);
  }

  private static long seed(DataFolder data) {
    try {
      return data.seed();
    } catch (StartException e) {
      throw new AssertionError(e.reason());
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
