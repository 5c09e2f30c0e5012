package io.flashdns.management.server;

import io.flashdns.core.dns.DomainName;
import io.flashdns.management.api.ApexDefaults;
import io.flashdns.management.tenancy.TenancyConfig;
import io.flashdns.proto.v1.QuotaKind;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What holds for all tenants of the API, as the configuration file says it.
 *
 * @param nameServers the platform's own name servers: the NS of a new zone that brings none. Names
 *     of tenants' zones at, above or below them are refused; at most 13
 * @param hostmaster mailbox of who is responsible, as a domain name, in the SOA of a new zone that
 *     brings none; absent means {@code hostmaster} below its apex
 * @param reservedNames names that tenants can have no zone at, above or below; at most 10,000
 * @param publicSuffixes names that tenants can have no zone at, but below; names of one label are
 *     such in any case; at most 100,000
 * @param nameHold how long the name of a deleted zone is kept for the organisation that had it; 0 s
 *     to 366 d
 * @param quotas limits of tenants for whom none were set
 */
record TenancySettings(
    List<DomainName> nameServers,
    Optional<DomainName> hostmaster,
    List<DomainName> reservedNames,
    List<DomainName> publicSuffixes,
    Duration nameHold,
    Quotas quotas) {

  /**
   * Limits of an organisation, and of a project, for which none were set.
   *
   * @param zones zones
   * @param recordsPerZone records in one zone
   * @param records records in all zones
   * @param recordsPerRrset records of one type at one name, at most 100
   * @param rrsetBytes octets of them, at most 61,440
   * @param changesPerSecond RRsets changed in a second, on average of ten
   * @param queriesPerSecond queries answered in a second for all zones of a project; 0 means as
   *     many as come
   * @param tokens API tokens
   */
  record Quotas(
      long zones,
      long recordsPerZone,
      long records,
      long recordsPerRrset,
      long rrsetBytes,
      long changesPerSecond,
      long queriesPerSecond,
      long tokens) {
    static Quotas defaults() {
      Map<QuotaKind, Long> known = TenancyConfig.defaults().quotas();
      return new Quotas(
          of(known, QuotaKind.QUOTA_KIND_ZONES),
          of(known, QuotaKind.QUOTA_KIND_RECORDS_PER_ZONE),
          of(known, QuotaKind.QUOTA_KIND_RECORDS),
          of(known, QuotaKind.QUOTA_KIND_RECORDS_PER_RRSET),
          of(known, QuotaKind.QUOTA_KIND_RRSET_BYTES),
          of(known, QuotaKind.QUOTA_KIND_CHANGES_PER_SECOND),
          of(known, QuotaKind.QUOTA_KIND_QUERIES_PER_SECOND),
          of(known, QuotaKind.QUOTA_KIND_TOKENS));
    }

    Quotas {
      within("zones", zones, QuotaKind.QUOTA_KIND_ZONES);
      within("recordsPerZone", recordsPerZone, QuotaKind.QUOTA_KIND_RECORDS_PER_ZONE);
      within("records", records, QuotaKind.QUOTA_KIND_RECORDS);
      within("recordsPerRrset", recordsPerRrset, QuotaKind.QUOTA_KIND_RECORDS_PER_RRSET);
      within("rrsetBytes", rrsetBytes, QuotaKind.QUOTA_KIND_RRSET_BYTES);
      within("changesPerSecond", changesPerSecond, QuotaKind.QUOTA_KIND_CHANGES_PER_SECOND);
      within("queriesPerSecond", queriesPerSecond, QuotaKind.QUOTA_KIND_QUERIES_PER_SECOND);
      within("tokens", tokens, QuotaKind.QUOTA_KIND_TOKENS);
    }

    private static void within(String name, long value, QuotaKind kind) {
      long most = TenancyConfig.greatest(kind);
      if (value < 0 || value > most) {
        throw new IllegalArgumentException(name + " must be 0 to " + most + ", not " + value);
      }
    }

    private static long of(Map<QuotaKind, Long> known, QuotaKind kind) {
      return known.getOrDefault(kind, 0L);
    }

    Map<QuotaKind, Long> byKind() {
      Map<QuotaKind, Long> limits = new EnumMap<>(QuotaKind.class);
      limits.put(QuotaKind.QUOTA_KIND_ZONES, zones);
      limits.put(QuotaKind.QUOTA_KIND_RECORDS_PER_ZONE, recordsPerZone);
      limits.put(QuotaKind.QUOTA_KIND_RECORDS, records);
      limits.put(QuotaKind.QUOTA_KIND_RECORDS_PER_RRSET, recordsPerRrset);
      limits.put(QuotaKind.QUOTA_KIND_RRSET_BYTES, rrsetBytes);
      limits.put(QuotaKind.QUOTA_KIND_CHANGES_PER_SECOND, changesPerSecond);
      limits.put(QuotaKind.QUOTA_KIND_TOKENS, tokens);
      if (queriesPerSecond > 0) {
        limits.put(QuotaKind.QUOTA_KIND_QUERIES_PER_SECOND, queriesPerSecond);
      }
      return limits;
    }
  }

  TenancySettings {
    // What is wrong with the names is said by who uses them, in the same words.
    var _ = config(nameServers, reservedNames, publicSuffixes, nameHold, quotas);
  }

  static TenancySettings defaults() {
    TenancyConfig known = TenancyConfig.defaults();
    return new TenancySettings(
        known.nameServers(),
        Optional.empty(),
        known.reservedNames(),
        known.publicSuffixes().stream().sorted().toList(),
        known.nameHold(),
        Quotas.defaults());
  }

  /** What the rules of tenants need of it. */
  TenancyConfig config() {
    return config(nameServers, reservedNames, publicSuffixes, nameHold, quotas);
  }

  private static TenancyConfig config(
      List<DomainName> nameServers,
      List<DomainName> reservedNames,
      List<DomainName> publicSuffixes,
      Duration nameHold,
      Quotas quotas) {
    return new TenancyConfig(
        nameServers, reservedNames, Set.copyOf(publicSuffixes), nameHold, quotas.byKind());
  }

  /** What a new zone gets at its apex. */
  ApexDefaults apex() {
    return new ApexDefaults(nameServers, hostmaster.orElse(DomainName.ROOT));
  }
}
