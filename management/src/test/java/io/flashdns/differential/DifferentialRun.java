package io.flashdns.differential;

import static org.awaitility.Awaitility.await;

import io.flashdns.differential.Comparison.Peer;
import io.flashdns.transport.IoBackend;
import io.flashdns.transport.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/**
 * Starts the three servers on the zones of a world and asks all of them the same questions. One
 * thread.
 */
final class DifferentialRun implements AutoCloseable {
  private static final String IO = System.getProperty("flashdns.differential.io", "auto");
  private static final int BATCH = 32;
  private static final int VERIFY_ONE_IN = 64;
  private static final Duration START = Duration.ofSeconds(60);

  private final World world;
  private final FlashDnsServer flashDns;
  private final List<PeerServer> peers = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();

  /**
   * Starts the servers and waits until each serves all zones.
   *
   * @param folder takes what the peers write
   */
  DifferentialRun(World world, Path folder) throws IOException, TransportException {
    this.world = world;
    this.flashDns = FlashDnsServer.start(world, IoBackend.parse(IO));
    try {
      peers.add(PeerServer.knot(world, folder.resolve("knot")));
      peers.add(PeerServer.nsd(world, folder.resolve("nsd")));
      clients.add(new Client(flashDns.address()));
      for (PeerServer peer : peers) {
        clients.add(new Client(peer.address()));
      }
      for (int i = 0; i < clients.size(); i++) {
        awaitZones(clients.get(i), i == 0 ? null : peers.get(i - 1));
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void awaitZones(Client client, @Nullable PeerServer peer) {
    for (ServedZone zone : world.zones()) {
      try {
        await("every zone is served")
            .atMost(START)
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(20))
            .until(() -> serves(client, zone) || (peer != null && !peer.isRunning()));
      } catch (ConditionTimeoutException e) {
        throw new IllegalStateException(
            zone.apex() + " is not served by " + (peer == null ? "FlashDNS" : peer.lastWords()), e);
      }
      if (peer != null && !peer.isRunning()) {
        throw new IllegalStateException(peer.name() + " has ended:\n" + peer.lastWords());
      }
    }
  }

  private static boolean serves(Client client, ServedZone zone) {
    try {
      byte[] reply = client.ask(plain(zone.apex(), Type.SOA));
      return reply != null && Reply.read(reply).rcode() == Rcode.NOERROR;
    } catch (IOException | Reply.BadReplyException _) {
      // Not listening yet.
      return false;
    }
  }

  private static Question plain(Name name, int type) {
    byte[] wire = name.toWire();
    byte[] message =
        ByteBuffer.allocate(12 + wire.length + 4)
            .putInt(0)
            .putLong(1L << 48)
            .put(wire)
            .putShort((short) type)
            .putShort((short) DClass.IN)
            .array();
    return new Question(message, false, name, type, DClass.IN, -1, false);
  }

  /** Asks {@code count} questions. */
  Report ask(String title, long seed, int count) throws IOException {
    Report report = new Report(title);
    QuestionGenerator generator = new QuestionGenerator(seed, world);
    for (int asked = 0; asked < count; asked += BATCH) {
      List<Question> batch = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        batch.add(generator.next());
      }
      for (Client client : clients) {
        client.send(batch, asked);
      }
      List<byte[] @Nullable []> replies = new ArrayList<>();
      for (Client client : clients) {
        replies.add(client.receive());
      }
      for (int i = 0; i < BATCH; i++) {
        compare(report, batch.get(i), replies, i, (asked / BATCH) % VERIFY_ONE_IN == i);
      }
    }
    return report;
  }

  private void compare(
      Report report,
      Question question,
      List<byte[] @Nullable []> replies,
      int index,
      boolean verify) {
    Reply ours;
    try {
      ours = read(replies.getFirst()[index]);
    } catch (Reply.BadReplyException e) {
      report.problem(question + "\n  ours: " + e.getMessage());
      return;
    }
    report.question(question, world.kindOf(question.name(), question.type()), ours);
    for (String problem : ReplyCheck.problems(world, question, ours, verify)) {
      report.problem(question + "\n  ours: " + ours + "\n  fault: " + problem);
    }
    if (ours.has(Reply.TC)) {
      checkTruncation(report, question, ours);
    }
    for (Peer peer : Peer.values()) {
      try {
        Reply theirs = read(replies.get(1 + peer.ordinal())[index]);
        Comparison comparison = new Comparison(world, question, peer, ours, theirs, this::overTcp);
        if (comparison.differences().isEmpty()) {
          report.equal(peer);
        } else if (comparison.explain()) {
          report.explained(comparison);
        } else {
          report.problem(comparison.toString());
        }
      } catch (Reply.BadReplyException e) {
        report.problem(question + "\n  " + peer + ": " + e.getMessage());
      }
    }
  }

  /** A reply that says TC would have been too long whole. */
  private void checkTruncation(Report report, Question question, Reply ours) {
    try {
      Reply whole = read(clients.getFirst().ask(question.overTcp()));
      if (whole.message().length <= question.limit()) {
        report.problem(
            question
                + "\n  ours: "
                + ours
                + "\n  fault: TC, but whole it has "
                + whole.message().length
                + " octets");
      }
    } catch (IOException | Reply.BadReplyException e) {
      report.problem(question + "\n  ours over TCP: " + e.getMessage());
    }
  }

  private static Reply read(byte @Nullable [] message) throws Reply.BadReplyException {
    if (message == null) {
      throw new Reply.BadReplyException("no reply");
    }
    return Reply.read(message);
  }

  private Comparison overTcp(Question question, Peer peer)
      throws IOException, Reply.BadReplyException {
    Reply ours = read(clients.getFirst().ask(question));
    Reply theirs = read(clients.get(1 + peer.ordinal()).ask(question));
    return new Comparison(world, question, peer, ours, theirs, this::overTcp);
  }

  @Override
  public void close() {
    for (Client client : clients) {
      client.close();
    }
    for (PeerServer peer : peers) {
      peer.close();
    }
    flashDns.close();
  }
}
