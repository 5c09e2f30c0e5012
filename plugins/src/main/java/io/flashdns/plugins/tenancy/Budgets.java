package io.flashdns.plugins.tenancy;

import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Tenant;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How many queries each tenant may have answered, held exactly by all workers together.
 *
 * <p>For each tenant there is one number, the time at which its budget would be whole again. An
 * answered query moves it on by one interval; it may lie ahead of the clock by the burst and no
 * more (the generic cell rate algorithm, a token bucket in one word). Workers move it by
 * compare-and-set; what is refused only reads it, so a flood costs the other workers little.
 *
 * <p>Times are in sixteenths of a nanosecond by {@link System#nanoTime}: intervals are rounded up,
 * which takes at most 0.01 % off budgets up to a million queries per second. They wrap after 36
 * years.
 *
 * <p>Immutable but for those numbers, which a {@link #next} shares: a change of the catalog fills
 * no budget up.
 */
final class Budgets {
  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int CHUNK_BITS = 10;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int UNIT_BITS = 4;
  private static final long UNITS_PER_SECOND = 1_000_000_000L << UNIT_BITS;

  /** Interval and tolerance of each tenant in turn; an interval of 0 means no budget. */
  private final long[] plan;

  /** Chunks are made once: a cell stays where it is when tenants are added. Zero: never used. */
  private final long[][] cells;

  private Budgets(long[] plan, long[][] cells) {
    this.plan = plan;
    this.cells = cells;
  }

  /**
   * The budgets of a catalog's tenants.
   *
   * @param before what was in force, for its numbers
   * @param defaultPerSecond budget of tenants without their own; 0 means none. Zones that belong to
   *     nobody have no budget
   * @return null when no tenant has a budget
   */
  static @Nullable Budgets next(
      @Nullable Budgets before, Catalog catalog, int defaultPerSecond, Duration burst) {
    int count = catalog.tenantNumbers();
    long[] plan = new long[2 * count];
    boolean any = false;
    for (int number = 1; number < count; number++) {
      Tenant tenant = catalog.tenant(number);
      long perSecond = tenant.queriesPerSecond() > 0 ? tenant.queriesPerSecond() : defaultPerSecond;
      if (perSecond > 0 && tenant.number() == number) {
        long interval = Math.ceilDiv(UNITS_PER_SECOND, perSecond);
        long queries = Math.max(1, perSecond * burst.toMillis() / 1_000);
        plan[2 * number] = interval;
        plan[2 * number + 1] = queries * interval;
        any = true;
      }
    }
    if (!any) {
      return null;
    }
    long[][] cells = before == null ? new long[0][] : before.cells;
    int known = cells.length;
    cells = Arrays.copyOf(cells, Math.max(known, (count + CHUNK - 1) >>> CHUNK_BITS));
    for (int i = known; i < cells.length; i++) {
      cells[i] = new long[CHUNK];
    }
    return new Budgets(plan, cells);
  }

  /**
   * Takes one query off a tenant's budget. Any worker.
   *
   * @param tenant one that these budgets do not know yet has none
   * @param nowNanos {@link System#nanoTime}, at least about
   * @return false, with nothing taken, when the budget is used up
   */
  boolean take(int tenant, long nowNanos) {
    int at = 2 * tenant;
    if (at >= plan.length || plan[at] == 0) {
      return true;
    }
    long now = nowNanos << UNIT_BITS;
    long interval = plan[at];
    long tolerance = plan[at + 1];
    long[] chunk = cells[tenant >>> CHUNK_BITS];
    int cell = tenant & (CHUNK - 1);
    while (true) {
      long whole = (long) CELL.getOpaque(chunk, cell);
      long next = (whole == 0 || whole - now < 0 ? now : whole) + interval;
      if (next - now > tolerance) {
        return false;
      }
      if (CELL.compareAndSet(chunk, cell, whole, next)) {
        return true;
      }
    }
  }
}
