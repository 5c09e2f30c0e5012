package io.flashdns.management.store;

import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import org.jspecify.annotations.Nullable;

/** Rows of the database whose checksums were verified. */
@SuppressWarnings("ArrayRecordComponent") // rows are read and written, never compared
final class Rows {
  /** Ids in a row of table {@code living}. */
  static final int IDS_A_PART = 4_096;

  private Rows() {}

  /** A zone's own row: the zone, the same as octets, and where its newest log entry begins. */
  record ZoneRow(StoredZone zone, byte[] meta, long lastLog) {
    static long sum(RowSum sum, long id, byte[] meta, long lastLog) {
      return sum.of('z').add(id).add(meta).add(lastLog).value();
    }
  }

  /**
   * A row of {@code content}: all RRsets whose owners' keys are {@code first} or above, and below
   * {@code until}, which is null in the last row of a zone.
   */
  record Page(byte[] first, byte @Nullable [] until, RRsetBlock block) {
    static long sum(RowSum sum, long zone, byte[] first, byte @Nullable [] until, byte[] block) {
      return sum.of('c').add(zone).add(first).add(until).add(block).value();
    }
  }

  /** A row of {@code commits}. */
  record Commit(
      long revision,
      long at,
      String who,
      String origin,
      String request,
      boolean forced,
      long firstLog,
      long logRows,
      long bytes) {
    long sum(RowSum sum) {
      return sum.of('k')
          .add(revision)
          .add(at)
          .add(who)
          .add(origin)
          .add(request)
          .add(forced ? 1 : 0)
          .add(firstLog)
          .add(logRows)
          .add(bytes)
          .value();
    }
  }

  /**
   * What a commit did to one zone, or with the zone 0 to documents: rows of {@code log} from {@code
   * seq} on, put together.
   */
  record LogEntry(long seq, long revision, long zone, long previous, long pieces, byte[] body) {
    static long sum(
        RowSum sum,
        long seq,
        long revision,
        long zone,
        long previous,
        long piece,
        long pieces,
        byte[] body) {
      return sum.of('l')
          .add(seq)
          .add(revision)
          .add(zone)
          .add(previous)
          .add(piece)
          .add(pieces)
          .add(body)
          .value();
    }
  }

  /** A row of {@code graves}. */
  record Grave(long zone, byte[] name, long revision, long lastLog) {
    long sum(RowSum sum) {
      return sum.of('g').add(zone).add(name).add(revision).add(lastLog).value();
    }
  }

  /** A row of {@code requests}: who asked what, the result, and what else is remembered. */
  record Request(String who, String id, long revision, long at, byte[] zones, byte[] answer) {
    long sum(RowSum sum) {
      sum.of('r').add(who).add(id).add(revision).add(at).add(zones);
      // Rows of the first version of the schema have none.
      return (answer.length == 0 ? sum : sum.add(answer)).value();
    }
  }

  /** What was found wrong, with place and remedy. */
  static StoreException.Damaged damaged(String table, String key) {
    return new StoreException.Damaged(
        "the store is damaged: table "
            + table
            + ", "
            + key
            + ": stop the server and restore a backup (flashdns restore)");
  }
}
