package io.flashdns.core.fuzz;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.xbill.DNS.DClass;
import org.xbill.DNS.NSEC3PARAMRecord;
import org.xbill.DNS.NSEC3Record;
import org.xbill.DNS.NSECRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;
import org.xbill.DNS.utils.base32;

/**
 * Makes a signed zone of an unsigned one: NSEC or NSEC3 records that are right, signatures that
 * have the right form and no meaning. The server copies signatures and never looks into them.
 */
final class SignedRecords {
  private static final int OPT_OUT = 1;

  private final Name apex;
  private final long ttl;
  private final long negativeTtl;
  private final TreeMap<Name, TreeMap<Integer, List<Record>>> byOwner = new TreeMap<>();
  private final List<Record> signed = new ArrayList<>();

  private SignedRecords(Name apex, List<Record> records) {
    this.apex = apex;
    for (Record rr : records) {
      add(rr);
    }
    SOARecord soa = (SOARecord) byOwner.get(apex).get(Type.SOA).getFirst();
    ttl = soa.getTTL();
    negativeTtl = Math.min(soa.getMinimum(), ttl);
  }

  /** The zone with NSEC records (RFC 4034 §4) and signatures. */
  static List<Record> withNsec(Name apex, List<Record> records) {
    SignedRecords zone = new SignedRecords(apex, records);
    List<Name> owners = zone.byOwner.keySet().stream().filter(zone::isAuthoritative).toList();
    for (int i = 0; i < owners.size(); i++) {
      Name next = owners.get((i + 1) % owners.size());
      int[] types = zone.types(owners.get(i), Type.RRSIG, Type.NSEC);
      zone.add(new NSECRecord(owners.get(i), DClass.IN, zone.negativeTtl, next, types));
    }
    return zone.sign();
  }

  /** The zone with NSEC3 records (RFC 5155 §7.1) and signatures. */
  static List<Record> withNsec3(
      Name apex, List<Record> records, int iterations, byte[] salt, boolean optOut) {
    SignedRecords zone = new SignedRecords(apex, records);
    zone.add(new NSEC3PARAMRecord(apex, DClass.IN, zone.ttl, 1, 0, iterations, salt));
    TreeMap<String, Name> hashed = new TreeMap<>();
    Map<String, byte[]> digests = new HashMap<>();
    for (Name owner : zone.ownersAndEmptyNonTerminals(optOut)) {
      byte[] digest = hash(owner, iterations, salt);
      String label = new base32(base32.Alphabet.BASE32HEX, false, true).toString(digest);
      hashed.put(label, owner);
      digests.put(label, digest);
    }
    for (Map.Entry<String, Name> entry : hashed.entrySet()) {
      String next = hashed.higherKey(entry.getKey());
      byte[] nextDigest = digests.get(next == null ? hashed.firstKey() : next);
      int[] types =
          zone.byOwner.containsKey(entry.getValue())
              ? zone.types(entry.getValue(), zone.isInsecure(entry.getValue()) ? 0 : Type.RRSIG, 0)
              : new int[0];
      zone.add(
          new NSEC3Record(
              Name.fromConstantString(entry.getKey() + "." + apex),
              DClass.IN,
              zone.negativeTtl,
              1,
              optOut ? OPT_OUT : 0,
              iterations,
              salt,
              nextDigest,
              types));
    }
    return zone.sign();
  }

  private void add(Record rr) {
    byOwner
        .computeIfAbsent(rr.getName(), _ -> new TreeMap<>())
        .computeIfAbsent(rr.getType(), _ -> new ArrayList<>())
        .add(rr);
  }

  private boolean isCut(Name owner) {
    return !owner.equals(apex)
        && byOwner.containsKey(owner)
        && byOwner.get(owner).containsKey(Type.NS);
  }

  private boolean isInsecure(Name owner) {
    return isCut(owner) && !byOwner.get(owner).containsKey(Type.DS);
  }

  /** True when no zone cut lies above the name: it may be one itself. */
  private boolean isAuthoritative(Name owner) {
    for (int strip = 1; owner.labels() - strip > apex.labels(); strip++) {
      if (isCut(new Name(owner, strip))) {
        return false;
      }
    }
    return true;
  }

  private TreeSet<Name> ownersAndEmptyNonTerminals(boolean optOut) {
    TreeSet<Name> owners = new TreeSet<>();
    for (Name owner : byOwner.keySet()) {
      if (!isAuthoritative(owner) || (optOut && isInsecure(owner))) {
        continue;
      }
      for (int strip = 0; owner.labels() - strip >= apex.labels(); strip++) {
        owners.add(new Name(owner, strip));
      }
    }
    return owners;
  }

  private int[] types(Name owner, int more, int andMore) {
    TreeSet<Integer> types = new TreeSet<>(byOwner.get(owner).keySet());
    if (isCut(owner)) {
      types.removeIf(type -> type != Type.NS && type != Type.DS);
    }
    types.add(more);
    types.add(andMore);
    types.remove(0);
    return types.stream().mapToInt(Integer::intValue).toArray();
  }

  private List<Record> sign() {
    for (Map.Entry<Name, TreeMap<Integer, List<Record>>> owner : byOwner.entrySet()) {
      for (Map.Entry<Integer, List<Record>> rrset : owner.getValue().entrySet()) {
        signed.addAll(rrset.getValue());
        boolean isSigned =
            isAuthoritative(owner.getKey())
                && (!isCut(owner.getKey())
                    || rrset.getKey() == Type.DS
                    || rrset.getKey() == Type.NSEC);
        if (isSigned) {
          signed.add(signature(rrset.getValue().getFirst()));
        }
        if (isSigned && rrset.getKey() == Type.DNSKEY) {
          signed.add(signature(rrset.getValue().getLast().withName(apex)));
        }
      }
    }
    return signed;
  }

  private RRSIGRecord signature(Record of) {
    byte[] octets = new byte[64];
    Dice dice = new Dice().seed(of.hashCode() * 31L + signed.size());
    for (int i = 0; i < octets.length; i++) {
      octets[i] = (byte) dice.below(256);
    }
    Instant from = Instant.ofEpochSecond(1_767_225_600);
    return new RRSIGRecord(
        of.getName(),
        DClass.IN,
        of.getTTL(),
        of.getType(),
        13,
        of.getTTL(),
        from.plusSeconds(864_000_000),
        from,
        signed.size() & 0xffff,
        apex,
        octets);
  }

  private static byte[] hash(Name name, int iterations, byte[] salt) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      sha1.update(name.toWireCanonical());
      byte[] digest = sha1.digest(salt);
      for (int i = 0; i < iterations; i++) {
        sha1.update(digest);
        digest = sha1.digest(salt);
      }
      return digest;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
