package io.flashdns.management.tenancy;

import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.DocumentEvent;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.zone.Tenant;
import io.flashdns.proto.v1.GetQuotasResponse;
import io.flashdns.proto.v1.Organisation;
import io.flashdns.proto.v1.Project;
import io.flashdns.proto.v1.Quota;
import io.flashdns.proto.v1.QuotaKind;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How tenants stand in the DNS: who is suspended, and who has which budget of queries. Follows the
 * store. Safe for all threads.
 */
public final class Standing {
  private final long defaultQueries;
  private final Set<String> suspended = ConcurrentHashMap.newKeySet();
  private final ConcurrentHashMap<String, Long> queries = new ConcurrentHashMap<>();
  private final AtomicBoolean told = new AtomicBoolean(true);
  private final ReentrantLock telling = new ReentrantLock();
  private volatile @Nullable Runnable listener;

  Standing(TenancyConfig config) {
    this.defaultQueries =
        config.quotas().getOrDefault(QuotaKind.QUOTA_KIND_QUERIES_PER_SECOND, Limits.NONE);
  }

  /**
   * Says whom to tell when anybody's standing has changed. It is called on a thread of its own, one
   * call at a time, once for many changes that come together.
   */
  public void listen(Runnable whenChanged) {
    listener = whenChanged;
  }

  /** True when a project or its organisation is suspended. */
  public boolean isSuspended(String organisation, String project) {
    return suspended.contains(Keys.ORGANISATIONS + organisation)
        || suspended.contains(Keys.PROJECTS + organisation + "/" + project);
  }

  /** A tenant as it stands now: what it was suspended for already stays. */
  public Tenant of(Tenant tenant) {
    if (tenant.number() == 0) {
      return tenant;
    }
    long budget = queries(tenant);
    boolean off =
        tenant.suspended() || budget == 0 || isSuspended(tenant.organisation(), tenant.project());
    long given = tenant.queriesPerSecond() == 0 ? Limits.NONE : tenant.queriesPerSecond();
    long least = Math.min(given, budget);
    return new Tenant(
        tenant.number(),
        tenant.organisation(),
        tenant.project(),
        off,
        least == Limits.NONE ? 0 : (int) Math.min(Integer.MAX_VALUE, Math.max(1, least)));
  }

  private long queries(Tenant tenant) {
    long organisation = queries.getOrDefault(Keys.QUOTAS + tenant.organisation(), defaultQueries);
    long project =
        queries.getOrDefault(
            Keys.QUOTAS + tenant.organisation() + "/" + tenant.project(), defaultQueries);
    return Math.min(organisation, project);
  }

  /** Takes over all tenants; the follower's thread alone. */
  void load(ContentView view) throws StoreException {
    for (Set<String> keys : java.util.List.of(suspended, queries.keySet())) {
      for (String key : keys) {
        if (view.document(key) == null) {
          note(key, null);
        }
      }
    }
    for (String prefix : new String[] {Keys.ORGANISATIONS, Keys.PROJECTS, Keys.QUOTAS}) {
      Documents.each(
          view,
          prefix,
          "",
          document -> {
            note(document.key(), document.value());
            return true;
          });
    }
    tell();
  }

  /** Takes over a change; the follower's thread alone, which calls {@link #tell} behind all. */
  void apply(DocumentEvent event) throws StoreException {
    String key = event.key();
    if (key.startsWith(Keys.ORGANISATIONS)
        || key.startsWith(Keys.PROJECTS)
        || key.startsWith(Keys.QUOTAS)) {
      note(key, event.after());
    }
  }

  private void note(String key, @Nullable Octets value) throws StoreException {
    boolean changed;
    if (key.startsWith(Keys.QUOTAS)) {
      Long limit = value == null ? null : limit(key, value);
      Long before = limit == null ? queries.remove(key) : queries.put(key, limit);
      changed = !java.util.Objects.equals(before, limit);
    } else {
      boolean off = value != null && isSuspended(key, value);
      changed = off ? suspended.add(key) : suspended.remove(key);
    }
    if (changed) {
      told.set(false);
    }
  }

  private static boolean isSuspended(String key, Octets value) throws StoreException {
    return key.startsWith(Keys.ORGANISATIONS)
        ? Documents.parsed(key, value, Organisation.parser()).hasSuspension()
        : Documents.parsed(key, value, Project.parser()).hasSuspension();
  }

  private static @Nullable Long limit(String key, Octets value) throws StoreException {
    for (Quota quota : Documents.parsed(key, value, GetQuotasResponse.parser()).getQuotasList()) {
      if (quota.getKind() == QuotaKind.QUOTA_KIND_QUERIES_PER_SECOND) {
        return quota.getLimit();
      }
    }
    return null;
  }

  /** Tells the listener, when there is something to tell. */
  void tell() {
    if (told.compareAndSet(false, true)) {
      Thread.ofVirtual().name("tenant-standing").start(this::tellNow);
    }
  }

  private void tellNow() {
    telling.lock();
    try {
      Runnable whom = listener;
      if (whom != null) {
        whom.run();
      }
    } finally {
      telling.unlock();
    }
  }
}
