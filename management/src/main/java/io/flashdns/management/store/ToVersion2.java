package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import io.flashdns.management.store.Rows.Grave;
import io.flashdns.management.store.Rows.ZoneRow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a database of version 1 one of version 2, in a transaction that is open: names in canonical
 * order, an index by owner, documents, a journal, answers of requests. Reads every zone's row, and
 * leaves their content and history as they are.
 */
final class ToVersion2 {
  /** So many zones are put in order in memory at a time. */
  private static final int ZONES_A_STEP = 8_192;

  private static final List<String> SCHEMA =
      List.of(
          "DROP TABLE meta",
          "CREATE TABLE meta(id INTEGER PRIMARY KEY CHECK(id = 1), revision INTEGER NOT NULL,"
              + " compacted INTEGER NOT NULL, last_zone INTEGER NOT NULL, zones INTEGER NOT NULL,"
              + " digest INTEGER NOT NULL, first_log INTEGER NOT NULL, next_log INTEGER NOT NULL,"
              + " history_bytes INTEGER NOT NULL, graves INTEGER NOT NULL, documents INTEGER NOT"
              + " NULL, document_digest INTEGER NOT NULL, first_journal INTEGER NOT NULL,"
              + " next_journal INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT",
          "DELETE FROM names",
          "CREATE TABLE owners(first BLOB PRIMARY KEY NOT NULL, until BLOB, entries BLOB NOT NULL,"
              + " sum INTEGER NOT NULL) STRICT, WITHOUT ROWID",
          "CREATE TABLE documents(key BLOB PRIMARY KEY NOT NULL, until BLOB, revision INTEGER NOT"
              + " NULL, value BLOB NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID",
          "CREATE TABLE journal(number INTEGER PRIMARY KEY, at INTEGER NOT NULL, revision INTEGER"
              + " NOT NULL, body BLOB NOT NULL, sum INTEGER NOT NULL) STRICT",
          "ALTER TABLE requests ADD COLUMN answer BLOB NOT NULL DEFAULT x''");

  private final Reads reads;

  private ToVersion2(Reads reads) {
    this.reads = reads;
  }

  static void migrate(Connection connection, Statement statement)
      throws SQLException, StoreException {
    Reads reads = new Reads(connection);
    try {
      Ledger ledger = ledger(reads);
      reads.forgetStatements();
      for (String sql : SCHEMA) {
        statement.execute(sql);
      }
      if (ledger != null) {
        new ToVersion2(reads).convert(ledger);
      }
    } finally {
      reads.forgetStatements();
    }
  }

  private void convert(Ledger ledger) throws SQLException, StoreException {
    new Writes(reads).write(ledger);
    new Documents(reads).begin();
    Directory directory = new Directory(reads);
    directory.begin();
    directory.flush();
    long digest = 0;
    long count = 0;
    long after = 0;
    while (true) {
      List<ZoneRow> rows = reads.zones(after, ZONES_A_STEP);
      for (ZoneRow row : rows) {
        after = row.zone().id().value();
        digest ^= RowSum.digest(after, row.meta());
        count++;
        directory.index(ZoneCodec.name(row.zone().settings().key()), row.zone());
      }
      directory.flush();
      if (rows.size() < ZONES_A_STEP) {
        break;
      }
    }
    if (count != ledger.zones() || digest != ledger.digest()) {
      throw Rows.damaged("zones", "the zones are not those that were counted");
    }
    graves();
  }

  /** Where the store stands, with what version 1 did not know; null when it is just being made. */
  private static @Nullable Ledger ledger(Reads reads) throws SQLException, StoreException {
    PreparedStatement query =
        reads.statement(
            "SELECT revision, compacted, last_zone, zones, digest, first_log, next_log,"
                + " history_bytes, graves, sum FROM meta");
    try (ResultSet row = query.executeQuery()) {
      if (!row.next()) {
        if (reads.number("SELECT count(*) FROM names") == 0) {
          return null;
        }
        throw Rows.damaged("meta", "the only row is missing");
      }
      RowSum sum = reads.sum().of('m');
      long[] columns = new long[9];
      for (int i = 0; i < columns.length; i++) {
        columns[i] = row.getLong(i + 1);
        sum.add(columns[i]);
      }
      Reads.verify(sum.value(), row.getLong(10), "meta", "the only row");
      return new Ledger(
          columns[0],
          columns[1],
          columns[2],
          columns[3],
          columns[4],
          columns[5],
          columns[6],
          columns[7],
          columns[8],
          0,
          0,
          1,
          1);
    }
  }

  private void graves() throws SQLException, StoreException {
    for (Grave grave : reads.gravesAfter(-1)) {
      byte[] name;
      try {
        name = ZoneCodec.name(ZoneCodec.keyOfVersion1(grave.name()));
      } catch (IllegalArgumentException _) {
        throw Rows.damaged("graves", "zone " + grave.zone());
      }
      Grave renamed = new Grave(grave.zone(), name, grave.revision(), grave.lastLog());
      PreparedStatement update =
          reads.statement("UPDATE graves SET name = ?, sum = ? WHERE zone = ?");
      update.setBytes(1, name);
      update.setLong(2, renamed.sum(reads.sum()));
      update.setLong(3, grave.zone());
      update.executeUpdate();
    }
  }
}
