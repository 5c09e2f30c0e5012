package io.flashdns.management.server;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.Refusal;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Changes of many zones on their way into the store, some hundred in each change set. What breaks a
 * rule is taken out and told to the receiver; the others are made.
 *
 * <p>One thread. The store works on what it was given while the next changes are taken.
 */
final class ChangeBatch<T> {
  private static final int MAX_CHANGES = 500;
  private static final long MAX_BYTES = 4 << 20;

  /** With two the store's writer never waits for the next one, and they share an fsync. */
  private static final int MAX_UNDER_WAY = 2;

  private final ZoneLedger ledger;
  private final String who;
  private final String where;
  private final String source;
  private final boolean force;
  private final Receiver<T> receiver;
  private final List<Item<T>> items = new ArrayList<>();
  private final Map<ZoneKey, Item<T>> byKey = new HashMap<>();
  private final ArrayDeque<Sent<T>> underWay = new ArrayDeque<>();
  private long bytes;

  /** A change set that the store was given. */
  private record Sent<T>(List<Item<T>> items, boolean forced, Future<List<StoredZone>> result) {}

  /**
   * A change.
   *
   * @param tag what it is to the one who asked for it
   * @param before the zone as it was, or null
   */
  record Item<T>(T tag, ZoneKey key, ZoneChange change, @Nullable StoredZone before) {}

  /** Hears what became of changes. */
  interface Receiver<T> {
    /** The change was made; a deleted zone is given as it was. */
    void made(Item<T> item, StoredZone zone);

    /**
     * The change breaks a rule and is left out.
     *
     * @return for {@link Refusal.Kind#GUARD} true to have it made all the same
     */
    boolean refused(Item<T> item, Refusal refusal);
  }

  /**
   * @param source the door: see {@link ChangeSet#source}
   * @param force true to pass the change guard without asking the receiver
   */
  ChangeBatch(
      ZoneLedger ledger,
      String who,
      String where,
      String source,
      boolean force,
      Receiver<T> receiver) {
    this.ledger = ledger;
    this.who = who;
    this.where = where;
    this.source = source;
    this.force = force;
    this.receiver = receiver;
  }

  /** What is under way for a zone, or null. */
  @Nullable Item<T> pending(ZoneKey key) {
    return byKey.get(key);
  }

  /**
   * Takes a change; there must be none under way for its zone.
   *
   * @param contentBytes octets of its content
   */
  void add(Item<T> item, long contentBytes) throws StoreException, InterruptedException {
    if (items.size() >= MAX_CHANGES || (bytes > 0 && bytes + contentBytes > MAX_BYTES)) {
      send();
    }
    items.add(item);
    byKey.put(item.key(), item);
    bytes += contentBytes;
  }

  /** Makes all changes that were taken. */
  void commit() throws StoreException, InterruptedException {
    send();
    while (!underWay.isEmpty()) {
      settle();
    }
  }

  /** Has the store begin with what was taken, and waits for what it was given before that. */
  private void send() throws StoreException, InterruptedException {
    if (items.isEmpty()) {
      return;
    }
    List<Item<T>> taken = new ArrayList<>(items);
    items.clear();
    bytes = 0;
    underWay.add(new Sent<>(taken, force, ledger.begin(changeSet(taken, force))));
    while (underWay.size() > MAX_UNDER_WAY) {
      settle();
    }
  }

  private ChangeSet changeSet(List<Item<T>> of, boolean forced) {
    List<ZoneChange> changes = new ArrayList<>(of.size());
    for (Item<T> item : of) {
      changes.add(item.change());
    }
    return new ChangeSet("", who, where, source, forced, changes);
  }

  /** Waits for the eldest change set; what breaks a rule is taken out, and the rest tried again. */
  private void settle() throws StoreException, InterruptedException {
    Sent<T> sent = underWay.removeFirst();
    List<Item<T>> left = new ArrayList<>(sent.items());
    boolean forced = sent.forced();
    Future<List<StoredZone>> result = sent.result();
    while (!left.isEmpty()) {
      try {
        List<StoredZone> zones = await(result);
        // What it read before is older than this.
        ledger.release();
        for (int i = 0; i < zones.size(); i++) {
          byKey.remove(left.get(i).key());
          receiver.made(left.get(i), zones.get(i));
        }
        return;
      } catch (StoreException.Refused e) {
        boolean[] out = new boolean[left.size()];
        boolean wereForced = forced;
        for (Refusal refusal : e.refusals()) {
          boolean pass = receiver.refused(left.get(refusal.change()), refusal);
          if (refusal.kind() == Refusal.Kind.GUARD && pass && !wereForced) {
            forced = true;
          } else {
            out[refusal.change()] = true;
          }
        }
        for (int i = left.size() - 1; i >= 0; i--) {
          if (out[i]) {
            byKey.remove(left.remove(i).key());
          }
        }
        if (!left.isEmpty()) {
          result = ledger.begin(changeSet(left, forced));
        }
      }
    }
  }

  private static <V> V await(Future<V> future) throws StoreException, InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case StoreException reason -> throw reason;
        case RuntimeException fault -> throw fault;
        case Error fault -> throw fault;
        case InterruptedException stop -> throw stop;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }
}
