package io.flashdns.management.api;

import io.flashdns.core.dns.Wire;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.store.SerialPolicy;
import io.flashdns.core.store.StoredZone;
import java.util.List;

/** The serial in an SOA that a file brings (RFC 1982). */
final class SoaSerial {
  /** Octets of SOA data from the serial on (RFC 1035 §3.3.13). */
  private static final int BYTES_FROM_SERIAL = 20;

  private SoaSerial() {}

  /** The same SOA; with serial 0, which leaves it to the policy, unless its own is greater. */
  static RRset chosenUnlessGreater(RRset soa, StoredZone zone) {
    byte[] data = soa.data().getFirst().octets().clone();
    int at = data.length - BYTES_FROM_SERIAL;
    long ahead = (Wire.u32(data, at) - zone.serial()) & 0xffff_ffffL;
    boolean greater = ahead != 0 && ahead < 1L << 31;
    if (greater || zone.settings().serialPolicy() == SerialPolicy.AS_GIVEN) {
      return soa;
    }
    Wire.put32(data, at, 0);
    return new RRset(soa.owner(), soa.type(), soa.ttl(), List.of(RecordData.of(data)));
  }
}
