package io.flashdns.management.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.management.server.Plane;
import io.flashdns.proto.v1.RecordServiceGrpc;
import io.flashdns.proto.v1.RecordServiceGrpc.RecordServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is killed while change sets of ten thousand records come one after the other.
 * {@code -Dflashdns.wire.kills=N} says how often.
 */
final class KilledChangeTest {
  private static final int KILLS = Integer.getInteger("flashdns.wire.kills", 2);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private volatile int sent = 1;
  private volatile int acknowledged = 1;
  private volatile long callNanos;

  @Test
  void restartedServerHasEachChangeWholeOrNotAtAll() throws Exception {
    Random dice = new Random();
    int made = 0;
    int lost = 0;
    long asked = 0;
    Served served = Served.start(folder);
    try {
      for (int kill = 0; kill < KILLS; kill++) {
        int before = acknowledged;
        Witness witness = new Witness(served.dns(), before, dice.nextLong());
        Thread writer = Thread.ofPlatform().start(writer(served, kill == 0));
        await().atMost(LIMIT).until(() -> !writer.isAlive() || acknowledged > before);
        assertThat(writer.isAlive()).as("%s", served).isTrue();
        var _ = witness.start();
        // Somewhere in one of the next two changes.
        LockSupport.parkNanos((long) (callNanos * 2 * dice.nextDouble()));
        witness.allowEndOfServer();
        served.kill();
        writer.join();
        witness.end();

        served = Served.start(folder);
        Witness after = new Witness(served.dns(), 0, 0);
        after.askForAll();
        assertThat(after.violations()).isEmpty();
        assertThat(witness.violations()).isEmpty();
        assertThat(after.seen()).as("versions after the restart").hasSize(1);
        assertThat(after.newest())
            .as("what was acknowledged, and what was seen")
            .isGreaterThanOrEqualTo(Math.max(acknowledged, witness.newest()))
            .isLessThanOrEqualTo(sent);
        made += after.newest() > acknowledged ? 1 : 0;
        lost += after.newest() < sent ? 1 : 0;
        asked += witness.asked() + after.asked();
        acknowledged = after.newest();
        sent = acknowledged;
      }
    } finally {
      served.close();
    }
    System.out.printf(
        Locale.ROOT,
        "%d kills during changes of 10,000 records up to version %d: %d made without an"
            + " acknowledgement, %d not made at all, none in parts; %,d questions%n",
        KILLS,
        acknowledged,
        made,
        lost,
        asked);
  }

  /** Makes one change after the other until the server is gone. */
  private Runnable writer(Served served, boolean fromNothing) throws Exception {
    String token = Files.readString(served.adminToken()).strip();
    ManagedChannel channel = NettyChannelBuilder.forTarget(served.grpc()).usePlaintext().build();
    RecordServiceBlockingStub records =
        RecordServiceGrpc.newBlockingStub(channel).withCallCredentials(Plane.bearer(token));
    return () -> {
      try {
        if (fromNothing) {
          var _ = records.applyChanges(Versions.creation(acknowledged, null));
        }
        while (true) {
          var request = Versions.change(sent + 1).build();
          sent++;
          long begin = System.nanoTime();
          var _ = records.applyChanges(request);
          callNanos = System.nanoTime() - begin;
          acknowledged = sent;
        }
      } catch (StatusRuntimeException _) {
        // The server was killed.
      } finally {
        channel.shutdownNow();
      }
    };
  }
}
