package io.flashdns.management.campaign;

import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.management.campaign.Work.Kind;
import io.flashdns.management.campaign.Work.Target;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * The program that is killed: opens a data folder and has several writers make up change sets until
 * it ends. Arguments: data folder, name of the run, seed, writers, free octets, {@code store} or
 * {@code serve}, and optionally a pause between change sets in milliseconds.
 *
 * <p>Its output has a line for each of these, whole and at once; other lines are logged:
 *
 * <pre>
 * P port                             it serves, the state of the store at least
 * I request kind seed zones          about to be committed
 * A request revision changed micros zone:serial,…   committed: written after the store said so
 * X request micros kinds: message    refused
 * U request micros unknown: message  not available
 * F message                          anything else: a fault
 * </pre>
 */
final class StoreWriters {
  static final int APEXES = 40;
  private static final int FEW_ZONES = 12;
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private final Node node;
  private final String run;
  private final long pauseMillis;
  private final List<Target> living = new ArrayList<>();

  private StoreWriters(Node node, String run, long pauseMillis) {
    this.node = node;
    this.run = run;
    this.pauseMillis = pauseMillis;
  }

  public static void main(String[] arguments) throws Exception {
    Node node =
        Node.open(
            Path.of(arguments[0]), arguments[5].equals("serve"), Long.parseLong(arguments[4]));
    if (node.dns() != null) {
      say("P " + node.dns().getPort());
    }
    StoreWriters writers =
        new StoreWriters(
            node, arguments[1], arguments.length > 6 ? Long.parseLong(arguments[6]) : 0);
    writers.readLiving();
    long seed = Long.parseLong(arguments[2]);
    int count = Integer.parseInt(arguments[3]);
    for (int i = 0; i < count; i++) {
      int writer = i;
      Thread.ofPlatform().name("writer-" + i).start(() -> writers.write(writer, seed + writer));
    }
    // Ends with whom it works for, if not before.
    while (System.in.read() >= 0) {
      continue;
    }
    Runtime.getRuntime().halt(0);
  }

  private void readLiving() throws StoreException {
    try (StoreSnapshot snapshot = node.store().snapshot()) {
      for (StoredZone zone : snapshot.zones(0, Integer.MAX_VALUE)) {
        living.add(new Target(zone.id().value(), zone.settings().key().apex().toString()));
      }
    }
  }

  private void write(int writer, long seed) {
    SplittableRandom dice = new SplittableRandom(seed);
    try {
      for (int i = 0; ; i++) {
        Work work = makeUp(run + "-w" + writer + "-" + i, dice);
        say("I " + work.line());
        commit(work);
        if (pauseMillis > 0) {
          Thread.sleep(pauseMillis);
        }
      }
    } catch (InterruptedException | IOException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      fault(e);
    }
  }

  private void commit(Work work) throws InterruptedException, IOException {
    long start = System.nanoTime();
    try {
      CommitResult result = node.store().commit(work.changeSet());
      long micros = (System.nanoTime() - start) / 1_000;
      say(
          "A %s %d %s %d %s"
              .formatted(
                  work.requestId(),
                  result.revision(),
                  result.changed(),
                  micros,
                  result.zones().stream()
                      .map(zone -> zone.id() + ":" + zone.serial())
                      .collect(Collectors.joining(","))));
      note(work, result);
    } catch (StoreException.Refused e) {
      say(
          "X %s %d %s: %s"
              .formatted(
                  work.requestId(),
                  (System.nanoTime() - start) / 1_000,
                  e.refusals().stream().map(r -> r.kind().name()).collect(Collectors.joining("+")),
                  oneLine(e)));
    } catch (StoreException.Unavailable e) {
      say(
          "U %s %d %s: %s"
              .formatted(
                  work.requestId(),
                  (System.nanoTime() - start) / 1_000,
                  e.outcomeIsUnknown(),
                  oneLine(e)));
      Thread.sleep(20);
    } catch (StoreException e) {
      fault(e);
    }
  }

  private void note(Work work, CommitResult result) {
    synchronized (living) {
      for (int i = 0; i < work.targets().size(); i++) {
        long id = result.zones().get(i).id().value();
        boolean creates = work.kind() == Kind.CREATE || work.kind() == Kind.MOVE && i == 0;
        boolean drops = work.kind() == Kind.DROP || work.kind() == Kind.MOVE && i == 1;
        if (creates) {
          living.add(new Target(id, work.targets().get(i).apex()));
        } else if (drops) {
          living.removeIf(zone -> zone.id() == id);
        }
      }
    }
  }

  private Work makeUp(String requestId, SplittableRandom dice) {
    synchronized (living) {
      Kind kind = kind(dice);
      List<Target> targets = new ArrayList<>();
      if (kind == Kind.CREATE || kind == Kind.MOVE) {
        targets.add(new Target(0, apex(dice.nextInt(APEXES))));
      }
      while (targets.size() < kind.zones) {
        Target next = living.get(dice.nextInt(living.size()));
        if (!targets.contains(next)) {
          targets.add(next);
        }
      }
      return new Work(requestId, kind, dice.nextLong(), targets);
    }
  }

  /** The name of a zone, a number below {@link #APEXES}. */
  static String apex(int number) {
    return "z" + number + ".crash.test.";
  }

  private Kind kind(SplittableRandom dice) {
    if (living.size() < FEW_ZONES) {
      return Kind.CREATE;
    }
    int of100 = dice.nextInt(100);
    if (of100 < 30) {
      return Kind.PUT;
    } else if (of100 < 45) {
      return Kind.ADD;
    } else if (of100 < 55) {
      return Kind.REMOVE;
    } else if (of100 < 65) {
      return Kind.DELETE;
    } else if (of100 < 72) {
      return Kind.FIFTY;
    } else if (of100 < 84) {
      return Kind.SPAN;
    } else if (of100 < 88) {
      return Kind.CREATE;
    } else if (of100 < 90) {
      return Kind.DROP;
    } else if (of100 < 95) {
      return Kind.REPLACE;
    } else {
      return Kind.MOVE;
    }
  }

  private static void fault(Throwable e) {
    try {
      say("F " + oneLine(e) + " at " + List.of(e.getStackTrace()));
    } catch (IOException _) {
      Runtime.getRuntime().halt(3);
    }
  }

  private static String oneLine(Throwable e) {
    return e.toString().replace('\n', ' ');
  }

  private static void say(String line) throws IOException {
    byte[] octets = (line + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (OUT) {
      OUT.write(octets);
    }
  }
}
