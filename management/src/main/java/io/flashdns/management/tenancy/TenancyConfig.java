package io.flashdns.management.tenancy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.proto.v1.QuotaKind;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What holds for all tenants.
 *
 * @param nameServers the platform's own name servers: the NS of a new zone that brings none. Names
 *     of tenants' zones at, above or below them are refused, as {@code reservedNames}; at most 13
 * @param reservedNames names that tenants can have no zone at, above or below; at most 10,000
 * @param publicSuffixes names that tenants can have no zone at, but below: {@code co.uk.}; the root
 *     and all names of one label are such in any case; at most 100,000
 * @param nameHold how long the name of a deleted zone is kept for the organisation that had it; 0 s
 *     to 366 d
 * @param quotas limits of whom none were set for; a kind that is not there has no limit
 */
public record TenancyConfig(
    List<DomainName> nameServers,
    List<DomainName> reservedNames,
    Set<DomainName> publicSuffixes,
    Duration nameHold,
    Map<QuotaKind, Long> quotas) {
  /** Most data in one RRset. */
  static final long MAX_RECORDS_PER_RRSET = 100;

  /** Most octets of one RRset. */
  static final long MAX_RRSET_BYTES = 61_440;

  private static final int MAX_NAME_SERVERS = 13;
  private static final int MAX_RESERVED = 10_000;
  private static final int MAX_SUFFIXES = 100_000;
  private static final Duration MAX_HOLD = Duration.ofDays(366);

  public TenancyConfig {
    nameServers = folded("nameServers", nameServers, MAX_NAME_SERVERS);
    reservedNames = folded("reservedNames", reservedNames, MAX_RESERVED);
    if (reservedNames.contains(DomainName.ROOT)) {
      throw new IllegalArgumentException(
          "reservedNames has the root, which would leave no name to anybody: take it away");
    }
    publicSuffixes =
        Set.copyOf(folded("publicSuffixes", List.copyOf(publicSuffixes), MAX_SUFFIXES));
    if (nameHold.isNegative() || nameHold.compareTo(MAX_HOLD) > 0) {
      throw new IllegalArgumentException("nameHold must be 0s to 366d");
    }
    quotas = Map.copyOf(quotas);
    quotas.forEach(
        (kind, limit) -> {
          if (kind == QuotaKind.QUOTA_KIND_UNSPECIFIED || kind == QuotaKind.UNRECOGNIZED) {
            throw new IllegalArgumentException("quotas has a limit of nothing: name its kind");
          }
          long most = greatest(kind);
          if (limit < 0 || limit > most) {
            throw new IllegalArgumentException(
                "the quota " + kind + " must be 0 to " + most + ", not " + limit);
          }
        });
  }

  /** No reserved names, names held for 30 days, the quotas that the contract says. */
  public static TenancyConfig defaults() {
    Map<QuotaKind, Long> quotas = new EnumMap<>(QuotaKind.class);
    quotas.put(QuotaKind.QUOTA_KIND_ZONES, 1_000L);
    quotas.put(QuotaKind.QUOTA_KIND_RECORDS_PER_ZONE, 1_000_000L);
    quotas.put(QuotaKind.QUOTA_KIND_RECORDS, 10_000_000L);
    quotas.put(QuotaKind.QUOTA_KIND_RECORDS_PER_RRSET, MAX_RECORDS_PER_RRSET);
    quotas.put(QuotaKind.QUOTA_KIND_RRSET_BYTES, MAX_RRSET_BYTES);
    quotas.put(QuotaKind.QUOTA_KIND_CHANGES_PER_SECOND, 1_000L);
    quotas.put(QuotaKind.QUOTA_KIND_TOKENS, 1_000L);
    return new TenancyConfig(
        List.of(),
        List.of(),
        Set.of(DomainName.parse("in-addr.arpa."), DomainName.parse("ip6.arpa.")),
        Duration.ofDays(30),
        quotas);
  }

  /** The greatest limit that may be set. */
  public static long greatest(QuotaKind kind) {
    return switch (kind) {
      case QUOTA_KIND_RECORDS_PER_RRSET -> MAX_RECORDS_PER_RRSET;
      case QUOTA_KIND_RRSET_BYTES -> MAX_RRSET_BYTES;
      case QUOTA_KIND_QUERIES_PER_SECOND, QUOTA_KIND_CHANGES_PER_SECOND -> 100_000_000L;
      case QUOTA_KIND_ZONES,
          QUOTA_KIND_RECORDS_PER_ZONE,
          QUOTA_KIND_RECORDS,
          QUOTA_KIND_TOKENS,
          QUOTA_KIND_UNSPECIFIED,
          UNRECOGNIZED ->
          1_000_000_000_000L;
    };
  }

  private static List<DomainName> folded(String what, List<DomainName> names, int most) {
    if (names.size() > most) {
      throw new IllegalArgumentException(
          what + " has " + names.size() + " names: at most " + most + " are allowed");
    }
    Set<DomainName> seen = new HashSet<>();
    for (DomainName name : names) {
      if (!seen.add(name)) {
        throw new IllegalArgumentException(what + " has " + name + " twice: take one away");
      }
    }
    return names.stream().map(DomainName::folded).toList();
  }
}
