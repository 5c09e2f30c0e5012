package io.flashdns.management.client;

import io.flashdns.proto.v1.QuotaKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Kinds of quotas as arguments: {@code records-per-zone}. */
final class QuotaKinds {
  private static final String PREFIX = "QUOTA_KIND_";

  private QuotaKinds() {}

  static String name(QuotaKind kind) {
    return kind == QuotaKind.UNRECOGNIZED
        ? "unknown"
        : kind.name().substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static QuotaKind parse(String text) throws ClientException {
    List<String> known = new ArrayList<>();
    for (QuotaKind kind : QuotaKind.values()) {
      if (kind != QuotaKind.QUOTA_KIND_UNSPECIFIED && kind != QuotaKind.UNRECOGNIZED) {
        known.add(name(kind));
        if (name(kind).equals(text)) {
          return kind;
        }
      }
    }
    throw ClientException.usage(
        "'"
            + text
            + "' is no quota"
            + Nearest.hint(text, known)
            + "; known are "
            + String.join(", ", known));
  }
}
