package io.flashdns.management.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.management.identity.TestCertificates;
import io.flashdns.management.identity.TlsConfig;
import io.flashdns.proto.v1.CreateZoneRequest;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client may take of the port of gRPC, and what happens to one that takes more. */
final class DoorLimitsTest {
  private static final String GET_ZONE = "/flashdns.v1.ZoneService/GetZone";
  private static final int REFUSED_STREAM = 7;
  private static final int ENHANCE_YOUR_CALM = 11;
  private static final int BOTH = RawHttp2.END_HEADERS | RawHttp2.END_STREAM;

  /** Afterwards others are served as before. */
  private static void stillServes(Rig rig) {
    assertThat(CallGateTest.zones(rig, "other").getZone(CallGateTest.get("a.")).hasZone()).isTrue();
  }

  /** Sends one thing, the next time another. */
  @FunctionalInterface
  private interface Sending {
    void send(int time) throws IOException;
  }

  /** Sends until the server closes the connection, or so often; says how often. */
  private static int flood(int times, Sending sending) {
    for (int i = 0; i < times; i++) {
      try {
        sending.send(i);
      } catch (IOException _) {
        return i;
      }
    }
    return times;
  }

  @Test
  void messageBeyondAMebibyteIsRefused() throws Exception {
    try (Rig rig = Rig.open()) {
      CreateZoneRequest large =
          CreateZoneRequest.newBuilder()
              .setZone(Zone.newBuilder().setComment("x".repeat((1 << 20) + 1)))
              .build();
      StatusRuntimeException e =
          CallGateTest.refused(() -> CallGateTest.zones(rig, "owner").createZone(large));
      assertThat(e.getStatus().getCode())
          .isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED);
      assertThat(rig.services.reached).hasValue(0);
      stillServes(rig);
    }
  }

  @Test
  void headerBeyondEightKibibytesIsRefused() throws Exception {
    try (Rig rig = Rig.open()) {
      Metadata headers = new Metadata();
      headers.put(Metadata.Key.of("x-long", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(8 << 10));
      var stub =
          CallGateTest.zones(rig, "owner")
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
      CallGateTest.refused(() -> stub.getZone(CallGateTest.get("a.")));
      assertThat(rig.services.reached).hasValue(0);
      stillServes(rig);
    }
  }

  @Test
  void messageThatNestsTenThousandDeepIsRefusedAsWrong() throws Exception {
    try (Rig rig = Rig.open()) {
      StatusRuntimeException e =
          CallGateTest.refused(
              () ->
                  ClientCalls.blockingUnaryCall(
                      rig.channel(),
                      Services.fromOctets(ZoneServiceGrpc.getGetZoneMethod()),
                      CallOptions.DEFAULT.withCallCredentials(Rig.as("owner")),
                      JsonDoorTest.nested(10_000)));
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(rig.services.reached).hasValue(0);
    }
  }

  @Test
  void octetsThatAreNoMessageAreRefusedAsWrong() throws Exception {
    try (Rig rig = Rig.open()) {
      StatusRuntimeException e =
          CallGateTest.refused(
              () ->
                  ClientCalls.blockingUnaryCall(
                      rig.channel(),
                      Services.fromOctets(ZoneServiceGrpc.getGetZoneMethod()),
                      CallOptions.DEFAULT.withCallCredentials(Rig.as("owner")),
                      new byte[] {10, 100, 1}));
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
  }

  @Test
  void callsOfOneConnectionAreBounded() throws Exception {
    try (Rig rig = Rig.open(Limits.callsPerConnection(3));
        RawHttp2 client = new RawHttp2(rig.server.address())) {
      assertThat(client.read(RawHttp2.SETTINGS)).isNotNull();
      client.write(RawHttp2.SETTINGS, 1, 0, new byte[0]);
      for (int i = 0; i < 4; i++) {
        client.call(1 + 2 * i, "/flashdns.v1.ZoneService/ImportZone", "owner", 4);
      }
      RawHttp2.Frame reset = client.read(RawHttp2.RESET);
      assertThat(reset).isNotNull();
      assertThat(reset.stream()).isEqualTo(7);
      assertThat(reset.firstInt()).isEqualTo(REFUSED_STREAM);
      stillServes(rig);
    }
  }

  @Test
  void clientThatBreaksOffItsCallsAgainAndAgainIsSentAway() throws Exception {
    try (Rig rig = Rig.open();
        RawHttp2 client = new RawHttp2(rig.server.address())) {
      var _ =
          flood(
              5_000,
              i -> {
                client.call(1 + 2 * i, GET_ZONE, "viewer", RawHttp2.END_HEADERS);
                client.write(RawHttp2.RESET, 0, 1 + 2 * i, new byte[] {0, 0, 0, 8});
              });
      RawHttp2.Frame away = client.read(RawHttp2.GOAWAY);
      while (away != null && away.goAwayCode() != ENHANCE_YOUR_CALM) {
        away = client.read(RawHttp2.GOAWAY);
      }
      // The word may be lost when the connection is closed the hard way; the end may not.
      assertThat(away == null ? null : client.read(RawHttp2.PING)).isNull();
      await().atMost(CallGateTest.PATIENCE).until(() -> rig.server.connections() == 0);
      assertThat(rig.server.counts().calls()).isLessThan(1_000);
      stillServes(rig);
    }
  }

  @Test
  void clientThatPingsAllTheTimeIsSentAway() throws Exception {
    try (Rig rig = Rig.open();
        RawHttp2 client = new RawHttp2(rig.server.address())) {
      var _ = flood(20, _ -> client.write(RawHttp2.PING, 0, 0, new byte[8]));
      RawHttp2.Frame away = client.read(RawHttp2.GOAWAY);
      assertThat(away).isNotNull();
      assertThat(away.goAwayCode()).isEqualTo(ENHANCE_YOUR_CALM);
      stillServes(rig);
    }
  }

  @Test
  void headersWithoutEndAreCutOff() throws Exception {
    try (Rig rig = Rig.open();
        RawHttp2 client = new RawHttp2(rig.server.address())) {
      client.write(RawHttp2.HEADERS, 0, 1, new byte[0]);
      var _ = flood(100_000, _ -> client.write(RawHttp2.CONTINUATION, 0, 1, new byte[0]));
      var _ = client.read(RawHttp2.PING);
      await().atMost(CallGateTest.PATIENCE).until(() -> rig.server.connections() == 0);
      stillServes(rig);
    }
  }

  @Test
  void settingsWithoutEndAndWithoutReadingAreCutOff() throws Exception {
    try (Rig rig = Rig.open();
        RawHttp2 client = new RawHttp2(rig.server.address())) {
      // Nothing is read: acknowledgements have to wait in the server.
      assertThat(flood(2_000_000, _ -> client.write(RawHttp2.SETTINGS, 0, 0, new byte[0])))
          .isLessThan(2_000_000);
      stillServes(rig);
    }
  }

  @Test
  void pathHasOneForm() throws Exception {
    try (Rig rig = Rig.open();
        RawHttp2 client = new RawHttp2(rig.server.address())) {
      int stream = 1;
      for (String path :
          List.of(
              "flashdns.v1.ZoneService/GetZone",
              "//flashdns.v1.ZoneService/GetZone",
              "/flashdns.v1.ZoneService/GetZone/",
              "/flashdns.v1.ZoneService//GetZone",
              "/flashdns.v1.zoneservice/getzone",
              "/flashdns.v1.ZoneService/GetZone?a=b",
              "/flashdns.v1.ZoneService%2FGetZone",
              "/FLASHDNS.V1.ZoneService/GetZone",
              "/./flashdns.v1.ZoneService/GetZone")) {
        client.call(stream, path, "owner", BOTH);
        RawHttp2.Frame answer = client.read();
        while (answer != null
            && (answer.stream() != stream || (answer.flags() & RawHttp2.END_STREAM) == 0)) {
          answer = client.read();
        }
        assertThat(answer).as(path).isNotNull();
        stream += 2;
      }
      assertThat(rig.services.reached).hasValue(0);
      assertThat(rig.seen).as("nobody was asked").isEmpty();
      client.call(stream, GET_ZONE, "forged", BOTH);
      assertThat(client.read(RawHttp2.HEADERS)).isNotNull();
      assertThat(rig.seen).as("but here").hasSize(1);
    }
  }

  @Test
  void connectionThatSaysNothingIsEnded(@TempDir Path folder) throws Exception {
    TestCertificates authority = new TestCertificates(folder, "authority");
    var server = authority.server("server");
    ApiConfig plain = Rig.config().withLimits(Limits.handshake(Duration.ofMillis(300)));
    for (ApiConfig config :
        List.of(plain, plain.withTls(TlsConfig.of(server.pem(), server.keyPem())))) {
      try (Rig rig = Rig.open(config)) {
        for (InetSocketAddress address : List.of(rig.server.address(), rig.server.jsonAddress())) {
          for (byte[] first : List.of(new byte[0], new byte[] {22, 3, 1})) {
            try (Socket silent = new Socket(address.getAddress(), address.getPort())) {
              silent.setSoTimeout(20_000);
              silent.getOutputStream().write(first);
              // It may say something itself; then it is over.
              assertThat(silent.getInputStream().readAllBytes().length).isLessThan(1_000);
            }
          }
        }
        await()
            .atMost(CallGateTest.PATIENCE)
            .until(() -> rig.server.counts().handshakesTimedOut() > 0);
      }
    }
  }

  @Test
  void whenAllConnectionsAreUsedUpTheLongestIdleOneHasToGo() throws Exception {
    try (Rig rig = Rig.open(Limits.connections(3, 20))) {
      var busy = rig.channel();
      var held =
          ZoneServiceGrpc.newFutureStub(busy)
              .withCallCredentials(Rig.as("viewer"))
              .getZone(CallGateTest.get("held."));
      assertThat(rig.services.waiting.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      List<RawHttp2> idle = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        RawHttp2 client = new RawHttp2(rig.server.address());
        assertThat(client.read(RawHttp2.SETTINGS)).as("connection %d is served", i).isNotNull();
        idle.add(client);
      }
      assertThat(rig.server.connections()).isEqualTo(3);
      assertThat(rig.server.counts().connectionsEvicted()).isEqualTo(8);
      assertThat(idle.getFirst().read(RawHttp2.RESET)).as("the first is closed").isNull();
      rig.services.release.countDown();
      assertThat(held.get().hasZone()).as("a call under way keeps its connection").isTrue();
      for (RawHttp2 client : idle) {
        client.close();
      }
    }
  }

  @Test
  void oneSourceHasFewConnectionsBeforeItSaysWhoItIs() throws Exception {
    try (Rig rig = Rig.open()) {
      List<Socket> sockets = new ArrayList<>();
      for (int i = 0; i < Connections.MAX_UNKNOWN_PER_SOURCE + 5; i++) {
        sockets.add(new Socket("127.0.0.1", rig.server.address().getPort()));
      }
      await()
          .atMost(CallGateTest.PATIENCE)
          .until(() -> rig.server.counts().connectionsRefused() == 5);
      assertThat(rig.server.connections()).isEqualTo(Connections.MAX_UNKNOWN_PER_SOURCE);
      for (Socket socket : sockets) {
        socket.close();
      }
      await().atMost(CallGateTest.PATIENCE).until(() -> rig.server.connections() == 0);
      stillServes(rig);
    }
  }

  @Test
  void oneIdentityHasSoManyConnectionsAndNoMore() throws Exception {
    try (Rig rig = Rig.open(Limits.connections(200, 2))) {
      for (int i = 0; i < 2; i++) {
        assertThat(CallGateTest.zones(rig, "viewer").getZone(CallGateTest.get("a.")).hasZone())
            .isTrue();
      }
      StatusRuntimeException e =
          CallGateTest.refused(
              () -> CallGateTest.zones(rig, "viewer").getZone(CallGateTest.get("a.")));
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      stillServes(rig);
    }
  }
}
