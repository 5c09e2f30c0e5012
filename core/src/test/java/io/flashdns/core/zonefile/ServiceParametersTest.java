package io.flashdns.core.zonefile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SVCB and HTTPS (RFC 9460): the test vectors of its appendix D, and more. */
@Tag("rfc9460")
class ServiceParametersTest {
  private static final String FOO_COM = "03666f6f076578616d706c6503636f6d00";
  private static final String FOO_ORG = "03666f6f076578616d706c65036f726700";

  @TempDir Path folder;

  private ReadZone read(String data) {
    return ReadZone.text(folder, "$TTL 1\na " + data + "\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTPS 0 foo.example.com.                     | 0000" + FOO_COM,
        "SVCB 1 .                                     | 000100",
        "SVCB 16 foo.example.com. port=53             | 0010" + FOO_COM + "000300020035",
        "SVCB 1 foo.example.com. key667=hello         | 0001" + FOO_COM + "029b000568656c6c6f",
        "SVCB 1 foo.example.com. key667=\"hello\\210qoo\" | 0001"
            + FOO_COM
            + "029b000968656c6c6fd2716f6f",
        "SVCB 1 foo.example.com. ipv6hint=\"2001:db8::1,2001:db8::53:1\" | 0001"
            + FOO_COM
            + "0006002020010db800000000000000000000000120010db8000000000000000000530001",
        "SVCB 1 example.com. ipv6hint=\"2001:db8:122:344::192.0.2.33\" | 0001076578616d706c6503636f6d00"
            + "0006001020010db8012203440000"
            + "0000c0000221",
        "SVCB 16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1 | 0010"
            + FOO_ORG
            + "000000040001000400010009026832056833"
            + "2d3139"
            + "00040004c0000201",
        "SVCB 16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\" | 0010"
            + FOO_ORG
            + "0001000c08665c6f6f2c626172026832",
        "SVCB 16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2   | 0010"
            + FOO_ORG
            + "0001000c08665c6f6f2c626172026832"
      })
  void theVectorsOfTheStandardAreRead(String data, String rdata) {
    assertThat(read(data).only().hex()).isEqualTo(rdata);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "key123=abc key123=def",
        "mandatory",
        "alpn",
        "port",
        "ipv4hint",
        "ipv6hint",
        "no-default-alpn=abc alpn=h2",
        "mandatory=key123",
        "mandatory=mandatory",
        "mandatory=key123,key123 key123=abc"
      })
  void theFailuresOfTheStandardAreRefused(String parameters) {
    assertThat(read("SVCB 1 foo.example.com. " + parameters).places()).containsExactly("2 error");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "foo                              | no known parameter",
        "ALPN=h2                          | no known parameter",
        "Key667=x                         | no known parameter",
        "key=x                            | no known parameter",
        "key01=x                          | no known parameter",
        "key65535=x                       | no known parameter",
        "key99999=x                       | no known parameter",
        "=x                               | no known parameter",
        "\"alpn=h2\"                      | no known parameter",
        "alpn=                            | needs a value",
        "alpn=\"\"                        | needs a value",
        "alpn=h2,,h3                      | empty item",
        "alpn=h2,                         | empty item",
        "alpn=\"h2\\\\x\"                 | backslash",
        "alpn=\"h2\" port=\"8\" \"x\"     | no known parameter",
        "port=65536                       | numbers from 0 to 65535",
        "port=-1                          | numbers from 0 to 65535",
        "port=1,2                         | numbers from 0 to 65535",
        "ipv4hint=192.0.2.1,              | empty item",
        "ipv4hint=::1                     | write addresses",
        "ipv6hint=192.0.2.1               | write addresses",
        "ipv4hint=192.0.2.1\\,192.0.2     | write addresses",
        "ech=A                            | not base64",
        "ech=                             | needs a value",
        "dohpath=                         | needs a value",
        "ohttp=1                          | takes no value",
        "no-default-alpn                  | needs alpn",
        "tls-supported-groups=29,x        | numbers from 0 to 65535",
        "tls-supported-groups=29,29       | twice",
        "mandatory=port,foo port=1        | wrong",
        "mandatory=alpn port=1            | alpn is called mandatory",
        "key3=a                           | no value of the parameter port",
        "key1=a                           | no value of the parameter alpn",
        "key2=a                           | no value of the parameter no-default-alpn",
        "key0=\\000\\003                  | port is called mandatory",
        "key0=\\000\\003\\000\\001        | no value of the parameter mandatory",
        "port=1 key3=\\000\\001           | port stands twice"
      })
  void wrongParametersAreRefusedInWords(String parameters, String words) {
    ReadZone zone = read("SVCB 1 . " + parameters);
    assertThat(zone.places()).containsExactly("2 error");
    assertThat(zone.problems().getFirst().reason()).contains(words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "port=1 alpn=h2                     | 0001000302683200030002" + "0001",
        "key65534 alpn=h2                   | 00010003026832fffe0000",
        "key3=\\000\\005                    | 000300020005",
        "key667                             | 029b0000",
        "key667=                            | 029b0000",
        "key667=\"\"                        | 029b0000",
        "key667=\"a b\"                     | 029b0003612062",
        "key667=a=b                         | 029b0003613d62",
        "ech=AQID                           | 00050003010203",
        "ech=\"AQID\"                       | 00050003010203",
        "dohpath=/dns-query{?dns}           | 0007" + "0010" + "2f646e732d71756572797b3f646e737d",
        "ohttp                              | 00080000",
        "tls-supported-groups=29,23         | 00090004001d0017",
        "no-default-alpn alpn=h2            | 0001000302683200020000",
        "alpn=h2\\,h3                       | 0001000602683202" + "6833",
        "alpn=\"h2,h3\"                     | 0001000602683202" + "6833",
        "alpn=\"h2\\\\,h3\"                 | 0001000605" + "68322c6833"
      })
  void parametersAreSortedAndEncoded(String parameters, String octets) {
    assertThat(read("SVCB 1 . " + parameters).only().hex()).isEqualTo("000100" + octets);
    assertThat(read("HTTPS 1 . " + parameters).only().hex()).isEqualTo("000100" + octets);
    String hex = "000100" + octets;
    assertThat(read("SVCB \\# " + hex.length() / 2 + " " + hex).only().hex()).isEqualTo(hex);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "000300020001" + "00010003026832", // falling
        "000300020001" + "000300020001", // twice
        "00030002", // cut
        "000300", // cut
        "0001000303" + "6832", // protocol longer than the value
        "0001000100", // empty protocol
        "00010000",
        "000400050102030405",
        "00060004c0000201",
        "00020000", // no-default-alpn alone
        "000000020003", // mandatory, but missing
        "0000000200000003000200" + "01", // mandatory names itself
        "ffff0000"
      })
  void wrongOctetsAreRefused(String octets) {
    String hex = "000100" + octets;
    assertThat(read("SVCB \\# " + hex.length() / 2 + " " + hex).places())
        .containsExactly("2 error");
  }

  @Test
  void aliasModeIsReadWithAndWithoutParameters() {
    assertThat(read("HTTPS 0 foo").only().hex()).startsWith("000003666f6f");
    assertThat(read("HTTPS 0 foo port=1").only().hex()).endsWith("000300020001");
  }
}
