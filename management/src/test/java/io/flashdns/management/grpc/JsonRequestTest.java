package io.flashdns.management.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.util.JsonFormat;
import io.flashdns.management.message.CallException;
import io.flashdns.proto.v1.CreateZoneRequest;
import io.flashdns.proto.v1.GetZoneRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as JSON: what is read, and what is refused. */
final class JsonRequestTest {
  private static CreateZoneRequest read(String json) {
    return (CreateZoneRequest)
        JsonRequest.read(
            json.getBytes(StandardCharsets.UTF_8), CreateZoneRequest.getDefaultInstance());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        " {\n} ",
        "{\"zone\":{\"labels\":{\"a\":\"b\",\"c\":\"d\"},\"comment\":\"\\u00e9\\n\\\"\"}}",
        "{\"zone\":{\"serial_policy\":\"SERIAL_POLICY_DATE\"},\"validateOnly\":true}",
        "{\"records\":[{\"name\":\"a.\",\"ttl\":{\"seconds\":300}},{\"labels\":{\"1e99999\":\"1e99999\"}}]}",
        "{\"zone\":{\"serial\":4294967295,\"revision\":\"18446744073709551615\",\"rrsetCount\":1e3}}",
        "{\"records\":[{\"type\":\"RECORD_TYPE_MX\"},{\"type\":65280},{\"type\":\"65280\"}]}",
        "{\"zone\":{\"updateTime\":\"2026-01-02T03:04:05Z\"},\"requestId\":null}"
      })
  void jsonOfProtobufIsReadAsTheLibraryReadsIt(String json) throws Exception {
    CreateZoneRequest.Builder expected = CreateZoneRequest.newBuilder();
    JsonFormat.parser().merge(json.isEmpty() ? "{}" : json, expected);
    assertThat(read(json)).isEqualTo(expected.build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"zone":{"nam":{}}}                    | zone.nam: there is no such field
          {"records":[{},{"nme":1}]}             | records[1].nme: there is no such field
          {"validateOnly":true,"validate_only":false} | validate_only: stands twice
          {"zone":{"labels":{"a":"1","a":"2"}}}  | zone.labels.a: stands twice
          {"zone":{"labels":{"a":"1","\\u0061":"2"}}} | zone.labels.a: stands twice
          {"zone":                               | ends in the middle
          {"zone":{}                             | ',' or '}' is missing
          {"zone":{}} x                          | nothing may follow
          {zone:{}}                              | a name in double quotes is missing
          {'zone':{}}                            | a name in double quotes is missing
          {"zone":{},}                           | a name in double quotes is missing
          {"zone" {}}                            | ':' is missing
          {"records":[{} {}]}                    | ',' or ']' is missing
          {"validateOnly":TRUE}                  | a value is missing
          {"validateOnly":tru}                   | a value is missing
          {"zone":{"serial":01}}                 | a value is missing
          {"zone":{"serial":+1}}                 | a value is missing
          {"zone":{"serial":1.}}                 | a value is missing
          {"zone":{"serial":NaN}}                | a value is missing
          {"requestId":"\\x"}                    | there is no such escape
          {"requestId":"\\u12g4"}                | four hexadecimal digits
          [{}]                                   | a request is an object
          "x"                                    | a request is an object
          null                                   | a request is an object
          {"zone":{"serial":-1}}                 | does not fit flashdns.v1.CreateZoneRequest
          {"records":[{"type":"A"}]}             | records[0].type: there is no such word in flashdns.v1.RecordType: write RECORD_TYPE_A
          {"zone":{"serialPolicy":"RANDOM"}}     | zone.serialPolicy: there is no such word
          {"zone":7}                             | does not fit flashdns.v1.CreateZoneRequest
          """)
  void whatIsNoRequestIsRefusedWithAReason(String json, String reason) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(CallException.class)
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"zone\":{\"serial\":1e999999999}}",
        "{\"zone\":{\"serial\":\"1e999999999\"}}",
        "{\"zone\":{\"serial\":1E+999999999}}",
        "{\"zone\":{\"rrsetCount\":1e2147483647}}"
      })
  void shortNumberThatTakesGigabytesIsRefusedAtOnce(String json) {
    long from = System.nanoTime();
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(CallException.class)
        .hasMessageContaining("longer than any that fits");
    assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void textThatIsNotUtf8IsRefused() {
    assertThatThrownBy(
            () ->
                JsonRequest.read(
                    new byte[] {'{', (byte) 0xC0, (byte) 0x80, '}'},
                    GetZoneRequest.getDefaultInstance()))
        .isInstanceOf(CallException.class)
        .hasMessageContaining("UTF-8");
  }

  @Test
  void controlCharactersInTextAreRefused() {
    assertThatThrownBy(() -> read("{\"requestId\":\"a\nb\"}"))
        .hasMessageContaining("control character");
  }
}
