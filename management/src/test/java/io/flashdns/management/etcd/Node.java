package io.flashdns.management.etcd;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneSettings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** A node's store, and short words for what tests do to it. */
final class Node implements AutoCloseable {
  private final Path folder;
  private final EtcdConfig config;
  private final Chores.Pace pace;
  private EtcdStore store;

  private Node(Path folder, EtcdConfig config, Chores.Pace pace) {
    this.folder = folder;
    this.config = config;
    this.pace = pace;
  }

  static Node open(Path folder, EtcdConfig config) throws Exception {
    return open(folder, config, Chores.Pace.USUAL);
  }

  static Node open(Path folder, EtcdConfig config, long groupsABase) throws Exception {
    Chores.Pace usual = Chores.Pace.USUAL;
    return open(folder, config, new Chores.Pace(groupsABase, usual.history(), usual.compactEach()));
  }

  static Node open(Path folder, EtcdConfig config, Chores.Pace pace) throws Exception {
    Node node = new Node(folder, config, pace);
    node.reopen();
    return node;
  }

  EtcdStore store() {
    return store;
  }

  Path folder() {
    return folder.resolve("store");
  }

  /** Ends it, to be opened again. */
  void stop() {
    store.close();
  }

  /** Opens it, after {@link #stop} once more. */
  void reopen() throws Exception {
    store =
        EtcdStore.open(
            folder(),
            EtcdStoreContractTest.CONFIG,
            config,
            InstantSource.system(),
            Thread::new,
            pace,
            _ -> {});
  }

  /** Where it stands. */
  String standing() {
    return store.standing().text();
  }

  static ZoneKey key(String apex) {
    return new ZoneKey("public", DomainName.parse(apex));
  }

  CommitResult create(String apex) throws StoreException, InterruptedException {
    return store.commit(creation(apex));
  }

  /** Creates a zone that has what a zone must have. */
  static ChangeSet creation(String apex) {
    DomainName name = DomainName.parse(apex);
    byte[] server = DomainName.parse("ns.example.net.").wire();
    ByteBuffer soa = ByteBuffer.allocate(2 * server.length + 20).put(server).put(server);
    soa.putInt(1).putInt(3_600).putInt(600).putInt(86_400).putInt(300);
    RRsetBlock.Builder block = new RRsetBlock.Builder(name);
    block.add(new RRset(name, RecordType.NS, 3_600, List.of(RecordData.of(server))));
    block.add(new RRset(name, RecordType.SOA, 3_600, List.of(RecordData.of(soa.array()))));
    return ChangeSet.of("test", new ZoneChange.Create(ZoneSettings.of(key(apex)), block.build()));
  }

  /** Sets the text of a name; the request id makes it known again. */
  CommitResult set(String owner, String apex, String text, String requestId)
      throws StoreException, InterruptedException {
    return store.commit(
        ChangeSet.of(
                "test", edit(apex, new RRsetEdit.Put(txt(owner, text), RRsetEdit.ANY_REVISION)))
            .withRequestId(requestId));
  }

  static RRset txt(String owner, String text) {
    byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
    byte[] data = new byte[octets.length + 1];
    data[0] = (byte) octets.length;
    System.arraycopy(octets, 0, data, 1, octets.length);
    return new RRset(DomainName.parse(owner), RecordType.TXT, 300, List.of(RecordData.of(data)));
  }

  private ZoneChange edit(String apex, RRsetEdit edit) throws StoreException {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return new ZoneChange.Edit(
          snapshot.zone(key(apex)).id(), List.of(edit), ZoneChange.ANY_REVISION);
    }
  }

  /** The text of a name; empty when there is none. */
  String text(String owner, String apex) throws StoreException {
    try (StoreSnapshot snapshot = store.snapshot()) {
      for (StoredRRset one :
          snapshot.rrsets(snapshot.zone(key(apex)).id(), DomainName.parse(owner))) {
        if (one.rrset().type() == RecordType.TXT) {
          byte[] data = one.rrset().data().getFirst().octets();
          return new String(data, 1, data.length - 1, StandardCharsets.US_ASCII);
        }
      }
      return "";
    }
  }

  /** What was done to a zone, the newest first. */
  List<StoreEvent> history(String apex) throws StoreException {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return store.history(snapshot.zone(key(apex)).id(), Long.MAX_VALUE, 100);
    }
  }

  @Override
  public void close() {
    store.close();
  }
}
