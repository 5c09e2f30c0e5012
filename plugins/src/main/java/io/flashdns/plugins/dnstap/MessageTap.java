package io.flashdns.plugins.dnstap;

import io.flashdns.core.dns.Wire;
import io.flashdns.core.plugin.Counts;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.zone.Zone;
import io.flashdns.plugins.tap.RecordRing;

/** Copies each query and its reply into the worker's ring. */
final class MessageTap implements Observer {
  private final RecordRing ring;
  private final boolean queries;
  private final boolean responses;
  private final Counts counts;
  private final int dropped;

  MessageTap(RecordRing ring, boolean queries, boolean responses, Counts counts, int dropped) {
    this.ring = ring;
    this.queries = queries;
    this.responses = responses;
    this.counts = counts;
    this.dropped = dropped;
  }

  @Override
  public void observe(Query query, Response response, boolean sent) {
    int queryBytes = queries ? query.messageLength() : 0;
    int replyBytes = responses && sent ? response.length() : 0;
    if ((queryBytes | replyBytes) == 0) {
      return;
    }
    int length = TapLayout.MESSAGES + queryBytes + replyBytes;
    int at = ring.claim(length);
    if (at == RecordRing.NONE) {
      counts.add(dropped, (queryBytes > 0 ? 1 : 0) + (replyBytes > 0 ? 1 : 0));
      return;
    }
    byte[] to = ring.bytes();
    Zone zone = query.zone();
    // The name stands uncompressed behind the header, in the query and in the reply alike.
    int zoneAt = zone == null ? 0 : Wire.HEADER_BYTES + query.name().length() - zone.apexLength();
    Wire.put64(to, at + TapLayout.RECEIVED_NANOS, query.receivedNanos());
    // What the reader wants of a reply is how long it took: worth a look at the clock.
    Wire.put64(to, at + TapLayout.SENT_NANOS, replyBytes > 0 ? System.nanoTime() : 0);
    Wire.put64(to, at + TapLayout.SOURCE_HI, query.sourceHi());
    Wire.put64(to, at + TapLayout.SOURCE_LO, query.sourceLo());
    Wire.put16(to, at + TapLayout.SOURCE_PORT, query.sourcePort());
    Wire.put16(to, at + TapLayout.LISTENER, query.listener());
    Wire.put16(to, at + TapLayout.FACTS, query.protocol() == Protocol.TCP ? TapLayout.TCP : 0);
    Wire.put16(to, at + TapLayout.ZONE_AT, zoneAt);
    Wire.put32(to, at + TapLayout.QUERY_BYTES, queryBytes);
    Wire.put32(to, at + TapLayout.REPLY_BYTES, replyBytes);
    int messages = at + TapLayout.MESSAGES;
    System.arraycopy(query.message(), 0, to, messages, queryBytes);
    System.arraycopy(response.bytes(), 0, to, messages + queryBytes, replyBytes);
    ring.commit(length);
  }
}
