package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;

/**
 * The database file: how it is opened, its schema and its versions.
 *
 * <p>Every row ends in a {@link RowSum}. What is looked up is found by tables that prove what is
 * not there, so that a lost row is damage and not an absence: {@code living} has a bit for each
 * zone id that was ever given, rows of {@code names}, {@code owners} and {@code content} hold a
 * range of keys and say where the next row begins ({@code until}), and so do those of {@code
 * documents}, with one key each.
 *
 * <pre>
 * meta      one row: the revision, how far history was compacted, counts and digests of all zones and
 *           documents, the ends of log and journal
 * zones     id → the zone without its content ({@link ZoneCodec}), where its newest log entry begins
 * living    4,096 ids a row: which of them are zones
 * names     view and apex in canonical order → id, some thirty zones a row
 * owners    organisation, project, id → id, some thirty zones a row
 * content   RRsets of a zone in canonical order, up to {@link ContentPages#TARGET_BYTES} octets a row
 * commits   revision → when, who, how; where its log entries begin and how many rows they are
 * log       what a commit did to one zone, in pieces; each entry says where the zone's last one began;
 *           with the zone 0 what it did to documents
 * graves    deleted zones whose history is kept
 * requests  request ids of the last day and what became of them
 * documents key → value and when it was written
 * journal   entries with numbers without a gap
 * position  one row in a copy of a shared store: of which, and how far; empty else
 * </pre>
 */
final class Database {
  static final String FILE = "flashdns.db";

  /** The log that SQLite keeps beside it. */
  static final String WAL = FILE + "-wal";

  /** "FLDS" in the file's header. */
  static final int APPLICATION_ID = 0x464c4453;

  static final int PAGE_BYTES = 4_096;

  /** For the writer: the upper levels of all trees and the pages of some groups of commits. */
  private static final int WRITER_CACHE_KIB = 32 * 1_024;

  private static final int READER_CACHE_KIB = 2 * 1024;
  private static final int BUSY_MILLIS = 10_000;

  /** What the -wal file is cut to when it was larger and all of it is in the database. */
  private static final int WAL_KEPT_BYTES = 64 << 20;

  /** Makes a database of one version one of the next. */
  interface Step {
    void run(Connection connection, Statement statement) throws SQLException, StoreException;
  }

  private static final List<String> VERSION_1 =
      List.of(
          "CREATE TABLE meta(id INTEGER PRIMARY KEY CHECK(id = 1), revision INTEGER NOT NULL,"
              + " compacted INTEGER NOT NULL, last_zone INTEGER NOT NULL, zones INTEGER NOT"
              + " NULL, digest INTEGER NOT NULL, first_log INTEGER NOT NULL, next_log INTEGER"
              + " NOT NULL, history_bytes INTEGER NOT NULL, graves INTEGER NOT NULL, sum INTEGER"
              + " NOT NULL) STRICT",
          "CREATE TABLE zones(id INTEGER PRIMARY KEY, meta BLOB NOT NULL, last_log INTEGER NOT"
              + " NULL, sum INTEGER NOT NULL) STRICT",
          "CREATE TABLE living(part INTEGER PRIMARY KEY, bits BLOB NOT NULL, sum INTEGER NOT"
              + " NULL) STRICT",
          "CREATE TABLE names(first BLOB PRIMARY KEY NOT NULL, until BLOB, entries BLOB NOT"
              + " NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID",
          "CREATE TABLE content(zone INTEGER NOT NULL, first BLOB NOT NULL, until BLOB, block"
              + " BLOB NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY(zone, first)) STRICT, WITHOUT"
              + " ROWID",
          "CREATE TABLE commits(revision INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT"
              + " NULL, origin TEXT NOT NULL, request TEXT NOT NULL, forced INTEGER NOT NULL,"
              + " first_log INTEGER NOT NULL, log_rows INTEGER NOT NULL, bytes INTEGER NOT NULL,"
              + " sum INTEGER NOT NULL) STRICT",
          "CREATE TABLE log(seq INTEGER PRIMARY KEY, revision INTEGER NOT NULL, zone INTEGER NOT"
              + " NULL, previous INTEGER NOT NULL, piece INTEGER NOT NULL, pieces INTEGER NOT"
              + " NULL, body BLOB NOT NULL, sum INTEGER NOT NULL) STRICT",
          "CREATE TABLE graves(zone INTEGER PRIMARY KEY, name BLOB NOT NULL, revision INTEGER"
              + " NOT NULL, last_log INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT",
          "CREATE INDEX graves_name ON graves(name, revision)",
          "CREATE INDEX graves_revision ON graves(revision)",
          "CREATE TABLE requests(seq INTEGER PRIMARY KEY, who TEXT NOT NULL, id TEXT NOT NULL,"
              + " revision INTEGER NOT NULL, at INTEGER NOT NULL, zones BLOB NOT NULL, sum"
              + " INTEGER NOT NULL, UNIQUE(who, id)) STRICT");

  /** Each makes a database of version n one of version n + 1, where n is its index. */
  static final List<Step> STEPS =
      List.of(
          (_, statement) -> {
            for (String sql : VERSION_1) {
              statement.execute(sql);
            }
          },
          ToVersion2::migrate,
          (_, statement) ->
              statement.execute(
                  "CREATE TABLE position(id INTEGER PRIMARY KEY CHECK(id = 1), store TEXT NOT NULL,"
                      + " sequence INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT"));

  private Database() {}

  /** A connection that writes; makes the database or brings it to this version. */
  static Connection writer(@Nullable Path file) throws SQLException, StoreException {
    Connection connection = connect(file);
    try (Statement statement = connection.createStatement()) {
      if (number(statement, "PRAGMA page_count") == 0 || file == null) {
        statement.execute("PRAGMA page_size=" + PAGE_BYTES);
        statement.execute("PRAGMA auto_vacuum=INCREMENTAL");
      }
      if (file != null) {
        migrate(connection, statement, file.toString(), true);
        statement.execute("PRAGMA journal_mode=WAL");
        statement.execute("PRAGMA synchronous=FULL");
        // Checkpoints are the store's own: SQLite's automatic ones pass over an fsync that failed.
        statement.execute("PRAGMA wal_autocheckpoint=0");
        statement.execute("PRAGMA journal_size_limit=" + WAL_KEPT_BYTES);
      } else {
        migrate(connection, statement, "memory", true);
      }
      statement.execute("PRAGMA cache_size=-" + WRITER_CACHE_KIB);
      return connection;
    } catch (SQLException | StoreException e) {
      connection.close();
      throw e;
    }
  }

  /** A connection that reads a database of this version. */
  static Connection reader(Path file) throws SQLException, StoreException {
    Connection connection = connect(file);
    try (Statement statement = connection.createStatement()) {
      migrate(connection, statement, file.toString(), false);
      statement.execute("PRAGMA query_only=ON");
      statement.execute("PRAGMA wal_autocheckpoint=0");
      statement.execute("PRAGMA cache_size=-" + READER_CACHE_KIB);
      return connection;
    } catch (SQLException | StoreException e) {
      connection.close();
      throw e;
    }
  }

  private static Connection connect(@Nullable Path file) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("busy_timeout", Integer.toString(BUSY_MILLIS));
    // Else the driver asks for the last row id after every insertion.
    properties.setProperty("jdbc.get_generated_keys", "false");
    // As a URI, so that no character of a path means anything to the driver.
    String place = file == null ? ":memory:" : file.toUri().toString();
    Connection connection = JDBC.createConnection("jdbc:sqlite:" + place, properties);
    if (connection == null) {
      throw new SQLException("the SQLite driver does not take " + place);
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA cell_size_check=ON");
      statement.execute("PRAGMA temp_store=MEMORY");
      // An I/O error in mapped memory would end the process.
      statement.execute("PRAGMA mmap_size=0");
      statement.execute("PRAGMA trusted_schema=OFF");
      // Where the system has two kinds of fsync, the one that reaches the platter.
      statement.execute("PRAGMA fullfsync=ON");
      statement.execute("PRAGMA checkpoint_fullfsync=ON");
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private static void migrate(
      Connection connection, Statement statement, String place, boolean mayWrite)
      throws SQLException, StoreException {
    long application = number(statement, "PRAGMA application_id");
    long version = number(statement, "PRAGMA user_version");
    boolean fresh =
        application == 0
            && version == 0
            && number(statement, "SELECT count(*) FROM sqlite_schema") == 0;
    if (!fresh && application != APPLICATION_ID) {
      throw new StoreException.Damaged(
          place + " is no store of FlashDNS: restore a backup, or name another data folder");
    }
    if (version > STEPS.size()) {
      throw new StoreException.Unavailable(
          place
              + " has store version "
              + version
              + ", this FlashDNS knows versions up to "
              + STEPS.size()
              + ": start the newer FlashDNS that wrote it, or restore a backup from before");
    }
    if (version == STEPS.size()) {
      return;
    }
    if (!mayWrite) {
      throw new StoreException.Unavailable(
          place
              + (fresh ? " is empty" : " has the older store version " + version)
              + ": start the server once on its data folder");
    }
    statement.execute("BEGIN IMMEDIATE");
    for (int step = (int) version; step < STEPS.size(); step++) {
      STEPS.get(step).run(connection, statement);
    }
    statement.execute("PRAGMA application_id=" + APPLICATION_ID);
    statement.execute("PRAGMA user_version=" + STEPS.size());
    statement.execute("COMMIT");
  }

  /**
   * Brings a file to this version: all of it or nothing. One that is no store of an older version
   * is left as it is.
   */
  static void bringUpToDate(Path file) throws SQLException, StoreException {
    try (Connection connection = connect(file);
        Statement statement = connection.createStatement()) {
      long version = number(statement, "PRAGMA user_version");
      if (version > 0 && version < STEPS.size()) {
        migrate(connection, statement, file.toString(), true);
      }
    }
  }

  /** The number that a statement gives. */
  static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet result = statement.executeQuery(sql)) {
      return result.next() ? result.getLong(1) : 0;
    }
  }
}
