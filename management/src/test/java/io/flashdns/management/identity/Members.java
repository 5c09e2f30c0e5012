package io.flashdns.management.identity;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** A JSON object as it is written: each value is its text. Immutable. */
record Members(Map<String, String> texts) {
  static Members of(String... namesAndTexts) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      texts.put(namesAndTexts[i], namesAndTexts[i + 1]);
    }
    return new Members(texts);
  }

  Members with(String name, String text) {
    Map<String, String> copy = new LinkedHashMap<>(texts);
    copy.put(name, text);
    return new Members(copy);
  }

  Members without(String name) {
    Map<String, String> copy = new LinkedHashMap<>(texts);
    copy.remove(name);
    return new Members(copy);
  }

  String json() {
    return texts.entrySet().stream()
        .map(e -> quoted(e.getKey()) + ":" + e.getValue())
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** The object with something more before its end, which may be wrong. */
  String jsonAnd(String more) {
    String json = json();
    return json.substring(0, json.length() - 1) + more + "}";
  }

  static String quoted(String text) {
    return "\"" + text + "\"";
  }

  static String base64(byte[] octets) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
  }

  static String base64(String text) {
    return base64(text.getBytes(StandardCharsets.UTF_8));
  }
}
