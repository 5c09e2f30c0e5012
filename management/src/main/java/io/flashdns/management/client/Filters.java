package io.flashdns.management.client;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds a filter of the API out of options: comparisons joined by AND. */
final class Filters {
  private final List<String> parts = new ArrayList<>();

  /** Equality with a text, which may have {@code *} at either end; null adds nothing. */
  Filters text(String field, @Nullable String value) {
    if (value != null) {
      parts.add(field + " = \"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
    }
    return this;
  }

  /** Anything; null adds nothing. */
  Filters part(@Nullable String comparison) {
    if (comparison != null && !comparison.isBlank()) {
      parts.add(comparison);
    }
    return this;
  }

  /** Each label; {@code *} as the value: the label is there. */
  Filters labels(Map<String, String> labels) {
    labels.forEach((key, value) -> text("labels." + key, value));
    return this;
  }

  /** Organisation, or organisation and project; null adds nothing. */
  Filters tenant(@Nullable String tenant) throws ClientException {
    if (tenant != null) {
      var name = ZoneNames.tenant(tenant);
      text("organisation", name.getOrganisation().isEmpty() ? null : name.getOrganisation());
      text("project", name.getProject().isEmpty() ? null : name.getProject());
    }
    return this;
  }

  /** Not before then; null adds nothing. */
  Filters since(@Nullable String time) throws ClientException {
    if (time != null) {
      parts.add("time >= \"" + instant(time) + "\"");
    }
    return this;
  }

  /** A time ago ({@code 2h}), or a moment of RFC 3339. */
  static Instant instant(String text) throws ClientException {
    return moment(text, false);
  }

  /** A time from now ({@code 30d}), or a moment of RFC 3339. */
  static Instant ahead(String text) throws ClientException {
    return moment(text, true);
  }

  private static Instant moment(String text, boolean ahead) throws ClientException {
    try {
      if (text.indexOf('T') > 0) {
        return Instant.parse(text);
      }
      if (text.matches("\\d{4}-\\d\\d-\\d\\d")) {
        return Instant.parse(text + "T00:00:00Z");
      }
      Duration time = TimeText.parse(text);
      return ahead ? Instant.now().plus(time) : Instant.now().minus(time);
    } catch (RuntimeException _) {
      throw ClientException.usage(
          "'" + text + "' is no time: write 2h, 30d, 2026-01-31 or 2026-01-31T12:00:00Z");
    }
  }

  /** The filter. */
  String text() {
    return String.join(" AND ", parts);
  }
}
