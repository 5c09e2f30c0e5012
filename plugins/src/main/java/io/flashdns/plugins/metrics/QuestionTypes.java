package io.flashdns.plugins.metrics;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.plugin.Label;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The types that are counted apart: a closed set, whatever clients ask for. The others are counted
 * as {@code other}, and what could not be read, or was asked for type 0, as {@code none}.
 */
final class QuestionTypes {
  /** The frequent ones first: their counters lie side by side. */
  private static final int[] TYPES = {
    RecordType.A,
    RecordType.AAAA,
    RecordType.HTTPS,
    RecordType.PTR,
    RecordType.SRV,
    RecordType.TXT,
    RecordType.MX,
    RecordType.NS,
    RecordType.SOA,
    RecordType.DS,
    RecordType.DNSKEY,
    RecordType.CNAME,
    RecordType.CAA,
    RecordType.TLSA,
    RecordType.SVCB,
    RecordType.NAPTR,
    RecordType.DNAME,
    RecordType.RRSIG,
    RecordType.NSEC,
    RecordType.NSEC3,
    RecordType.NSEC3PARAM,
    RecordType.ANY,
    RecordType.AXFR,
    RecordType.IXFR,
  };

  private static final int OTHER = TYPES.length;
  private static final int NONE = OTHER + 1;

  /** How many values the label has. */
  static final int COUNT = NONE + 1;

  /** Types below this one are looked up; a power of two. */
  private static final int KNOWN = 512;

  private static final byte[] INDEX = index();

  private QuestionTypes() {}

  private static byte[] index() {
    byte[] index = new byte[KNOWN];
    Arrays.fill(index, (byte) OTHER);
    index[0] = (byte) NONE;
    for (int i = 0; i < TYPES.length; i++) {
      index[TYPES[i]] = (byte) i;
    }
    return index;
  }

  /** The value number of a type. */
  static int index(int type) {
    return type < KNOWN ? INDEX[type] : OTHER;
  }

  /** The label with its values. */
  static Label label() {
    List<String> names = new ArrayList<>();
    for (int type : TYPES) {
      names.add(RecordType.text(type));
    }
    names.add("other");
    names.add("none");
    return new Label("type", names);
  }
}
