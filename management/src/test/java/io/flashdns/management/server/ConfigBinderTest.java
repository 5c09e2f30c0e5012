package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.flashdns.core.plugin.Network;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigBinderTest {
  enum Colour {
    RED,
    DARK_BLUE
  }

  record Inner(int low, int high) {
    Inner {
      if (low < 0) {
        throw new IllegalArgumentException("low must be 0 or more, not " + low);
      }
      if (high > 100) {
        throw new IllegalArgumentException("high must be 100 or less, not " + high);
      }
      if (low > high) {
        throw new IllegalArgumentException("low must not be above high");
      }
    }

    static Inner defaults() {
      return new Inner(1, 10);
    }
  }

  record Pair(String left, Optional<Network> right, List<Colour> colours) {
    static Pair defaults() {
      return new Pair("none", Optional.empty(), List.of());
    }
  }

  record Everything(
      int number,
      long maxBytes,
      boolean flag,
      String text,
      Duration delay,
      Colour colour,
      InetSocketAddress address,
      Path file,
      List<Integer> numbers,
      List<Colour> colours,
      List<Network> networks,
      List<Pair> pairs,
      Inner inner,
      Optional<Inner> other,
      Optional<String> name) {
    static Everything defaults() {
      return new Everything(
          1,
          2,
          false,
          "t",
          Duration.ofSeconds(1),
          Colour.RED,
          new InetSocketAddress(53),
          Path.of("f"),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          new Inner(2, 20),
          Optional.empty(),
          Optional.empty());
    }
  }

  record Required(String name, Optional<String> note) {}

  record Holder(Required required) {}

  @TempDir private Path folder;
  private final List<Problem> problems = new ArrayList<>();

  @Test
  void absentKeysHaveTheirDefaults() throws IOException {
    assertThat(bind("", Everything.defaults())).isEqualTo(Everything.defaults());
    assertThat(problems).isEmpty();
  }

  @Test
  void everyTypeIsBound() throws IOException {
    Everything bound =
        bind(
            """
            number: 7
            max-bytes: 2MiB
            flag: true
            text: 12
            delay: 10min
            colour: dark-blue
            address: "[::1]:5353"
            file: sub/../x.pem
            numbers: [1, 2, 3]
            colours: [red, dark-blue]
            networks: [10.0.0.0/8, "2001:db8::/32", 192.0.2.1]
            pairs:
              - left: a
                right: 10.1.0.0/16
                colours: red
              - {left: b}
            inner: {low: 5}
            other: {high: 50}
            name: "true"
            """,
            Everything.defaults());

    assertThat(problems).isEmpty();
    assertThat(bound)
        .isEqualTo(
            new Everything(
                7,
                2 << 20,
                true,
                "12",
                Duration.ofMinutes(10),
                Colour.DARK_BLUE,
                ListenAddress.parse("[::1]:5353"),
                folder.resolve("x.pem"),
                List.of(1, 2, 3),
                List.of(Colour.RED, Colour.DARK_BLUE),
                List.of(
                    Network.parse("10.0.0.0/8"),
                    Network.parse("2001:db8::/32"),
                    Network.parse("192.0.2.1")),
                List.of(
                    new Pair("a", Optional.of(Network.parse("10.1.0.0/16")), List.of(Colour.RED)),
                    new Pair("b", Optional.empty(), List.of())),
                new Inner(5, 20),
                Optional.of(new Inner(1, 50)),
                Optional.of("true")));
  }

  @Test
  void allProblemsAreReportedEachAtItsPlace() throws IOException {
    bind(
        """
        number: 7s
        flag: yes
        delay: 5
        colour: green
        numbers: [1, x, 3]
        inner:
          low: -1
          high: 101
          hihg: 3
        tetx: a
        max-bytes: 99999999999GiB
        address: localhost
        name: [a]
        text:
        """,
        Everything.defaults());

    assertThat(problems)
        .extracting(p -> p.line() + ":" + p.column() + " " + p.key())
        .containsExactly(
            "1:9 number",
            "2:7 flag",
            "3:8 delay",
            "4:9 colour",
            "5:14 numbers[1]",
            "9:3 inner.hihg",
            "7:8 inner.low",
            "8:9 inner.high",
            "10:1 tetx",
            "11:12 max-bytes",
            "12:10 address",
            "13:7 name",
            "14:6 text");
    assertThat(problems).allMatch(p -> p.file().endsWith("test.yaml") && p.isError());
  }

  @Test
  void problemsInListsAreReportedAtTheirItems() throws IOException {
    bind(
        """
        networks: [10.0.0.0/8, 10.0.0.1/8, example.com]
        colours: [red, dark_blue]
        pairs:
          - left: a
            rigt: 10.0.0.0/8
          - right: 10.0.0.0/33
            colours: [green]
          - only words
        """,
        Everything.defaults());

    assertThat(problems)
        .extracting(p -> p.line() + ":" + p.column() + " " + p.key() + ": " + p.reason())
        .containsExactly(
            "1:24 networks[1]: '10.0.0.1/8' has bits set behind its prefix: write '10.0.0.0/8', or"
                + " a longer prefix",
            "1:36 networks[2]: 'example.com' is no network: write 192.0.2.0/24, 2001:db8::/32 or"
                + " one address",
            "2:16 colours[1]: 'dark_blue' must be one of red, dark-blue",
            "5:5 pairs[0].rigt: unknown key, did you mean 'right'?",
            "6:12 pairs[1].right: the prefix of '10.0.0.0/33' must be 0 to 32",
            "7:15 pairs[1].colours[0]: 'green' must be one of red, dark-blue",
            "8:5 pairs[2]: must hold keys with values, indented below it");
  }

  @Test
  void typeThatIsNotUnderstoodIsAFaultOfTheRecordAndSaysSo() throws IOException {
    record Strange(java.util.Map<String, String> map) {}
    ConfigFile file = file("map: {a: b}");
    ConfigNode.Section section = file.read();

    assertThatIllegalStateException()
        .isThrownBy(() -> new ConfigBinder(file, folder).bind(section, Strange.class, ""))
        .withMessage(
            "the type java.util.Map<java.lang.String, java.lang.String> of map is not understood");
  }

  @Test
  void misspeltKeyIsToldTheNearest() throws IOException {
    bind("nubmer: 1\nmaxBytes: 3\nzzzzzzzz: 1\n", Everything.defaults());

    assertThat(problems)
        .extracting(Problem::reason)
        .containsExactly(
            "unknown key, did you mean 'number'?",
            "unknown key, did you mean 'max-bytes'?",
            "unknown key, known are address, colour, colours, delay, file, flag, inner, max-bytes,"
                + " name, networks, number, numbers, other, pairs, text");
  }

  @Test
  void valuesThatAreWrongTogetherAreReportedAtTheKeyThatIsNamed() throws IOException {
    bind("inner: {low: 60, high: 50}\n", Everything.defaults());

    // 60 alone is above the default of high, so the sentence stands at low, once
    assertThat(problems)
        .singleElement()
        .satisfies(
            p -> {
              assertThat(p.key()).isEqualTo("inner.low");
              assertThat(p.reason()).isEqualTo("must not be above high");
            });
  }

  @Test
  void numbersBeyondIntAreRefusedNotWrapped() throws IOException {
    bind("number: 4294967297\n", Everything.defaults());

    assertThat(problems)
        .singleElement()
        .satisfies(p -> assertThat(p.reason()).isEqualTo("the number 4294967297 is too large"));
  }

  @Test
  void recordWithoutDefaultsNeedsItsKeys() throws IOException {
    Holder start = new Holder(new Required("x", Optional.empty()));
    ConfigFile file = file("required:\n  note: hello\n");
    ConfigBinder binder = new ConfigBinder(file, folder);
    ConfigNode node = file.read().entries().getFirst().value();

    assertThat(binder.bind(node, Required.class, "plugins.p")).isNull();
    assertThat(problems)
        .singleElement()
        .satisfies(
            p -> {
              assertThat(p.key()).isEqualTo("plugins.p.name");
              assertThat(p.reason()).isEqualTo("is missing and has no default");
            });
    assertThat(bind("required: {name: y}", start).required().name()).isEqualTo("y");
  }

  @Test
  void sectionWhoseKeysAreAllCommentedOutIsEmpty() throws IOException {
    assertThat(bind("inner:\n#  low: 5\n", Everything.defaults())).isEqualTo(Everything.defaults());
    assertThat(problems).isEmpty();
  }

  @Test
  void valueWhereKeysBelongIsRefused() throws IOException {
    bind("inner: 5\nnumber: {a: 1}\nflag: []\n", Everything.defaults());

    assertThat(problems)
        .extracting(Problem::reason)
        .containsExactly(
            "must hold keys with values, indented below it",
            "must be a single value, not keys with values",
            "must be a single value, not a list");
  }

  private <R extends Record> R bind(String text, R defaults) throws IOException {
    ConfigFile file = file(text);
    return new ConfigBinder(file, folder).bind(file.read(), defaults);
  }

  private ConfigFile file(String text) throws IOException {
    Path path = folder.resolve("test.yaml");
    Files.writeString(path, text);
    ConfigFile file = new ConfigFile(path, problems::add);
    return file;
  }
}
