package io.flashdns.management.server;

import java.util.List;

/** Problems as one JSON array (RFC 8259), each an object with the same keys. */
final class ProblemsAsJson {
  private ProblemsAsJson() {}

  static String of(List<Problem> problems) {
    StringBuilder json = new StringBuilder("[");
    String separator = "\n";
    for (Problem problem : problems) {
      json.append(separator).append("  {\"severity\": ");
      string(json, problem.severity().text());
      json.append(", \"file\": ");
      string(json, problem.file());
      json.append(", \"line\": ").append(problem.line());
      json.append(", \"column\": ").append(problem.column());
      json.append(", \"key\": ");
      string(json, problem.key());
      json.append(", \"text\": ");
      string(json, problem.text());
      json.append(", \"reason\": ");
      string(json, problem.reason());
      json.append('}');
      separator = ",\n";
    }
    return json.append(problems.isEmpty() ? "]" : "\n]").toString();
  }

  private static void string(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c) || c == 0x7f) {
        // Surrogates too: text cut from a hostile file may hold half a pair.
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
