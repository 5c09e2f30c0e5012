package io.flashdns.core.zonefile;

import io.flashdns.core.dns.RecordType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * Data of the rare types whose text form is left to dnsjava. It takes letters of names as they are
 * and writes no pointers when a record is written alone.
 */
final class DnsjavaData {
  /**
   * What stands before the data in a record whose owner is the root: the root's octet and ten fixed
   * ones.
   */
  private static final int HEAD_BYTES = 11;

  private static final int SHOWN_CHARS = 100;

  private DnsjavaData() {}

  /** The wire form of the data that begins at token {@code first}. */
  static byte[] ofText(Entry entry, int first, int type, byte @Nullable [] origin) throws BadEntry {
    StringBuilder text = new StringBuilder();
    for (int token = first; token < entry.count; token++) {
      if (entry.quoted(token)) {
        throw entry.bad(token, "the data of " + RecordType.text(type) + " has no quoted strings");
      }
      for (int i = entry.start[token]; i < entry.end[token]; i++) {
        if (entry.text[i] < 0) {
          throw entry.bad(token, entry.show(token) + " has a character outside ASCII");
        }
        text.append((char) entry.text[i]);
      }
      text.append(' ');
    }
    try {
      Name base = new Name(origin == null ? new byte[1] : origin);
      byte[] data = wire(Record.fromString(Name.root, type, DClass.IN, 0, text.toString(), base));
      // It is lenient in places: what it would not read back is not accepted either.
      if (isValid(type, data)) {
        return data;
      }
      throw new IOException("values are missing or wrong");
    } catch (IOException | RuntimeException e) {
      throw entry.bad(
          first,
          "the data of "
              + RecordType.text(type)
              + " cannot be read"
              + reason(e)
              + ": check its values");
    }
  }

  /** True when {@code octets} are whole data of {@code type}, without pointers. */
  static boolean isValid(int type, byte[] octets) {
    try {
      return Arrays.equals(wire(Record.newRecord(Name.root, type, DClass.IN, 0, octets)), octets);
    } catch (RuntimeException _) {
      return false;
    }
  }

  /** The text of data that is right. */
  static String toText(int type, byte[] octets) {
    return Record.newRecord(Name.root, type, DClass.IN, 0, octets).rdataToString();
  }

  private static byte[] wire(Record record) {
    byte[] whole = record.toWire(Section.ANSWER);
    return Arrays.copyOfRange(whole, HEAD_BYTES, whole.length);
  }

  /**
   * The library's own words without the place in its input, which means nothing to the reader of a
   * zone file.
   */
  private static String reason(Exception e) {
    String message = e.getMessage();
    if (!(e instanceof IOException) || message == null) {
      return "";
    }
    String words = message.replaceFirst("^<[a-z]+>:\\d+: ", "");
    byte[] octets = words.getBytes(StandardCharsets.UTF_8);
    return " (" + Printable.of(octets, 0, octets.length, SHOWN_CHARS) + ")";
  }
}
