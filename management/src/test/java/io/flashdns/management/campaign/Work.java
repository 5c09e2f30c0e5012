package io.flashdns.management.campaign;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.zone.Views;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One change set that a writer makes up: all of it follows from what stands here, so that writer
 * and ledger mean the same. The records that it writes carry its request id, and its effect does
 * not depend on what was there before.
 *
 * @param requestId its own
 * @param kind what is done
 * @param seed of its dice
 * @param targets the zones it is done to
 */
record Work(String requestId, Kind kind, long seed, List<Target> targets) {
  static final int TTL = 300;

  /** Owners in a zone are {@code n0} to one less. */
  static final int OWNERS = 120;

  private static final int POOL = 8;
  private static final long ANY = ZoneChange.ANY_REVISION;

  /** What is done. */
  enum Kind {
    /** One RRset made what it is to be. */
    PUT(1),
    /** Two records added to one RRset. */
    ADD(1),
    /** Some records taken out of one RRset. */
    REMOVE(1),
    /** One RRset deleted. */
    DELETE(1),
    /** Fifty RRsets, most of them put, some deleted. */
    FIFTY(1),
    /** An RRset in each of several zones. */
    SPAN(4),
    /** A zone created. */
    CREATE(1),
    /** A zone deleted. */
    DROP(1),
    /** A zone given another content. */
    REPLACE(1),
    /** One zone created, one deleted, one changed, together. */
    MOVE(3);

    final int zones;

    Kind(int zones) {
      this.zones = zones;
    }
  }

  /**
   * A zone.
   *
   * @param id 0 for one that is created
   */
  record Target(long id, String apex) {
    DomainName name() {
      return DomainName.parse(apex);
    }

    @Override
    public String toString() {
      return id + ":" + apex;
    }
  }

  /** What a zone should hold: the TXT records below its apex, by the label of their owner. */
  record Content(String apex, Map<String, TreeSet<String>> tags) {}

  /** The line that announces it. */
  String line() {
    return requestId
        + " "
        + kind
        + " "
        + seed
        + " "
        + targets.stream().map(Target::toString).collect(Collectors.joining(","));
  }

  /** What {@link #line} wrote. */
  static Work parse(String line) {
    String[] words = line.split(" ");
    List<Target> targets = new ArrayList<>();
    for (String target : words[3].split(",")) {
      int colon = target.indexOf(':');
      targets.add(
          new Target(Long.parseLong(target.substring(0, colon)), target.substring(colon + 1)));
    }
    return new Work(words[0], Kind.valueOf(words[1]), Long.parseLong(words[2]), targets);
  }

  /** What the store is asked. */
  ChangeSet changeSet() {
    List<ZoneChange> changes = new ArrayList<>();
    boolean force = false;
    switch (kind) {
      case PUT, ADD, REMOVE, DELETE, FIFTY, SPAN -> {
        for (int i = 0; i < targets.size(); i++) {
          changes.add(edit(i));
        }
      }
      case CREATE -> changes.add(create(0));
      case DROP -> changes.add(new ZoneChange.Delete(new ZoneId(targets.getFirst().id()), ANY));
      case REPLACE -> {
        force = true;
        Target target = targets.getFirst();
        RRsetBlock content = block(target.name(), wholeContent(0), 0);
        changes.add(new ZoneChange.Replace(new ZoneId(target.id()), content, ANY));
      }
      case MOVE -> {
        changes.add(create(0));
        changes.add(new ZoneChange.Delete(new ZoneId(targets.get(1).id()), ANY));
        changes.add(edit(2));
      }
    }
    return new ChangeSet(requestId, "campaign", "", "", force, changes);
  }

  /**
   * Does to a model what the store should do.
   *
   * @param zones all zones by id
   * @param ids of its targets, as the store gave them
   */
  void apply(Map<Long, Content> zones, List<Long> ids) {
    for (int i = 0; i < targets.size(); i++) {
      long id = ids.get(i);
      boolean creates = kind == Kind.CREATE || kind == Kind.MOVE && i == 0;
      boolean drops = kind == Kind.DROP || kind == Kind.MOVE && i == 1;
      if (creates || kind == Kind.REPLACE) {
        zones.put(id, new Content(targets.get(i).apex(), wholeContent(i)));
      } else if (drops) {
        zones.remove(id);
      } else {
        Content zone = zones.get(id);
        if (zone == null) {
          throw new IllegalStateException("zone " + id + " does not live");
        }
        apply(zone.tags(), i);
      }
    }
  }

  private void apply(Map<String, TreeSet<String>> tags, int target) {
    for (Step step : steps(target)) {
      switch (step.what()) {
        case PUT -> tags.put(step.owner(), new TreeSet<>(step.data()));
        case ADD -> tags.computeIfAbsent(step.owner(), _ -> new TreeSet<>()).addAll(step.data());
        case REMOVE -> {
          TreeSet<String> there = tags.get(step.owner());
          if (there != null) {
            step.data().forEach(there::remove);
            if (there.isEmpty()) {
              tags.remove(step.owner());
            }
          }
        }
        case DELETE -> tags.remove(step.owner());
      }
    }
  }

  private enum What {
    PUT,
    ADD,
    REMOVE,
    DELETE
  }

  private record Step(What what, String owner, List<String> data) {}

  private SplittableRandom dice(int target) {
    return new SplittableRandom(seed + 31L * target);
  }

  private static String owner(SplittableRandom dice) {
    return "n" + dice.nextInt(OWNERS);
  }

  private List<Step> steps(int target) {
    SplittableRandom dice = dice(target);
    String owner = owner(dice);
    return switch (kind) {
      case PUT, SPAN, MOVE -> List.of(new Step(What.PUT, owner, List.of(requestId)));
      case ADD ->
          List.of(new Step(What.ADD, owner, List.of(requestId, "pool" + dice.nextInt(POOL))));
      case REMOVE ->
          List.of(
              new Step(
                  What.REMOVE,
                  owner,
                  List.of("pool" + dice.nextInt(POOL), "pool" + dice.nextInt(POOL))));
      case DELETE -> List.of(new Step(What.DELETE, owner, List.of()));
      case FIFTY -> {
        int first = dice.nextInt(OWNERS);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          String next = "n" + (first + i) % OWNERS;
          steps.add(
              i % 10 == 9
                  ? new Step(What.DELETE, next, List.of())
                  : new Step(What.PUT, next, List.of(requestId, "pool" + dice.nextInt(POOL))));
        }
        yield steps;
      }
      case CREATE, DROP, REPLACE -> throw new IllegalStateException(kind + " has no steps");
    };
  }

  private ZoneChange edit(int target) {
    Target zone = targets.get(target);
    List<RRsetEdit> edits = new ArrayList<>();
    for (Step step : steps(target)) {
      DomainName owner = DomainName.parse(step.owner(), zone.name());
      List<RecordData> data = step.data().stream().map(Work::txt).toList();
      edits.add(
          switch (step.what()) {
            case PUT ->
                new RRsetEdit.Put(
                    new RRset(owner, RecordType.TXT, TTL, data), RRsetEdit.ANY_REVISION);
            case ADD -> new RRsetEdit.Add(owner, RecordType.TXT, TTL, data, RRsetEdit.ANY_REVISION);
            case REMOVE ->
                new RRsetEdit.Remove(owner, RecordType.TXT, data, RRsetEdit.ANY_REVISION);
            case DELETE -> new RRsetEdit.Delete(owner, RecordType.TXT, RRsetEdit.ANY_REVISION);
          });
    }
    return new ZoneChange.Edit(new ZoneId(zone.id()), edits, ANY);
  }

  private ZoneChange create(int target) {
    DomainName apex = targets.get(target).name();
    return new ZoneChange.Create(
        ZoneSettings.of(new ZoneKey(Views.PUBLIC_NAME, apex)),
        block(apex, wholeContent(target), 1));
  }

  private Map<String, TreeSet<String>> wholeContent(int target) {
    SplittableRandom dice = dice(target);
    int owners = 10 + dice.nextInt(50);
    Map<String, TreeSet<String>> tags = new TreeMap<>();
    for (int i = 0; i < owners; i++) {
      tags.put("n" + i, new TreeSet<>(List.of(requestId)));
    }
    return tags;
  }

  /**
   * A zone with SOA and NS at its apex, and TXT records below it.
   *
   * @param serial 0 to let the policy choose
   */
  static RRsetBlock block(DomainName apex, Map<String, TreeSet<String>> tags, long serial) {
    RRsetBlock.Builder block = new RRsetBlock.Builder(apex);
    block.add(
        new RRset(
            apex,
            RecordType.NS,
            TTL,
            List.of(RecordData.of(DomainName.parse("ns.invalid").wire()))));
    block.add(new RRset(apex, RecordType.SOA, TTL, List.of(soa(serial))));
    Map<DomainName, TreeSet<String>> sorted = new TreeMap<>();
    tags.forEach((owner, data) -> sorted.put(DomainName.parse(owner, apex), data));
    sorted.forEach(
        (owner, data) ->
            block.add(
                new RRset(owner, RecordType.TXT, TTL, data.stream().map(Work::txt).toList())));
    return block.build();
  }

  /** SOA data with a serial. */
  static RecordData soa(long serial) {
    byte[] name = DomainName.parse("ns.invalid").wire();
    byte[] data = Arrays.copyOf(name, 2 * name.length + 20);
    System.arraycopy(name, 0, data, name.length, name.length);
    int at = 2 * name.length;
    for (long value : new long[] {serial, 7_200, 900, 1_209_600, 300}) {
      Wire.put32(data, at, (int) value);
      at += 4;
    }
    return RecordData.of(data);
  }

  /** TXT data of one string. */
  static RecordData txt(String text) {
    byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
    byte[] data = new byte[octets.length + 1];
    data[0] = (byte) octets.length;
    System.arraycopy(octets, 0, data, 1, octets.length);
    return RecordData.of(data);
  }

  /** The string of TXT data that has one. */
  static String text(byte[] data, int offset, int length) {
    return new String(data, offset + 1, length - 1, StandardCharsets.US_ASCII);
  }
}
