package io.flashdns.core.zonefile;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.zonefile.TypeText.Field;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The data of one record as text and back, in the form that zone files have (RFC 1035 §5, RFC 3597
 * §5), without a zone file around it. Names are absolute.
 *
 * <p>Safe for all threads; a thread that is in the middle of reading a zone file must not call it.
 * Costs some microseconds.
 */
public final class RdataText {
  /** No limit but that of the data itself. */
  private static final int MAX_TEXT_BYTES = 1 << 20;

  private static final byte[] ROOT = {0};

  private RdataText() {}

  /** True when data of this type has a text form of its own, besides {@code \# length hex}. */
  public static boolean hasText(int type) {
    return TypeText.fields(type)[0] != Field.NONE;
  }

  /**
   * Reads text: that of the type, or {@code \# length hex} for any type.
   *
   * @param type any but a meta type
   * @param text without owner, TTL, class and type; a name without a final dot is taken as if it
   *     had one
   * @return the data in wire form: names uncompressed, in the case in which they are written
   * @throws IllegalArgumentException when it is no data of the type; the message is one sentence
   *     with the remedy
   */
  public static byte[] parse(int type, String text) {
    // A first token that nobody reads: so that there is one where the data is empty.
    byte[] octets = ("- " + text).getBytes(StandardCharsets.UTF_8);
    if (octets.length > MAX_TEXT_BYTES) {
      throw new IllegalArgumentException("the text has more than 1 MiB: shorten it");
    }
    Entry entry = new Entry();
    try {
      EntryScanner scanner =
          new EntryScanner(new Budget(ZoneFileLimits.defaults()), 2 * MAX_TEXT_BYTES);
      scanner.reset(octets, octets.length, 1);
      scanner.next(entry);
      if (entry.unclosedLine > 0) {
        throw new IllegalArgumentException("a parenthesis is never closed: add the missing )");
      }
      RdataReader reader = new RdataReader();
      int length = reader.read(entry, 1, type, ROOT);
      byte[] data = Arrays.copyOf(reader.out, length);
      if (scanner.next(new Entry())) {
        throw new IllegalArgumentException(
            "the text goes on after the end of the line: give the data of one record");
      }
      return data;
    } catch (BadEntry e) {
      throw new IllegalArgumentException(e.reason(), e);
    } catch (ReadingStopped e) {
      throw new IllegalArgumentException(e.reason(), e);
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot fail to be read", e);
    }
  }

  /**
   * Writes data as text that {@link #parse} makes the same octets of: in the form of its type, or,
   * where that has none or cannot say it, as {@code \# length hex}.
   */
  public static String print(int type, byte[] data) {
    Field[] fields = TypeText.fields(type);
    if (fields[0] != Field.NONE && isWhole(type, data)) {
      String text = new RdataPrinter(type, data).print(fields);
      if (!mayDiffer(fields) || readsBack(type, data, text)) {
        return text;
      }
    }
    return generic(data);
  }

  /** The form of RFC 3597 §5. */
  public static String generic(byte[] data) {
    return data.length == 0 ? "\\# 0" : "\\# " + data.length + " " + HexFormat.of().formatHex(data);
  }

  private static boolean isWhole(int type, byte[] data) {
    try {
      return RdataCheck.whatIsWrong(type, data, data.length) == null;
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException _) {
      return false;
    }
  }

  /** True where octets can be right that no text stands for: a size in LOC of 0 times 100. */
  private static boolean mayDiffer(Field[] fields) {
    for (Field field : fields) {
      switch (field) {
        case LOCATION, SERVICE_PARAMETERS, DNSJAVA, RELAY, HOST_IDENTITY, GATEWAY, TYPES, NONE -> {
          return true;
        }
        case NAME, U8, U16, U32, U64, SECONDS, IPV4, IPV6, STRING, OPTIONAL_STRING -> {}
        case LONG_STRING, TAG, TYPE, ALGORITHM, CERTIFICATE, SCHEME, KEY_FLAGS -> {}
        case KEY_PROTOCOL, TIME, SALT, HASH, EUI48, EUI64, LOCATOR, NSAP, STRINGS -> {}
        case HEX, BASE64, BASE64_OR_DASH, OPTIONAL_BASE64 -> {}
      }
    }
    return false;
  }

  private static boolean readsBack(int type, byte[] data, String text) {
    try {
      return Arrays.equals(parse(type, text), data);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** A name in presentation form out of data. */
  static String name(byte[] data, int at) {
    return DomainName.ofWire(data, at).toString();
  }

  /** A record type as it stands in bit maps. */
  static String type(int type) {
    return RecordType.isMeta(type) || type == 0 ? "TYPE" + type : RecordType.text(type);
  }
}
