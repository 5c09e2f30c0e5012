package io.flashdns.bench.compare;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.flashdns.bench.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** {@link Results} as JSON: every single round, all figures with units in their names. */
final class ResultsFile {
  private static final Gson GSON =
      new GsonBuilder().serializeNulls().setPrettyPrinting().disableHtmlEscaping().create();

  private ResultsFile() {}

  static void write(Results results, Path file) throws IOException {
    Files.writeString(file, json(results));
  }

  static String json(Results results) {
    JsonObject all = new JsonObject();
    Origin origin = results.origin();
    JsonObject from = new JsonObject();
    from.addProperty("commit", origin.commit());
    from.addProperty("date", origin.date().toString());
    from.addProperty("cpu", origin.cpu());
    from.addProperty("cores", origin.cores());
    from.addProperty("memory", origin.memory());
    from.addProperty("system", origin.system());
    from.addProperty("jdk", origin.jdk());
    from.add("flags", GSON.toJsonTree(origin.flags()));
    all.add("origin", from);
    all.add("command", GSON.toJsonTree(results.command()));
    all.add("versions", GSON.toJsonTree(results.versions()));
    all.add("builds", GSON.toJsonTree(results.baselines()));
    all.add("settings", GSON.toJsonTree(results.settings()));
    all.add("notes", GSON.toJsonTree(results.notes()));
    all.addProperty("whole", results.isWhole());
    JsonArray rounds = new JsonArray();
    for (Round round : results.rounds()) {
      rounds.add(json(round));
    }
    all.add("rounds", rounds);
    return GSON.toJson(all) + "\n";
  }

  private static JsonObject json(Round round) {
    JsonObject one = new JsonObject();
    one.addProperty("part", round.part().word());
    one.addProperty("workload", round.workload());
    one.addProperty("variant", round.variant());
    one.addProperty("x", round.x());
    one.addProperty("server", round.server());
    one.addProperty("round", round.number());
    round.figures().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(figure -> one.addProperty(figure.getKey().key(), figure.getValue()));
    one.addProperty("sent", round.sent());
    one.addProperty("received", round.received());
    one.addProperty("lost", round.lost());
    one.addProperty("notSent", round.notSent());
    one.addProperty("wrong", round.wrong());
    one.addProperty("truncated", round.truncated());
    one.add("faults", GSON.toJsonTree(round.faults()));
    one.addProperty("at", round.at().toString());
    one.addProperty("loadAverage", round.loadAverage());
    return one;
  }

  /** Reads what {@link #write} has written. */
  static Results read(Path file) throws CompareException {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new CompareException("cannot read " + file + ": " + e.getMessage(), e);
    } catch (JsonParseException
        | IllegalStateException
        | IllegalArgumentException
        | NullPointerException
        | UnsupportedOperationException
        | java.time.DateTimeException e) {
      throw new CompareException(
          file
              + " is no result of a comparison: give a .json file that 'flashdns bench compare'"
              + " has written",
          e);
    }
  }

  static Results parse(String json) {
    JsonObject all = JsonParser.parseString(json).getAsJsonObject();
    JsonObject from = all.getAsJsonObject("origin");
    List<Round> rounds = new ArrayList<>();
    for (JsonElement round : all.getAsJsonArray("rounds")) {
      rounds.add(round(round.getAsJsonObject()));
    }
    return new Results(
        new Origin(
            text(from, "commit"),
            Instant.parse(text(from, "date")),
            text(from, "cpu"),
            from.get("cores").getAsInt(),
            text(from, "memory"),
            text(from, "system"),
            text(from, "jdk"),
            strings(from.getAsJsonArray("flags"))),
        strings(all.getAsJsonArray("command")),
        map(all.getAsJsonObject("versions")),
        strings(all.getAsJsonArray("builds")),
        map(all.getAsJsonObject("settings")),
        strings(all.getAsJsonArray("notes")),
        all.get("whole").getAsBoolean(),
        rounds);
  }

  private static Round round(JsonObject one) {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    for (Figure figure : Figure.values()) {
      if (one.has(figure.key())) {
        figures.put(figure, one.get(figure.key()).getAsDouble());
      }
    }
    return new Round(
        Part.valueOf(text(one, "part").toUpperCase(Locale.ROOT)),
        text(one, "workload"),
        text(one, "variant"),
        one.get("x").isJsonNull() ? null : one.get("x").getAsDouble(),
        text(one, "server"),
        one.get("round").getAsInt(),
        figures,
        one.get("sent").getAsLong(),
        one.get("received").getAsLong(),
        one.get("lost").getAsLong(),
        one.get("notSent").getAsLong(),
        one.get("wrong").getAsLong(),
        one.get("truncated").getAsLong(),
        strings(one.getAsJsonArray("faults")),
        Instant.parse(text(one, "at")),
        one.get("loadAverage").getAsDouble());
  }

  private static String text(JsonObject object, String key) {
    return object.get(key).getAsString();
  }

  private static List<String> strings(JsonArray array) {
    return array.asList().stream().map(JsonElement::getAsString).toList();
  }

  private static Map<String, String> map(JsonObject object) {
    Map<String, String> all = new LinkedHashMap<>();
    object.entrySet().forEach(entry -> all.put(entry.getKey(), entry.getValue().getAsString()));
    return all;
  }

  /**
   * Several runs in one report. A figure is compared within its part and zones alone, so these must
   * come from one run: zones that are in two of them are refused.
   */
  static Results together(List<Results> runs) throws CompareException {
    Results first = runs.getFirst();
    if (runs.size() == 1) {
      return first;
    }
    Map<String, String> versions = new LinkedHashMap<>();
    Set<String> builds = new LinkedHashSet<>();
    Set<String> notes = new LinkedHashSet<>();
    Set<String> seen = new LinkedHashSet<>();
    List<Round> rounds = new ArrayList<>();
    boolean whole = true;
    for (Results run : runs) {
      for (Map.Entry<String, String> version : run.versions().entrySet()) {
        String other = versions.putIfAbsent(version.getKey(), version.getValue());
        if (other != null && !other.equals(version.getValue())) {
          throw new CompareException(
              "%s is %s in one run and %s in another: they do not belong into one report"
                  .formatted(version.getKey(), other, version.getValue()));
        }
      }
      Set<String> here = new LinkedHashSet<>();
      for (Round round : run.rounds()) {
        here.add(round.part().title() + " with " + round.workload());
      }
      for (String what : here) {
        if (!seen.add(what)) {
          throw new CompareException(
              "%s is in two of the runs: ratios are made within one".formatted(what));
        }
      }
      builds.addAll(run.baselines());
      notes.addAll(run.notes());
      rounds.addAll(run.rounds());
      whole &= run.isWhole();
    }
    notes.add(
        "This report has %d runs in it; each figure and its ratios come from one of them."
            .formatted(runs.size()));
    return new Results(
        first.origin(),
        first.command(),
        versions,
        List.copyOf(builds),
        first.settings(),
        List.copyOf(notes),
        whole,
        rounds);
  }
}
