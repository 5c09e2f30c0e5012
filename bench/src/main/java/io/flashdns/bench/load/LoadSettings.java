package io.flashdns.bench.load;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * A load: who is asked what, how, and for how long.
 *
 * @param server where queries go
 * @param queries what is asked
 * @param pace when
 * @param protocol by UDP or TCP
 * @param sockets sockets or connections, each with a source port of its own; spread over the
 *     threads
 * @param queriesPerConnection TCP: a connection is closed after so many and another one is opened;
 *     0 for never
 * @param sources addresses to ask from, taken by the sockets in turn; empty for the one that the
 *     system chooses
 * @param duration how long queries are sent and counted, after the warm-up
 * @param warmUp how long queries are sent before, with all that belongs to it, and not counted
 * @param mostQueries no more than so many are sent, warm-up included; 0 for any number
 * @param timeout after which a query counts as lost
 * @param threads that send and receive
 * @param edns what the OPT record says
 * @param bufferBytes of a socket's receive and send buffers; 0 for the system's own
 * @param batch most datagrams for one call of the system, 1 to {@value #MAX_BATCH}
 * @param spin whether a thread with nothing to do looks again at once, on a processor of its own,
 *     and does not rest for some 50 microseconds
 * @param goodRcodes a bit for each rcode that is right; 0 when any is
 * @param serverPids processes whose processor time is the server's, with their descendants
 * @param seed of ids and new names
 */
public record LoadSettings(
    InetSocketAddress server,
    Queries queries,
    Pace pace,
    Protocol protocol,
    int sockets,
    int queriesPerConnection,
    List<InetAddress> sources,
    Duration duration,
    Duration warmUp,
    long mostQueries,
    Duration timeout,
    int threads,
    Edns edns,
    int bufferBytes,
    int batch,
    boolean spin,
    int goodRcodes,
    List<Long> serverPids,
    long seed) {
  /** Most datagrams for one call of the system. */
  public static final int MAX_BATCH = 256;

  private static final int SOCKETS = 16;
  private static final int WINDOW = 32;
  private static final int BUFFER_BYTES = 4 << 20;
  private static final int BATCH = 32;

  /** What carries queries. */
  public enum Protocol {
    UDP,
    TCP
  }

  public LoadSettings {
    sources = List.copyOf(sources);
    serverPids = List.copyOf(serverPids);
    if (server.isUnresolved()) {
      throw new IllegalArgumentException("no address is known for " + server.getHostString());
    }
    check(threads >= 1 && threads <= sockets, "1 to as many threads as sockets");
    check(sockets <= 1 << 20, "no more than 1048576 sockets");
    check(batch >= 1 && batch <= MAX_BATCH, "a batch of 1 to " + MAX_BATCH);
    check(queriesPerConnection >= 0, "a number of queries for a connection that is not negative");
    check(mostQueries >= 0 && bufferBytes >= 0, "numbers that are not negative");
    check(duration.isPositive() && timeout.isPositive(), "a duration and a timeout above 0");
    check(!warmUp.isNegative(), "a warm-up that is not negative");
  }

  private static void check(boolean holds, String wanted) {
    if (!holds) {
      throw new IllegalArgumentException("a load needs " + wanted);
    }
  }

  /**
   * By UDP for five seconds after one of warm-up, in a closed loop: 16 sockets, each with 32
   * queries out; one thread, no EDNS, a timeout of five seconds.
   */
  public static LoadSettings of(InetSocketAddress server, Queries queries) {
    return new LoadSettings(
        server,
        queries,
        Pace.closed(WINDOW),
        Protocol.UDP,
        SOCKETS,
        0,
        List.of(),
        Duration.ofSeconds(5),
        Duration.ofSeconds(1),
        0,
        Duration.ofSeconds(5),
        1,
        Edns.NONE,
        BUFFER_BYTES,
        BATCH,
        false,
        0,
        List.of(),
        1);
  }

  /** The same at another pace. */
  public LoadSettings withPace(Pace next) {
    return with(draft -> draft.pace = next);
  }

  /** The same by another protocol. */
  public LoadSettings withProtocol(Protocol next, int perConnection) {
    return with(
        draft -> {
          draft.protocol = next;
          draft.queriesPerConnection = perConnection;
        });
  }

  /** The same from so many sockets, by so many threads. */
  public LoadSettings withSockets(int nextSockets, int nextThreads) {
    return with(
        draft -> {
          draft.sockets = nextSockets;
          draft.threads = nextThreads;
        });
  }

  /** The same from these addresses. */
  public LoadSettings withSources(List<InetAddress> next) {
    return with(draft -> draft.sources = next);
  }

  /** The same for a time, after a warm-up. */
  public LoadSettings withDuration(Duration next, Duration nextWarmUp) {
    return with(
        draft -> {
          draft.duration = next;
          draft.warmUp = nextWarmUp;
        });
  }

  /** The same for so many queries, the warm-up included; 0 for any number. */
  public LoadSettings withMostQueries(long next) {
    return with(draft -> draft.mostQueries = next);
  }

  /** The same with another timeout. */
  public LoadSettings withTimeout(Duration next) {
    return with(draft -> draft.timeout = next);
  }

  /** The same with another OPT record, or none. */
  public LoadSettings withEdns(Edns next) {
    return with(draft -> draft.edns = next);
  }

  /** The same with other buffers and batches. */
  public LoadSettings withBuffers(int nextBufferBytes, int nextBatch) {
    return with(
        draft -> {
          draft.bufferBytes = nextBufferBytes;
          draft.batch = nextBatch;
        });
  }

  /** The same with threads that rest when there is nothing to do, or do not. */
  public LoadSettings withSpin(boolean next) {
    return with(draft -> draft.spin = next);
  }

  /** The same with other rcodes that are right, a bit for each; 0 for all. */
  public LoadSettings withGoodRcodes(int next) {
    return with(draft -> draft.goodRcodes = next);
  }

  /** The same with processes whose processor time is the server's. */
  public LoadSettings withServerPids(List<Long> next) {
    return with(draft -> draft.serverPids = next);
  }

  /** The same with another seed. */
  public LoadSettings withSeed(long next) {
    return with(draft -> draft.seed = next);
  }

  private LoadSettings with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.done();
  }

  /** Settings while some of them are changed. */
  private static final class Draft {
    private final InetSocketAddress server;
    private final Queries queries;
    private Pace pace;
    private Protocol protocol;
    private int sockets;
    private int queriesPerConnection;
    private List<InetAddress> sources;
    private Duration duration;
    private Duration warmUp;
    private long mostQueries;
    private Duration timeout;
    private int threads;
    private Edns edns;
    private int bufferBytes;
    private int batch;
    private boolean spin;
    private int goodRcodes;
    private List<Long> serverPids;
    private long seed;

    Draft(LoadSettings from) {
      server = from.server;
      queries = from.queries;
      pace = from.pace;
      protocol = from.protocol;
      sockets = from.sockets;
      queriesPerConnection = from.queriesPerConnection;
      sources = from.sources;
      duration = from.duration;
      warmUp = from.warmUp;
      mostQueries = from.mostQueries;
      timeout = from.timeout;
      threads = from.threads;
      edns = from.edns;
      bufferBytes = from.bufferBytes;
      batch = from.batch;
      spin = from.spin;
      goodRcodes = from.goodRcodes;
      serverPids = from.serverPids;
      seed = from.seed;
    }

    LoadSettings done() {
      return new LoadSettings(
          server,
          queries,
          pace,
          protocol,
          sockets,
          queriesPerConnection,
          sources,
          duration,
          warmUp,
          mostQueries,
          timeout,
          threads,
          edns,
          bufferBytes,
          batch,
          spin,
          goodRcodes,
          serverPids,
          seed);
    }
  }
}
