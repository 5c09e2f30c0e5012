package io.flashdns.management.server;

import io.flashdns.management.server.ConfigNode.Entry;
import io.flashdns.management.server.ConfigNode.Items;
import io.flashdns.management.server.ConfigNode.Position;
import io.flashdns.management.server.ConfigNode.Scalar;
import io.flashdns.management.server.ConfigNode.Section;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * One configuration file, read into {@link ConfigNode}s.
 *
 * <p>The file is YAML without its traps: no anchors and aliases (a few lines of them unfold to
 * gigabytes), no tags, no second document, no duplicate keys, no keys that are not plain words. The
 * tree is built from the parser's events, which carry line and column, so that each of these is
 * refused where it stands and the reading goes on to the next problem. Only a syntax error ends it.
 *
 * <p>Used by one thread.
 */
final class ConfigFile {
  /** A configuration of this size is a mistake. */
  static final int MAX_BYTES = 1 << 20;

  /** Sections in sections. Ours need three. */
  static final int MAX_DEPTH = 16;

  private static final Pattern BARE_IPV6 = Pattern.compile("\\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*]:\\d");

  private final Path path;
  private final Consumer<Problem> problems;
  private final int maxBytes;
  private String[] lines = {};
  private boolean broken;

  /**
   * @param path the file
   * @param problems takes what is wrong with it, in the order of finding
   */
  ConfigFile(Path path, Consumer<Problem> problems) {
    this(path, problems, MAX_BYTES);
  }

  /** The same for a file that may be larger or must be smaller. */
  ConfigFile(Path path, Consumer<Problem> problems, int maxBytes) {
    this.path = path;
    this.problems = problems;
    this.maxBytes = maxBytes;
  }

  /**
   * Reads the file; null when it cannot be read or is no YAML, and the problem has been reported.
   */
  @Nullable Section read() {
    String text = text();
    return text == null ? null : parse(text);
  }

  /** The same of a text that is at hand, as if it stood in the file. */
  @Nullable Section parse(String text) {
    lines = text.split("\n", -1);
    LoadSettings settings =
        LoadSettings.builder().setLabel(path.toString()).setCodePointLimit(maxBytes).build();
    try {
      Section root = document(new Parse(settings).parseString(text).iterator());
      return broken ? null : root;
    } catch (MarkedYamlEngineException e) {
      syntaxError(e);
    } catch (TooDeep e) {
      error(e.at, "", "sections are nested more than " + MAX_DEPTH + " deep");
    } catch (YamlEngineException e) {
      problems.accept(Problem.error(path, "is not YAML: " + firstLine(e.getMessage())));
    }
    return null;
  }

  /** Reports an error at {@code at}. */
  void error(Position at, String key, String reason) {
    report(Problem.Severity.ERROR, at, key, reason);
  }

  /** Reports a warning at {@code at}. */
  void warning(Position at, String key, String reason) {
    report(Problem.Severity.WARNING, at, key, reason);
  }

  private void report(Problem.Severity severity, Position at, String key, String reason) {
    String text = at.line() <= lines.length ? lines[at.line() - 1].strip() : "";
    String shortened = text.length() > 120 ? text.substring(0, 120) + " …" : text;
    problems.accept(
        new Problem(severity, path.toString(), at.line(), at.column(), key, shortened, reason));
  }

  private @Nullable String text() {
    try {
      if (Files.isDirectory(path)) {
        problems.accept(Problem.error(path, "is a folder: name the configuration file in it"));
        return null;
      }
      long size = Files.size(path);
      if (size > maxBytes) {
        problems.accept(
            Problem.error(path, "has " + size + " octets, at most " + maxBytes + " are read"));
        return null;
      }
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Files.readAllBytes(path)))
          .toString();
    } catch (NoSuchFileException _) {
      problems.accept(Problem.error(path, "there is no such file"));
    } catch (AccessDeniedException _) {
      problems.accept(
          Problem.error(path, "may not be read by user " + System.getProperty("user.name")));
    } catch (CharacterCodingException _) {
      problems.accept(Problem.error(path, "is not UTF-8: save it as UTF-8"));
    } catch (IOException e) {
      problems.accept(Problem.error(path, "cannot be read: " + e.getMessage()));
    }
    return null;
  }

  private Section document(Iterator<Event> events) {
    Section root = new Section(List.of(), Position.START);
    boolean seen = false;
    while (events.hasNext()) {
      Event event = events.next();
      if (!(event instanceof NodeEvent)) {
        continue; // borders of stream and documents
      }
      ConfigNode node = node(event, events, 0);
      if (seen) {
        refuse(node.at(), "a second document: keep one, without '---' between");
      } else if (node instanceof Section section) {
        root = section;
      } else if (!(node instanceof Scalar scalar && scalar.isEmpty())) {
        refuse(node.at(), "the file must hold keys with values, such as 'workers: 2'");
      }
      seen = true;
    }
    return root;
  }

  private ConfigNode node(Event event, Iterator<Event> events, int depth) {
    Position at = position(event.getStartMark());
    if (depth > MAX_DEPTH) {
      throw new TooDeep(at);
    }
    if (event instanceof AliasEvent alias) {
      refuse(at, "the alias *" + alias.getAlias() + " is not followed here: write the value out");
      return new Scalar("", false, at);
    }
    if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
      refuse(at, "the anchor &" + node.getAnchor().get() + " is not allowed: remove it");
    }
    if (event instanceof ScalarEvent scalar) {
      refuseTag(scalar.getTag(), at);
      return new Scalar(scalar.getValue(), !scalar.isPlain(), at);
    }
    CollectionStartEvent start = (CollectionStartEvent) event;
    refuseTag(start.getTag(), at);
    return start.getEventId() == Event.ID.SequenceStart
        ? items(at, events, depth)
        : section(at, events, depth);
  }

  private Items items(Position at, Iterator<Event> events, int depth) {
    List<ConfigNode> items = new ArrayList<>();
    for (Event next = events.next();
        next.getEventId() != Event.ID.SequenceEnd;
        next = events.next()) {
      items.add(node(next, events, depth + 1));
    }
    return new Items(items, at);
  }

  private Section section(Position at, Iterator<Event> events, int depth) {
    List<Entry> entries = new ArrayList<>();
    Map<String, Position> seen = new HashMap<>();
    for (Event next = events.next();
        next.getEventId() != Event.ID.MappingEnd;
        next = events.next()) {
      ConfigNode key = node(next, events, depth + 1);
      ConfigNode value = node(events.next(), events, depth + 1);
      if (!(key instanceof Scalar name)) {
        refuse(key.at(), "a key must be a plain word");
        continue;
      }
      Position earlier = seen.putIfAbsent(name.text(), key.at());
      if (earlier != null) {
        refuse(
            key.at(),
            "the key '" + name.text() + "' stands here twice, first in line " + earlier.line());
        continue;
      }
      entries.add(new Entry(name.text(), value, key.at()));
    }
    return new Section(entries, at);
  }

  private void refuseTag(Optional<String> tag, Position at) {
    if (tag.isPresent()) {
      refuse(at, "the tag " + tag.get() + " is not allowed: remove it");
    }
  }

  private void refuse(Position at, String reason) {
    broken = true;
    error(at, "", reason);
  }

  private void syntaxError(MarkedYamlEngineException e) {
    Position at = position(e.getProblemMark().or(e::getContextMark));
    String line = at.line() <= lines.length ? lines[at.line() - 1] : "";
    String remedy = "";
    if (line.indexOf('\t') >= 0) {
      remedy = "; indent with spaces, YAML allows no tabs there";
    } else if (BARE_IPV6.matcher(line).find()) {
      remedy = "; put an IPv6 address with its port in quotes: \"[::1]:53\"";
    }
    error(at, "", "is not YAML: " + firstLine(e.getProblem()) + remedy);
  }

  private static Position position(Optional<Mark> mark) {
    return mark.map(m -> new Position(m.getLine() + 1, m.getColumn() + 1)).orElse(Position.START);
  }

  private static String firstLine(@Nullable String message) {
    return message == null ? "no reason given" : message.lines().findFirst().orElse("");
  }

  /** Ends the reading of a file whose nesting would end our stack. */
  private static final class TooDeep extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Position at;

    private TooDeep(Position at) {
      super(null, null, false, false);
      this.at = at;
    }
  }
}
