package io.flashdns.management.client;

import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.Ttl;
import io.flashdns.proto.v1.Zone;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.DuplicateKeyException;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;
import picocli.CommandLine.TypeConversionException;

/**
 * Zones as YAML: one document each.
 *
 * <pre>{@code
 * zone: example.org
 * project: acme/web            # where it is created; may be left out
 * view: public                 # may be left out, as all that follows but records
 * labels: {team: web}
 * comment: the shop
 * serial-policy: date
 * suspended: false
 * ttl: 1h                      # of records that have none
 * records:
 *   - {name: "@", type: MX, data: 10 mail.example.org.}
 *   - {name: www, type: A, ttl: 5m, data: [192.0.2.1, 192.0.2.2]}
 * }</pre>
 */
final class ZoneDocuments {
  private static final Set<String> ZONE_KEYS =
      Set.of(
          "zone",
          "project",
          "view",
          "labels",
          "comment",
          "serial-policy",
          "suspended",
          "ttl",
          "records");
  private static final Set<String> RECORD_KEYS =
      Set.of("name", "type", "ttl", "data", "labels", "comment");

  private static final int MAX_DEPTH = 16;

  private ZoneDocuments() {}

  /** Reads all documents of a text. */
  static List<DesiredZone> read(String text, String source) throws ClientException {
    // Every scalar is a text: "on" is a name and 010 no number of the base eight.
    LoadSettings settings =
        LoadSettings.builder().setLabel(source).setSchema(new FailsafeSchema()).build();
    List<DesiredZone> zones = new ArrayList<>();
    try {
      checkDepth(text, source, settings);
      for (Object document : new Load(settings).loadAllFromString(text)) {
        if (document != null && !document.equals("")) {
          zones.add(zone(document, source));
        }
      }
    } catch (MarkedYamlEngineException e) {
      throw ClientException.failed(
          source + e.getProblemMark().map(ZoneDocuments::place).orElse("") + ": " + told(e));
    } catch (YamlEngineException e) {
      throw ClientException.failed(source + " is not YAML: " + e.getMessage());
    }
    return zones;
  }

  private static String place(Mark mark) {
    return ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
  }

  private static String told(MarkedYamlEngineException e) {
    return e instanceof DuplicateKeyException
        ? e.getProblem() + ": one of them must go"
        : "is not YAML: " + e.getProblem();
  }

  /** The parser needs no more stack for what is deep; what makes objects of it would. */
  private static void checkDepth(String text, String source, LoadSettings settings)
      throws ClientException {
    int depth = 0;
    for (Event event : new Parse(settings).parseString(text)) {
      if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
        throw ClientException.failed(
            source
                + event.getStartMark().map(ZoneDocuments::place).orElse("")
                + ": nests deeper than "
                + MAX_DEPTH
                + ", which no zone does");
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      }
    }
  }

  private static DesiredZone zone(Object document, String source) throws ClientException {
    Map<?, ?> keys = keys(document, ZONE_KEYS, source);
    String name = text(keys, "zone", source);
    if (name == null) {
      throw ClientException.failed(source + ": a document has no 'zone'");
    }
    String place = source + ": zone " + name;
    Zone.Builder zone = Zone.newBuilder().setName(ZoneNames.name(name, text(keys, "view", place)));
    Set<String> said = new LinkedHashSet<>();
    String project = text(keys, "project", place);
    if (project != null) {
      zone.setProject(ZoneNames.project(project));
    }
    if (keys.containsKey("labels")) {
      zone.putAllLabels(labels(keys, place));
      said.add("labels");
    }
    String comment = text(keys, "comment", place);
    if (comment != null) {
      zone.setComment(comment);
      said.add("comment");
    }
    String policy = text(keys, "serial-policy", place);
    if (policy != null) {
      zone.setSerialPolicy(ZoneNames.serialPolicy(policy));
      said.add("serial_policy");
    }
    String suspended = text(keys, "suspended", place);
    if (suspended != null) {
      if (!suspended.equals("true") && !suspended.equals("false")) {
        throw ClientException.failed(place + ": suspended must be true or false");
      }
      zone.setSuspended(suspended.equals("true"));
      said.add("suspended");
    }
    Integer ttl = ttl(keys, place);
    List<Record> records = new ArrayList<>();
    List<String> places = new ArrayList<>();
    if (!(keys.get("records") instanceof List<?> entries)) {
      throw ClientException.failed(place + ": needs a list 'records', which may be empty: []");
    }
    for (Object entry : entries) {
      String where = place + ", record " + (records.size() + 1);
      Record record = record(entry, zone.getName().getApex(), ttl, where);
      records.add(record);
      places.add(where + " (" + RecordText.name(record) + ")");
    }
    return new DesiredZone(source, zone.build(), said, records, places, null);
  }

  private static Record record(Object entry, String apex, @Nullable Integer ttl, String place)
      throws ClientException {
    Map<?, ?> keys = keys(entry, RECORD_KEYS, place);
    String name = text(keys, "name", place);
    String type = text(keys, "type", place);
    Object data = keys.get("data");
    if (name == null || type == null || data == null) {
      throw ClientException.failed(place + ": needs name, type and data");
    }
    Record.Builder record = Record.newBuilder();
    try {
      record.setName(DomainName.within(name, apex)).setTypeValue(RecordTypes.parse(type));
    } catch (ClientException e) {
      throw ClientException.failed(place + ": " + e.sentence());
    }
    Integer own = ttl(keys, place);
    Integer seconds = own == null ? ttl : own;
    if (seconds != null) {
      record.setTtl(Ttl.newBuilder().setSeconds(seconds));
    }
    for (Object datum : data instanceof List<?> several ? several : List.of(data)) {
      if (!(datum instanceof String text)) {
        throw ClientException.failed(place + ": data must be a text or a list of texts");
      }
      record.addData(RecordData.newBuilder().setText(DataArguments.text(text, record.getType())));
    }
    if (keys.containsKey("labels")) {
      record.putAllLabels(labels(keys, place));
    }
    String comment = text(keys, "comment", place);
    return record.setComment(comment == null ? "" : comment).build();
  }

  private static Map<?, ?> keys(Object value, Set<String> known, String place)
      throws ClientException {
    if (!(value instanceof Map<?, ?> map)) {
      throw ClientException.failed(
          place + ": must have keys, such as " + known.stream().sorted().toList());
    }
    for (Object key : map.keySet()) {
      if (!(key instanceof String name) || !known.contains(name)) {
        throw ClientException.failed(
            place + ": unknown key '" + key + "'" + Nearest.hint(String.valueOf(key), known));
      }
    }
    return map;
  }

  private static @Nullable String text(Map<?, ?> keys, String key, String place)
      throws ClientException {
    Object value = keys.get(key);
    if (value == null || value instanceof String) {
      return (String) value;
    }
    throw ClientException.failed(place + ": " + key + " must be a text");
  }

  private static @Nullable Integer ttl(Map<?, ?> keys, String place) throws ClientException {
    String text = text(keys, "ttl", place);
    try {
      return text == null ? null : new TimeText.Seconds().convert(text);
    } catch (TypeConversionException e) {
      throw ClientException.failed(place + ": ttl " + e.getMessage());
    }
  }

  private static Map<String, String> labels(Map<?, ?> keys, String place) throws ClientException {
    Object value = keys.get("labels");
    if (!(value instanceof Map<?, ?> map)) {
      throw ClientException.failed(place + ": labels must have keys: {team: web}");
    }
    Map<String, String> labels = new java.util.LinkedHashMap<>();
    map.forEach((key, text) -> labels.put(String.valueOf(key), String.valueOf(text)));
    return labels;
  }
}
