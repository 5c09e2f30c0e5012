package io.flashdns.management.server;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.StoreConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * An embedded store in a folder, what serves from it, and one worker to ask. The last octet of an
 * address is what tests take as a version.
 */
final class StoredZones implements AutoCloseable {
  static final int NOERROR = 0;
  static final int SERVFAIL = 2;
  static final int NXDOMAIN = 3;
  static final int REFUSED = 5;

  /** The seed of embedded servers. */
  static final NameHash HASH = new NameHash(42);

  private static final long LARGE_INDEX = 256 << 20;

  private final EmbeddedServer server = EmbeddedServer.builder().build();
  private final ZoneService service;

  private StoredZones(Path folder, long indexBytes, StoreConfig config)
      throws StoreException, IOException {
    this.service =
        ZoneService.over(
            EmbeddedStore.open(folder.resolve("store"), config),
            folder.resolve("images"),
            indexBytes,
            HASH,
            new Views());
  }

  /** Started and caught up. */
  static StoredZones open(Path folder) throws Exception {
    return open(folder, LARGE_INDEX, UnaryOperator.identity());
  }

  static StoredZones open(Path folder, long indexBytes, UnaryOperator<Tenant> standing)
      throws Exception {
    StoredZones zones = notStarted(folder, indexBytes);
    zones.service.tenants(standing);
    zones.start();
    return zones;
  }

  /** Open, with nothing served yet. */
  static StoredZones notStarted(Path folder, long indexBytes) throws Exception {
    return new StoredZones(folder, indexBytes, StoreConfig.defaults());
  }

  void start() throws StoreException, InterruptedException {
    service.start(server.engine()::publish);
  }

  ZoneService service() {
    return service;
  }

  EmbeddedServer server() {
    return server;
  }

  ApplierState state() {
    return service.applier().state();
  }

  /** Commits and waits until that is served. */
  CommitResult commit(ZoneChange... changes) throws StoreException, InterruptedException {
    CommitResult result = service.store().commit(ChangeSet.of("test", changes).forced());
    service.catchUp(result.revision());
    return result;
  }

  /** Asks for the address of a name. */
  Reply ask(String name) {
    return new Reply(server.ask(name, RecordType.A), DomainName.parse(name).length());
  }

  /** A reply to a question for an address. */
  static final class Reply {
    private final byte[] octets;
    private final int nameBytes;

    Reply(byte[] octets, int nameBytes) {
      this.octets = octets;
      this.nameBytes = nameBytes;
    }

    int rcode() {
      return octets[3] & 0x0f;
    }

    /** The version that the first answer tells; -1 without an answer. */
    int version() {
      if (Wire.u16(octets, Wire.ANCOUNT) == 0) {
        return -1;
      }
      int answer = Wire.HEADER_BYTES + nameBytes + 4;
      return octets[answer + 2 + 10 + 3] & 0xff;
    }

    @Override
    public String toString() {
      return "rcode " + rcode() + ", version " + version();
    }
  }

  // ---- changes -------------------------------------------------------------------------------

  static ZoneChange create(String apex, int version) {
    return create(apex, ZoneOwner.NOBODY, version);
  }

  static ZoneChange create(String apex, ZoneOwner owner, int version) {
    return new ZoneChange.Create(settings(apex).withOwner(owner), content(apex, version));
  }

  static ZoneSettings settings(String apex) {
    return ZoneSettings.of(new ZoneKey(Views.PUBLIC_NAME, DomainName.parse(apex)));
  }

  /** SOA, NS, and an address of this version for {@code www}. */
  static RRsetBlock content(String apex, int version) {
    return content(apex, Map.of("www", version));
  }

  /** SOA, NS, and an address for each of these names below the apex. */
  static RRsetBlock content(String apex, Map<String, Integer> versions) {
    DomainName origin = DomainName.parse(apex);
    RRsetBlock.Builder block = new RRsetBlock.Builder(origin);
    block.add(new RRset(origin, RecordType.NS, 300, List.of(name("ns.test."))));
    block.add(new RRset(origin, RecordType.SOA, 300, List.of(soa(1))));
    Map<DomainName, Integer> sorted = new TreeMap<>();
    versions.forEach((name, version) -> sorted.put(DomainName.parse(name + "." + apex), version));
    sorted.forEach((name, version) -> block.add(address(name, version)));
    return block.build();
  }

  static RRset address(DomainName name, int version) {
    RecordData data = RecordData.of(new byte[] {(byte) 192, 0, 2, (byte) version});
    return new RRset(name, RecordType.A, 300, List.of(data));
  }

  private static RecordData name(String name) {
    return RecordData.of(DomainName.parse(name).wire());
  }

  private static RecordData soa(int serial) {
    byte[] primary = DomainName.parse("ns.test.").wire();
    byte[] mailbox = DomainName.parse("hostmaster.test.").wire();
    byte[] data = new byte[primary.length + mailbox.length + 20];
    System.arraycopy(primary, 0, data, 0, primary.length);
    System.arraycopy(mailbox, 0, data, primary.length, mailbox.length);
    int at = primary.length + mailbox.length;
    for (int number : new int[] {serial, 3_600, 600, 86_400, 300}) {
      Wire.put32(data, at, number);
      at += 4;
    }
    return RecordData.of(data);
  }

  /** A living zone. */
  StoredZone zone(String apex) throws StoreException {
    try (StoreSnapshot snapshot = service.store().snapshot()) {
      StoredZone zone = snapshot.zone(settings(apex).key());
      if (zone == null) {
        throw new AssertionError("there is no zone " + apex);
      }
      return zone;
    }
  }

  ZoneId id(String apex) throws StoreException {
    return zone(apex).id();
  }

  /** Gives {@code name} below the apex another address. */
  ZoneChange edit(String apex, String name, int version) throws StoreException {
    return edit(apex, Map.of(name, version));
  }

  ZoneChange edit(String apex, Map<String, Integer> versions) throws StoreException {
    List<RRsetEdit> edits = new ArrayList<>();
    versions.forEach(
        (name, version) ->
            edits.add(
                new RRsetEdit.Put(
                    address(DomainName.parse(name + "." + apex), version),
                    RRsetEdit.ANY_REVISION)));
    return new ZoneChange.Edit(id(apex), edits, ZoneChange.ANY_REVISION);
  }

  ZoneChange delete(String apex) throws StoreException {
    return new ZoneChange.Delete(id(apex), ZoneChange.ANY_REVISION);
  }

  ZoneChange configure(String apex, UnaryOperator<ZoneSettings> change) throws StoreException {
    StoredZone zone = zone(apex);
    return new ZoneChange.Configure(
        zone.id(), change.apply(zone.settings()), ZoneChange.ANY_REVISION);
  }

  @Override
  public void close() {
    service.close();
    server.close();
  }
}
