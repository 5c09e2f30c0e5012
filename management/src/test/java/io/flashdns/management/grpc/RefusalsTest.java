package io.flashdns.management.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.proto.v1.GetZoneRequest;
import io.flashdns.proto.v1.ZoneServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Requests at the doors that become no call. */
final class RefusalsTest {
  private static final String BODY = "{\"zone\":{\"name\":{\"apex\":\"example.org.\"}}}";

  private static String request(String hosts, String more) {
    return "POST /flashdns.v1.ZoneService/GetZone HTTP/1.1\r\n"
        + hosts
        + "Connection: close\r\nContent-Type: application/json\r\nAuthorization: Bearer viewer\r\n"
        + more
        + "Content-Length: "
        + BODY.length()
        + "\r\n\r\n"
        + BODY;
  }

  @Test
  @Tag("rfc9112")
  void requestNamesOneHost() throws Exception {
    try (Rig rig = Rig.open()) {
      assertThat(JsonDoorTest.raw(rig, request("Host: a\r\n", ""))).startsWith("HTTP/1.1 200 ");
      for (String hosts : new String[] {"", "Host: a\r\nHost: b\r\n"}) {
        assertThat(JsonDoorTest.raw(rig, request(hosts, "")))
            .startsWith("HTTP/1.1 400 ")
            .contains("send the header Host, once");
      }
      assertThat(rig.services.reached).hasValue(1);
    }
  }

  @Test
  void timeThatIsOverIsToldInOurWords() throws Exception {
    try (Rig rig = Rig.open()) {
      assertThat(JsonDoorTest.raw(rig, request("Host: a\r\n", "Connect-Timeout-Ms: 0\r\n")))
          .startsWith("HTTP/1.1 504 ")
          .contains("\"deadline_exceeded\"", "Connect-Timeout-Ms")
          .doesNotContain("CallOptions")
          .doesNotContain("seconds ago");
    }
  }

  @Test
  void requestsThatBecomeNoCallAreCounted() throws Exception {
    try (Rig rig = Rig.open()) {
      JsonDoorTest.raw(rig, "\0\1\2 nonsense\r\n\r\n");
      JsonDoorTest.raw(rig, request("Host: a\r\n", "Content-Encoding: gzip\r\n"));
      JsonDoorTest.raw(
          rig,
          "POST /flashdns.v1.ZoneService/GetZone HTTP/1.1\r\nHost: a\r\n"
              + "Content-Type: application/json\r\nAuthorization: Bearer viewer\r\n"
              + "Content-Length: 99999999\r\n\r\n");
      assertThat(rig.server.counts().malformed()).isEqualTo(3);
      assertThat(rig.server.calls().unknown()).isZero();

      JsonDoorTest.raw(rig, "GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      assertThat(rig.server.calls().unknown()).isEqualTo(1);
      assertThat(rig.server.counts().malformed()).isEqualTo(3);

      JsonDoorTest.raw(rig, "GET /openapi.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      JsonDoorTest.raw(rig, request("Host: a\r\n", ""));
      assertThat(rig.server.calls().unknown()).isEqualTo(1);
      assertThat(rig.server.counts().malformed()).isEqualTo(3);
    }
  }

  @Test
  void unknownMethodsAreCountedByGrpcToo() throws Exception {
    try (Rig rig = Rig.open()) {
      var known = ZoneServiceGrpc.getGetZoneMethod();
      var nothing =
          known.toBuilder().setFullMethodName("flashdns.v1.ZoneService/GetNothing").build();
      assertThatThrownBy(
              () ->
                  ClientCalls.blockingUnaryCall(
                      rig.channel(),
                      nothing,
                      CallOptions.DEFAULT,
                      GetZoneRequest.getDefaultInstance()))
          .hasMessageStartingWith("UNIMPLEMENTED");
      assertThat(rig.server.calls().unknown()).isEqualTo(1);
    }
  }
}
