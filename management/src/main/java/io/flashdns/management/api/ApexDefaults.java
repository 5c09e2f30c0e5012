package io.flashdns.management.api;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RecordData;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a zone gets at its apex when its creator gives none: the SOA and the NS records.
 *
 * @param nameServers names of the servers; empty to take {@code ns1} below the apex, which then
 *     wants an address
 * @param hostmaster the mailbox of who is responsible, as a domain name; the root for {@code
 *     hostmaster} below the apex
 */
public record ApexDefaults(List<DomainName> nameServers, DomainName hostmaster) {
  private static final int TTL_SECONDS = 3_600;
  private static final int REFRESH_SECONDS = 7_200;
  private static final int RETRY_SECONDS = 900;
  private static final int EXPIRE_SECONDS = 1_209_600;
  private static final int NEGATIVE_TTL_SECONDS = 300;

  public ApexDefaults {
    nameServers = List.copyOf(nameServers);
  }

  /** Nothing is configured. */
  public static ApexDefaults none() {
    return new ApexDefaults(List.of(), DomainName.ROOT);
  }

  /** The SOA, whose serial is left to the policy. */
  RRset soa(DomainName apex) {
    DomainName mailbox =
        hostmaster.equals(DomainName.ROOT) ? below("hostmaster", apex) : hostmaster;
    byte[] primary = servers(apex).getFirst().wire();
    byte[] responsible = mailbox.wire();
    ByteBuffer data = ByteBuffer.allocate(primary.length + responsible.length + 20);
    data.put(primary).put(responsible).putInt(0).putInt(REFRESH_SECONDS).putInt(RETRY_SECONDS);
    data.putInt(EXPIRE_SECONDS).putInt(NEGATIVE_TTL_SECONDS);
    return new RRset(apex, RecordType.SOA, TTL_SECONDS, List.of(RecordData.of(data.array())));
  }

  /** The NS records. */
  RRset ns(DomainName apex) {
    List<RecordData> data = new ArrayList<>();
    for (DomainName server : servers(apex)) {
      data.add(RecordData.of(server.folded().wire()));
    }
    return new RRset(apex, RecordType.NS, TTL_SECONDS, data);
  }

  /** A name below the apex; the apex itself when it leaves no room. */
  private static DomainName below(String label, DomainName apex) {
    return apex.wire().length + 1 + label.length() > Wire.MAX_NAME_BYTES
        ? apex
        : DomainName.parse(label, apex);
  }

  private List<DomainName> servers(DomainName apex) {
    return nameServers.isEmpty() ? List.of(below("ns1", apex)) : nameServers;
  }
}
