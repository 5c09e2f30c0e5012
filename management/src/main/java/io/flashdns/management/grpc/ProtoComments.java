package io.flashdns.management.grpc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The comments of {@code .proto} files, which descriptors at run time do not have: each by the full
 * name of what it stands before. The files lie beside the classes made from them.
 *
 * <p>Reads the form that the files of this project have, one declaration on a line.
 */
final class ProtoComments {
  private static final Pattern SCOPE = Pattern.compile("(?:message|enum|service|oneof)\\s+(\\w+)");
  private static final Pattern RPC = Pattern.compile("rpc\\s+(\\w+)");
  private static final Pattern FIELD =
      Pattern.compile("(?:[\\w.]+(?:<.*>)?\\s+)*(\\w+)\\s*=\\s*\\d+");

  /** The package is the outermost scope. */
  private static final String PACKAGE = "flashdns.v1";

  private final Map<String, String> byName = new HashMap<>();
  private final Deque<Scope> scopes = new ArrayDeque<>();
  private final List<String> pending = new ArrayList<>();

  /**
   * What braces are around a line.
   *
   * @param name full name of the message, enum or service; those within have it before theirs
   * @param named false for the options of something
   */
  private record Scope(String name, boolean named) {}

  private ProtoComments() {}

  /** Reads files by their names as they import each other. */
  static Map<String, String> of(List<String> files) {
    ProtoComments comments = new ProtoComments();
    for (String file : files) {
      try (InputStream in = ProtoComments.class.getClassLoader().getResourceAsStream(file)) {
        if (in == null) {
          throw new IllegalStateException(file + " is not on the class path");
        }
        comments.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return Map.copyOf(comments.byName);
  }

  private void read(String text) {
    scopes.clear();
    scopes.push(new Scope(PACKAGE, true));
    text.lines().map(String::strip).forEach(this::line);
  }

  private void line(String line) {
    if (line.startsWith("//")) {
      pending.add(line.substring(2).stripTrailing());
      return;
    }
    if (!line.isEmpty()) {
      statement(line.replaceAll("\"[^\"]*\"", "\"\"").replaceAll("//.*", ""));
    }
    pending.clear();
  }

  private void statement(String line) {
    Scope scope = scopes.element();
    String opened = "";
    if (scope.named()) {
      Matcher matcher = SCOPE.matcher(line);
      if (matcher.lookingAt()) {
        opened = scope.name() + "." + matcher.group(1);
        note(opened);
        if (line.startsWith("oneof")) {
          // The fields within belong to the message.
          opened = scope.name();
        }
      } else {
        noteMember(scope, RPC.matcher(line));
        noteMember(scope, FIELD.matcher(line));
      }
    }
    for (int i = 0; i < line.length(); i++) {
      switch (line.charAt(i)) {
        case '{' -> {
          scopes.push(new Scope(opened, !opened.isEmpty()));
          opened = "";
        }
        case '}' -> scopes.pop();
        default -> {
          // Nothing that opens or closes.
        }
      }
    }
  }

  private void noteMember(Scope scope, Matcher matcher) {
    if (matcher.lookingAt()) {
      note(scope.name() + "." + matcher.group(1));
    }
  }

  private void note(String name) {
    if (!pending.isEmpty()) {
      byName.put(name, text(pending));
    }
  }

  /** Lines of a paragraph become one; what is indented further, or a list, stays as it is. */
  private static String text(List<String> lines) {
    StringBuilder text = new StringBuilder();
    for (String line : lines) {
      String plain = line.strip();
      if (plain.isEmpty()) {
        text.append("\n\n");
        continue;
      }
      if (plain.startsWith("- ")) {
        text.append('\n');
      } else if (!text.isEmpty() && text.charAt(text.length() - 1) != '\n') {
        text.append(' ');
      }
      text.append(plain);
    }
    return text.toString().strip();
  }
}
