package io.flashdns.core.zone;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.ZoneProblem.Severity;
import java.util.function.Consumer;

/**
 * The rules that the records of a zone must keep among themselves. Reports every breach, not the
 * first. One thread.
 *
 * <p>Errors keep the zone from being served, because resolvers would get contradicting answers: no
 * or several SOA records, no NS at the apex, data outside the zone, CNAME beside other data (RFC
 * 1034 §3.6.2, RFC 2181 §10.1), several CNAME or DNAME records at a name, data below a DNAME (RFC
 * 6672 §2.4). Warnings are answered in a defined way and mended here: different TTLs in an RRset
 * (RFC 2181 §5.2; the smallest is served), a record given twice, missing addresses of name servers.
 */
final class ZoneChecks {
  /** Validators treat zones with more as unsigned. */
  private static final int MAX_NSEC3_ITERATIONS = 150;

  private final RecordTable table;
  private final NameKey key;
  private final int apexOwner;
  private final Consumer<ZoneProblem> problems;
  private boolean passed = true;

  ZoneChecks(RecordTable table, NameKey key, int apexOwner, Consumer<ZoneProblem> problems) {
    this.table = table;
    this.key = key;
    this.apexOwner = apexOwner;
    this.problems = problems;
    checkApex();
  }

  /** True while no error was reported. */
  boolean passed() {
    return passed;
  }

  void error(int rr, String message) {
    passed = false;
    problems.accept(
        new ZoneProblem(
            Severity.ERROR, rr == 0 ? ZoneProblem.NO_POSITION : table.position(rr), message));
  }

  void warning(int rr, String message) {
    problems.accept(
        new ZoneProblem(
            Severity.WARNING, rr == 0 ? ZoneProblem.NO_POSITION : table.position(rr), message));
  }

  void outOfZone(int owner) {
    for (int rr = table.firstRecord(owner); rr != 0; rr = table.next(rr)) {
      if (table.type(rr) == RecordType.SOA) {
        error(
            rr,
            "a second SOA, of "
                + name(owner)
                + ": a zone has one SOA, at its apex "
                + name(apexOwner));
      } else {
        error(
            rr,
            name(owner)
                + " is outside of the zone "
                + name(apexOwner)
                + ": remove it, or mend $ORIGIN or a missing final dot");
      }
    }
  }

  private void checkApex() {
    if (table.firstOfType(apexOwner, RecordType.NS) == 0) {
      error(
          0, "the zone " + name(apexOwner) + " has no NS record at its apex: add its name servers");
    }
  }

  /** Checks the records of one name. {@code flags} are those of its node, final. */
  void checkNode(int owner, int flags) {
    if (table.firstRecord(owner) == 0) {
      return;
    }
    int cname = 0;
    int dname = 0;
    int other = 0;
    boolean belowDname = (flags & Zone.BELOW_DNAME) != 0;
    for (int rr = table.firstRecord(owner); rr != 0; rr = table.next(rr)) {
      switch (table.type(rr)) {
        case RecordType.CNAME -> {
          if (cname != 0 && !CanonicalData.same(table, RecordType.CNAME, cname, rr)) {
            error(
                rr,
                name(owner) + " has several CNAME records: a name is an alias of one other name");
          }
          cname = cname == 0 ? rr : cname;
        }
        case RecordType.DNAME -> {
          if (dname != 0 && !CanonicalData.same(table, RecordType.DNAME, dname, rr)) {
            error(rr, name(owner) + " has several DNAME records: keep one");
          }
          dname = rr;
          other = other == 0 ? rr : other;
        }
        case RecordType.SOA -> {
          if (owner != apexOwner) {
            error(
                rr,
                "a second SOA, of "
                    + name(owner)
                    + ": a zone has one SOA, at its apex "
                    + name(apexOwner));
          }
          other = other == 0 ? rr : other;
        }
        case RecordType.RRSIG, RecordType.NSEC -> {}
        default -> other = other == 0 ? rr : other;
      }
      if (belowDname
          && table.type(rr) != RecordType.NSEC
          && table.type(rr) != RecordType.RRSIG
          && table.type(rr) != RecordType.NSEC3) {
        error(
            rr,
            name(owner) + " lies below a DNAME and can never be answered: remove it or the DNAME");
      }
    }
    if (cname != 0 && other != 0) {
      error(
          cname,
          name(owner) + " has a CNAME and other data: a name that is an alias has nothing else");
    }
  }

  /**
   * Bounds the work of a denial: each iteration is one more SHA-1 for a query (RFC 9276 §3.1 wants
   * none, §3.2 lets refuse).
   */
  void checkNsec3Parameters() {
    for (int rr = table.firstRecord(apexOwner); rr != 0; rr = table.next(rr)) {
      if (table.type(rr) != RecordType.NSEC3PARAM || table.dataLength(rr) < 5) {
        continue;
      }
      int iterations = Wire.u16(table.dataBytes(rr), table.dataOffset(rr) + 2);
      if (iterations > MAX_NSEC3_ITERATIONS) {
        error(
            rr,
            "NSEC3 with "
                + iterations
                + " iterations, at most "
                + MAX_NSEC3_ITERATIONS
                + " are served: sign with 0 (RFC 9276)");
      } else if (iterations > 0) {
        warning(
            rr,
            "NSEC3 with "
                + iterations
                + " iterations costs every denial and protects nothing: sign with 0 (RFC 9276)");
      }
    }
  }

  /** Checks the SOA records of the apex against each other; they may be repeated word for word. */
  void checkSoa() {
    int first = table.firstOfType(apexOwner, RecordType.SOA);
    for (int rr = table.next(first); rr != 0; rr = table.next(rr)) {
      if (table.type(rr) == RecordType.SOA
          && !CanonicalData.same(table, RecordType.SOA, first, rr)) {
        error(rr, "a second SOA of " + name(apexOwner) + ": a zone has one SOA");
      }
    }
  }

  /**
   * Warns of a name server in this zone that has no address; {@code ns} is an NS record of {@code
   * owner}.
   */
  void checkNameServer(int owner, int ns, boolean atCut) {
    DomainName target = DomainName.ofWire(table.dataBytes(ns), table.dataOffset(ns));
    if (!target.isAtOrBelow(name(apexOwner))) {
      return;
    }
    key.set(table.dataBytes(ns), table.dataOffset(ns));
    int found = table.find(key, 0);
    if (found >= 0 && table.firstOfType(found, RecordType.CNAME) != 0) {
      warning(
          ns,
          "name server "
              + target
              + " of "
              + name(owner)
              + " is an alias: resolvers refuse it (RFC 2181 §10.3), name its target");
      return;
    }
    if (found >= 0 && hasAddress(found)) {
      return;
    }
    if (atCut && target.isAtOrBelow(name(owner))) {
      warning(
          ns, "delegation " + name(owner) + " is dead without glue: add the address of " + target);
    } else if (found >= 0 || !isCoveredByCutOrWildcard()) {
      warning(
          ns,
          "name server " + target + " of " + name(owner) + " has no address in this zone: add one");
    }
  }

  /**
   * True when the name in {@link #key} lies below a delegation of this zone or a wildcard with an
   * address stands in for it.
   */
  private boolean isCoveredByCutOrWildcard() {
    int below = key.labels() - table.labels(apexOwner);
    int encloser = -1;
    for (int label = 1; label <= below; label++) {
      int owner = table.find(key, label);
      if (owner >= 0 && label < below && table.firstOfType(owner, RecordType.NS) != 0) {
        return true;
      }
      encloser = encloser < 0 ? owner : encloser;
    }
    key.set(DomainName.parse("*", name(encloser)).wire(), 0);
    int wildcard = table.find(key, 0);
    return wildcard >= 0 && hasAddress(wildcard);
  }

  private boolean hasAddress(int owner) {
    return table.firstOfType(owner, RecordType.A) != 0
        || table.firstOfType(owner, RecordType.AAAA) != 0;
  }

  private DomainName name(int owner) {
    return ZoneImageBuilder.nameOf(table, owner);
  }
}
