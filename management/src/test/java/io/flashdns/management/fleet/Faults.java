package io.flashdns.management.fleet;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What can go wrong: each fault is made, held for a time, and taken back. */
final class Faults {
  private static final int ALL = 100;
  private static final int LOST_PERCENT = 20;
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** Kinds of faults. */
  enum Kind {
    LEADER_KILLED,
    FOLLOWER_KILLED,
    ALL_MEMBERS_DOWN,
    LEADER_CUT_OFF,
    FOLLOWER_CUT_OFF,
    MEMBER_HEARS_NOTHING,
    MEMBER_SAYS_NOTHING,
    NODE_CUT_OFF,
    NODE_HEARS_NOTHING,
    NODE_SAYS_NOTHING,
    PACKETS_LOST,
    MEMBER_STOPPED,
    NODE_STOPPED,
    COMPACTED_WHILE_CUT_OFF,
    DEFRAGMENTED,
    NODE_RESTARTED_WITHOUT_ETCD
  }

  /**
   * A fault that was made and taken back.
   *
   * @param subject to whom
   * @param healedNanos when it was taken back
   * @param note what was measured besides; empty for nothing
   */
  record Made(String subject, long healedNanos, String note) {}

  private final Fleet fleet;
  private final List<Probe> probes;
  private final SplittableRandom dice;

  Faults(Fleet fleet, List<Probe> probes, SplittableRandom dice) {
    this.fleet = fleet;
    this.probes = probes;
    this.dice = dice;
  }

  private static void hold(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private Member leader() {
    while (true) {
      Optional<Member> leader = fleet.leader();
      if (leader.isPresent()) {
        return leader.get();
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private Member follower() {
    List<Member> others = fleet.members().stream().filter(other -> other != leader()).toList();
    return others.get(dice.nextInt(others.size()));
  }

  private Member member() {
    return fleet.members().get(dice.nextInt(Fleet.SIZE));
  }

  private Server server() {
    return fleet.servers().get(dice.nextInt(Fleet.SIZE));
  }

  /** Makes a fault, holds it, and takes it back. */
  Made make(Kind kind, long holdNanos) throws Exception {
    return switch (kind) {
      case LEADER_KILLED -> killed(List.of(leader()), holdNanos);
      case FOLLOWER_KILLED -> killed(List.of(follower()), holdNanos);
      case ALL_MEMBERS_DOWN -> killed(fleet.members(), holdNanos);
      case LEADER_CUT_OFF -> member(leader(), true, true, holdNanos);
      case FOLLOWER_CUT_OFF -> member(follower(), true, true, holdNanos);
      case MEMBER_HEARS_NOTHING -> member(member(), true, false, holdNanos);
      case MEMBER_SAYS_NOTHING -> member(member(), false, true, holdNanos);
      case NODE_CUT_OFF -> node(server(), true, true, holdNanos);
      case NODE_HEARS_NOTHING -> node(server(), true, false, holdNanos);
      case NODE_SAYS_NOTHING -> node(server(), false, true, holdNanos);
      case PACKETS_LOST -> lost(holdNanos);
      case MEMBER_STOPPED -> stopped(member(), holdNanos);
      case NODE_STOPPED -> stopped(server(), holdNanos);
      case COMPACTED_WHILE_CUT_OFF -> compacted(server(), holdNanos);
      case DEFRAGMENTED -> defragmented(holdNanos);
      case NODE_RESTARTED_WITHOUT_ETCD -> restarted(server(), holdNanos);
    };
  }

  private Made killed(List<Member> members, long holdNanos) throws Exception {
    for (Member member : members) {
      member.kill();
    }
    hold(holdNanos);
    for (Member member : members) {
      fleet.start(member);
    }
    return new Made(members.toString(), System.nanoTime(), "");
  }

  private Made member(Member member, boolean in, boolean out, long holdNanos) throws Exception {
    return dropped(member.host(), fleet.othersThan(member.host()), in, out, ALL, holdNanos);
  }

  private Made node(Server server, boolean in, boolean out, long holdNanos) throws Exception {
    return dropped(server.host(), fleet.memberHosts(), in, out, ALL, holdNanos);
  }

  private Made dropped(
      Network.Host host,
      List<Network.Host> others,
      boolean in,
      boolean out,
      int percent,
      long holdNanos)
      throws Exception {
    Network.drop(host, others, in, out, percent);
    hold(holdNanos);
    Network.heal(host);
    return new Made(host.namespace().name().replaceFirst(".*-", ""), System.nanoTime(), "");
  }

  /** Of all that goes and comes at a member, or at a server. */
  private Made lost(long holdNanos) throws Exception {
    Network.Host host = dice.nextBoolean() ? member().host() : server().host();
    return dropped(host, fleet.othersThan(host), true, true, LOST_PERCENT, holdNanos);
  }

  private Made stopped(Member member, long holdNanos) throws Exception {
    member.signal("STOP");
    hold(holdNanos);
    member.signal("CONT");
    return new Made(member.toString(), System.nanoTime(), "");
  }

  private Probe disturb(Server server) {
    server.disturbed(true);
    Probe probe = probes.stream().filter(one -> one.server() == server).findFirst().orElseThrow();
    probe.quiet();
    return probe;
  }

  private void undisturbed(Server server, Probe probe) throws Exception {
    fleet.awaitFixed(server);
    probe.goOn();
    server.awaitOpen();
    server.disturbed(false);
  }

  private Made stopped(Server server, long holdNanos) throws Exception {
    Probe probe = disturb(server);
    server.signal("STOP");
    hold(holdNanos);
    server.signal("CONT");
    long healed = System.nanoTime();
    undisturbed(server, probe);
    return new Made(server.toString(), healed, "");
  }

  private Made compacted(Server server, long holdNanos) throws Exception {
    Network.drop(server.host(), fleet.memberHosts(), true, true, ALL);
    hold(holdNanos);
    leader().control("compact", "--physical", Long.toString(fleet.etcdRevision() - 1));
    Network.heal(server.host());
    return new Made(server.toString(), System.nanoTime(), "");
  }

  private Made defragmented(long holdNanos) throws Exception {
    for (Member member : fleet.members()) {
      member.control("defrag");
    }
    hold(holdNanos);
    return new Made("all", System.nanoTime(), "");
  }

  private Made restarted(Server server, long holdNanos) throws Exception {
    for (Member member : fleet.members()) {
      member.kill();
    }
    Probe probe = disturb(server);
    server.kill();
    long begin = System.nanoTime();
    server.start();
    fleet.awaitFixed(server);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    undisturbed(server, probe);
    hold(holdNanos);
    for (Member member : fleet.members()) {
      fleet.start(member);
    }
    return new Made(server.toString(), System.nanoTime(), "served again after " + millis + " ms");
  }
}
