package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.Metric;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.api.SharedSections;
import io.flashdns.management.message.Violations;
import io.flashdns.management.operations.Samples;
import io.flashdns.management.tenancy.Documents;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.proto.v1.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration that is in force: that of the file, with the sections of the store laid over
 * it. A section of the store takes the place of the file's as a whole; which plugins run, and in
 * which order, is said by the file alone.
 *
 * <p>Two change it: a reload gives another file, on its own thread, and the {@link ZoneApplier}
 * gives what the store has, before the revision counts as served. Neither waits for the other
 * longer than the engine takes to change its plugins; zone files are read without that.
 *
 * <p>A section that cannot be taken leaves what was in force: at a start that is the file's. It is
 * logged once, counted, and tried again when it or the file changes.
 *
 * <p>Safe for all threads.
 */
final class ConfigInForce implements SharedSections, ZoneApplier.SettingsTaker {
  private static final Logger log = LoggerFactory.getLogger(ConfigInForce.class);

  /** More than any version will share. */
  private static final int MAX_SECTIONS = 1_000;

  private final Engine engine;
  private final @Nullable SettingsNote note;
  private final ReentrantLock lock = new ReentrantLock();

  /** What the file says; of what needs a restart, what it said at the start. */
  private volatile ServerConfig file;

  /** What answers. */
  private Pipeline pipeline;

  /** What the store has, taken or not. */
  private final Map<String, Octets> stored = new TreeMap<>();

  /** What is in force of it. */
  private volatile Map<String, Section> taken = Map.of();

  /** Why a section is not in force as the store has it. */
  private volatile Map<String, String> refused = Map.of();

  private volatile boolean isUnreadable;

  /** What was noted last; null before the first time. */
  private @Nullable Map<String, Section> noted;

  /** A section of the store, ready to be laid over the file's. */
  private record Section(Octets value, Settings settings, PluginBinding<?> binding) {}

  /** One that cannot be taken. */
  private static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    RefusedException(String reason) {
      super(reason, null, false, false);
    }
  }

  /**
   * @param file what the engine was started with
   * @param data where the sections are noted for {@code flashdns check}
   */
  ConfigInForce(ServerConfig file, Engine engine, Optional<Path> data) {
    this.file = file;
    this.engine = engine;
    this.pipeline = file.plugins();
    this.note = data.map(SettingsNote::new).orElse(null);
  }

  /** What the file says, as far as it is in force. */
  ServerConfig file() {
    return file;
  }

  /** Names of the sections that are in force as the store has them, sorted. */
  List<String> shared() {
    return List.copyOf(taken.keySet());
  }

  /** What answers. */
  Pipeline pipeline() {
    lock.lock();
    try {
      return pipeline;
    } finally {
      lock.unlock();
    }
  }

  /** What is to be said of it at a start, a line each. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    taken.forEach(
        (name, section) ->
            lines.add(
                "settings   %s is the store's, given by %s: it takes the place of the file's"
                    .formatted(name, section.settings().getUpdater())));
    refused.forEach(
        (name, reason) ->
            lines.add(
                "warning    the section %s of the store is not taken: %s".formatted(name, reason)));
    return lines;
  }

  /** How many sections are the store's, and how many could not be taken. Any thread. */
  List<Metric> metrics() {
    return List.of(
        Samples.gauge(
            "flashdns_settings_shared",
            "Sections of the configuration that are the store's and not the file's",
            taken.size()),
        Samples.gauge(
            "flashdns_settings_refused",
            "Sections of the configuration in the store that this node could not take",
            refused.size() + (isUnreadable ? 1 : 0)));
  }

  // ---- the file ------------------------------------------------------------------------------

  /**
   * Takes what another reading of the file has and takes effect without a restart.
   *
   * @return true when other plugins answer now, or the same with other settings
   * @throws RuntimeException when the plugins cannot be changed; nothing has changed then
   */
  boolean takeFile(ServerConfig now) {
    lock.lock();
    try {
      Pipeline before = pipeline;
      Map<String, Section> stay = new TreeMap<>(taken);
      stay.keySet().retainAll(now.plugins().names());
      replace(laidOver(now.plugins(), stay));
      taken = Collections.unmodifiableMap(stay);
      file = file.reloaded(now);
      settle();
      return !pipeline.equals(before);
    } finally {
      lock.unlock();
    }
  }

  // ---- the store -----------------------------------------------------------------------------

  @Override
  public void take(ContentView view) throws StoreException {
    Map<String, Octets> now = new TreeMap<>();
    try {
      for (Document document : view.documents(Keys.SETTINGS, "", MAX_SECTIONS)) {
        now.put(name(document), document.value());
      }
    } catch (StoreException.Damaged e) {
      if (!isUnreadable) {
        log.error(
            "the settings in the store cannot be read, those in force stay: {}", e.toString());
      }
      isUnreadable = true;
      return;
    }
    lock.lock();
    try {
      isUnreadable = false;
      stored.clear();
      stored.putAll(now);
      settle();
    } finally {
      lock.unlock();
    }
  }

  private static String name(Document document) {
    return document.key().substring(Keys.SETTINGS.length());
  }

  /** Makes what is in force what the store has, section by section, as far as it can be had. */
  private void settle() {
    Map<String, String> reasons = new TreeMap<>();
    TreeSet<String> names = new TreeSet<>(stored.keySet());
    names.addAll(taken.keySet());
    for (String name : names) {
      try {
        settle(name);
      } catch (RefusedException e) {
        String reason = String.valueOf(e.getMessage());
        reasons.put(name, reason);
        if (!reason.equals(refused.get(name))) {
          log.error(
              "the section {} of the store is not taken, what was in force stays: {}",
              name,
              reason);
        }
      }
    }
    refused = Collections.unmodifiableMap(reasons);
    if (note != null && !taken.equals(noted)) {
      note.write(texts());
      noted = taken;
    }
  }

  private void settle(String name) throws RefusedException {
    Octets value = stored.get(name);
    Section held = taken.get(name);
    Map<String, Section> next = new TreeMap<>(taken);
    if (value == null) {
      next.remove(name);
      change(next);
      log.info("the section {} is the configuration file's again", name);
    } else if (held == null || !held.value().equals(value)) {
      Section section = section(name, value);
      next.put(name, section);
      change(next);
      log.info(
          "the section {} is the store's now, given by {}", name, section.settings().getUpdater());
    }
  }

  private Section section(String name, Octets value) throws RefusedException {
    if (!SectionText.NAMES.contains(name)) {
      throw new RefusedException(
          "this version shares "
              + String.join(", ", SectionText.NAMES)
              + ": bring this node to the version of the others");
    }
    Settings settings;
    try {
      settings = Documents.parsed(new Document(Keys.settings(name), value, 0), Settings.parser());
    } catch (StoreException e) {
      throw new RefusedException(e.getMessage() + ": give it once more");
    }
    List<Problem> problems = new ArrayList<>();
    PluginBinding<?> binding;
    try {
      binding = SectionText.bind(name, settings.getYaml(), problems::add);
    } catch (RuntimeException e) {
      throw new RefusedException("it cannot be read: " + Faults.said(e));
    }
    if (binding == null) {
      throw new RefusedException(
          problems.stream()
              .filter(Problem::isError)
              .map(ConfigInForce::said)
              .findFirst()
              .orElse("it cannot be read"));
    }
    if (!isConfigured(name)) {
      throw new RefusedException(
          "the configuration file does not name the plugin '" + name + "': name it under plugins");
    }
    return new Section(value, settings, binding);
  }

  private void change(Map<String, Section> next) throws RefusedException {
    try {
      replace(laidOver(file.plugins(), next));
    } catch (OutOfMemoryError _) {
      throw new RefusedException("there is no memory for it here: take smaller tables");
    } catch (RuntimeException | Error e) {
      throw new RefusedException(
          "the plugins cannot be changed: " + Faults.said(Faults.contained(e)));
    }
    taken = Collections.unmodifiableMap(next);
  }

  private void replace(Pipeline next) {
    if (!next.equals(pipeline)) {
      engine.replacePlugins(next.bindings());
      pipeline = next;
    }
  }

  private static Pipeline laidOver(Pipeline plugins, Map<String, Section> sections) {
    List<PluginBinding<?>> bindings = new ArrayList<>();
    for (PluginBinding<?> binding : plugins.bindings()) {
      Section section = sections.get(binding.factory().name());
      bindings.add(section == null ? binding : section.binding());
    }
    return new Pipeline(bindings);
  }

  private Map<String, String> texts() {
    Map<String, String> texts = new TreeMap<>();
    taken.forEach((name, section) -> texts.put(name, section.settings().getYaml()));
    return texts;
  }

  // ---- for the API ---------------------------------------------------------------------------

  @Override
  public List<String> names() {
    return SectionText.NAMES;
  }

  @Override
  public boolean isConfigured(String section) {
    return file.plugins().names().contains(section);
  }

  @Override
  public void check(String section, String yaml, String path, Violations violations) {
    List<Problem> problems = new ArrayList<>();
    PluginBinding<?> binding = SectionText.bind(section, yaml, problems::add);
    for (Problem problem : problems) {
      if (problem.isError()) {
        violations.add(path, said(problem));
      }
    }
    if (binding == null) {
      return;
    }
    // As `flashdns check` does it: made, and not started.
    try {
      new Engine(file.engine(new NameHash(0)), List.of(binding)).close();
    } catch (RuntimeException e) {
      violations.add(path, "the plugin cannot be started with it: " + Faults.said(e));
    }
  }

  private static String said(Problem problem) {
    String place = "line " + problem.line() + ", column " + problem.column() + ": ";
    return place + (problem.key().isEmpty() ? "" : problem.key() + ": ") + problem.reason();
  }
}
