package io.flashdns.management.etcd;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secrets of DNS cookies, the same on all nodes of a store (RFC 9018 §5). They are a key of
 * etcd and, on each node, the file {@value #FILE} of the data folder, which the cookies plugin
 * reads; they are no part of the store: of no event, backup or audit entry.
 *
 * <p>A line for each: 32 hexadecimal digits, and the second since 1970 from which it signs. There
 * are three when all is well: the one before, the one that signs, and the next, which signs a
 * period after it. A node that sees that the next one's time has come puts another behind it, under
 * the condition that the key is as it was read: so one node does, and all have the next one a
 * period before it signs anywhere.
 *
 * <p>One thread, which looks twice a minute. Without etcd the file stays, and the next secret takes
 * its turn all the same. What is the matter is logged, never a secret.
 */
public final class SharedSecrets implements AutoCloseable {
  /** In the data folder; for its user alone. */
  public static final String FILE = "cookies.shared";

  private static final Logger log = LoggerFactory.getLogger(SharedSecrets.class);

  /** How long a secret signs. */
  static final Duration PERIOD = Duration.ofDays(1);

  /** A secret is known at least so long before it signs, also after all nodes were down. */
  static final Duration NOTICE = Duration.ofMinutes(10);

  private static final Duration LOOK = Duration.ofSeconds(30);
  private static final Duration LOOK_AFTER_FAULT = Duration.ofSeconds(2);
  private static final int KEPT = 3;
  private static final int SECRET_BYTES = 16;
  private static final String LINE = "[0-9a-f]{32} [0-9]{1,12}";
  private static final FileAttribute<?> FILE_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Etcd etcd;
  private final SharedKeys keys;
  private final Path file;
  private final InstantSource clock;
  private final Duration look;
  private final SecureRandom random = new SecureRandom();
  private final CountDownLatch ending = new CountDownLatch(1);
  private final Thread thread;
  private String said = "";

  /** One secret; what it is must not be printed. */
  private record Secret(String digits, long fromSeconds) {
    String line() {
      return digits + " " + fromSeconds + "\n";
    }

    @Override
    public String toString() {
      return "a secret that signs from " + fromSeconds;
    }
  }

  private SharedSecrets(
      EtcdStore store, Path dataFolder, InstantSource clock, Duration look, ThreadFactory threads) {
    this.etcd = store.etcd();
    this.keys = store.keys();
    this.file = dataFolder.resolve(FILE);
    this.clock = clock;
    this.look = look;
    this.thread = threads.newThread(this::run);
  }

  /**
   * Begins to keep the file what the key is. Returns at once.
   *
   * @param dataFolder takes the file
   */
  public static SharedSecrets open(EtcdStore store, Path dataFolder, ThreadFactory threads) {
    return open(store, dataFolder, InstantSource.system(), LOOK, threads);
  }

  /** The same by another clock, and looking more often. */
  static SharedSecrets open(
      EtcdStore store, Path dataFolder, InstantSource clock, Duration look, ThreadFactory threads) {
    SharedSecrets secrets = new SharedSecrets(store, dataFolder, clock, look, threads);
    secrets.thread.start();
    return secrets;
  }

  /** Of a node whose store is its own: it has the secrets of no fleet, though it may have had. */
  public static void forget(Path dataFolder) throws IOException {
    Files.deleteIfExists(dataFolder.resolve(FILE));
  }

  private void run() {
    while (true) {
      boolean isDone = false;
      try {
        keep(shared());
        isDone = true;
        said = "";
      } catch (EtcdFault e) {
        log.debug("the secrets of cookies are not looked after while etcd does not answer", e);
      } catch (IOException e) {
        say(
            "the secrets of cookies cannot be kept in %s (%s): see that it can be written"
                .formatted(file, e.getClass().getSimpleName() + ": " + e.getMessage()));
      } catch (RuntimeException e) {
        say("the secrets of cookies are not looked after: " + e);
      } catch (InterruptedException _) {
        // Only the end interrupts.
      }
      try {
        Duration pause = isDone || LOOK_AFTER_FAULT.compareTo(look) > 0 ? look : LOOK_AFTER_FAULT;
        if (ending.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException _) {
        // Only the end interrupts.
      }
    }
  }

  private void say(String what) {
    if (!what.equals(said)) {
      log.error(what);
      said = what;
    }
  }

  /** What the key is, after what was due. */
  private List<Secret> shared() throws EtcdFault, InterruptedException {
    while (true) {
      List<KeyValue> found = etcd.get(keys.secrets("cookies"), GetOption.DEFAULT).getKvs();
      List<Secret> present =
          found.isEmpty()
              ? List.of()
              : parsed(found.getFirst().getValue().toString(StandardCharsets.UTF_8));
      List<Secret> next = after(present, clock.instant().getEpochSecond());
      if (next.equals(present)) {
        return present;
      }
      long modified = found.isEmpty() ? 0 : found.getFirst().getModRevision();
      boolean isOurs =
          etcd.transact(
                  List.of(
                      new Cmp(
                          keys.secrets("cookies"), Cmp.Op.EQUAL, CmpTarget.modRevision(modified))),
                  List.of(
                      Op.put(
                          keys.secrets("cookies"),
                          SharedKeys.bytes(text(next)),
                          PutOption.DEFAULT)),
                  List.of(),
                  Etcd.CALL)
              .isSucceeded();
      if (isOurs) {
        log.info(
            "this node has made a secret of cookies for all nodes, which signs from {} on",
            Instant.ofEpochSecond(next.getFirst().fromSeconds()));
        return next;
      }
    }
  }

  /**
   * What the secrets are to be at a time; they themselves when nothing is due. The latest first.
   */
  private List<Secret> after(List<Secret> present, long now) {
    List<Secret> next = new ArrayList<>(present);
    if (next.isEmpty()) {
      next.add(fresh(now));
    }
    long latest = next.getFirst().fromSeconds();
    if (latest <= now) {
      next.addFirst(fresh(Math.max(latest + PERIOD.toSeconds(), now + NOTICE.toSeconds())));
    }
    return next.size() > KEPT ? List.copyOf(next.subList(0, KEPT)) : next;
  }

  private Secret fresh(long fromSeconds) {
    byte[] octets = new byte[SECRET_BYTES];
    random.nextBytes(octets);
    return new Secret(HexFormat.of().formatHex(octets), fromSeconds);
  }

  /** What no node wrote counts for nothing: then there are new ones. */
  private static List<Secret> parsed(String text) {
    List<Secret> all = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (!line.matches(LINE) || all.size() == KEPT) {
        return List.of();
      }
      String[] words = line.split(" ");
      all.add(new Secret(words[0], Long.parseLong(words[1])));
    }
    return all;
  }

  private static String text(List<Secret> secrets) {
    StringBuilder text = new StringBuilder();
    secrets.forEach(secret -> text.append(secret.line()));
    return text.toString();
  }

  /** The file is there whole or not at all, and for its owner alone from its first octet. */
  private void keep(List<Secret> secrets) throws IOException {
    String text = text(secrets);
    if (isKept(text)) {
      return;
    }
    Path fresh = file.resolveSibling(FILE + ".new");
    Files.deleteIfExists(fresh);
    try (FileChannel channel =
        FileChannel.open(
            fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), FILE_MODE)) {
      ByteBuffer octets = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (octets.hasRemaining()) {
        int _ = channel.write(octets);
      }
      channel.force(true);
    }
    Path _ =
        Files.move(
            fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private boolean isKept(String text) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.US_ASCII).equals(text)
          && PosixFilePermissions.toString(Files.getPosixFilePermissions(file)).equals("rw-------");
    } catch (NoSuchFileException _) {
      return false;
    } catch (CharacterCodingException _) {
      return false;
    }
  }

  /** Ends the looking; the file stays. */
  @Override
  public void close() {
    ending.countDown();
    thread.interrupt();
    boolean wasInterrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException _) {
        wasInterrupted = true;
      }
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
