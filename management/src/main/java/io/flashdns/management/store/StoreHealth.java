package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether a store takes changes, and why not. Without space it takes none and tries again each
 * second; after an I/O error it never does again, since nobody knows what an fsync that failed has
 * left, until the store is opened anew. {@link SqlFaults} says which error is which.
 *
 * <p>The writer's thread changes it; any thread may ask {@link #reason} and {@link #isBroken}.
 */
final class StoreHealth {
  private static final System.Logger LOG = System.getLogger(StoreHealth.class.getName());
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Writes what is there already. */
  @FunctionalInterface
  interface Trial {
    /** False when the database is not what it was. No transaction is open when it returns. */
    boolean succeeds() throws SQLException, StoreException;
  }

  private final StoreDisk disk;
  private final long minFreeBytes;
  private final Trial trial;
  private volatile String reason = "";
  private volatile boolean broken;
  private long nextTrial;

  StoreHealth(StoreDisk disk, long minFreeBytes, Trial trial) {
    this.disk = disk;
    this.minFreeBytes = minFreeBytes;
    this.trial = trial;
  }

  /** Why no changes are taken, for people; empty while they are. */
  String reason() {
    return reason;
  }

  /** True when nothing is written any more until the store is opened anew. */
  boolean isBroken() {
    return broken;
  }

  /** True when nothing is known to be wrong; asks nothing of the disk. */
  boolean isSound() {
    return reason.isEmpty();
  }

  /** Nanoseconds until it is worth trying again; 0 when it is time, far away when it never is. */
  long untilTrialNanos(long nowNanos) {
    return broken || isSound() ? Long.MAX_VALUE : Math.max(nextTrial - nowNanos, 0);
  }

  /** Looks at the disk, and after lack of space whether there is some again. */
  boolean isWritable() {
    if (broken) {
      return false;
    }
    String lack = disk.lack(minFreeBytes);
    if (!lack.isEmpty()) {
      readOnly(lack);
      nextTrial = System.nanoTime() + RETRY_NANOS;
      return false;
    }
    if (isSound()) {
      return true;
    }
    if (System.nanoTime() - nextTrial < 0) {
      return false;
    }
    nextTrial = System.nanoTime() + RETRY_NANOS;
    try {
      if (!trial.succeeds()) {
        fail("the store takes no changes after an error of its disk: restart the server", null);
        return false;
      }
    } catch (SQLException e) {
      var _ = failed(e, false);
      return false;
    } catch (StoreException e) {
      fail(e.getMessage(), e);
      return false;
    }
    LOG.log(System.Logger.Level.INFO, "the store takes changes again");
    reason = "";
    return true;
  }

  private void readOnly(String why) {
    if (isSound()) {
      LOG.log(System.Logger.Level.ERROR, why);
      nextTrial = System.nanoTime() + RETRY_NANOS;
    }
    reason = why;
  }

  /**
   * Takes the store out of service as an error demands.
   *
   * @param committing true when what was asked for may have been done
   * @return what to tell who waits
   */
  StoreException failed(SQLException e, boolean committing) {
    switch (SqlFaults.kind(e)) {
      case FULL -> {
        readOnly(
            "the store takes no changes, there is no space left for "
                + disk.place()
                + ": free some, changes are taken again by themselves");
        nextTrial = System.nanoTime() + RETRY_NANOS;
      }
      case BROKEN ->
          fail(
              "the store takes no changes, "
                  + disk.place()
                  + " failed with "
                  + SqlFaults.text(e)
                  + ": look at the disk, then restart the server",
              e);
      case OTHER -> {
        return new StoreException.Unavailable(
            "the store did not take the change (" + SqlFaults.text(e) + "): ask again",
            committing,
            e);
      }
    }
    return new StoreException.Unavailable(reason, committing, e);
  }

  /** Nothing is written any more. */
  void fail(@Nullable String why, @Nullable Throwable e) {
    broken = true;
    reason = String.valueOf(why);
    LOG.log(System.Logger.Level.ERROR, why, e);
  }
}
