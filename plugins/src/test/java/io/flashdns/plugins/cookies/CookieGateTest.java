package io.flashdns.plugins.cookies;

import static io.flashdns.plugins.cookies.CookieServer.CLIENT;
import static io.flashdns.plugins.cookies.CookieServer.NAME;
import static io.flashdns.plugins.cookies.CookieServer.SECRET;
import static io.flashdns.plugins.cookies.CookieServer.cookie;
import static io.flashdns.plugins.cookies.CookieServer.question;
import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.plugins.Allocation;
import io.flashdns.plugins.EdnsMessages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CookieGateTest {
  private static final int BADCOOKIE = 23;
  private static final int STATUS = 2;
  private static final long NOW = 1_559_731_985;

  @TempDir private Path folder;
  private CookieServer cookies;

  @BeforeEach
  void start() throws IOException {
    Path file = CookieServer.secretFile(folder.resolve("secrets"), SECRET);
    cookies = CookieServer.withSecretFile(file).at(NOW).from(198, 51, 100, 100);
  }

  @AfterEach
  void stop() {
    cookies.close();
  }

  @Test
  @Tag("rfc9018")
  void newClientGetsTheCookieOfAppendixA1() {
    assertThat(cookies.give("2464c4abcf10c957"))
        .isEqualTo("2464c4abcf10c957010000005cf79f111f8130c3eee29480");
  }

  @Test
  @Tag("rfc9018")
  void cookieOfFortyMinutesIsRenewedAsInAppendixA2() {
    cookies.at(1_559_734_385);
    String old = "2464c4abcf10c957010000005cf79f111f8130c3eee29480";

    assertThat(cookies.accepts(old)).isTrue();
    assertThat(cookies.give(old)).isEqualTo("2464c4abcf10c957010000005cf7a871d4a564a1442aca77");
  }

  /**
   * The appendix has a cookie of almost two hours that is accepted, which §4.3 advises against: it
   * is taken here while it is young enough.
   */
  @Test
  @Tag("rfc9018")
  void reservedOctetsAreHashedAndComeBackAsZeroAsInAppendixA3() {
    String reserved = "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5";
    cookies.from(203, 0, 113, 203).at(1_559_727_985);
    assertThat(cookies.accepts(reserved)).isTrue();
    assertThat(cookies.give(reserved)).startsWith("fc93fc62807ddb86010000005cf78f71");

    cookies.at(1_559_734_700);
    assertThat(cookies.accepts(reserved)).isFalse();
    assertThat(cookies.give(reserved))
        .isEqualTo("fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e");
  }

  @Test
  @Tag("rfc9018")
  void cookieOfTheOldSecretIsRenewedUnderTheNewOneAsInAppendixA4() throws IOException {
    Path file =
        CookieServer.secretFile(
            folder.resolve("rolled"),
            "445536bcd2513298075a5d379663c962",
            "dd3bdf9344b678b185a6f5cb60fca715");
    try (CookieServer rolled = CookieServer.withSecretFile(file).at(1_559_741_961)) {
      rolled.server.from(0x2001_0db8_0220_0001L, 0x59de_d0f4_8769_82b8L, 53_000);
      String old = "22681ab97d52c298010000005cf7c57926556bd0934c72f8";

      assertThat(rolled.accepts(old)).isTrue();
      assertThat(rolled.give(old)).isEqualTo("22681ab97d52c298010000005cf7c609a6bb79d16625507a");
    }
  }

  @Test
  void queryWithoutTheOptionGetsNone() {
    byte[] plain = cookies.server.ask(NAME, RecordType.A);
    assertThat(Wire.u16(plain, Wire.ARCOUNT)).isZero();
    byte[] edns = cookies.server.ask(EmbeddedServer.question(NAME, RecordType.A, 1_232, false));
    assertThat(cookie(edns)).isNull();
    assertThat(cookies.wasProven()).isFalse();
    assertThat(cookies.server.metric("flashdns_cookies_queries")).isZero();
  }

  @Test
  @Tag("rfc7873")
  void clientCookieAloneProvesNothingButGetsAnAnswerAndACookie() {
    byte[] reply = cookies.ask(CLIENT);
    assertThat(EdnsMessages.rcode(reply)).isEqualTo(Rcode.NOERROR);
    assertThat(Wire.u16(reply, Wire.ANCOUNT)).isEqualTo(1);
    assertThat(cookie(reply)).hasSize(48);
    assertThat(cookies.wasProven()).isFalse();
    assertThat(cookies.count("client_only")).isEqualTo(1);
  }

  @Test
  @Tag("rfc7873")
  void cookieOfTheServerProvesTheSource() {
    String given = cookies.give(CLIENT);
    assertThat(cookies.accepts(given)).isTrue();
  }

  @ParameterizedTest
  @Tag("rfc7873")
  @ValueSource(ints = {0, 1, 7, 9, 12, 15, 41, 64})
  void otherLengthsAreMalformed(int length) {
    byte[] reply = cookies.ask("ab".repeat(length));
    assertThat(EdnsMessages.rcode(reply)).isEqualTo(Rcode.FORMERR);
    assertThat(Wire.u16(reply, Wire.ANCOUNT)).isZero();
    assertThat(cookie(reply)).isNull();
    assertThat(cookies.count("malformed")).isEqualTo(1);
    assertThat(cookies.passed()).isZero();
  }

  @ParameterizedTest
  @Tag("rfc7873")
  @ValueSource(ints = {16, 17, 23, 24, 25, 32, 40})
  void serverCookieOfSomebodyElseIsAsNone(int length) {
    String other = CLIENT + "ab".repeat(length - 8);
    assertThat(cookies.accepts(other)).isFalse();
    assertThat(cookies.give(other)).isEqualTo(cookies.give(CLIENT));
    assertThat(cookies.count("invalid")).isEqualTo(2);
  }

  @Test
  @Tag("rfc7873")
  void firstOfSeveralOptionsCounts() {
    String given = cookies.give(CLIENT);
    byte[] valid = HexFormat.of().parseHex(given);
    byte[] bad = new byte[3];
    byte[] first = EdnsMessages.with(question(given), EdnsOption.COOKIE, bad);
    assertThat(cookie(cookies.server.ask(first))).isEqualTo(given);
    byte[] second =
        EdnsMessages.with(
            EdnsMessages.question(NAME, RecordType.A, 1_232, EdnsOption.COOKIE, bad),
            EdnsOption.COOKIE,
            valid);
    assertThat(EdnsMessages.rcode(cookies.server.ask(second))).isEqualTo(Rcode.FORMERR);
  }

  @Test
  void everyBitOfACookieMatters() {
    byte[] given = HexFormat.of().parseHex(cookies.give(CLIENT));
    for (int bit = 0; bit < 8 * given.length; bit++) {
      byte[] forged = given.clone();
      forged[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(cookies.accepts(HexFormat.of().formatHex(forged))).as("bit %d", bit).isFalse();
    }
    assertThat(cookies.accepts(HexFormat.of().formatHex(given))).isTrue();
  }

  @ParameterizedTest
  @Tag("rfc9018")
  @ValueSource(ints = {0, 1, 2, 255})
  void otherVersionIsNotAcceptedHoweverItIsSigned(int version) {
    byte[] signed = HexFormat.of().parseHex(cookies.give(CLIENT));
    signed[8] = (byte) version;
    long address = Integer.reverseBytes(0xc633_6464) & 0xffff_ffffL;
    long[] words = {
      Long.reverseBytes(Wire.s64(signed, 0)),
      Long.reverseBytes(Wire.s64(signed, 8)),
      SipHash.lastWord(address, 20)
    };
    long hash = new SipHash(HexFormat.of().parseHex(SECRET)).hash(words, words.length);
    Wire.put64(signed, 16, Long.reverseBytes(hash));
    assertThat(cookies.accepts(HexFormat.of().formatHex(signed))).isEqualTo(version == 1);
  }

  @Test
  void cookieOfAnotherAddressIsNotAccepted() {
    String given = cookies.give(CLIENT);
    assertThat(cookies.from(198, 51, 100, 101).accepts(given)).isFalse();
    cookies.server.from(0, 0xc633_6464L, 53_000);
    assertThat(cookies.accepts(given)).as("::198.51.100.100 is another address").isFalse();
    cookies.server.from(0xc633_6464L, 0xffff_c633_6464L, 53_000);
    assertThat(cookies.accepts(given)).isFalse();
    assertThat(cookies.from(198, 51, 100, 100).accepts(given)).isTrue();
  }

  @Test
  void portPlaysNoPart() {
    String given = cookies.give(CLIENT);
    cookies.server.from(0xc633_6464, 1);
    assertThat(cookies.accepts(given)).isTrue();
  }

  @Test
  void cookieOfAnIpv6AddressIsAcceptedFromThereAlone() {
    cookies.server.from(0x2001_0db8_0000_0001L, 5, 53_000);
    String given = cookies.give(CLIENT);
    assertThat(cookies.accepts(given)).isTrue();
    cookies.server.from(0x2001_0db8_0000_0001L, 6, 53_000);
    assertThat(cookies.accepts(given)).isFalse();
    cookies.server.from(0x2001_0db8_0000_0002L, 5, 53_000);
    assertThat(cookies.accepts(given)).isFalse();
  }

  @Test
  @Tag("rfc9018")
  void cookieIsGoodForAnHour() {
    String given = cookies.give(CLIENT);
    assertThat(cookies.at(NOW + 3_600).accepts(given)).isTrue();
    assertThat(cookies.at(NOW + 3_601).accepts(given)).isFalse();
    assertThat(cookies.at(NOW + (1L << 31)).accepts(given)).isFalse();
  }

  @Test
  @Tag("rfc9018")
  void cookieFromTheFutureIsGoodForFiveMinutes() {
    String given = cookies.give(CLIENT);
    assertThat(cookies.at(NOW - 300).accepts(given)).isTrue();
    assertThat(cookies.at(NOW - 301).accepts(given)).isFalse();
  }

  @Test
  @Tag("rfc9018")
  void cookieIsRenewedWhenItIsOlderThanHalfAnHour() {
    String given = cookies.give(CLIENT);
    assertThat(cookies.at(NOW + 1_800).give(given)).isEqualTo(given);
    String renewed = cookies.at(NOW + 1_801).give(given);
    assertThat(renewed).isNotEqualTo(given).isEqualTo(cookies.give(CLIENT));
    assertThat(cookies.at(NOW + 3_601).accepts(renewed)).isTrue();
  }

  @Test
  @Tag("rfc9018")
  void timestampMayWrapAround() {
    long wrap = 1L << 32;
    String given = cookies.at(wrap - 5).give(CLIENT);
    assertThat(given).contains("01000000" + "fffffffb");
    assertThat(cookies.at(wrap + 5).accepts(given)).isTrue();
    assertThat(cookies.give(given)).isEqualTo(given);
    assertThat(cookies.at(wrap + 3_596).accepts(given)).isFalse();
  }

  @Test
  void refusalsAndErrorsCarryTheCookie() {
    byte[] refused =
        cookies.server.ask(
            EdnsMessages.question(
                "elsewhere.", RecordType.A, 1_232, EdnsOption.COOKIE, new byte[8]));
    assertThat(EdnsMessages.rcode(refused)).isEqualTo(Rcode.REFUSED);
    assertThat(cookie(refused)).hasSize(48);

    byte[] formerr =
        cookies.server.ask(
            EdnsMessages.question(NAME, RecordType.OPT, 1_232, EdnsOption.COOKIE, new byte[8]));
    assertThat(EdnsMessages.rcode(formerr)).isEqualTo(Rcode.FORMERR);
    assertThat(cookie(formerr)).hasSize(48);

    byte[] status = question(CLIENT);
    status[Wire.FLAGS] = STATUS << 3;
    byte[] notimp = cookies.server.ask(status);
    assertThat(EdnsMessages.rcode(notimp)).isEqualTo(Rcode.NOTIMP);
    assertThat(cookie(notimp)).hasSize(48);
  }

  @Test
  void badcookieIsNotSentUnlessConfigured() {
    assertThat(EdnsMessages.rcode(cookies.ask(CLIENT))).isEqualTo(Rcode.NOERROR);
    assertThat(EdnsMessages.rcode(cookies.ask(CLIENT + "00".repeat(16)))).isEqualTo(Rcode.NOERROR);
  }

  @Test
  @Tag("rfc7873")
  void badcookieAnswersWhoHasNoValidCookie() {
    try (CookieServer strict =
        CookieServer.withBadcookie(folder.resolve("secrets")).at(NOW).from(198, 51, 100, 100)) {
      byte[] reply = strict.ask(CLIENT);
      assertThat(EdnsMessages.rcode(reply)).isEqualTo(BADCOOKIE);
      assertThat(Wire.u16(reply, Wire.ANCOUNT)).isZero();
      assertThat(reply.length).isEqualTo(question(CLIENT).length + 16);
      String given = cookie(reply);
      assertThat(given).isNotNull();

      assertThat(EdnsMessages.rcode(strict.ask(given))).isEqualTo(Rcode.NOERROR);
      byte[] forged = strict.ask(given.substring(0, 47) + (given.endsWith("0") ? "1" : "0"));
      assertThat(EdnsMessages.rcode(forged)).isEqualTo(BADCOOKIE);
      assertThat(cookie(forged)).isEqualTo(given);
      assertThat(strict.passed()).isEqualTo(1);

      assertThat(EdnsMessages.rcode(strict.server.ask(NAME, RecordType.A)))
          .as("without the option")
          .isEqualTo(Rcode.NOERROR);
    }
  }

  @Test
  @Tag("rfc7873")
  void badcookieIsNeverSentOverTcp() {
    try (CookieServer strict =
        CookieServer.withBadcookie(folder.resolve("secrets")).at(NOW).from(198, 51, 100, 100)) {
      strict.server.over(Protocol.TCP);
      byte[] reply = strict.ask(CLIENT);
      assertThat(EdnsMessages.rcode(reply)).isEqualTo(Rcode.NOERROR);
      assertThat(cookie(reply)).hasSize(48);
    }
  }

  @Test
  void queriesAreCountedByState() {
    String given = cookies.give(CLIENT);
    cookies.ask(given);
    cookies.ask(given);
    cookies.ask(CLIENT + "00".repeat(16));
    cookies.ask("00");
    assertThat(cookies.count("client_only")).isEqualTo(1);
    assertThat(cookies.count("valid")).isEqualTo(2);
    assertThat(cookies.count("invalid")).isEqualTo(1);
    assertThat(cookies.count("malformed")).isEqualTo(1);
    assertThat(cookies.server.metric("flashdns_cookies_secrets")).isEqualTo(1);
  }

  @Test
  void nothingIsAllocated() {
    String given = cookies.give(CLIENT);
    for (String cookie : new String[] {CLIENT, given, CLIENT + "00".repeat(16), "00"}) {
      assertThat(Allocation.steadyBytes(cookies.server, question(cookie))).as(cookie).isZero();
    }
    byte[] plain = EmbeddedServer.question(NAME, RecordType.A);
    assertThat(Allocation.steadyBytes(cookies.server, plain)).isZero();
    cookies.at(NOW + 2_000);
    assertThat(Allocation.steadyBytes(cookies.server, question(given))).as("renewed").isZero();
    cookies.server.from(0x2001_0db8_0000_0001L, 5, 53_000);
    assertThat(Allocation.steadyBytes(cookies.server, question(CLIENT))).as("IPv6").isZero();
  }

  @Test
  void serviceLoaderFindsIt() {
    assertThat(ServiceLoader.load(PluginFactory.class))
        .anyMatch(factory -> factory instanceof CookiesPluginFactory);
  }
}
