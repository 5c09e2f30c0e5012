package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.common.exception.ErrorCode;
import io.etcd.jetcd.common.exception.EtcdException;
import io.etcd.jetcd.kv.PutResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the watch of the library does by itself when its stream breaks: why it is not trusted. A
 * claim here that fails says that the library has changed, and not that FlashDNS is wrong.
 */
final class LibraryWatchTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int KEYS = 5_000;

  @TempDir static Path temp;
  @RegisterExtension static final OneEtcd etcd = new OneEtcd(() -> temp);
  private EtcdRelay relay;
  private Client direct;
  private String prefix;

  @BeforeEach
  void openRelay() throws Exception {
    relay = etcd.relay();
    direct = client(etcd.endpoint()).build();
    prefix = etcd.fresh().prefix();
  }

  @AfterEach
  void closeRelay() {
    direct.close();
    relay.close();
  }

  private static ClientBuilder client(String endpoint) {
    return Client.builder().endpoints("http://" + endpoint);
  }

  private Client relayed() {
    return client(relay.wire().endpoint()).build();
  }

  /** What a watch told. */
  private static final class Told implements Watch.Listener {
    final AtomicInteger notices = new AtomicInteger();
    final List<String> keys = new CopyOnWriteArrayList<>();
    final List<Throwable> errors = new CopyOnWriteArrayList<>();
    final AtomicInteger ends = new AtomicInteger();

    @Override
    public void onNext(WatchResponse response) {
      if (response.isCreatedNotify()) {
        notices.incrementAndGet();
      }
      for (WatchEvent event : response.getEvents()) {
        keys.add(event.getKeyValue().getKey().toString());
      }
    }

    @Override
    public void onError(Throwable error) {
      errors.add(error);
    }

    @Override
    public void onCompleted() {
      ends.incrementAndGet();
    }
  }

  private ByteSequence key(String name) {
    return SharedKeys.bytes(prefix + name);
  }

  private long put(String name) throws Exception {
    return direct.getKVClient().put(key(name), key(name)).get().getHeader().getRevision();
  }

  /** Puts many keys, each in a revision of its own; the first one's revision. */
  private long putMany(int count) throws Exception {
    List<CompletableFuture<PutResponse>> begun = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      begun.add(direct.getKVClient().put(key("k%05d".formatted(i)), key("v")));
    }
    long first = Long.MAX_VALUE;
    for (CompletableFuture<PutResponse> one : begun) {
      first = Math.min(first, one.get().getHeader().getRevision());
    }
    return first;
  }

  private Watch.Watcher watch(Client client, long revision, Told told) {
    return client
        .getWatchClient()
        .watch(
            key(""),
            WatchOption.builder()
                .withRevision(revision)
                .withRange(SharedKeys.end(key("")))
                .withCreateNotify(true)
                .build(),
            told);
  }

  @Test
  void watchThatBreaksBeforeItsFirstEventResumesBeyondEventsThatItNeverDelivered()
      throws Exception {
    long first = putMany(KEYS);
    Told told = new Told();
    // Nothing behind "created" reaches the client before its connection is reset.
    relay.events(_ -> List.of());
    try (Client client = relayed();
        Watch.Watcher _ = watch(client, first, told)) {
      await().atMost(PATIENCE).until(() -> told.notices.get() == 1);
      relay.events(EtcdRelay.ALL);
      relay.wire().reset();
      await().atMost(PATIENCE).until(() -> relay.watchesCreated() == 2);
      put("last");
      await().atMost(PATIENCE).until(() -> told.keys.contains(prefix + "last"));
      // All would be 5,001.
      assertThat(told.keys).hasSize(2);
    }
  }

  @Test
  void watchThatBreaksAfterAnEventResumesBehindIt() throws Exception {
    long first = put("a");
    Told told = new Told();
    try (Client client = relayed();
        Watch.Watcher _ = watch(client, first, told)) {
      await().atMost(PATIENCE).until(() -> told.keys.size() == 1);
      relay.wire().reset();
      put("b");
      await().atMost(PATIENCE).until(() -> told.keys.size() >= 2);
      assertThat(told.keys).containsExactly(prefix + "a", prefix + "b");
    }
  }

  /** Ten transactions of a hundred keys, 8 MiB in all; the first one's revision. */
  private long putBacklog() throws Exception {
    long first = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      List<Op> puts = new ArrayList<>();
      for (int j = 0; j < 100; j++) {
        ByteSequence value = ByteSequence.from(new byte[8 << 10]);
        puts.add(Op.put(key("k%02d-%02d".formatted(i, j)), value, PutOption.DEFAULT));
      }
      first =
          Math.min(
              first,
              direct
                  .getKVClient()
                  .txn()
                  .Then(puts.toArray(Op[]::new))
                  .commit()
                  .get()
                  .getHeader()
                  .getRevision());
    }
    return first;
  }

  @Test
  void watchWithABacklogOfMoreThanFourMebibytesEndsForGood() throws Exception {
    long first = putBacklog();
    Told told = new Told();
    try (Client client = relayed();
        Watch.Watcher _ = watch(client, first, told)) {
      await().atMost(PATIENCE).until(() -> told.ends.get() > 0);
      assertThat(told.errors).hasSize(1);
      assertThat(told.errors.getFirst())
          .isInstanceOfSatisfying(
              EtcdException.class,
              e -> assertThat(e.getErrorCode()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));
      assertThat(told.keys).isEmpty();
    }
  }

  @Test
  void watchThatMayReadLargeMessagesDeliversTheSameBacklog() throws Exception {
    long first = putBacklog();
    Told told = new Told();
    try (Client client = client(relay.wire().endpoint()).maxInboundMessageSize(64 << 20).build();
        Watch.Watcher _ = watch(client, first, told)) {
      await().atMost(PATIENCE).until(() -> told.keys.size() == 1_000);
      assertThat(told.errors).isEmpty();
    }
  }

  @Test
  void watchThatEtcdCompletesIsNotResumed() throws Exception {
    long first = put("a");
    Told told = new Told();
    try (Client client = relayed();
        Watch.Watcher _ = watch(client, first, told)) {
      await().atMost(PATIENCE).until(() -> told.keys.size() == 1);
      relay.breakWatches(Status.OK);
      await().atMost(PATIENCE).until(() -> told.ends.get() == 1);
      put("b");
      awaitNoOtherWatch();
      assertThat(told.keys).containsExactly(prefix + "a");
      assertThat(told.errors).isEmpty();
    }
  }

  @Test
  void watchEndsForGoodWhenThereIsNoLeader() throws Exception {
    long first = put("a");
    Told told = new Told();
    try (Client client = relayed();
        Watch.Watcher _ = watch(client, first, told)) {
      await().atMost(PATIENCE).until(() -> told.keys.size() == 1);
      relay.breakWatches(Status.UNAVAILABLE.withDescription("etcdserver: no leader"));
      await().atMost(PATIENCE).until(() -> told.ends.get() == 1);
      assertThat(told.errors).hasSize(1);
    }
  }

  @Test
  void watchThatBreaksWithoutAWordIsNotResumed() throws Exception {
    long first = put("a");
    Told told = new Told();
    Logger calls = Logger.getLogger("io.grpc.internal.ClientCallImpl");
    Level before = calls.getLevel();
    // Its handler fails, since there is no text to look into, and that is logged.
    calls.setLevel(Level.OFF);
    try (Client client = relayed();
        Watch.Watcher _ = watch(client, first, told)) {
      await().atMost(PATIENCE).until(() -> told.keys.size() == 1);
      relay.breakWatches(Status.UNAVAILABLE);
      await().atMost(PATIENCE).until(() -> told.errors.size() == 1);
      awaitNoOtherWatch();
      assertThat(told.ends).hasValue(0);
    } finally {
      calls.setLevel(before);
    }
  }

  /** Twice as long as the library waits before it resumes. */
  private void awaitNoOtherWatch() {
    await()
        .during(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(5))
        .until(() -> relay.watchesAsked() == 1);
  }
}
