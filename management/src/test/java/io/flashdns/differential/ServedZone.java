package io.flashdns.differential;

import io.flashdns.differential.ZoneSource.Signing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.Master;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;

/**
 * A zone as its file says, read by dnsjava: what the questions are made from, and what our replies
 * are held against.
 */
final class ServedZone {
  /** An RRset without its signatures, or the signatures over one. */
  record Key(Name owner, int type, int covered) {}

  private final Name apex;
  private final Signing signing;
  private final Path file;
  private final Map<Key, List<ResourceRecord>> rrsets = new HashMap<>();
  private final Map<Name, Set<Integer>> owners = new LinkedHashMap<>();
  private final Set<Name> emptyNonTerminals = new HashSet<>();
  private @Nullable DNSKEYRecord key;
  private long negativeTtl;

  private ServedZone(Name apex, Signing signing, Path file) {
    this.apex = apex;
    this.signing = signing;
    this.file = file;
  }

  static ServedZone read(Name apex, Signing signing, Path file) throws IOException {
    ServedZone zone = new ServedZone(apex, signing, file);
    try (Master master = new Master(file.toString(), apex)) {
      for (Record rr = master.nextRecord(); rr != null; rr = master.nextRecord()) {
        zone.add(rr);
      }
    }
    zone.rrsets.values().forEach(rrset -> rrset.sort(null));
    for (Name owner : zone.owners.keySet()) {
      for (Name name = owner; name.labels() > apex.labels(); name = new Name(name, 1)) {
        if (!zone.owners.containsKey(name)) {
          zone.emptyNonTerminals.add(name);
        }
      }
    }
    return zone;
  }

  private void add(Record rr) throws IOException {
    ResourceRecord record = ResourceRecord.of(rr);
    List<ResourceRecord> rrset =
        rrsets.computeIfAbsent(
            new Key(rr.getName(), rr.getType(), record.covered()), _ -> new ArrayList<>());
    if (rrset.stream()
        .noneMatch(other -> other.withFoldedNames().equals(record.withFoldedNames()))) {
      rrset.add(record);
    }
    if (rr.getType() != Type.NSEC3 && record.covered() != Type.NSEC3) {
      owners.computeIfAbsent(rr.getName(), _ -> new HashSet<>()).add(rr.getType());
    }
    if (rr instanceof SOARecord soa) {
      negativeTtl = Math.min(soa.getTTL(), soa.getMinimum());
    }
    if (rr instanceof DNSKEYRecord dnskey) {
      key = dnskey;
    }
  }

  Name apex() {
    return apex;
  }

  Signing signing() {
    return signing;
  }

  boolean isSigned() {
    return signing != Signing.UNSIGNED;
  }

  Path file() {
    return file;
  }

  /** The one key of a signed zone. */
  @Nullable DNSKEYRecord key() {
    return key;
  }

  /** TTL of the SOA in negative answers (RFC 2308 §3). */
  long negativeTtl() {
    return negativeTtl;
  }

  /** Owners of records other than NSEC3. */
  Set<Name> owners() {
    return owners.keySet();
  }

  List<Name> emptyNonTerminals() {
    return new ArrayList<>(emptyNonTerminals);
  }

  Set<Integer> types(Name owner) {
    return owners.getOrDefault(owner, Set.of());
  }

  boolean has(Name owner, int type) {
    return types(owner).contains(type);
  }

  /** An RRset, sorted; empty where there is none. */
  List<ResourceRecord> rrset(Name owner, int type, int covered) {
    return rrsets.getOrDefault(new Key(owner, type, covered), List.of());
  }

  boolean exists(Name name) {
    return owners.containsKey(name) || emptyNonTerminals.contains(name) || name.equals(apex);
  }

  /** The longest existing name that a name is at or below. */
  Name encloser(Name name) {
    for (int skip = 0; skip < name.labels() - apex.labels(); skip++) {
      Name ancestor = skip == 0 ? name : new Name(name, skip);
      if (exists(ancestor)) {
        return ancestor;
      }
    }
    return apex;
  }

  /** The zone cut that a name is at or below, or null. */
  @Nullable Name cutAbove(Name name) {
    for (int skip = name.labels() - apex.labels() - 1; skip >= 0; skip--) {
      Name ancestor = skip == 0 ? name : new Name(name, skip);
      if (has(ancestor, Type.NS)) {
        return ancestor;
      }
    }
    return null;
  }

  /** The kind of a name at or below the apex, for a question of a type. */
  NameKind kindOf(Name name, int type) {
    for (int skip = name.labels() - apex.labels(); skip >= 0; skip--) {
      Name ancestor = skip == 0 ? name : new Name(name, skip);
      if (!exists(ancestor)) {
        break;
      }
      if (!ancestor.equals(apex) && has(ancestor, Type.NS)) {
        boolean atCut = skip == 0;
        return atCut
            ? (type == Type.DS ? kindOfNode(name, type) : NameKind.CUT)
            : NameKind.BELOW_CUT;
      }
      if (skip > 0 && has(ancestor, Type.DNAME)) {
        return NameKind.BELOW_DNAME;
      }
    }
    Name encloser = encloser(name);
    if (encloser.equals(name)) {
      return kindOfNode(name, type);
    }
    Name wildcard = wildcardBelow(encloser);
    if (wildcard == null || !exists(wildcard)) {
      return NameKind.NAME_ERROR;
    }
    return switch (kindOfNode(wildcard, type)) {
      case HIT -> NameKind.WILDCARD;
      case ALIAS -> NameKind.WILDCARD_ALIAS;
      default -> NameKind.WILDCARD_NO_DATA;
    };
  }

  /** The wildcard right below a name; null when it would be too long. */
  static @Nullable Name wildcardBelow(Name encloser) {
    try {
      return Name.concatenate(Name.fromConstantString("*"), encloser);
    } catch (NameTooLongException _) {
      return null;
    }
  }

  private NameKind kindOfNode(Name name, int type) {
    if (emptyNonTerminals.contains(name)) {
      return NameKind.EMPTY_NON_TERMINAL;
    }
    if (has(name, type) || type == Type.ANY) {
      return NameKind.HIT;
    }
    return has(name, Type.CNAME) ? NameKind.ALIAS : NameKind.NO_DATA;
  }
}
