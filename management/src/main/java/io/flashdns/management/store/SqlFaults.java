package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What SQLite's errors mean for a store. */
final class SqlFaults {
  private SqlFaults() {}

  /** What is to be done about an error. */
  enum Kind {
    /** No space: try again later. */
    FULL,
    /** The disk failed, or the file is not what it was: nothing is written until it is reopened. */
    BROKEN,
    /** Something else, of this statement alone. */
    OTHER
  }

  static Kind kind(SQLException e) {
    SQLiteErrorCode code = code(e);
    if (code == SQLiteErrorCode.SQLITE_FULL) {
      return Kind.FULL;
    }
    String name = code.name();
    return name.startsWith("SQLITE_IOERR")
            || name.startsWith("SQLITE_CORRUPT")
            || name.startsWith("SQLITE_CANTOPEN")
            || name.startsWith("SQLITE_READONLY")
            || name.equals("SQLITE_NOTADB")
            || name.equals("SQLITE_PROTOCOL")
        ? Kind.BROKEN
        : Kind.OTHER;
  }

  private static boolean isDamage(SQLException e) {
    String name = code(e).name();
    return name.startsWith("SQLITE_CORRUPT")
        || name.equals("SQLITE_NOTADB")
        || name.equals("SQLITE_FORMAT")
        // Lengths and schema text that a flipped bit made.
        || name.equals("SQLITE_TOOBIG")
        || name.equals("SQLITE_NOMEM")
        || name.equals("SQLITE_ERROR");
  }

  private static SQLiteErrorCode code(SQLException e) {
    return e instanceof SQLiteException lite ? lite.getResultCode() : SQLiteErrorCode.UNKNOWN_ERROR;
  }

  /** An error while {@code doing}, for the caller of a read. */
  static StoreException ofRead(SQLException e, String doing) {
    if (isDamage(e)) {
      return new StoreException.Damaged(
          "the store is damaged: "
              + doing
              + " gave "
              + text(e)
              + ": stop the server and restore a backup (flashdns restore)",
          e);
    }
    return new StoreException.Unavailable(
        "the store cannot be read: "
            + doing
            + " gave "
            + text(e)
            + ": look at the disk that holds it",
        false,
        e);
  }

  /** SQLite's own name of an error. */
  static String text(SQLException e) {
    SQLiteErrorCode code = code(e);
    return code == SQLiteErrorCode.UNKNOWN_ERROR ? String.valueOf(e.getMessage()) : code.name();
  }
}
