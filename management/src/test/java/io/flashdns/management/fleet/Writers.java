package io.flashdns.management.fleet;

import io.flashdns.proto.v1.ApplyChangesRequest;
import io.flashdns.proto.v1.ApplyChangesResponse;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.RecordEdit;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.TxtData;
import io.flashdns.proto.v1.ZoneChange;
import io.flashdns.proto.v1.ZoneEdit;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Make changes, each through a server that is drawn, and ask again with the same request id, at
 * whatever server, until they are told that it is made. What they were told is the ledger.
 */
final class Writers implements AutoCloseable {
  private static final int THREADS = 3;
  private static final int NAMES_EACH = 8;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(60);
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Fleet fleet;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean isPaused;
  private volatile boolean isEnded;

  /** What each name has, as far as was told. */
  private final Map<String, String> acknowledged = new TreeMap<>();

  /** What each name may have besides: what is being asked. */
  private final Map<String, String> pending = new HashMap<>();

  private final Map<String, Long> revisions = new HashMap<>();
  private final Set<String> announced = new HashSet<>();
  private final List<String> faults = new ArrayList<>();
  private long calls;
  private long turnedAway;
  private long unknown;
  private long unreachable;
  private long slowestNanos;

  Writers(Fleet fleet, long seed) {
    this.fleet = fleet;
    SplittableRandom dice = new SplittableRandom(seed);
    for (int i = 0; i < THREADS; i++) {
      String name = "w" + i;
      SplittableRandom own = dice.split();
      threads.add(Thread.ofPlatform().daemon().name(name).start(() -> run(name, own)));
    }
  }

  private void run(String writer, SplittableRandom dice) {
    try {
      for (int count = 1; !isEnded; count++) {
        String owner = writer + "-" + dice.nextInt(NAMES_EACH) + "." + Fleet.CHANGING;
        String value = writer + "." + count;
        synchronized (this) {
          pending.put(owner, value);
          announced.add(value);
        }
        while (!isEnded && !isMade(owner, value, server(dice))) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (Exception e) {
      fault(writer + " ended: " + e);
    }
  }

  private Server server(SplittableRandom dice) {
    while (true) {
      Server server = fleet.servers().get(dice.nextInt(Fleet.SIZE));
      if (!server.isDisturbed()) {
        return server;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  /** Asks once; true when it is made. */
  private boolean isMade(String owner, String value, Server server) throws Exception {
    if (isPaused) {
      return false;
    }
    server.host().namespace().enter();
    long begin = System.nanoTime();
    boolean isMade = false;
    String said;
    try {
      Door.Reply reply = fleet.door(server).call("RecordService/ApplyChanges", put(owner, value));
      said = reply.status() + " " + reply.body();
      hear(owner, value, reply, begin);
      isMade = reply.isGood();
    } catch (IOException e) {
      said = e.toString();
      synchronized (this) {
        unreachable++;
      }
      if (!server.isDisturbed()) {
        fault(server + " cannot be reached: " + e);
      }
    }
    took(System.nanoTime() - begin, server, said);
    return isMade;
  }

  private synchronized void took(long nanos, Server server, String said) {
    calls++;
    if (server.isDisturbed()) {
      return;
    }
    slowestNanos = Math.max(slowestNanos, nanos);
    if (nanos > LIMIT_NANOS) {
      fault("a call of " + server + " took " + nanos / 1_000_000 + " ms: " + said);
    }
  }

  private synchronized void hear(String owner, String value, Door.Reply reply, long begin) {
    if (reply.isGood()) {
      ApplyChangesResponse answer = reply.into(ApplyChangesResponse.newBuilder()).build();
      acknowledged.put(owner, value);
      pending.remove(owner);
      revisions.put(value, answer.getOutcome().getRevision());
    } else if (reply.isNotMade()) {
      turnedAway++;
    } else if (reply.status() == 503) {
      unknown++;
    } else {
      fault(value + " was answered " + reply.status() + " " + reply.body());
    }
  }

  synchronized void fault(String what) {
    if (faults.size() < 100) {
      faults.add(Instant.now() + " " + what);
    }
  }

  /** A change that sets the text of a name to what the request id is too. */
  static ApplyChangesRequest put(String owner, String value) {
    return ApplyChangesRequest.newBuilder()
        .setRequestId(value)
        .addChanges(
            ZoneChange.newBuilder()
                .setEdit(
                    ZoneEdit.newBuilder()
                        .setZone(
                            ZoneRef.newBuilder()
                                .setName(ZoneName.newBuilder().setApex(Fleet.CHANGING)))
                        .addEdits(
                            RecordEdit.newBuilder()
                                .setPut(
                                    Record.newBuilder()
                                        .setName(owner)
                                        .setType(RecordType.RECORD_TYPE_TXT)
                                        .addData(
                                            RecordData.newBuilder()
                                                .setTxt(TxtData.newBuilder().addStrings(value)))))))
        .build();
  }

  /** Asks nothing more until {@link #goOn}; calls under way are ended. */
  void pause() {
    isPaused = true;
  }

  void goOn() {
    isPaused = false;
  }

  /** For each name what it may have now. */
  synchronized Map<String, List<String>> expected() {
    Map<String, List<String>> all = new TreeMap<>();
    acknowledged.forEach(
        (owner, value) -> {
          String other = pending.get(owner);
          all.put(owner, other == null ? List.of(value) : List.of(value, other));
        });
    return all;
  }

  /** The revision that each acknowledged change was said to have. */
  synchronized Map<String, Long> revisions() {
    return Map.copyOf(revisions);
  }

  /** The request ids of all changes that were asked for. */
  synchronized Set<String> announced() {
    return Set.copyOf(announced);
  }

  synchronized List<String> faults() {
    return List.copyOf(faults);
  }

  synchronized Map<String, Object> figures() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("calls", calls);
    all.put("acknowledged", revisions.size());
    all.put("turnedAway", turnedAway);
    all.put("unknownThenResolved", unknown);
    all.put("unreachable", unreachable);
    all.put("slowestCallMillis", TimeUnit.NANOSECONDS.toMillis(slowestNanos));
    return all;
  }

  /** Lets each writer end what it is at. */
  @Override
  public void close() {
    isEnded = true;
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
