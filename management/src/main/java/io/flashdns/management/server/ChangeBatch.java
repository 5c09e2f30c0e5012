package io.flashdns.management.server;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.Refusal;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes of many zones on their way into the store, some hundred in each change set. What breaks a
 * rule is taken out and told to the receiver; the others are made.
 *
 * <p>One thread.
 */
final class ChangeBatch<T> {
  private static final int MAX_CHANGES = 500;
  private static final long MAX_BYTES = 4 << 20;

  private final ZoneLedger ledger;
  private final String who;
  private final String where;
  private final String source;
  private final boolean force;
  private final Receiver<T> receiver;
  private final List<Item<T>> items = new ArrayList<>();
  private final Map<ZoneKey, Item<T>> byKey = new HashMap<>();
  private long bytes;

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
      commit();
    }
    items.add(item);
    byKey.put(item.key(), item);
    bytes += contentBytes;
  }

  /** Makes all changes that were taken. */
  void commit() throws StoreException, InterruptedException {
    List<Item<T>> left = new ArrayList<>(items);
    items.clear();
    byKey.clear();
    bytes = 0;
    boolean forced = force;
    while (!left.isEmpty()) {
      List<ZoneChange> changes = new ArrayList<>(left.size());
      for (Item<T> item : left) {
        changes.add(item.change());
      }
      try {
        List<StoredZone> zones =
            ledger.commit(new ChangeSet("", who, where, source, forced, changes));
        for (int i = 0; i < zones.size(); i++) {
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
            left.remove(i);
          }
        }
      }
    }
  }
}
