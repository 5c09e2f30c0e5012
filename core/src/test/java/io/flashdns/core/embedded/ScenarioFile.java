package io.flashdns.core.embedded;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Master;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/**
 * A scenario file: zones, and what must be answered to which query. The format is described in the
 * README beside the files.
 *
 * <p>The reader is strict: a word it does not know, a query without a reply, a file without a query
 * are errors with file and line.
 */
public final class ScenarioFile {
  /**
   * What a query must be answered with.
   *
   * @param silence true when no reply may come; then nothing else counts
   * @param rcode mnemonic
   * @param flags those of aa and tc that are set
   * @param sections answer, authority, additional; null for a section that is not looked at
   * @param nsid identifier in hexadecimal digits; empty for none
   * @param extendedErrors info codes
   */
  public record Expected(
      boolean silence,
      String rcode,
      Set<String> flags,
      List<@Nullable List<Record>> sections,
      String nsid,
      List<Integer> extendedErrors) {}

  /**
   * One query and its reply.
   *
   * @param line where the query stands
   * @param text the query's line
   * @param message the query's octets
   * @param edns true when it has an OPT record
   * @param expected null only while the file is being read
   */
  public record Exchange(
      int line,
      String text,
      byte[] message,
      boolean edns,
      boolean dnssecOk,
      boolean overUdp,
      boolean overTcp,
      Expected expected) {}

  /**
   * Data that is taken from the zones: what is covered, the dots, and the owner there where it is
   * another one.
   */
  private static final Pattern DOTS = Pattern.compile("(.*)\\.\\.\\.(?: of (\\S+))?");

  private static final Set<String> REPLY_FLAGS = Set.of("aa", "tc");

  private final Path file;
  private final List<String> zones = new ArrayList<>();
  private final List<Record> zoneRecords = new ArrayList<>();
  private final List<Exchange> exchanges = new ArrayList<>();
  private byte @Nullable [] nsid;

  private int line;
  private @Nullable QueryLine query;
  private int queryAt;
  private @Nullable String rcode;
  private boolean silence;
  private @Nullable Expected same;
  private final Set<String> flags = new TreeSet<>();
  private final List<@Nullable List<Record>> sections = new ArrayList<>();
  private int section = -1;
  private String wantedNsid = "";
  private final List<Integer> wantedErrors = new ArrayList<>();

  private ScenarioFile(Path file) {
    this.file = file;
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException naming file, line and reason, when it is not a scenario
   */
  public static ScenarioFile read(Path file) {
    ScenarioFile scenario = new ScenarioFile(file);
    try {
      scenario.read(Files.readAllLines(file, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return scenario;
  }

  /** The zones, each as the text of a zone file. */
  public List<String> zones() {
    return List.copyOf(zones);
  }

  /** The server's identifier (RFC 5001), or null. */
  public byte @Nullable [] nsid() {
    return nsid == null ? null : nsid.clone();
  }

  public List<Exchange> exchanges() {
    return List.copyOf(exchanges);
  }

  private void read(List<String> lines) {
    for (line = 1; line <= lines.size(); line++) {
      String text = lines.get(line - 1);
      if (text.isBlank() || text.startsWith("#")) {
        continue;
      }
      if (Character.isWhitespace(text.charAt(0))) {
        record(text.strip());
        continue;
      }
      String[] words = text.strip().split("\\s+");
      switch (words[0]) {
        case "zone" -> readZone(lines, words);
        case "nsid" -> nsid = HexFormat.of().parseHex(only(words));
        case "query" -> beginQuery(text.strip(), words);
        case "reply" -> beginReply(words);
        case "silence" -> {
          if (query == null || rcode != null) {
            throw bad("silence belongs to one query");
          }
          silence = true;
          rcode = "";
        }
        case "same" -> sameAsBefore();
        case "answer" -> beginSection(0, words);
        case "authority" -> beginSection(1, words);
        case "additional" -> beginSection(2, words);
        case "nsid-is" -> wantedNsid = only(words);
        case "ede" -> wantedErrors.add(Integer.valueOf(only(words)));
        default -> throw bad("unknown word '" + words[0] + "'");
      }
    }
    endQuery();
    if (exchanges.isEmpty()) {
      throw bad("no query: the file asserts nothing");
    }
  }

  private String only(String[] words) {
    if (words.length != 2) {
      throw bad("'" + words[0] + "' takes one word");
    }
    return words[1];
  }

  private void readZone(List<String> lines, String[] words) {
    if (!exchanges.isEmpty() || query != null) {
      throw bad("zones stand before the first query");
    }
    String text;
    if (words.length == 2) {
      try {
        text = Files.readString(file.resolveSibling(words[1]));
      } catch (IOException e) {
        throw bad("the zone file " + words[1] + " cannot be read: " + e);
      }
    } else {
      StringBuilder inline = new StringBuilder();
      for (line++; line <= lines.size() && !lines.get(line - 1).equals("end"); line++) {
        inline.append(lines.get(line - 1)).append('\n');
      }
      if (line > lines.size()) {
        throw bad("a zone without 'end'");
      }
      text = inline.toString();
    }
    zones.add(text);
    try (Master master =
        new Master(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), Name.root)) {
      for (Record record = master.nextRecord(); record != null; record = master.nextRecord()) {
        zoneRecords.add(record);
      }
    } catch (IOException e) {
      throw bad("the zone cannot be read: " + e.getMessage());
    }
  }

  private void beginQuery(String text, String[] words) {
    endQuery();
    try {
      query = new QueryLine(text, words);
    } catch (IllegalArgumentException e) {
      throw bad(e.getMessage());
    }
    queryAt = line;
  }

  private void beginReply(String[] words) {
    if (query == null || rcode != null) {
      throw bad("a reply belongs to one query");
    }
    if (words.length < 2 || Rcode.value(words[1]) < 0) {
      throw bad("a reply needs a response code");
    }
    rcode = words[1].toUpperCase(Locale.ROOT);
    for (int i = 2; i < words.length; i++) {
      if (!REPLY_FLAGS.contains(words[i]) || !flags.add(words[i])) {
        throw bad("unknown or repeated flag '" + words[i] + "'");
      }
    }
  }

  private void sameAsBefore() {
    if (query == null || rcode != null || exchanges.isEmpty()) {
      throw bad("'same' stands in place of a reply and needs a query before");
    }
    same = exchanges.getLast().expected();
    rcode = "";
  }

  private void beginSection(int index, String[] words) {
    if (rcode == null || rcode.isEmpty()) {
      throw bad("a section without a reply");
    }
    if (index <= section) {
      throw bad("sections stand once and in order");
    }
    while (sections.size() < index) {
      sections.add(List.of());
    }
    section = index;
    if (words.length == 2 && words[1].equals("any")) {
      sections.add(null);
    } else if (words.length == 1) {
      sections.add(new ArrayList<>());
    } else {
      throw bad("after the section's name stands nothing, or 'any'");
    }
  }

  /** A record, or all records of an RRset of the zones where the data is three dots. */
  private void record(String text) {
    List<Record> into = section < 0 ? null : sections.get(section);
    if (into == null) {
      throw bad("a record outside of a section");
    }
    String[] words = text.split("\\s+", 5);
    try {
      if (words.length < 5) {
        throw new IllegalArgumentException("a record is: owner TTL class type data");
      }
      Name owner = Name.fromString(words[0]);
      if (!owner.isAbsolute()) {
        throw new IllegalArgumentException("owners end in a dot");
      }
      long ttl = Long.parseLong(words[1]);
      int recordClass = DClass.value(words[2]);
      int type = Type.value(words[3], true);
      Matcher dots = DOTS.matcher(words[4]);
      if (dots.matches()) {
        Name from = dots.group(2) == null ? owner : Name.fromString(dots.group(2));
        into.addAll(fromZones(owner, from, ttl, type, dots.group(1).strip()));
      } else {
        into.add(Record.fromString(owner, type, recordClass, ttl, words[4], Name.root));
      }
    } catch (IOException | RuntimeException e) {
      throw bad("'" + text + "': " + e.getMessage());
    }
  }

  private List<Record> fromZones(Name owner, Name from, long ttl, int type, String covered) {
    List<Record> found = new ArrayList<>();
    for (Record record : zoneRecords) {
      boolean covers =
          covered.isEmpty()
              || (record instanceof RRSIGRecord signature
                  && Type.string(signature.getTypeCovered()).equals(covered));
      if (record.getType() == type && covers && record.getName().equals(from)) {
        found.add(Record.newRecord(owner, type, record.getDClass(), ttl, wire(record)));
      }
    }
    if (found.isEmpty()) {
      throw new IllegalArgumentException("the zones have no such RRset");
    }
    return found;
  }

  private static byte[] wire(Record record) {
    byte[] whole = record.toWire(org.xbill.DNS.Section.ANSWER);
    int data = record.getName().length() + 10;
    return java.util.Arrays.copyOfRange(whole, data, whole.length);
  }

  private void endQuery() {
    QueryLine ended = query;
    if (ended == null) {
      if (rcode != null) {
        throw bad("a reply without a query");
      }
      return;
    }
    if (rcode == null) {
      throw new IllegalArgumentException(
          file + ":" + queryAt + ": the query has no reply: it asserts nothing");
    }
    while (sections.size() < 3) {
      sections.add(List.of());
    }
    Expected expected =
        same != null
            ? same
            : new Expected(
                silence,
                rcode,
                Set.copyOf(flags),
                new ArrayList<>(sections),
                wantedNsid,
                List.copyOf(wantedErrors));
    exchanges.add(
        new Exchange(
            queryAt,
            ended.text,
            ended.message(),
            ended.edns,
            ended.dnssecOk,
            ended.overUdp,
            ended.overTcp,
            expected));
    query = null;
    rcode = null;
    silence = false;
    same = null;
    flags.clear();
    sections.clear();
    section = -1;
    wantedNsid = "";
    wantedErrors.clear();
  }

  private IllegalArgumentException bad(String reason) {
    return new IllegalArgumentException(file + ":" + line + ": " + reason);
  }

  /** A query as its line says it. */
  private static final class QueryLine {
    private final String text;
    private final DomainName name;
    private final int type;
    private int recordClass = DClass.IN;
    private int headerFlags;
    private boolean edns;
    private boolean dnssecOk;
    private int payload = 1_232;
    private int version;
    private int ednsFlags;
    private final ByteArrayOutputStream options = new ByteArrayOutputStream();
    private boolean overUdp = true;
    private boolean overTcp = true;

    QueryLine(String text, String[] words) {
      this.text = text;
      if (words.length < 3) {
        throw new IllegalArgumentException("a query is: query NAME TYPE [CLASS] [+flag ...]");
      }
      name = DomainName.parse(words[1]);
      type = Type.value(words[2], true);
      if (type < 0) {
        throw new IllegalArgumentException("unknown type " + words[2]);
      }
      for (int i = 3; i < words.length; i++) {
        if (words[i].startsWith("+")) {
          flag(words[i].substring(1));
        } else {
          recordClass = DClass.value(words[i]);
          if (i != 3 || recordClass < 0) {
            throw new IllegalArgumentException("unknown word '" + words[i] + "'");
          }
        }
      }
      if (!overUdp && !overTcp) {
        throw new IllegalArgumentException("+udp and +tcp exclude each other");
      }
    }

    private void flag(String flag) {
      int equals = flag.indexOf('=');
      String value = equals < 0 ? "" : flag.substring(equals + 1);
      switch (equals < 0 ? flag : flag.substring(0, equals)) {
        case "aa" -> headerFlags |= Wire.AA;
        case "tc" -> headerFlags |= Wire.TC;
        case "rd" -> headerFlags |= Wire.RD;
        case "ra" -> headerFlags |= Wire.RA;
        case "z" -> headerFlags |= 0x40;
        case "ad" -> headerFlags |= Wire.AD;
        case "cd" -> headerFlags |= Wire.CD;
        case "opcode" -> headerFlags |= Integer.parseInt(value) << Wire.OPCODE_SHIFT;
        case "udp" -> overTcp = false;
        case "tcp" -> overUdp = false;
        case "edns" -> {
          edns = true;
          payload = value.isEmpty() ? payload : Integer.parseInt(value);
        }
        case "do" -> {
          edns = true;
          dnssecOk = true;
        }
        case "version" -> {
          edns = true;
          version = Integer.parseInt(value);
        }
        case "ednsflags" -> {
          edns = true;
          ednsFlags = Integer.parseInt(value, 16);
        }
        case "nsid" -> option(3, new byte[0]);
        case "option" -> {
          String[] parts = value.split(":", 2);
          option(
              Integer.parseInt(parts[0]),
              HexFormat.of().parseHex(parts.length == 2 ? parts[1] : ""));
        }
        default -> throw new IllegalArgumentException("unknown flag +" + flag);
      }
    }

    private void option(int code, byte[] data) {
      edns = true;
      byte[] head = new byte[4];
      Wire.put16(head, 0, code);
      Wire.put16(head, 2, data.length);
      options.writeBytes(head);
      options.writeBytes(data);
    }

    byte[] message() {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] header = new byte[Wire.HEADER_BYTES];
      Wire.put16(header, Wire.ID, 0x5ce1);
      Wire.put16(header, Wire.FLAGS, headerFlags);
      Wire.put16(header, Wire.QDCOUNT, 1);
      Wire.put16(header, Wire.ARCOUNT, edns ? 1 : 0);
      out.writeBytes(header);
      out.writeBytes(name.wire());
      byte[] tail = new byte[4];
      Wire.put16(tail, 0, type);
      Wire.put16(tail, 2, recordClass);
      out.writeBytes(tail);
      if (edns) {
        byte[] opt = new byte[11];
        Wire.put16(opt, 1, 41);
        Wire.put16(opt, 3, payload);
        opt[6] = (byte) version;
        Wire.put16(opt, 7, ednsFlags | (dnssecOk ? 0x8000 : 0));
        Wire.put16(opt, 9, options.size());
        out.writeBytes(opt);
        out.writeBytes(options.toByteArray());
      }
      return out.toByteArray();
    }
  }
}
