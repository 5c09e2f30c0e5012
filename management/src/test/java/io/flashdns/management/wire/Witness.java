package io.flashdns.management.wire;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Asks for names of {@link Versions} at random, without pause, by UDP and TCP in turn, and knows
 * when an answer cannot be from whole changes:
 *
 * <ul>
 *   <li>all records of one reply must be of one version: the addresses of a large set, an alias and
 *       what it stands for in another zone, a delegation and its glue;
 *   <li>a name that odd versions alone have must be there exactly when the version is odd;
 *   <li>no answer may be of a version before one that was seen already, whatever was asked and by
 *       whichever way: with changes made whole, a change that was seen at one name is there at all.
 * </ul>
 */
final class Witness implements Runnable {
  private static final int MOST_TOLD = 20;

  /** The threads of a server share the clients by their ports: this one is to meet them all. */
  private static final int QUESTIONS_FROM_A_PORT = 1_000;

  /** Of an apex, the root among them. */
  private static final int APEX_LABELS = 3;

  private final InetSocketAddress server;
  private final Random dice;
  private final Collection<String> violations = new ConcurrentLinkedQueue<>();
  private final Set<Integer> seen = new TreeSet<>();
  private volatile boolean ended;
  private volatile boolean serverMayEnd;
  private volatile int newest;
  private volatile long asked;
  private long chains;
  private long glue;
  private long byTcp;
  private final Thread thread = new Thread(this, "witness");

  Witness(InetSocketAddress server, int version, long seed) {
    this.server = server;
    this.newest = version;
    this.dice = new Random(seed);
  }

  Witness start() {
    thread.start();
    return this;
  }

  /** Ends it, and waits for that. */
  void end() throws InterruptedException {
    ended = true;
    thread.join();
  }

  /** From now on a question may be left without an answer; the first one ends it. */
  void allowEndOfServer() {
    serverMayEnd = true;
  }

  /** What was seen and cannot be. */
  Collection<String> violations() {
    return violations;
  }

  /** Versions that were seen; after the end. */
  Set<Integer> seen() {
    return seen;
  }

  /** The newest version that was seen. */
  int newest() {
    return newest;
  }

  /** How many questions were answered. */
  long asked() {
    return asked;
  }

  /** True when it has seen replies with records of two zones, and with glue; after the end. */
  boolean sawRepliesOfParts() {
    return chains > 0 && glue > 0;
  }

  @Override
  public String toString() {
    return "%,d questions, %,d of them by TCP, %,d replies with records of two zones, %,d with glue, %d versions"
        .formatted(asked, byTcp, chains, glue, seen.size());
  }

  @Override
  public void run() {
    try {
      while (!ended) {
        askFromNewPorts();
      }
    } catch (IOException | RuntimeException e) {
      if (!serverMayEnd) {
        violate("a question was not answered: " + e);
      }
    }
  }

  private void askFromNewPorts() throws IOException {
    try (Dns dns = new Dns(server)) {
      for (int i = 0; i < QUESTIONS_FROM_A_PORT && !ended; i++) {
        ask(dns);
      }
    }
  }

  private void ask(Dns dns) throws IOException {
    String apex = Versions.apex(dice.nextInt(Versions.ZONES));
    String owner =
        switch (dice.nextInt(10)) {
          case 0, 1 -> "c" + dice.nextInt(Versions.ALIASES);
          case 2 -> "d" + dice.nextInt(Versions.DELEGATIONS);
          case 3 -> "l" + dice.nextInt(Versions.LARGE_SETS);
          case 4, 5 -> "o" + dice.nextInt(Versions.ODD);
          default -> "h" + dice.nextInt(Versions.HOSTS);
        };
    ask(dns, owner + "." + apex, dice.nextInt(4) == 0);
  }

  private void ask(Dns dns, String owner, boolean tcp) throws IOException {
    Name name = Name.fromString(owner);
    look(owner, tcp ? dns.askTcp(name, Type.A) : dns.ask(name, Type.A));
    byTcp += tcp ? 1 : 0;
    asked++;
  }

  /** Asks for every name once, on the calling thread. */
  void askForAll() throws IOException {
    try (Dns dns = new Dns(server)) {
      for (int zone = 0; zone < Versions.ZONES; zone++) {
        askForAll(dns, "h", Versions.HOSTS, zone);
        askForAll(dns, "c", Versions.ALIASES, zone);
        askForAll(dns, "d", Versions.DELEGATIONS, zone);
        askForAll(dns, "l", Versions.LARGE_SETS, zone);
        askForAll(dns, "o", Versions.ODD, zone);
      }
    }
  }

  private void askForAll(Dns dns, String kind, int count, int zone) throws IOException {
    for (int i = 0; i < count; i++) {
      ask(dns, kind + i + "." + Versions.apex(zone), false);
    }
  }

  private void look(String asked, Message reply) {
    int version = -1;
    int answers = 0;
    String zone = "";
    for (int section : new int[] {Section.ANSWER, Section.AUTHORITY, Section.ADDITIONAL}) {
      for (Record record : reply.getSection(section)) {
        if (record.getType() == Type.OPT) {
          continue;
        }
        int of = Versions.versionOf(record.getTTL());
        if (record instanceof ARecord a && octets(a) != of
            || record instanceof SOARecord soa && soa.getSerial() != record.getTTL()) {
          violate(asked + ": another version than that of its TTL: " + record);
        }
        if (version >= 0 && of != version) {
          violate(asked + ": one reply with records of versions " + version + " and " + of);
        }
        version = of;
        answers += section == Section.ANSWER ? 1 : 0;
        glue += section == Section.ADDITIONAL ? 1 : 0;
        String its = zone(record.getName());
        chains += zone.isEmpty() || its.equals(zone) ? 0 : 1;
        zone = its;
      }
    }
    if (version < 0) {
      violate(asked + ": no answer: " + reply);
      return;
    }
    char kind = asked.charAt(0);
    boolean there = kind != 'o' || version % 2 == 1;
    if (answers > 0 != (there && kind != 'd') || there != (reply.getRcode() == Rcode.NOERROR)) {
      violate(asked + " in version " + version + ": " + reply);
    }
    if (kind == 'l' && answers != Versions.LARGE) {
      violate(asked + ": " + answers + " addresses of " + Versions.LARGE);
    }
    if (version < newest) {
      violate(asked + " is of version " + version + " after " + newest + " was seen");
    } else {
      newest = version;
    }
    seen.add(version);
  }

  /** The last two labels. */
  private static String zone(Name name) {
    return new Name(name, Math.max(0, name.labels() - APEX_LABELS)).toString();
  }

  private static int octets(ARecord record) {
    byte[] address = record.getAddress().getAddress();
    return (address[1] & 0xff) << 8 | address[2] & 0xff;
  }

  private void violate(String what) {
    if (violations.size() < MOST_TOLD) {
      violations.add(what);
    }
  }
}
