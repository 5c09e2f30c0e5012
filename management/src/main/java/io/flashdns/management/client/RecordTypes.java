package io.flashdns.management.client;

import io.flashdns.proto.v1.RecordType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Types of records as people write them: {@code aaaa}, {@code TYPE65400}. */
final class RecordTypes {
  private static final String PREFIX = "RECORD_TYPE_";
  private static final String GENERIC = "TYPE";

  private RecordTypes() {}

  /** The number of a type. */
  static int parse(String text) throws ClientException {
    String name = text.toUpperCase(Locale.ROOT);
    if (name.matches(GENERIC + "\\d{1,5}")) {
      return Integer.parseInt(name.substring(GENERIC.length()));
    }
    List<String> known = new ArrayList<>();
    for (RecordType type : RecordType.values()) {
      if (type != RecordType.RECORD_TYPE_UNSPECIFIED && type != RecordType.UNRECOGNIZED) {
        String knownName = type.name().substring(PREFIX.length());
        if (knownName.equals(name)) {
          return type.getNumber();
        }
        known.add(knownName);
      }
    }
    throw ClientException.usage(
        "'"
            + text
            + "' is no type of records"
            + Nearest.hint(name, known)
            + "; types without a name are TYPE1 to TYPE65535");
  }

  /** Its name, or {@code TYPE65400}. */
  static String name(int number) {
    RecordType type = RecordType.forNumber(number);
    return type == null || type == RecordType.RECORD_TYPE_UNSPECIFIED
        ? GENERIC + number
        : type.name().substring(PREFIX.length());
  }
}
