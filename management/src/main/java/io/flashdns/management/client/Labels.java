package io.flashdns.management.client;

import java.util.Map;
import java.util.stream.Collectors;

/** Labels as arguments and in tables: {@code owner=web,team=a}. */
final class Labels {
  private Labels() {}

  static String text(Map<String, String> labels) {
    return labels.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(","));
  }
}
