package io.flashdns.bench.load;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.flashdns.bench.Origin;
import io.flashdns.bench.load.Limits.Verdict;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/** What became of a load: for people, and for programs. */
final class Report {
  private static final Gson GSON =
      new GsonBuilder().serializeNulls().setPrettyPrinting().disableHtmlEscaping().create();

  private Report() {}

  /** Some lines of text. */
  static String text(LoadResult result, List<Verdict> verdicts) {
    LoadSettings settings = result.settings();
    StringBuilder text = new StringBuilder();
    line(text, "asked", heading(settings, result.seconds()));
    line(
        text,
        "queries",
        "%,d sent, %,d answered, %,d lost%s"
            .formatted(
                result.sent(),
                result.received(),
                result.lost(),
                result.notSent() == 0
                    ? ""
                    : ", %,d of the timetable not sent".formatted(result.notSent())));
    line(text, "", "%,.0f answered a second".formatted(result.queriesPerSecond()));
    StringBuilder rcodes = new StringBuilder();
    for (Map.Entry<String, Long> rcode : result.byRcode().entrySet()) {
      rcodes.append(
          "%s %,d (%.2f %%), "
              .formatted(
                  rcode.getKey(), rcode.getValue(), 100.0 * rcode.getValue() / result.received()));
    }
    line(
        text,
        "replies",
        "%s%,.0f octets on average, %,d truncated"
            .formatted(
                rcodes,
                result.received() == 0 ? 0 : (double) result.replyBytes() / result.received(),
                result.truncated()));
    LoadResult.Wrong wrong = result.wrong();
    line(
        text,
        "wrong",
        "%,d: %,d by question, %,d by rcode, %,d by answers"
            .formatted(wrong.total(), wrong.question(), wrong.rcode(), wrong.answers()));
    for (String fault : result.faults()) {
      line(text, "", fault);
    }
    unasked(text, result);
    line(
        text,
        "latency",
        "mean %,.0f us, p50 %,.0f, p90 %,.0f, p99 %,.0f, p99.9 %,.0f, most %,.0f%s"
            .formatted(
                result.latencyNanos().getMean() / 1e3,
                result.latencyMicros(50),
                result.latencyMicros(90),
                result.latencyMicros(99),
                result.latencyMicros(99.9),
                result.latencyMicros(100),
                settings.pace().isOpen() ? "; from the planned moment" : ""));
    if (settings.pace().isOpen()) {
      line(
          text,
          "backlog",
          "%,d queries behind the timetable at worst".formatted(result.maxBacklog()));
    }
    line(
        text,
        "generator",
        "%.2f us of processor time for a query, %.0f %% of one processor"
            .formatted(
                result.generatorMicrosPerQuery(),
                result.generatorCpuNanos() / 1e7 / result.seconds()));
    if (result.serverCpuNanos() >= 0) {
      line(
          text,
          "server",
          "%.2f us of processor time for a query, %.0f %% of one processor"
              .formatted(
                  result.serverMicrosPerQuery(), result.serverCpuNanos() / 1e7 / result.seconds()));
    }
    for (Verdict verdict : verdicts) {
      line(
          text,
          "bound",
          "%s %,.0f, no more than %,.0f: %s"
              .formatted(
                  verdict.name(),
                  verdict.found(),
                  verdict.bound(),
                  verdict.holds() ? "pass" : "fail"));
    }
    return text.toString();
  }

  private static void unasked(StringBuilder text, LoadResult result) {
    long odd = result.duplicates() + result.late() + result.strays() + result.malformed();
    if (odd > 0) {
      line(
          text,
          "besides",
          "%,d second replies, %,d late ones, %,d that nobody asked for, %,d too short"
              .formatted(result.duplicates(), result.late(), result.strays(), result.malformed()));
    }
    if (result.refusals() > 0) {
      line(text, "", "%,d times nobody listened".formatted(result.refusals()));
    }
    if (result.settings().protocol() == LoadSettings.Protocol.TCP) {
      line(
          text,
          "connections",
          "%,d made, %,d failed".formatted(result.connections(), result.failedConnections()));
    }
  }

  private static String heading(LoadSettings settings, double seconds) {
    Pace pace = settings.pace();
    String loop =
        pace.isOpen()
            ? "open loop of %,.0f queries a second".formatted(pace.queriesPerSecond())
            : "closed loop of %,d queries out on each".formatted(pace.window());
    return "%s port %d by %s: %d %s, %s; %d %s; %.1f s"
        .formatted(
            settings.server().getAddress().getHostAddress(),
            settings.server().getPort(),
            settings.protocol(),
            settings.sockets(),
            settings.sockets() == 1 ? "socket" : "sockets",
            loop,
            settings.threads(),
            settings.threads() == 1 ? "thread" : "threads",
            seconds);
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append("%-12s".formatted(name)).append(value).append('\n');
  }

  /** One JSON object; what could not be measured is null. */
  static String json(LoadResult result, List<Verdict> verdicts, Origin origin) {
    JsonObject all = new JsonObject();
    all.add("origin", origin(origin));
    all.add("settings", settings(result.settings()));
    all.addProperty("startedAt", result.startedAt().toString());
    number(all, "seconds", result.seconds());
    all.addProperty("queriesSent", result.sent());
    all.addProperty("queriesAnswered", result.received());
    all.addProperty("queriesAnsweredWhileSending", result.receivedWhileSending());
    all.addProperty("queriesLost", result.lost());
    all.addProperty("queriesNotSent", result.notSent());
    all.addProperty("maxBacklogQueries", result.maxBacklog());
    number(all, "queriesPerSecond", result.queriesPerSecond());
    JsonObject rcodes = new JsonObject();
    result.byRcode().forEach(rcodes::addProperty);
    all.add("repliesByRcode", rcodes);
    JsonObject wrong = new JsonObject();
    wrong.addProperty("total", result.wrong().total());
    wrong.addProperty("question", result.wrong().question());
    wrong.addProperty("rcode", result.wrong().rcode());
    wrong.addProperty("answers", result.wrong().answers());
    all.add("repliesWrong", wrong);
    all.add("faults", texts(result.faults()));
    all.addProperty("repliesTruncated", result.truncated());
    all.addProperty("repliesDuplicate", result.duplicates());
    all.addProperty("repliesLate", result.late());
    all.addProperty("repliesStray", result.strays());
    all.addProperty("repliesMalformed", result.malformed());
    all.addProperty("replyBytes", result.replyBytes());
    all.addProperty("refusals", result.refusals());
    all.addProperty("connections", result.connections());
    all.addProperty("connectionsFailed", result.failedConnections());
    all.add("latencyMicros", latency(result));
    number(all, "generatorCpuSeconds", result.generatorCpuNanos() / 1e9);
    number(all, "loadThreadCpuSeconds", result.loadThreadCpuNanos() / 1e9);
    number(all, "generatorCpuMicrosPerQuery", result.generatorMicrosPerQuery());
    number(
        all,
        "serverCpuSeconds",
        result.serverCpuNanos() < 0 ? Double.NaN : result.serverCpuNanos() / 1e9);
    number(all, "serverCpuMicrosPerQuery", result.serverMicrosPerQuery());
    JsonArray seconds = new JsonArray();
    for (LoadSecond second : result.perSecond()) {
      seconds.add(second(second));
    }
    all.add("perSecond", seconds);
    JsonArray bounds = new JsonArray();
    for (Verdict verdict : verdicts) {
      JsonObject bound = new JsonObject();
      bound.addProperty("name", verdict.name());
      number(bound, "found", verdict.found());
      number(bound, "bound", verdict.bound());
      bound.addProperty("holds", verdict.holds());
      bounds.add(bound);
    }
    all.add("bounds", bounds);
    return GSON.toJson(all);
  }

  private static JsonObject origin(Origin origin) {
    JsonObject json = new JsonObject();
    json.addProperty("commit", origin.commit());
    json.addProperty("date", origin.date().toString());
    JsonObject machine = new JsonObject();
    machine.addProperty("cpu", origin.cpu());
    machine.addProperty("cores", origin.cores());
    machine.addProperty("memory", origin.memory());
    machine.addProperty("os", origin.system());
    json.add("machine", machine);
    json.addProperty("jdk", origin.jdk());
    json.add("flags", texts(origin.flags()));
    return json;
  }

  private static JsonObject settings(LoadSettings settings) {
    JsonObject json = new JsonObject();
    json.addProperty("serverAddress", settings.server().getAddress().getHostAddress());
    json.addProperty("serverPort", settings.server().getPort());
    json.addProperty("protocol", settings.protocol().name());
    json.addProperty("loop", settings.pace().isOpen() ? "open" : "closed");
    number(
        json,
        "plannedQueriesPerSecond",
        settings.pace().isOpen() ? settings.pace().queriesPerSecond() : Double.NaN);
    json.addProperty("windowPerSocket", settings.pace().window());
    json.addProperty("sockets", settings.sockets());
    json.addProperty("queriesPerConnection", settings.queriesPerConnection());
    json.addProperty("sourceAddresses", settings.sources().size());
    json.addProperty(
        "firstSourceAddress",
        settings.sources().stream().map(InetAddress::getHostAddress).findFirst().orElse(null));
    json.addProperty("threads", settings.threads());
    number(json, "durationSeconds", settings.duration().toNanos() / 1e9);
    number(json, "warmUpSeconds", settings.warmUp().toNanos() / 1e9);
    number(json, "timeoutSeconds", settings.timeout().toNanos() / 1e9);
    json.addProperty("mostQueries", settings.mostQueries());
    json.addProperty("listedQueries", settings.queries().size());
    json.addProperty("newNames", settings.queries().hasNewNames());
    json.addProperty("edns", settings.edns().present());
    json.addProperty("dnssecOk", settings.edns().dnssecOk());
    json.addProperty("ednsPayloadBytes", settings.edns().payloadBytes());
    json.addProperty("bufferBytes", settings.bufferBytes());
    json.addProperty("batchMessages", settings.batch());
    json.addProperty("spin", settings.spin());
    json.addProperty("seed", settings.seed());
    return json;
  }

  private static JsonObject latency(LoadResult result) {
    JsonObject json = new JsonObject();
    number(json, "mean", result.latencyNanos().getMean() / 1e3);
    number(json, "min", result.latencyNanos().getMinValue() / 1e3);
    for (double percentile : new double[] {50, 90, 95, 99, 99.9, 99.99}) {
      number(
          json,
          "p" + (percentile == (int) percentile ? "" + (int) percentile : "" + percentile),
          result.latencyMicros(percentile));
    }
    number(json, "max", result.latencyMicros(100));
    return json;
  }

  private static JsonObject second(LoadSecond second) {
    JsonObject json = new JsonObject();
    number(json, "seconds", second.seconds());
    json.addProperty("queriesSent", second.sent());
    json.addProperty("queriesAnswered", second.received());
    json.addProperty("queriesLost", second.lost());
    json.addProperty("repliesWrong", second.wrong());
    json.addProperty("queriesOut", second.outstanding());
    json.addProperty("backlogQueries", second.backlog());
    number(json, "meanLatencyMicros", second.meanLatencyMicros());
    return json;
  }

  private static JsonArray texts(List<String> texts) {
    JsonArray json = new JsonArray();
    texts.forEach(json::add);
    return json;
  }

  /** Three decimals are enough for anything here. */
  private static void number(JsonObject json, String name, double value) {
    json.addProperty(name, Double.isFinite(value) ? Math.round(value * 1e3) / 1e3 : null);
  }
}
