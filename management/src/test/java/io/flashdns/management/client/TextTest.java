package io.flashdns.management.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.flashdns.proto.v1.LocData;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.SvcOpaque;
import io.flashdns.proto.v1.SvcParam;
import io.flashdns.proto.v1.SvcStrings;
import io.flashdns.proto.v1.SvcbData;
import io.flashdns.proto.v1.TxtData;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class TextTest {
  @Test
  void timesHaveUnits() {
    assertThat(TimeText.parse("300")).isEqualTo(Duration.ofSeconds(300));
    assertThat(TimeText.parse("1h30m")).isEqualTo(Duration.ofMinutes(90));
    assertThat(TimeText.parse("2w")).isEqualTo(Duration.ofDays(14));
    assertThat(TimeText.parse("250ms")).isEqualTo(Duration.ofMillis(250));
    assertThatThrownBy(() -> TimeText.parse("5x")).hasMessageContaining("such as 300, 5m");
    assertThatThrownBy(() -> TimeText.parse("")).hasMessageContaining("must be a time");
    assertThat(TimeText.format(Duration.ofSeconds(3690))).isEqualTo("1h1m30s");
  }

  @Test
  void ancestorsKeepEscapedDots() {
    assertThat(DomainName.ancestors("a\\.b.c.example."))
        .containsExactly("a\\.b.c.example.", "c.example.", "example.");
  }

  @Test
  void namesWithinAZone() throws ClientException {
    assertThat(DomainName.within("www", "example.org.")).isEqualTo("www.example.org.");
    assertThat(DomainName.within("WWW.Example.ORG", "example.org.")).isEqualTo("WWW.Example.ORG.");
    assertThat(DomainName.within("www.", "example.org.")).isEqualTo("www.");
    assertThat(DomainName.within("x\\.", "example.org.")).isEqualTo("x\\..example.org.");
    assertThatThrownBy(() -> DomainName.absolute("a..b")).hasMessageContaining("empty label");
  }

  @Test
  @Tag("rfc9460")
  void svcbIsWrittenAsInAZoneFile() {
    SvcbData svcb =
        SvcbData.newBuilder()
            .setPriority(1)
            .setTarget(".")
            .addParams(
                SvcParam.newBuilder()
                    .setAlpn(SvcStrings.newBuilder().addValues("h2").addValues("h3")))
            .addParams(SvcParam.newBuilder().setNoDefaultAlpn(true))
            .addParams(SvcParam.newBuilder().setPort(8443))
            .addParams(
                SvcParam.newBuilder().setIpv4Hint(SvcStrings.newBuilder().addValues("192.0.2.1")))
            .addParams(
                SvcParam.newBuilder()
                    .setOpaque(
                        SvcOpaque.newBuilder()
                            .setKey(4711)
                            .setValue(ByteString.copyFromUtf8("a\"b"))))
            .build();

    assertThat(DataText.of(RecordData.newBuilder().setSvcb(svcb).build()))
        .isEqualTo(
            "1 . alpn=\"h2,h3\" no-default-alpn port=8443 ipv4hint=192.0.2.1 key4711=\"a\\034b\"");
  }

  @Test
  @Tag("rfc1876")
  void locIsWrittenInDegrees() {
    LocData loc =
        LocData.newBuilder()
            .setLatitudeMilliarcseconds(-(52 * 3_600_000 + 22 * 60_000 + 23_001))
            .setLongitudeMilliarcseconds(4 * 3_600_000)
            .setAltitudeCentimetres(-205)
            .setSizeCentimetres(100)
            .build();

    assertThat(DataText.of(RecordData.newBuilder().setLoc(loc).build()))
        .isEqualTo("52 22 23.001 S 4 0 0.000 E -2.05m 1.00m 0.00m 0.00m");
  }

  @Test
  void txtKeepsItsEscapes() {
    TxtData txt = TxtData.newBuilder().addStrings("a\"b\\\\c").addStrings("\\000").build();

    assertThat(DataText.of(RecordData.newBuilder().setTxt(txt).build()))
        .isEqualTo("\"a\\\"b\\\\c\" \"\\000\"");
  }

  @Test
  @Tag("rfc3597")
  void opaqueDataAreGeneric() {
    assertThat(
            DataText.of(
                RecordData.newBuilder()
                    .setOpaque(ByteString.copyFrom(new byte[] {(byte) 192, 0}))
                    .build()))
        .isEqualTo("\\# 2 C000");
    assertThat(DataText.of(RecordData.newBuilder().setOpaque(ByteString.EMPTY).build()))
        .isEqualTo("\\# 0");
  }

  @Test
  void controlCharactersDoNotReachTheTerminal() {
    assertThat(Printable.text("a\u001b[2Jb\u009b")).isEqualTo("a\\027[2Jb\\155");
  }

  @Test
  void nearestWordsAreSuggested() {
    assertThat(Nearest.hint("exmaple", java.util.List.of("example", "zone")))
        .isEqualTo("; did you mean 'example'?");
    assertThat(Nearest.hint("quux", java.util.List.of("example", "zone"))).isEmpty();
  }

  @Test
  void filtersQuoteText() throws ClientException {
    assertThat(new Filters().text("comment", "a\"b\\").tenant("acme/web").text())
        .isEqualTo("comment = \"a\\\"b\\\\\" AND organisation = \"acme\" AND project = \"web\"");
  }
}
