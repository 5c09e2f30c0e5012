package io.flashdns.plugins.querylog;

import io.flashdns.core.dns.Opcode;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.plugin.PluginContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes a line of a record, in text or JSON.
 *
 * <p>Used by the drain's thread alone.
 */
final class LineFormat {
  /**
   * Most octets of a line: name and zone with each octet as {@code \\DDD}, a view's name of 200
   * characters with up to three octets each, and 400 for all the rest.
   */
  static final int MAX_LINE_BYTES = 2 * 255 * 5 + 200 * 3 * 5 + 400;

  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final byte[] ONE_BACKSLASH = {'\\'};
  private static final byte[] TWO_BACKSLASHES = {'\\', '\\'};
  private static final int IPV4_BITS = 96;
  private static final String[] TYPES = new String[512];

  static {
    for (int type = 0; type < TYPES.length; type++) {
      TYPES[type] = RecordType.text(type);
    }
  }

  private final PluginContext context;
  private final boolean json;
  private final long ipv4Mask;
  private final long hiMask;
  private final long loMask;
  private long lastSecond = Long.MIN_VALUE;
  private byte[] lastSecondText = {};

  /** Names of views, escaped, by number; null where a view was not seen yet. */
  private byte[] @Nullable [] views = new byte[16][];

  LineFormat(QuerylogPluginConfig config, PluginContext context) {
    this.context = context;
    this.json = config.format() == QuerylogPluginConfig.Format.JSON;
    this.ipv4Mask = mask(64, IPV4_BITS - 64 + config.maskIpv4());
    this.hiMask = mask(64, Math.min(64, config.maskIpv6()));
    this.loMask = mask(64, Math.max(0, config.maskIpv6() - 64));
  }

  private static long mask(int width, int bits) {
    return bits == 0 ? 0 : -1L << (width - bits);
  }

  /** Appends a line to a buffer that has {@link #MAX_LINE_BYTES} of room. */
  void append(byte[] bytes, int at, TextBuffer to) {
    if (json) {
      appendJson(bytes, at, to);
    } else {
      appendText(bytes, at, to);
    }
    to.octet('\n');
  }

  private void appendText(byte[] bytes, int at, TextBuffer to) {
    int facts = Wire.u16(bytes, at + RecordLayout.FACTS);
    boolean sent = (facts & RecordLayout.SENT) != 0;
    boolean known = (facts & RecordLayout.WELL_FORMED) != 0;
    time(Wire.s64(bytes, at + RecordLayout.RECEIVED_NANOS), to);
    to.octet('\t');
    to.decimal(Wire.u16(bytes, at + RecordLayout.WORKER));
    to.octet('\t');
    client(bytes, at, to);
    to.octet('#');
    to.decimal(Wire.u16(bytes, at + RecordLayout.SOURCE_PORT));
    to.octet('\t');
    to.ascii(protocol(facts));
    to.octet('\t');
    to.octets(view(Wire.s32(bytes, at + RecordLayout.VIEW)));
    to.octet('\t');
    int apex = Wire.u8(bytes, at + RecordLayout.APEX_BYTES);
    if (apex == 0) {
      to.octet('-');
    } else {
      to.name(bytes, apexAt(bytes, at, apex), ONE_BACKSLASH);
    }
    to.octet('\t');
    if (known) {
      to.name(bytes, at + RecordLayout.NAME, ONE_BACKSLASH);
      to.octet('\t');
      recordClass(Wire.u16(bytes, at + RecordLayout.CLASS), to);
      to.octet('\t');
      type(Wire.u16(bytes, at + RecordLayout.TYPE), to);
    } else {
      to.ascii("-\t-\t-");
    }
    to.octet('\t');
    opcode(bytes[at + RecordLayout.OPCODE], to);
    to.octet('\t');
    to.ascii(sent ? Rcode.text(Wire.u16(bytes, at + RecordLayout.RCODE)) : "-");
    to.octet('\t');
    int before = to.length;
    flags(facts, "", ",", to);
    if (to.length == before) {
      to.octet('-');
    }
    to.octet('\t');
    to.decimal(Wire.u32(bytes, at + RecordLayout.REPLY_BYTES));
    to.octet('\t');
    to.ascii(sent ? "sent" : "dropped");
  }

  private void appendJson(byte[] bytes, int at, TextBuffer to) {
    int facts = Wire.u16(bytes, at + RecordLayout.FACTS);
    boolean sent = (facts & RecordLayout.SENT) != 0;
    boolean known = (facts & RecordLayout.WELL_FORMED) != 0;
    to.ascii("{\"time\":\"");
    time(Wire.s64(bytes, at + RecordLayout.RECEIVED_NANOS), to);
    to.ascii("\",\"worker\":");
    to.decimal(Wire.u16(bytes, at + RecordLayout.WORKER));
    to.ascii(",\"client\":\"");
    client(bytes, at, to);
    to.ascii("\",\"port\":");
    to.decimal(Wire.u16(bytes, at + RecordLayout.SOURCE_PORT));
    to.ascii(",\"protocol\":\"");
    to.ascii(protocol(facts));
    to.ascii("\",\"view\":\"");
    to.octets(view(Wire.s32(bytes, at + RecordLayout.VIEW)));
    to.ascii("\",\"zone\":");
    int apex = Wire.u8(bytes, at + RecordLayout.APEX_BYTES);
    jsonName(apex != 0, bytes, apexAt(bytes, at, apex), to);
    to.ascii(",\"name\":");
    jsonName(known, bytes, at + RecordLayout.NAME, to);
    to.ascii(",\"class\":");
    if (known) {
      to.octet('"');
      recordClass(Wire.u16(bytes, at + RecordLayout.CLASS), to);
      to.ascii("\",\"type\":\"");
      type(Wire.u16(bytes, at + RecordLayout.TYPE), to);
      to.octet('"');
    } else {
      to.ascii("null,\"type\":null");
    }
    to.ascii(",\"opcode\":\"");
    opcode(bytes[at + RecordLayout.OPCODE], to);
    to.ascii("\",\"rcode\":");
    if (sent) {
      to.octet('"');
      to.ascii(Rcode.text(Wire.u16(bytes, at + RecordLayout.RCODE)));
      to.octet('"');
    } else {
      to.ascii("null");
    }
    to.ascii(",\"flags\":[");
    flags(facts, "\"", ",", to);
    to.ascii("],\"bytes\":");
    to.decimal(Wire.u32(bytes, at + RecordLayout.REPLY_BYTES));
    to.ascii(sent ? ",\"dropped\":false}" : ",\"dropped\":true}");
  }

  private static void jsonName(boolean there, byte[] bytes, int offset, TextBuffer to) {
    if (there) {
      to.octet('"');
      to.name(bytes, offset, TWO_BACKSLASHES);
      to.octet('"');
    } else {
      to.ascii("null");
    }
  }

  private static int apexAt(byte[] bytes, int at, int apex) {
    return at + RecordLayout.NAME + Wire.u8(bytes, at + RecordLayout.NAME_BYTES) - apex;
  }

  private void time(long receivedNanos, TextBuffer to) {
    long nanos = context.epochNanos(receivedNanos);
    long second = Math.floorDiv(nanos, 1_000_000_000L);
    if (second != lastSecond) {
      lastSecond = second;
      lastSecondText =
          SECONDS.format(Instant.ofEpochSecond(second)).getBytes(StandardCharsets.US_ASCII);
    }
    to.octets(lastSecondText);
    to.octet('.');
    to.padded(Math.floorMod(nanos, 1_000_000_000L) / 1_000_000, 3);
    to.octet('Z');
  }

  private void client(byte[] bytes, int at, TextBuffer to) {
    long hi = Wire.s64(bytes, at + RecordLayout.SOURCE_HI);
    long lo = Wire.s64(bytes, at + RecordLayout.SOURCE_LO);
    if (hi == 0 && lo >>> 32 == 0xffff) {
      to.address(0, lo & ipv4Mask);
    } else {
      to.address(hi & hiMask, lo & loMask);
    }
  }

  private byte[] view(int number) {
    if (number >= views.length) {
      views = Arrays.copyOf(views, Math.max(number + 1, 2 * views.length));
    }
    byte[] known = views[number];
    if (known == null) {
      TextBuffer name = new TextBuffer(MAX_LINE_BYTES);
      name.escaped(context.views().name(number), json ? TWO_BACKSLASHES : ONE_BACKSLASH);
      known = Arrays.copyOf(name.bytes, name.length);
      views[number] = known;
    }
    return known;
  }

  private static String protocol(int facts) {
    return (facts & RecordLayout.TCP) != 0 ? "tcp" : "udp";
  }

  private static void recordClass(int number, TextBuffer to) {
    switch (number) {
      case RecordClass.IN -> to.ascii("IN");
      case RecordClass.CH -> to.ascii("CH");
      case RecordClass.NONE -> to.ascii("NONE");
      case RecordClass.ANY -> to.ascii("ANY");
      default -> {
        to.ascii("CLASS");
        to.decimal(number);
      }
    }
  }

  private static void type(int number, TextBuffer to) {
    to.ascii(number < TYPES.length ? TYPES[number] : RecordType.text(number));
  }

  private static void opcode(int number, TextBuffer to) {
    switch (number) {
      case Opcode.QUERY -> to.ascii("QUERY");
      case Opcode.NOTIFY -> to.ascii("NOTIFY");
      case Opcode.UPDATE -> to.ascii("UPDATE");
      default -> {
        to.ascii("OPCODE");
        to.decimal(number);
      }
    }
  }

  private static void flags(int facts, String quote, String comma, TextBuffer to) {
    int before = to.length;
    flag(facts, RecordLayout.AUTHORITATIVE, "aa", quote, comma, before, to);
    flag(facts, RecordLayout.TRUNCATED, "tc", quote, comma, before, to);
    flag(facts, RecordLayout.RECURSION_DESIRED, "rd", quote, comma, before, to);
    flag(facts, RecordLayout.DNSSEC_OK, "do", quote, comma, before, to);
    flag(facts, RecordLayout.COOKIE, "cookie", quote, comma, before, to);
  }

  private static void flag(
      int facts, int bit, String word, String quote, String comma, int before, TextBuffer to) {
    if ((facts & bit) != 0) {
      if (to.length != before) {
        to.ascii(comma);
      }
      to.ascii(quote);
      to.ascii(word);
      to.ascii(quote);
    }
  }
}
