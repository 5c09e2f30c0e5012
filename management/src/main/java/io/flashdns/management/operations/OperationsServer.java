package io.flashdns.management.operations;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.Metric;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoint for those who run the server: metrics, live, ready. HTTP/1.1 by the JDK's own
 * server, GET and HEAD.
 *
 * <p>Each request has a virtual thread, so that a client who reads or writes slowly holds up nobody
 * else. What a client may take is bounded: connections, octets and time of a request, time of a
 * reply; metrics are put together for one client at a time, and are shown again to others who come
 * in the same moment. Requests are not logged, and nothing of a request is repeated in a reply.
 *
 * <p>Safe for all threads.
 */
public final class OperationsServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OperationsServer.class);

  private static final int BACKLOG = 16;
  private static final String METRICS = "/metrics";
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int NOT_ALLOWED = 405;
  private static final int FAILED = 500;
  private static final int UNAVAILABLE = 503;
  private static final long NO_BODY = -1;
  private static final long STREAMED = 0;

  /** How old a scrape may be that is shown to a second client. */
  private static final long SAME_MOMENT_NANOS = 20_000_000;

  /** How long a large set waits for the one before it. */
  private static final int SET_WAIT_SECONDS = 2;

  static {
    // The JDK's server takes its limits from these alone, when its first class is loaded. What was
    // set on the command line stays.
    limit("jdk.httpserver.maxConnections", 16);
    limit("sun.net.httpserver.maxIdleConnections", 16);
    limit("sun.net.httpserver.maxReqTime", 5); // seconds
    limit("sun.net.httpserver.maxRspTime", 10); // seconds
    limit("sun.net.httpserver.clockTick", 1_000); // milliseconds between looks at idle connections
    limit("sun.net.httpserver.maxReqHeaderSize", 8_192); // of the request line alone, too
    limit("sun.net.httpserver.maxReqHeaders", 64);
    limit("sun.net.httpserver.drainAmount", 8_192);
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
  }

  private final HttpServer http;
  private final ExecutorService threads;
  private final Health health;
  private final MetricSets sets;
  private final Exposition exposition = new Exposition();
  private final ReentrantLock scraping = new ReentrantLock();
  private final Semaphore largeSet = new Semaphore(1);
  private final Set<String> complainedOf = ConcurrentHashMap.newKeySet();
  private @Nullable Scrape last;

  /** A scrape as it was shown. */
  private record Scrape(String type, ByteArrayOutputStream text, long nanos) {}

  private OperationsServer(
      HttpServer http, ExecutorService threads, Health health, MetricSets sets) {
    this.http = http;
    this.threads = threads;
    this.health = health;
    this.sets = sets;
  }

  private static void limit(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
    }
  }

  /**
   * Opens the port and serves.
   *
   * @param more what is shown besides the metrics of the engine, its health and the process
   * @param version of the server
   * @throws IOException when the port cannot be opened; the message is a sentence for the operator
   */
  public static OperationsServer open(
      OperationsConfig config,
      Engine engine,
      Health health,
      Supplier<List<Metric>> more,
      String version)
      throws IOException {
    HttpServer http = bind(config.listen());
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("operations-", 0).factory());
    OperationsServer server =
        new OperationsServer(http, threads, health, new MetricSets(engine, health, more, version));
    http.setExecutor(threads);
    http.createContext("/", server::handle);
    http.start();
    return server;
  }

  private static HttpServer bind(InetSocketAddress address) throws IOException {
    try {
      return HttpServer.create(address, BACKLOG);
    } catch (BindException e) {
      throw new IOException(
          "operations.listen: "
              + text(address)
              + " cannot be opened ("
              + e.getMessage()
              + "): another program has the port, 'ss -lntp sport = :"
              + address.getPort()
              + "' shows it; give another port in the configuration, or set operations.enabled to"
              + " false",
          e);
    }
  }

  /** The address that it has, with the real port where 0 was asked. */
  public InetSocketAddress address() {
    return http.getAddress();
  }

  /** The same as clients take it: {@code http://127.0.0.1:9533/}. */
  public String url() {
    return "http://" + text(address()) + "/";
  }

  /** Loopback has one IPv6 address. */
  private static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[::1]" : host) + ":" + address.getPort();
  }

  /** Closes the port and all connections at once. */
  @Override
  public void close() {
    http.stop(0);
    threads.shutdown();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Headers headers = exchange.getResponseHeaders();
      headers.set("Cache-Control", "no-store");
      headers.set("X-Content-Type-Options", "nosniff");
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        headers.set("Allow", "GET, HEAD");
        headers.set("Connection", "close");
        reply(exchange, NOT_ALLOWED, "only GET and HEAD are understood\n");
        return;
      }
      String path = exchange.getRequestURI().getRawPath();
      switch (path) {
        case "/" -> reply(exchange, OK, paths());
        case "/live" -> reply(exchange, "live", health.live());
        case "/ready" -> reply(exchange, "ready", health.ready());
        case METRICS -> scrape(exchange);
        default -> {
          if (path.startsWith(METRICS + "/")) {
            set(exchange, path.substring(METRICS.length() + 1));
          } else {
            reply(exchange, NOT_FOUND, "there is nothing here; these paths there are:\n" + paths());
          }
        }
      }
    }
  }

  private String paths() {
    StringBuilder text =
        new StringBuilder(
            """
            /metrics  metrics for Prometheus
            /live     200 while the server can do its work
            /ready    200 while it should be sent queries
            """);
    for (String name : sets.names()) {
      text.append(METRICS).append('/').append(name).append("  a large set, for itself\n");
    }
    return text.toString();
  }

  private static void reply(HttpExchange exchange, String what, Health.Verdict verdict)
      throws IOException {
    StringBuilder text = new StringBuilder(verdict.good() ? "" : "not ").append(what).append('\n');
    verdict.lines().forEach(line -> text.append(line).append('\n'));
    reply(exchange, verdict.good() ? OK : UNAVAILABLE, text.toString());
  }

  private void scrape(HttpExchange exchange) throws IOException {
    ExpositionFormatWriter format = format(exchange);
    String type = format.getContentType();
    Scrape scrape;
    scraping.lock();
    try {
      scrape = last;
      if (scrape == null
          || !scrape.type().equals(type)
          || System.nanoTime() - scrape.nanos() > SAME_MOMENT_NANOS) {
        ByteArrayOutputStream text = new ByteArrayOutputStream(1 << 15);
        format.write(text, exposition.snapshots(sets.all()));
        scrape = new Scrape(type, text, System.nanoTime());
        last = scrape;
      }
    } catch (RuntimeException | Error e) {
      fail(exchange, METRICS, e);
      return;
    } finally {
      scraping.unlock();
    }
    reply(exchange, OK, type, scrape.text());
  }

  /** A set may have millions of lines: one at a time, and never whole in memory as text. */
  private void set(HttpExchange exchange, String name) throws IOException {
    Set<String> names = sets.names();
    if (!names.contains(name)) {
      String known =
          names.isEmpty() ? "there are none" : "these there are: " + String.join(", ", names);
      reply(exchange, NOT_FOUND, "no plugin has this set of metrics; " + known + "\n");
      return;
    }
    if (!isOnlySet()) {
      exchange.getResponseHeaders().set("Retry-After", "10");
      reply(exchange, UNAVAILABLE, "another client is reading a large set, come again later\n");
      return;
    }
    try {
      List<Metric> metrics = sets.onDemand(name);
      if (metrics == null) {
        reply(exchange, NOT_FOUND, "the plugin of this set has just gone\n");
        return;
      }
      ExpositionFormatWriter format = format(exchange);
      var snapshots = exposition.snapshots(metrics);
      exchange.getResponseHeaders().set("Content-Type", format.getContentType());
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(OK, NO_BODY);
        return;
      }
      exchange.sendResponseHeaders(OK, STREAMED);
      try (OutputStream body = exchange.getResponseBody()) {
        format.write(body, snapshots);
      }
    } catch (RuntimeException | Error e) {
      fail(exchange, name, e);
    } finally {
      largeSet.release();
    }
  }

  private boolean isOnlySet() {
    try {
      return largeSet.tryAcquire(SET_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** A plugin that fails here fails at each scrape: said once. */
  private void fail(HttpExchange exchange, String what, Throwable fault) throws IOException {
    if (complainedOf.add(what)) {
      log.warn("metrics cannot be shown: {}", what, fault);
    }
    if (exchange.getResponseCode() < 0) {
      reply(exchange, FAILED, "these metrics cannot be shown, the log says why\n");
    }
  }

  private ExpositionFormatWriter format(HttpExchange exchange) {
    List<String> accept = exchange.getRequestHeaders().get("Accept");
    return exposition.format(accept == null ? null : String.join(",", accept));
  }

  private static void reply(HttpExchange exchange, int status, String text) throws IOException {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    octets.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    reply(exchange, status, TEXT, octets);
  }

  private static void reply(
      HttpExchange exchange, int status, String type, ByteArrayOutputStream octets)
      throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(octets.size()));
      exchange.sendResponseHeaders(status, NO_BODY);
      return;
    }
    exchange.sendResponseHeaders(status, octets.size());
    try (OutputStream body = exchange.getResponseBody()) {
      octets.writeTo(body);
    }
  }
}
