package io.flashdns.management.client;

import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.Ttl;
import io.flashdns.proto.v1.Zone;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/**
 * Zone files in their common form, so that many small ones fit into one change: names, TTLs, types
 * and data with absolute names. It judges nothing, the server does. Whatever is out of the common
 * (other directives than $ORIGIN and $TTL, types whose data may hold names that are not known here,
 * relative names with escapes, anything it does not understand) makes it leave the file to the
 * server, which reads all of it (ImportZone) and says what is wrong, line by line.
 */
final class ZoneFile {
  private static final long MAX_BYTES = 900_000;

  /** Which fields of the data are names, by type; types that have none have an empty list. */
  private static final Map<String, List<Integer>> NAME_FIELDS =
      Map.ofEntries(
          Map.entry("A", List.of()),
          Map.entry("AAAA", List.of()),
          Map.entry("NS", List.of(0)),
          Map.entry("CNAME", List.of(0)),
          Map.entry("DNAME", List.of(0)),
          Map.entry("PTR", List.of(0)),
          Map.entry("SOA", List.of(0, 1)),
          Map.entry("MX", List.of(1)),
          Map.entry("RP", List.of(0, 1)),
          Map.entry("SRV", List.of(3)),
          Map.entry("NAPTR", List.of(5)),
          Map.entry("SVCB", List.of(1)),
          Map.entry("HTTPS", List.of(1)),
          Map.entry("TXT", List.of()),
          Map.entry("CAA", List.of()),
          Map.entry("TLSA", List.of()),
          Map.entry("SMIMEA", List.of()),
          Map.entry("SSHFP", List.of()),
          Map.entry("DS", List.of()),
          Map.entry("CDS", List.of()),
          Map.entry("DNSKEY", List.of()),
          Map.entry("CDNSKEY", List.of()),
          Map.entry("LOC", List.of()),
          Map.entry("HINFO", List.of()),
          Map.entry("URI", List.of()));

  private final Path file;
  private final ZoneFileEntries entries;
  private final Map<String, Record.Builder> records = new LinkedHashMap<>();
  private final Map<String, Integer> lines = new LinkedHashMap<>();
  private String origin;
  private @Nullable String owner;
  private @Nullable String apex;
  private @Nullable Integer defaultTtl;
  private @Nullable Integer lastTtl;

  private ZoneFile(Path file, String origin, String text) {
    this.file = file;
    this.origin = origin;
    this.entries = new ZoneFileEntries(text);
  }

  /** The file is out of the common. */
  static final class UncommonException extends Exception {
    private static final long serialVersionUID = 1L;

    UncommonException(String why) {
      super(why, null, false, false);
    }
  }

  /**
   * Reads a file, or leaves it to the server.
   *
   * @param origin in force at its beginning, and the apex where there is no SOA
   */
  static DesiredZone read(Path file, String origin, @Nullable String view) throws ClientException {
    try {
      if (Files.size(file) > MAX_BYTES) {
        return DesiredFiles.left(file, origin, view);
      }
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      if (text.chars().anyMatch(c -> c > 126)) {
        return DesiredFiles.left(file, origin, view);
      }
      return new ZoneFile(file, origin, text).read(view);
    } catch (UncommonException _) {
      return DesiredFiles.left(file, origin, view);
    } catch (IOException e) {
      throw ClientException.failed(LocalFiles.reason(e));
    }
  }

  private DesiredZone read(@Nullable String view) throws ClientException, UncommonException {
    for (ZoneFileEntries.Entry entry = entries.next(); entry != null; entry = entries.next()) {
      List<String> words = entry.words();
      if (words.getFirst().startsWith("$")) {
        directive(words);
      } else {
        record(entry);
      }
    }
    if (apex == null) {
      throw new UncommonException("no SOA");
    }
    List<Record> all = new ArrayList<>();
    List<String> places = new ArrayList<>();
    records.forEach(
        (key, record) -> {
          all.add(record.build());
          places.add(file + ":" + lines.get(key) + " (" + RecordText.name(record.build()) + ")");
        });
    Zone settings = Zone.newBuilder().setName(ZoneNames.name(apex, view)).build();
    return new DesiredZone(file.toString(), settings, Set.of(), all, places, null);
  }

  private void directive(List<String> words) throws UncommonException {
    String name = words.getFirst().toUpperCase(Locale.ROOT);
    if (words.size() != 2) {
      throw new UncommonException(name);
    }
    switch (name) {
      case "$ORIGIN" -> origin = absolute(words.get(1));
      case "$TTL" -> defaultTtl = seconds(words.get(1));
      default -> throw new UncommonException(name);
    }
  }

  private void record(ZoneFileEntries.Entry entry) throws UncommonException {
    List<String> words = entry.words();
    int at = 0;
    if (entry.hasOwner()) {
      owner = absolute(words.get(at++));
    }
    Integer ttl = null;
    String type = null;
    while (at < words.size() && type == null) {
      String word = words.get(at++);
      if (word.equalsIgnoreCase("IN")) {
        continue;
      }
      if (Character.isDigit(word.charAt(0)) && ttl == null) {
        ttl = seconds(word);
      } else {
        type = word.toUpperCase(Locale.ROOT);
      }
    }
    String name = owner;
    if (type == null || name == null || at == words.size() || !NAME_FIELDS.containsKey(type)) {
      throw new UncommonException("record");
    }
    if (type.equals("SOA")) {
      if (apex != null) {
        throw new UncommonException("two SOA");
      }
      apex = name;
    }
    Integer kept = ttl != null ? ttl : defaultTtl != null ? defaultTtl : lastTtl;
    if (kept == null) {
      throw new UncommonException("no TTL");
    }
    lastTtl = kept;
    add(entry, name, type, kept, data(type, words.subList(at, words.size())));
  }

  private void add(ZoneFileEntries.Entry entry, String name, String type, int ttl, String data)
      throws UncommonException {
    String key = name.toLowerCase(Locale.ROOT) + " " + type;
    Record.Builder record = records.get(key);
    if (record == null) {
      RecordType number = RecordType.valueOf("RECORD_TYPE_" + type);
      record =
          Record.newBuilder()
              .setName(name)
              .setType(number)
              .setTtl(Ttl.newBuilder().setSeconds(ttl));
      records.put(key, record);
      lines.put(key, entry.line());
    } else if (record.getTtl().getSeconds() != ttl) {
      throw new UncommonException("TTLs of one RRset differ");
    }
    record.addData(RecordData.newBuilder().setText(data));
  }

  private String data(String type, List<String> words) throws UncommonException {
    List<String> data = new ArrayList<>(words);
    if (!data.getFirst().equals("\\#")) {
      for (int field : NAME_FIELDS.getOrDefault(type, List.of())) {
        if (field >= data.size()) {
          throw new UncommonException("too few fields");
        }
        data.set(field, absolute(data.get(field)));
      }
    }
    if (type.equals("SOA")) {
      for (int i = 3; i < data.size(); i++) {
        data.set(i, String.valueOf(seconds(data.get(i))));
      }
    }
    return String.join(" ", data);
  }

  private String absolute(String name) throws UncommonException {
    if (name.equals("@")) {
      return origin;
    }
    if (name.indexOf('"') >= 0 || name.indexOf('\\') >= 0 || name.contains("..")) {
      throw new UncommonException("name");
    }
    if (name.endsWith(".")) {
      return name;
    }
    return origin.equals(".") ? name + "." : name + "." + origin;
  }

  private static int seconds(String text) throws UncommonException {
    try {
      return new TimeText.Seconds().convert(text.toLowerCase(Locale.ROOT));
    } catch (TypeConversionException _) {
      throw new UncommonException("TTL");
    }
  }
}
