package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.flashdns.management.server.ConfigNode.Entry;
import io.flashdns.management.server.ConfigNode.Items;
import io.flashdns.management.server.ConfigNode.Position;
import io.flashdns.management.server.ConfigNode.Scalar;
import io.flashdns.management.server.ConfigNode.Section;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
  @TempDir private Path folder;
  private final List<Problem> problems = new ArrayList<>();

  @Test
  void nodesKnowTheirLineAndColumn() throws IOException {
    Section root = read("workers: 2\nlisten:\n  - 127.0.0.1\nudp:\n  max-reply-bytes: '512'\n");

    assertThat(problems).isEmpty();
    assertThat(root.entries())
        .containsExactly(
            new Entry("workers", new Scalar("2", false, new Position(1, 10)), new Position(1, 1)),
            new Entry(
                "listen",
                new Items(
                    List.of(new Scalar("127.0.0.1", false, new Position(3, 5))),
                    new Position(3, 3)),
                new Position(2, 1)),
            new Entry(
                "udp",
                new Section(
                    List.of(
                        new Entry(
                            "max-reply-bytes",
                            new Scalar("512", true, new Position(5, 20)),
                            new Position(5, 3))),
                    new Position(5, 3)),
                new Position(4, 1)));
  }

  @Test
  void emptyFileIsAnEmptySection() throws IOException {
    assertThat(read("").entries()).isEmpty();
    assertThat(read("# only a comment\n").entries()).isEmpty();
    assertThat(read("---\n...\n").entries()).isEmpty();
    assertThat(problems).isEmpty();
  }

  @Test
  void tabIsNamedWithItsRemedy() throws IOException {
    assertThat(read("udp:\n\tmax-reply-bytes: 512\n")).isNull();

    assertThat(problems)
        .singleElement()
        .satisfies(
            p -> {
              assertThat(p.line()).isEqualTo(2);
              assertThat(p.reason()).contains("indent with spaces").contains("no tabs");
            });
  }

  @Test
  void eachDuplicateKeyIsReportedWithBothLines() throws IOException {
    assertThat(read("io: auto\nworkers: 1\nio: nio\nworkers: 2\n")).isNull();

    assertThat(problems).extracting(Problem::line).containsExactly(3, 4);
    assertThat(problems.getFirst().reason())
        .isEqualTo("the key 'io' stands here twice, first in line 1");
    assertThat(problems.getFirst().text()).isEqualTo("io: nio");
  }

  @Test
  void aliasesAreRefusedSoThatNothingUnfolds() throws IOException {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      String before = "*a" + (i - 1);
      bomb.append(
          "a%d: &a%d [%s]\n"
              .formatted(
                  i,
                  i,
                  String.join(
                      ", ",
                      List.of(
                          before, before, before, before, before, before, before, before, before,
                          before))));
    }

    assertThat(read(bomb.toString())).isNull();

    assertThat(problems).hasSize(12 + 11 * 10);
    assertThat(problems.getFirst().reason()).contains("anchor &a0");
    assertThat(problems.getLast().reason()).contains("alias *a10");
  }

  @Test
  void tagsAndSecondDocumentsAreRefused() throws IOException {
    assertThat(read("workers: !!int 2\n---\nio: nio\n")).isNull();

    assertThat(problems)
        .extracting(Problem::reason)
        .satisfiesExactly(
            tag -> assertThat(tag).contains("tag:yaml.org,2002:int"),
            second -> assertThat(second).contains("second document"));
  }

  @Test
  void deepNestingEndsInAProblem() throws IOException {
    assertThat(read("a: " + "[".repeat(5_000) + "]".repeat(5_000))).isNull();

    assertThat(problems)
        .singleElement()
        .satisfies(p -> assertThat(p.reason()).contains("more than 16 deep"));
  }

  @Test
  void listAtTheTopIsRefused() throws IOException {
    assertThat(read("- workers\n")).isNull();

    assertThat(problems)
        .singleElement()
        .satisfies(p -> assertThat(p.reason()).contains("must hold keys with values"));
  }

  @Test
  void unquotedIpv6AddressGetsAHint() throws IOException {
    assertThat(read("listen:\n  - [::1]:53\n")).isNull();

    assertThat(problems)
        .singleElement()
        .satisfies(
            p -> {
              assertThat(p.line()).isEqualTo(2);
              assertThat(p.reason()).contains("in quotes: \"[::1]:53\"");
            });
  }

  @Test
  void whatIsNoTextIsRefused() throws IOException {
    Path file = folder.resolve("binary.yaml");
    Files.write(file, new byte[] {'i', 'o', ':', ' ', (byte) 0xff});
    assertThat(new ConfigFile(file, problems::add).read()).isNull();
    Files.write(file, new byte[] {'i', 'o', ':', ' ', 0});
    assertThat(new ConfigFile(file, problems::add).read()).isNull();
    Files.write(file, new byte[ConfigFile.MAX_BYTES + 1]);
    assertThat(new ConfigFile(file, problems::add).read()).isNull();

    assertThat(problems)
        .extracting(Problem::reason)
        .satisfiesExactly(
            utf8 -> assertThat(utf8).contains("is not UTF-8"),
            nul -> assertThat(nul).contains("is not YAML"),
            size -> assertThat(size).contains("at most 1048576 are read"));
  }

  @Test
  void missingFileAndFolderAreNamed() throws IOException {
    assertThat(new ConfigFile(folder.resolve("no.yaml"), problems::add).read()).isNull();
    assertThat(new ConfigFile(folder, problems::add).read()).isNull();

    assertThat(problems)
        .extracting(Problem::format)
        .containsExactly(
            folder.resolve("no.yaml") + ": error: there is no such file",
            folder + ": error: is a folder: name the configuration file in it");
  }

  @Test
  void unreadableFileIsNamed() throws IOException {
    Path file = folder.resolve("secret.yaml");
    Files.writeString(file, "workers: 1\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    assumeFalse(Files.isReadable(file), "the superuser may read all");

    assertThat(new ConfigFile(file, problems::add).read()).isNull();

    assertThat(problems)
        .singleElement()
        .satisfies(p -> assertThat(p.format()).contains("may not be read by user"));
  }

  @Test
  void everyPrefixOfTheShippedFileIsReadOrRefusedButNeverFails() throws IOException {
    String text = Files.readString(ShippedFiles.CONFIG).replaceAll("(?m)^#( {2,}|(?! ))", "$1");
    for (int end = 0; end < text.length(); end += 7) {
      read(text.substring(0, end));
    }
    assertThat(problems).allMatch(p -> p.line() > 0 || !p.reason().isEmpty());
  }

  private Section read(String text) throws IOException {
    Path file = folder.resolve("test.yaml");
    Files.writeString(file, text);
    return new ConfigFile(file, problems::add).read();
  }
}
