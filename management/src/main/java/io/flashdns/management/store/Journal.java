package io.flashdns.management.store;

import io.flashdns.core.store.JournalEntry;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Table {@code journal}: entries with numbers without a gap, from the {@link Ledger}'s first to its
 * next. It is written at its end and cut at its beginning.
 */
final class Journal {
  private static final String COLUMNS = "SELECT number, at, revision, body, sum FROM journal ";

  private Journal() {}

  /** Entries below a number, the newest first. */
  static List<JournalEntry> before(Reads reads, long before, int limit)
      throws SQLException, StoreException {
    Ledger ledger = reads.ledger();
    long expected = Math.min(before, ledger.nextJournal()) - 1;
    List<JournalEntry> found = new ArrayList<>();
    PreparedStatement query =
        reads.statement(COLUMNS + "WHERE number <= ? ORDER BY number DESC LIMIT ?");
    query.setLong(1, expected);
    query.setInt(2, Math.max(limit, 0));
    try (ResultSet rows = query.executeQuery()) {
      while (found.size() < limit && expected >= ledger.firstJournal()) {
        found.add(next(reads, rows, expected));
        expected--;
      }
    }
    return found;
  }

  /** Reads all entries; their number. */
  static long verify(Reads reads) throws SQLException, StoreException {
    Ledger ledger = reads.ledger();
    try (PreparedStatement query = reads.prepared(COLUMNS + "ORDER BY number");
        ResultSet rows = query.executeQuery()) {
      for (long each = ledger.firstJournal(); each < ledger.nextJournal(); each++) {
        if (next(reads, rows, each).revision() > ledger.revision()) {
          throw Rows.damaged("journal", "entry " + each + " is of a revision that is not yet");
        }
      }
      if (rows.next()) {
        throw Rows.damaged("journal", "there are entries that were not counted");
      }
    }
    return ledger.nextJournal() - ledger.firstJournal();
  }

  private static JournalEntry next(Reads reads, ResultSet rows, long expected)
      throws SQLException, StoreException {
    if (!rows.next() || rows.getLong(1) != expected) {
      throw Rows.damaged("journal", "entry " + expected + " is missing");
    }
    long at = rows.getLong(2);
    long revision = rows.getLong(3);
    byte[] body = Reads.bytes(rows, 4);
    Reads.verify(
        sum(reads.sum(), expected, at, revision, body),
        rows.getLong(5),
        "journal",
        "entry " + expected);
    return new JournalEntry(expected, at, revision, Octets.of(body));
  }

  private static long sum(RowSum sum, long number, long at, long revision, byte[] body) {
    return sum.of('j').add(number).add(at).add(revision).add(body).value();
  }

  /** Writes entries. */
  static Ledger add(Reads reads, Ledger before, List<Octets> bodies, long at, long revision)
      throws SQLException {
    long number = before.nextJournal();
    for (Octets body : bodies) {
      PreparedStatement put =
          reads.statement("INSERT INTO journal(number, at, revision, body, sum) VALUES(?,?,?,?,?)");
      put.setLong(1, number);
      put.setLong(2, at);
      put.setLong(3, revision);
      put.setBytes(4, body.array());
      put.setLong(5, sum(reads.sum(), number, at, revision, body.array()));
      put.executeUpdate();
      number++;
    }
    return before.withJournal(before.firstJournal(), number);
  }

  /** Forgets the oldest entries that were written before a time, some of them. */
  static Ledger forget(Reads reads, Ledger ledger, long beforeMillis, int limit)
      throws SQLException, StoreException {
    long first = ledger.firstJournal();
    long end = Math.min(ledger.nextJournal(), first + limit);
    PreparedStatement query = reads.statement(COLUMNS + "ORDER BY number");
    try (ResultSet rows = query.executeQuery()) {
      while (first < end && next(reads, rows, first).epochMillis() < beforeMillis) {
        first++;
      }
    }
    if (first == ledger.firstJournal()) {
      return ledger;
    }
    PreparedStatement delete = reads.statement("DELETE FROM journal WHERE number < ?");
    delete.setLong(1, first);
    delete.executeUpdate();
    return ledger.withJournal(first, ledger.nextJournal());
  }
}
