package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import io.flashdns.management.store.Rows.Page;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;

/** The pages of one zone, one query for all of them. One thread. */
final class PageCursor implements AutoCloseable {
  private final Reads reads;
  private final long zone;
  private final PreparedStatement query;
  private final ResultSet rows;

  /** From the page that begins at {@code first} on. */
  PageCursor(Reads reads, long zone, byte[] first) throws SQLException {
    this.reads = reads;
    this.zone = zone;
    this.query =
        reads.prepared(
            "SELECT first, until, block, sum FROM content WHERE zone = ? AND first >= ? ORDER BY"
                + " first");
    try {
      query.setLong(1, zone);
      query.setBytes(2, first);
      this.rows = query.executeQuery();
    } catch (SQLException e) {
      query.close();
      throw e;
    }
  }

  /** The next page, which must begin at {@code first}. */
  Page next(byte[] first) throws SQLException, StoreException {
    if (rows.next()) {
      Page page = reads.page(rows, zone);
      if (Arrays.equals(page.first(), first)) {
        return page;
      }
    }
    throw Rows.damaged(
        "content", "zone " + zone + ", the page " + Reads.hex(first) + " is missing");
  }

  @Override
  public void close() {
    try {
      rows.close();
      query.close();
    } catch (SQLException _) {
      // It ends with its connection.
    }
  }
}
