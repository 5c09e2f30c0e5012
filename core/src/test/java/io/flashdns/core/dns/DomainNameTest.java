package io.flashdns.core.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DomainNameTest {
  private static final String LABEL_63 = "a".repeat(63);

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".",
        "example.",
        "www.example.",
        "a\\.b.example.",
        "\\000\\255\\127.example.",
        "a\\\\b.",
        "\\@.",
        "\\$ORIGIN.",
        "\\;\\(\\)\\\"x.",
        "*.example.",
        "_443._tcp.example."
      })
  void presentationFormIsReadAndWrittenUnchanged(String text) {
    assertThat(DomainName.parse(text)).hasToString(text);
  }

  @Test
  void decimalAndSingleEscapesAreTheSameOctet() {
    assertThat(DomainName.parse("\\097\\.\\046\\x.").wire())
        .isEqualTo(new byte[] {4, 'a', '.', '.', 'x', 0});
  }

  @Test
  @Tag("rfc2181")
  void everyOctetMayStandInALabelAndSurvivesText() {
    for (int octet = 0; octet < 256; octet++) {
      byte[] wire = {1, (byte) octet, 0};
      DomainName name = DomainName.ofWire(wire, 0);

      assertThat(DomainName.parse(name.toString()).wire()).isEqualTo(wire);
    }
  }

  @Test
  void originCompletesRelativeNamesOnly() {
    DomainName origin = DomainName.parse("Example.");

    assertThat(DomainName.parse("www", origin)).hasToString("www.Example.");
    assertThat(DomainName.parse("www.", origin)).hasToString("www.");
    assertThat(DomainName.parse("@", origin)).isSameAs(origin);
    assertThat(DomainName.parse(".", origin)).isEqualTo(DomainName.ROOT);
    assertThat(DomainName.parse("www\\.", origin)).hasToString("www\\..Example.");
  }

  @ParameterizedTest
  @MethodSource
  void badNamesAreRefusedWithTheReason(String text, String reason) {
    assertThatThrownBy(() -> DomainName.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  static Stream<Arguments> badNamesAreRefusedWithTheReason() {
    return Stream.of(
        Arguments.of("", "a name is missing"),
        Arguments.of("a..b", "name 'a..b' has an empty label"),
        Arguments.of(".a", "name '.a' has an empty label"),
        Arguments.of("..", "name '..' has an empty label"),
        Arguments.of("a\\", "name 'a\\' ends in a backslash"),
        Arguments.of("a\\1", "has an escape that is not \\DDD"),
        Arguments.of("a\\12x", "has an escape that is not \\DDD"),
        Arguments.of("a\\256", "has the escape \\256, above \\255"),
        Arguments.of("\u00e4.example", "write \\DDD for an octet, or the xn-- form"),
        Arguments.of("a\\\u00e4", "escapes a character outside ASCII"));
  }

  @Test
  void labelHasAtMost63Octets() {
    assertThat(DomainName.parse(LABEL_63 + ".").length()).isEqualTo(65);
    assertThatThrownBy(() -> DomainName.parse(LABEL_63 + "a."))
        .hasMessageContaining("a label of 64 octets, at most 63 are allowed");
    assertThatThrownBy(() -> DomainName.parse("x." + LABEL_63 + "a"))
        .hasMessageContaining("a label of 64 octets");
  }

  @Test
  void nameHasAtMost255Octets() {
    String three = (LABEL_63 + ".").repeat(3);

    assertThat(DomainName.parse(three + "b".repeat(61) + ".").length()).isEqualTo(255);
    assertThat(DomainName.parse(three + "b".repeat(61)).length()).isEqualTo(255);
    for (String tooLong :
        List.of(
            three + "b".repeat(62) + ".",
            three + "b".repeat(62),
            three + "b".repeat(61) + ".c",
            three + "b".repeat(61) + ".c.",
            "a.".repeat(128),
            "a".repeat(300),
            "a.".repeat(500))) {
      assertThatThrownBy(() -> DomainName.parse(tooLong))
          .hasMessageContaining("is longer than 255 octets");
    }
    assertThatThrownBy(() -> DomainName.parse(three + "b".repeat(58), DomainName.parse("org.")))
        .hasMessageContaining("is longer than 255 octets");
  }

  @Test
  void nameHasAtMost127Labels() {
    DomainName name = DomainName.parse("a.".repeat(127));

    assertThat(name.labels()).isEqualTo(127);
    assertThat(name.length()).isEqualTo(255);
  }

  @Test
  @Tag("rfc4034")
  void naturalOrderIsTheCanonicalOneOfTheRfc() {
    List<DomainName> ordered =
        List.of(
            DomainName.parse("example."),
            DomainName.parse("a.example."),
            DomainName.parse("yljkjljk.a.example."),
            DomainName.parse("Z.a.example."),
            DomainName.parse("zABC.a.EXAMPLE."),
            DomainName.parse("z.example."),
            DomainName.parse("\\001.z.example."),
            DomainName.parse("*.z.example."),
            DomainName.parse("\\200.z.example."));
    List<DomainName> shuffled = new ArrayList<>(ordered);
    Collections.shuffle(shuffled, new Random(1));

    assertThat(shuffled).isNotEqualTo(ordered);
    Collections.sort(shuffled);
    assertThat(shuffled).isEqualTo(ordered);
  }

  @Test
  void orderIsTotalAndAgreesWithEquals() {
    Random random = new Random(2);
    List<DomainName> names = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      names.add(RandomNames.next(random));
    }
    for (DomainName a : names) {
      for (DomainName b : names) {
        assertThat(Integer.signum(a.compareTo(b))).isEqualTo(-Integer.signum(b.compareTo(a)));
        assertThat(a.compareTo(b) == 0).isEqualTo(a.equals(b));
        if (a.equals(b)) {
          assertThat(a).hasSameHashCodeAs(b);
        }
      }
    }
  }

  @Test
  @Tag("rfc4343")
  void lettersAreEqualWithoutCaseAndOtherOctetsAreNot() {
    assertThat(DomainName.parse("ExAmPlE.")).isEqualTo(DomainName.parse("eXaMpLe."));
    assertThat(DomainName.parse("ExAmPlE.")).hasToString("ExAmPlE.");
    assertThat(DomainName.parse("ExAmPlE.").folded()).hasToString("example.");
    // '[' and '{' are 32 apart, as letters are, and so are 0xc1 and 0xe1.
    assertThat(DomainName.parse("[.")).isNotEqualTo(DomainName.parse("{."));
    assertThat(DomainName.parse("\\193.")).isNotEqualTo(DomainName.parse("\\225."));
    assertThat(DomainName.parse("\\@.")).isNotEqualTo(DomainName.parse("`."));
  }

  @Test
  void equalOctetsWithOtherLabelBordersAreOtherNames() {
    assertThat(DomainName.parse("a\\001b.")).isNotEqualTo(DomainName.parse("a.b."));
    assertThat(DomainName.parse("a\\.b.")).isNotEqualTo(DomainName.parse("a.b."));
  }

  @Test
  void ancestorsAreFoundAtLabelBordersOnly() {
    DomainName example = DomainName.parse("example.");

    assertThat(DomainName.parse("www.EXAMPLE.").isAtOrBelow(example)).isTrue();
    assertThat(example.isAtOrBelow(example)).isTrue();
    assertThat(example.isAtOrBelow(DomainName.ROOT)).isTrue();
    assertThat(DomainName.ROOT.isAtOrBelow(DomainName.ROOT)).isTrue();
    assertThat(DomainName.ROOT.isAtOrBelow(example)).isFalse();
    assertThat(DomainName.parse("wwwexample.").isAtOrBelow(example)).isFalse();
    // The octets of "example." stand at the end of this one label too.
    assertThat(DomainName.parse("a\\007example.").isAtOrBelow(example)).isFalse();
  }

  @Test
  void parentsEndAtTheRoot() {
    DomainName name = DomainName.parse("a.b.");

    assertThat(name.parent()).hasToString("b.");
    assertThat(DomainName.parse("b.").parent()).isEqualTo(DomainName.ROOT);
    assertThat(DomainName.ROOT.parent()).isNull();
    assertThat(DomainName.ROOT.labels()).isZero();
  }

  @Test
  void wireFormIsTakenAtAnOffsetAndNoFurther() {
    byte[] bytes = {9, 1, 'a', 2, 'b', 'c', 0, 7};

    assertThat(DomainName.ofWire(bytes, 1)).hasToString("a.bc.");
    assertThat(DomainName.ofWire(bytes, 1).wire()).containsExactly(1, 'a', 2, 'b', 'c', 0);
    byte[] target = new byte[10];
    assertThat(DomainName.ofWire(bytes, 1).writeTo(target, 2)).isEqualTo(8);
    assertThat(target).containsExactly(0, 0, 1, 'a', 2, 'b', 'c', 0, 0, 0);
  }

  @Test
  void wireFormThatIsNoNameIsRefused() {
    for (byte[] bad :
        List.of(
            new byte[] {},
            new byte[] {1},
            new byte[] {1, 'a'},
            new byte[] {(byte) 0xc0, 0},
            new byte[] {64, 0},
            new byte[] {(byte) 0x80, 0},
            longName(256))) {
      assertThatThrownBy(() -> DomainName.ofWire(bad, 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(DomainName.ofWire(longName(255), 0).length()).isEqualTo(255);
  }

  /** A name of so many octets: labels of one octet and at most one of two. */
  private static byte[] longName(int octets) {
    byte[] name = new byte[octets];
    int at = 0;
    while (at < octets - 1) {
      int label = (octets - 1 - at) % 2 == 0 ? 1 : 2;
      name[at] = (byte) label;
      at += 1 + label;
    }
    return name;
  }

  @Test
  void accessorsHandOutCopies() {
    DomainName name = DomainName.parse("a.");
    name.wire()[1] = 'b';

    assertThat(name).hasToString("a.");
  }
}
