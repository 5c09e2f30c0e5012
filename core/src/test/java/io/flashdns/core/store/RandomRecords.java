package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/** Small zones that are often wrong: few names, many cuts, aliases and DNAMEs. */
final class RandomRecords {
  static final DomainName APEX = DomainName.parse("example.org.");
  private static final String[] OWNERS = {
    "@", "a", "b", "a.a", "b.a", "a.b", "*", "*.a", "a.a.a", "c.a.a", "\\000.a", "aa", "a-", "a.aa"
  };

  private final SplittableRandom dice;

  RandomRecords(long seed) {
    this.dice = new SplittableRandom(seed);
  }

  DomainName owner() {
    return DomainName.parse(OWNERS[dice.nextInt(OWNERS.length)], APEX);
  }

  int type() {
    int[] types = {
      RecordType.A,
      RecordType.A,
      RecordType.A,
      RecordType.TXT,
      RecordType.MX,
      RecordType.NS,
      RecordType.CNAME,
      RecordType.DNAME
    };
    return types[dice.nextInt(types.length)];
  }

  RRset rrset() {
    return rrset(owner(), type());
  }

  RRset rrset(DomainName owner, int type) {
    List<RecordData> data = new ArrayList<>();
    int records = dice.nextInt(10) == 0 ? 2 : 1;
    for (int i = 0; i < records; i++) {
      data.add(
          switch (type) {
            case RecordType.A -> ContractRig.address(dice.nextInt(9));
            case RecordType.TXT -> RecordData.of(new byte[] {1, (byte) ('a' + dice.nextInt(5))});
            case RecordType.MX -> {
              byte[] name = owner().wire();
              byte[] mx = new byte[2 + name.length];
              System.arraycopy(name, 0, mx, 2, name.length);
              yield RecordData.of(mx);
            }
            default -> RecordData.of(owner().wire());
          });
    }
    return new RRset(owner, type, dice.nextInt(3), data);
  }

  int next(int bound) {
    return dice.nextInt(bound);
  }

  /** RRsets of a zone with SOA and NS, each owner and type once, in any order. */
  List<RRset> zone(int most) {
    List<RRset> rrsets = new ArrayList<>();
    rrsets.add(ContractRig.soa(APEX, 10));
    rrsets.add(ContractRig.ns(APEX, "ns1", "a"));
    for (int i = dice.nextInt(most + 1); i > 0; i--) {
      RRset one = rrset();
      if (rrsets.stream()
          .noneMatch(other -> other.owner().equals(one.owner()) && other.type() == one.type())) {
        rrsets.add(one);
      }
    }
    Collections.shuffle(rrsets, new Random(dice.nextLong()));
    return rrsets;
  }

  static RRsetBlock block(List<RRset> rrsets) {
    ZoneContents contents = new ZoneContents(APEX);
    rrsets.forEach(contents::add);
    return contents.block();
  }
}
