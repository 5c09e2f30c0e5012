package io.flashdns.core.zonefile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.RecordType;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Type;

/** Names of record types, in zone files and everywhere else. */
final class TypeNamesTest {
  /** dnsjava keeps a table of its own. */
  @Test
  void everyNumberHasTheNameThatAnotherLibraryGivesIt() {
    int compared = 0;
    for (int type = 1; type <= RecordType.MAX; type++) {
      String theirs = Type.string(type);
      if (!theirs.startsWith("TYPE")) {
        assertThat(RecordType.text(type)).isEqualTo(theirs);
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(80);
  }

  @Test
  @Tag("rfc3597")
  void everyNameReadsAsItsNumberAlsoInLowerCase() {
    for (int type = 0; type <= RecordType.MAX; type++) {
      String text = RecordType.text(type);
      assertThat(RecordType.parse(text)).isEqualTo(type);
      assertThat(RecordType.parse(text.toLowerCase(Locale.ROOT))).isEqualTo(type);
      assertThat(RecordType.parse("TYPE" + type)).isEqualTo(type);
      byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
      assertThat(TypeText.number(octets, 0, octets.length)).isEqualTo(type);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "AAAAA", "TYPE", "TYPE65536", "TYPE-1", "TYPE000001", "1", "A "})
  void whatIsNoTypeIsRefused(String text) {
    assertThatThrownBy(() -> RecordType.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'" + text + "' is no record type");
  }
}
