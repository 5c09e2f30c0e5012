package io.flashdns.management.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Asks one name without a pause, each question once, and remembers what was not right. */
final class QueryStream implements AutoCloseable {
  private final DnsClient client;
  private final String name;
  private final Thread thread;
  private final List<String> wrong = new ArrayList<>();
  private final List<Integer> versions = new ArrayList<>();
  private long asked;
  private volatile boolean stopped;

  QueryStream(InetSocketAddress server, String name) throws IOException {
    this.client = new DnsClient(server);
    this.name = name;
    this.thread = Thread.ofPlatform().name("stream " + name).start(this::run);
  }

  void stop() throws InterruptedException {
    stopped = true;
    thread.join();
  }

  /** What was lost or not an answer of any version. Read after {@link #stop}. */
  List<String> wrong() {
    return wrong;
  }

  /** The last octets seen, each run of equal ones once. Read after {@link #stop}. */
  List<Integer> versions() {
    return versions;
  }

  /** Questions asked. Read after {@link #stop}. */
  long asked() {
    return asked;
  }

  /** Ends it without waiting. */
  @Override
  public void close() {
    stopped = true;
    client.close();
  }

  private void run() {
    while (!stopped) {
      asked++;
      try {
        DnsClient.Reply reply = client.ask(name, DnsClient.A);
        if (reply.rcode() != 0 || reply.answers() != 1 || !reply.authoritative()) {
          wrong.add("question " + asked + ": " + reply);
        } else if (versions.isEmpty() || versions.getLast() != reply.lastOctet()) {
          versions.add(reply.lastOctet());
        }
      } catch (IOException e) {
        wrong.add("question " + asked + ": " + e);
      }
    }
  }
}
