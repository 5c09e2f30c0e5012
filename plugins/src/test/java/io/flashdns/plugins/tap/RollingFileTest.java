package io.flashdns.plugins.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RollingFileTest {
  @TempDir Path folder;

  private static ByteBuffer octets(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void olderFilesMoveUpAndTheOldestGoes() throws IOException {
    RollingFile file = new RollingFile(folder.resolve("log"), 3);
    file.open();
    for (String text : List.of("one", "two", "three", "four")) {
      file.write(octets(text));
      file.roll();
    }
    assertThat(names()).containsExactly("log", "log.1", "log.2");
    assertThat(folder.resolve("log")).isEmptyFile();
    assertThat(folder.resolve("log.1")).hasContent("four");
    assertThat(folder.resolve("log.2")).hasContent("three");
    file.close();
  }

  @Test
  void singleFileIsEmptied() throws IOException {
    RollingFile file = new RollingFile(folder.resolve("log"), 1);
    file.open();
    file.write(octets("one"));
    file.roll();
    file.write(octets("two"));
    file.close();
    assertThat(names()).containsExactly("log");
    assertThat(folder.resolve("log")).hasContent("two");
  }

  @Test
  void openingKeepsWhatTheFileHolds() throws IOException {
    Files.writeString(folder.resolve("log"), "before ");
    RollingFile file = new RollingFile(folder.resolve("log"), 2);
    file.open();
    assertThat(file.size()).isEqualTo(7);
    file.write(octets("after"));
    file.close();
    assertThat(folder.resolve("log")).hasContent("before after");
  }

  @Test
  void othersMayNotRead() throws IOException {
    RollingFile file = new RollingFile(folder.resolve("log"), 2);
    file.open();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("log"))))
        .endsWith("---");
    file.close();
  }

  @Test
  void movedFileIsNoticed() throws IOException {
    RollingFile file = new RollingFile(folder.resolve("log"), 2);
    file.open();
    assertThat(file.isElsewhere()).isFalse();
    Files.move(folder.resolve("log"), folder.resolve("elsewhere"));
    assertThat(file.isElsewhere()).isTrue();
    file.open();
    assertThat(file.isElsewhere()).isFalse();
    file.close();
  }

  /** A server that runs as root must not rename /dev/null. */
  @Test
  void deviceIsNeverRenamedOrRemoved() throws IOException {
    for (int files = 1; files <= 2; files++) {
      Path link = folder.resolve("log");
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, Path.of("/dev/null"));
      RollingFile file = new RollingFile(link, files);
      file.open();
      file.write(octets("text"));
      assertThat(file.size()).isZero();
      file.roll();
      file.write(octets("text"));
      file.close();
      assertThat(names()).containsExactly("log");
      assertThat(Files.isSymbolicLink(link)).isTrue();
    }
  }

  @Test
  void fullDiskClosesTheFile() throws IOException {
    RollingFile file = new RollingFile(Path.of("/dev/full"), 1);
    file.open();
    assertThatThrownBy(() -> file.write(octets("x"))).isInstanceOf(IOException.class);
    assertThat(file.isOpen()).isFalse();
    assertThatThrownBy(() -> file.write(octets("x"))).hasMessageContaining("is not open");
  }
}
