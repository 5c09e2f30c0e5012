package io.flashdns.management.escape;

import com.google.protobuf.Message;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneStore;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Finds what is another's: in answers by the marks that all its texts have, and in the store. */
final class Marks {
  private static final int PAGE = 1_000;

  private final String mark;
  private final Pattern pattern;
  private final Set<String> secrets;

  /**
   * For one other.
   *
   * @param mark what all marks begin with
   * @param secrets ids that nobody else may learn
   */
  Marks(String mark, Set<String> secrets) {
    this.mark = mark;
    this.pattern = Pattern.compile(Pattern.quote(mark) + "[a-z0-9]*");
    this.secrets = Set.copyOf(secrets);
  }

  /** All marks and secrets in a text that is in lower case. */
  Set<String> in(String text) {
    Set<String> found = new TreeSet<>();
    var matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group());
    }
    for (String secret : secrets) {
      if (text.contains(secret.toLowerCase(Locale.ROOT))) {
        found.add(secret);
      }
    }
    return found;
  }

  /** Marks in an answer that its request did not have. */
  Set<String> leaked(Answer answer, List<Message> requests, String named) {
    Set<String> leaked = in(answer.everything());
    if (leaked.isEmpty()) {
      return leaked;
    }
    StringBuilder known = new StringBuilder(named);
    for (Message request : requests) {
      known.append('\n').append(Answer.text(request));
    }
    leaked.removeAll(in(known.toString().toLowerCase(Locale.ROOT)));
    return leaked;
  }

  /** All that is stored of it: documents with its marks, and zones of its organisation. */
  Map<String, String> stored(ZoneStore store) throws StoreException {
    Map<String, String> stored = new TreeMap<>();
    try (StoreSnapshot snapshot = store.snapshot()) {
      List<Document> page;
      String after = "";
      do {
        page = snapshot.documents("", after, PAGE);
        for (Document document : page) {
          after = document.key();
          byte[] value = document.value().array();
          String text =
              (after + new String(value, StandardCharsets.ISO_8859_1)).toLowerCase(Locale.ROOT);
          if (text.contains(mark)) {
            stored.put(after, Arrays.toString(value));
          }
        }
      } while (page.size() == PAGE);
      long last = 0;
      List<StoredZone> zones;
      do {
        zones = snapshot.zones(last, PAGE);
        for (StoredZone zone : zones) {
          last = zone.id().value();
          if (zone.toString().contains(mark)) {
            stored.put("zone " + zone.id(), zone.toString());
          }
        }
      } while (zones.size() == PAGE);
    }
    return stored;
  }
}
