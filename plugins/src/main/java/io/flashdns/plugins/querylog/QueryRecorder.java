package io.flashdns.plugins.querylog;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.plugin.Counts;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.zone.Zone;
import io.flashdns.plugins.tap.RecordRing;

/** Copies the facts of each query that is to be logged into the worker's ring. */
final class QueryRecorder implements Observer {
  private final RecordRing ring;
  private final int worker;
  private final long rcodeBits;
  private final int sample;
  private final Counts counts;
  private final int dropped;

  /** Queries that are passed over before the next one is logged. */
  private int toSkip;

  QueryRecorder(
      RecordRing ring, int worker, QuerylogPluginConfig config, Counts counts, int dropped) {
    this.ring = ring;
    this.worker = worker;
    this.rcodeBits = config.rcodeBits();
    this.sample = config.sample();
    this.counts = counts;
    this.dropped = dropped;
  }

  @Override
  public void observe(Query query, Response response, boolean sent) {
    // Bit 62 stands for all codes that the configuration has no word for.
    int bit =
        sent
            ? Math.min(response.rcode(), QuerylogPluginConfig.DROPPED_BIT - 1)
            : QuerylogPluginConfig.DROPPED_BIT;
    if (((rcodeBits >>> bit) & 1) == 0) {
      return;
    }
    if (toSkip > 0) {
      toSkip--;
      return;
    }
    toSkip = sample - 1;
    int at = ring.claim(RecordLayout.MAX_BYTES);
    if (at == RecordRing.NONE) {
      counts.increment(dropped);
      return;
    }
    ring.commit(write(ring.bytes(), at, query, response, sent));
  }

  private int write(byte[] to, int at, Query query, Response response, boolean sent) {
    NameKey name = query.name();
    Zone zone = query.zone();
    int nameBytes = name.length();
    Wire.put64(to, at + RecordLayout.RECEIVED_NANOS, query.receivedNanos());
    Wire.put64(to, at + RecordLayout.SOURCE_HI, query.sourceHi());
    Wire.put64(to, at + RecordLayout.SOURCE_LO, query.sourceLo());
    Wire.put16(to, at + RecordLayout.SOURCE_PORT, query.sourcePort());
    Wire.put16(to, at + RecordLayout.WORKER, worker);
    Wire.put32(to, at + RecordLayout.VIEW, query.view());
    Wire.put16(to, at + RecordLayout.TYPE, query.type());
    Wire.put16(to, at + RecordLayout.CLASS, query.recordClass());
    Wire.put16(to, at + RecordLayout.RCODE, response.rcode());
    Wire.put16(to, at + RecordLayout.FACTS, facts(query, response, sent));
    Wire.put32(to, at + RecordLayout.REPLY_BYTES, sent ? response.length() : 0);
    to[at + RecordLayout.OPCODE] = (byte) query.opcode();
    to[at + RecordLayout.APEX_BYTES] = (byte) (zone == null ? 0 : zone.apexLength());
    to[at + RecordLayout.NAME_BYTES] = (byte) nameBytes;
    System.arraycopy(name.folded(), 0, to, at + RecordLayout.NAME, nameBytes);
    return RecordLayout.NAME + nameBytes;
  }

  private static int facts(Query query, Response response, boolean sent) {
    int facts = query.isWellFormed() ? RecordLayout.WELL_FORMED : 0;
    if (query.protocol() == Protocol.TCP) {
      facts |= RecordLayout.TCP;
    }
    if ((query.flags() & Wire.RD) != 0) {
      facts |= RecordLayout.RECURSION_DESIRED;
    }
    if (query.hasEdns()) {
      if (query.dnssecOk()) {
        facts |= RecordLayout.DNSSEC_OK;
      }
      if (query.optionOffset(EdnsOption.COOKIE) >= 0) {
        facts |= RecordLayout.COOKIE;
      }
    }
    if (sent) {
      int flags = Wire.u16(response.bytes(), Wire.FLAGS);
      facts |= RecordLayout.SENT;
      facts |= (flags & Wire.AA) != 0 ? RecordLayout.AUTHORITATIVE : 0;
      facts |= (flags & Wire.TC) != 0 ? RecordLayout.TRUNCATED : 0;
    }
    return facts;
  }
}
