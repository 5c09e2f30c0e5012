package io.flashdns.management.tenancy;

import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.proto.v1.GetQuotasResponse;
import io.flashdns.proto.v1.Quota;
import io.flashdns.proto.v1.QuotaKind;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Limits that were set, and what holds where none were. A project has at most what its organisation
 * has. Safe for all threads.
 */
public final class Limits {
  /** No limit. */
  public static final long NONE = Long.MAX_VALUE;

  private final Map<QuotaKind, Long> defaults;
  private final Remembered<Map<QuotaKind, Long>> documents = new Remembered<>(Limits::limits);

  /** The limits of a configuration. */
  public Limits(TenancyConfig config) {
    this.defaults = config.quotas();
  }

  /** Limits of an organisation. */
  public Of of(ContentView view, String organisation) throws StoreException {
    return new Of(null, documents.read(view, Keys.quotas(organisation)));
  }

  /** Limits of a project. */
  public Of of(ContentView view, ZoneOwner project) throws StoreException {
    return of(view, project, of(view, project.organisation()));
  }

  /** Limits of a project, from those of its organisation. */
  Of of(ContentView view, ZoneOwner project, Of organisation) throws StoreException {
    return new Of(organisation, documents.read(view, Keys.quotas(project)));
  }

  /** What holds where nothing was set. */
  public long byDefault(QuotaKind kind) {
    return defaults.getOrDefault(kind, NONE);
  }

  private static Map<QuotaKind, Long> limits(Document document) throws StoreException {
    Map<QuotaKind, Long> limits = new EnumMap<>(QuotaKind.class);
    for (Quota quota : Documents.parsed(document, GetQuotasResponse.parser()).getQuotasList()) {
      limits.put(quota.getKind(), quota.getLimit());
    }
    return limits;
  }

  /** Limits of one tenant at one moment. */
  public final class Of {
    private final @Nullable Of above;
    private final @Nullable Map<QuotaKind, Long> set;

    private Of(@Nullable Of above, @Nullable Map<QuotaKind, Long> set) {
      this.above = above;
      this.set = set;
    }

    /** {@link #NONE} when there is none. */
    public long limit(QuotaKind kind) {
      Long own = set == null ? null : set.get(kind);
      long limit = own == null ? byDefault(kind) : own;
      return above == null ? limit : Math.min(limit, above.limit(kind));
    }

    /** True when the limit is not one that was set here. */
    public boolean isInherited(QuotaKind kind) {
      return set == null || !set.containsKey(kind);
    }
  }
}
