package io.flashdns.core.zonefile;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zonefile.TypeText.Field;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns the tokens of a record's data into wire form, by the fields that {@link TypeText} lists for
 * its type, or from the generic form {@code \# length hex} (RFC 3597 §5). Names stay uncompressed
 * and in the case they are written in. Not thread-safe: one reader reads one zone.
 */
final class RdataReader {
  static final int MAX_RDATA_BYTES = 65_535;

  private static final int MAX_STRING_BYTES = 255;

  /** Of a thread, which reads one zone at a time: most zones take less memory than this. */
  private static final ThreadLocal<byte[]> OUT =
      ThreadLocal.withInitial(() -> new byte[MAX_RDATA_BYTES + 1_024]);

  /**
   * The record data that was read last, until the thread reads on. Longer than any, so that a value
   * may be written before its end is checked.
   */
  final byte[] out = OUT.get();

  /**
   * One bit for each type of a bit map, and the octets that each window of 256 types needs; zero
   * between records. Made for the first bit map.
   */
  private byte[] present = new byte[0];

  private int[] windowOctets = new int[0];
  private boolean typesLeft;

  private int length;
  private byte @Nullable [] origin;

  /** The token that is read next. */
  private int at;

  /**
   * Reads the data of a record.
   *
   * @param first its first token, the one after the type
   * @param origin completes relative names; null where none is known
   * @return octets of {@link #out} that it takes
   */
  int read(Entry entry, int first, int type, byte @Nullable [] origin) throws BadEntry {
    this.origin = origin;
    length = 0;
    at = first;
    if (first < entry.count && isGenericMark(entry, first)) {
      readGeneric(entry, type);
      return length;
    }
    Field[] fields = TypeText.fields(type);
    for (Field field : fields) {
      if (at >= entry.count && !mayBeAbsent(field)) {
        throw entry.bad(
            at, "the data of " + RecordType.text(type) + " ends too early: " + wanted(type));
      }
      readField(entry, type, field);
      if (length > MAX_RDATA_BYTES) {
        throw entry.bad(at - 1, "the data is longer than 65,535 octets: a record cannot hold it");
      }
    }
    if (at < entry.count) {
      throw entry.bad(
          at,
          "surplus text "
              + entry.show(at)
              + " after the data of "
              + RecordType.text(type)
              + ": remove it, or put ; before a comment");
    }
    String wrong = RdataCheck.wrongDigest(type, out, length);
    if (wrong != null) {
      throw entry.bad(at, wrong + ": check that it was copied whole");
    }
    return length;
  }

  private static boolean mayBeAbsent(Field field) {
    return switch (field) {
      case OPTIONAL_STRING, OPTIONAL_BASE64, TYPES, SERVICE_PARAMETERS, DNSJAVA, NONE -> true;
      case NAME, U8, U16, U32, U64, SECONDS, IPV4, IPV6, STRING, STRINGS, LONG_STRING, TAG -> false;
      case TYPE, ALGORITHM, CERTIFICATE, SCHEME, KEY_FLAGS, KEY_PROTOCOL, TIME, SALT -> false;
      case HASH, EUI48, EUI64, LOCATOR, NSAP, GATEWAY, HEX, BASE64, BASE64_OR_DASH -> false;
      case LOCATION, RELAY, HOST_IDENTITY -> false;
    };
  }

  /** Number of tokens that the data of {@code type} takes, or −1 where that is open. */
  static int fixedTokens(int type) {
    Field[] fields = TypeText.fields(type);
    for (Field field : fields) {
      if (field.takesRest() || field == Field.OPTIONAL_STRING) {
        return -1;
      }
    }
    return fields.length;
  }

  /**
   * True when the entry, of which the first tokens are known, is a record whose data may be as long
   * as data can be.
   */
  static boolean mayBeLong(Entry entry) {
    for (int token = 0; token < Math.min(entry.count, 4); token++) {
      int type =
          entry.quoted(token)
              ? -1
              : TypeText.number(entry.text, entry.start[token], entry.end[token]);
      if (type < 0) {
        continue;
      }
      if (token + 1 < entry.count && isGenericMark(entry, token + 1)) {
        return true;
      }
      Field[] fields = TypeText.fields(type);
      // The first token is an owner or, where that is left out, a type.
      if (fields[fields.length - 1].mayBeLong() && (token > 0 || entry.blankOwner)) {
        return true;
      }
    }
    return false;
  }

  private void readField(Entry entry, int type, Field field) throws BadEntry {
    switch (field) {
      case NAME -> length = NameText.parse(entry, at++, out, length, origin);
      case U8 -> out[length++] = (byte) TextValues.number(entry, at++, 0xff);
      case U16 -> put16((int) TextValues.number(entry, at++, 0xffff));
      case U32 -> put32((int) TextValues.number(entry, at++, TextValues.MAX_U32));
      case U64 -> readU64(entry);
      case SECONDS -> put32((int) TextValues.seconds(entry, at++, TextValues.MAX_U32));
      case IPV4 -> {
        TextValues.ipv4(entry, at++, out, length);
        length += 4;
      }
      case IPV6 -> {
        TextValues.ipv6(entry, at++, out, length);
        length += 16;
      }
      case STRING -> readString(entry);
      case OPTIONAL_STRING -> {
        if (at < entry.count) {
          readString(entry);
        }
      }
      case STRINGS -> {
        while (at < entry.count && length <= MAX_RDATA_BYTES) {
          readString(entry);
        }
      }
      case LONG_STRING -> {
        length += copyDecoded(entry, at, length);
        at++;
      }
      case TAG -> readTag(entry);
      case TYPE -> put16(typeValue(entry, at++));
      case ALGORITHM ->
          out[length++] = (byte) coded(entry, at++, Mnemonics.ALGORITHMS, 0xff, "DNSSEC algorithm");
      case CERTIFICATE ->
          put16(coded(entry, at++, Mnemonics.CERTIFICATES, 0xffff, "certificate type"));
      case SCHEME -> out[length++] = (byte) coded(entry, at++, Mnemonics.SCHEMES, 0xff, "scheme");
      case KEY_FLAGS -> readKeyFlags(entry);
      case KEY_PROTOCOL ->
          out[length++] = (byte) coded(entry, at++, Mnemonics.KEY_PROTOCOLS, 0xff, "key protocol");
      case TIME -> put32(TextValues.time(entry, at++));
      case SALT -> readSalt(entry);
      case HASH -> readHash(entry);
      case EUI48 -> readEui(entry, 6);
      case EUI64 -> readEui(entry, 8);
      case LOCATOR -> readLocator(entry);
      case NSAP -> readNsap(entry);
      case GATEWAY -> readGateway(entry, out[length - 2] & 0xff);
      case HEX -> {
        int before = length;
        length += BinaryText.hex(entry, at, out, length, MAX_RDATA_BYTES);
        at = entry.count;
        requireOctets(entry, before);
      }
      case BASE64 -> readBase64(entry);
      case BASE64_OR_DASH -> {
        if (entry.is(at, "-") && at == entry.count - 1) {
          at++;
        } else {
          readBase64(entry);
        }
      }
      case OPTIONAL_BASE64 -> {
        if (at < entry.count) {
          readBase64(entry);
        }
      }
      case TYPES -> readTypes(entry);
      case SERVICE_PARAMETERS -> {
        byte[] parameters = ServiceParameters.read(entry, at);
        if (length + parameters.length <= MAX_RDATA_BYTES) {
          System.arraycopy(parameters, 0, out, length, parameters.length);
        }
        length += parameters.length;
        at = entry.count;
      }
      case LOCATION -> {
        LocationText.read(entry, at, out, length);
        length += LocationText.BYTES;
        at = entry.count;
      }
      case RELAY -> readRelay(entry);
      case HOST_IDENTITY -> readHostIdentity(entry);
      case DNSJAVA -> {
        byte[] data = DnsjavaData.ofText(entry, at, type, origin);
        if (data.length <= MAX_RDATA_BYTES) {
          System.arraycopy(data, 0, out, 0, data.length);
        }
        length = data.length;
        at = entry.count;
      }
      case NONE ->
          throw entry.bad(
              at,
              RecordType.text(type)
                  + " has no text form: write its data as \\# LENGTH HEX (RFC 3597)");
    }
  }

  private static boolean isGenericMark(Entry entry, int token) {
    return !entry.quoted(token)
        && entry.length(token) == 2
        && entry.text[entry.start[token]] == '\\'
        && entry.text[entry.start[token] + 1] == '#';
  }

  private void readGeneric(Entry entry, int type) throws BadEntry {
    int mark = at++;
    if (at >= entry.count) {
      throw entry.bad(mark, "after \\# the number of octets is missing");
    }
    long octets = TextValues.number(entry, at++, MAX_RDATA_BYTES);
    length = BinaryText.hex(entry, at, out, 0, MAX_RDATA_BYTES);
    if (length != octets) {
      throw entry.bad(
          at, "the data has " + length + " octets, but " + octets + " are announced after \\#");
    }
    at = entry.count;
    String wrong = RdataCheck.whatIsWrong(type, out, length);
    if (wrong != null) {
      throw entry.bad(
          mark, "the octets after \\# are no data of " + RecordType.text(type) + ": " + wrong);
    }
  }

  /**
   * Writes the octets that a character string stands for at {@code offset} of {@link #out}.
   *
   * @return their number, not checked against 255
   */
  private int copyDecoded(Entry entry, int token, int offset) throws BadEntry {
    return decode(entry, token, entry.start[token], out, offset);
  }

  /** The same for the octets from {@code first} on of a token, into any array. */
  static int decode(Entry entry, int token, int first, byte[] out, int offset) throws BadEntry {
    byte[] text = entry.text;
    int end = entry.end[token];
    int to = offset;
    for (int from = first; from < end; from++) {
      int octet = text[from];
      if (octet == '\\') {
        octet = NameText.escaped(entry, token, from + 1);
        from += TextValues.isDigit(text[from + 1]) ? 3 : 1;
      }
      if (to >= out.length) {
        throw entry.bad(token, "the data is longer than 65,535 octets: a record cannot hold it");
      }
      out[to++] = (byte) octet;
    }
    return to - offset;
  }

  private void readString(Entry entry) throws BadEntry {
    int octets = copyDecoded(entry, at, length + 1);
    if (octets > MAX_STRING_BYTES) {
      throw entry.bad(
          at,
          "a character string has "
              + octets
              + " octets, at most 255 are allowed: split it into several strings in quotes");
    }
    out[length] = (byte) octets;
    length += 1 + octets;
    at++;
  }

  private void readTag(Entry entry) throws BadEntry {
    int octets = entry.length(at);
    boolean valid = !entry.quoted(at) && octets > 0 && octets <= MAX_STRING_BYTES;
    for (int i = entry.start[at]; i < entry.end[at] && valid; i++) {
      valid = RdataCheck.isTagOctet(entry.text[i]);
    }
    if (!valid) {
      throw entry.bad(
          at,
          entry.show(at) + " is no tag: write letters and digits as in issue, issuewild, iodef");
    }
    out[length++] = (byte) octets;
    System.arraycopy(entry.text, entry.start[at++], out, length, octets);
    length += octets;
  }

  private void readU64(Entry entry) throws BadEntry {
    String digits = entry.show(at).substring(1, entry.show(at).length() - 1);
    try {
      Wire.put64(out, length, Long.parseUnsignedLong(digits));
    } catch (NumberFormatException _) {
      throw entry.bad(at, entry.show(at) + " is no number from 0 to 18446744073709551615");
    }
    length += 8;
    at++;
  }

  private void readSalt(Entry entry) throws BadEntry {
    int octets = 0;
    if (!entry.is(at, "-")) {
      octets = BinaryText.hexToken(entry, at, out, length + 1, MAX_STRING_BYTES);
    }
    out[length] = (byte) octets;
    length += 1 + octets;
    at++;
  }

  private void readHash(Entry entry) throws BadEntry {
    int octets = BinaryText.base32Hex(entry, at, out, length + 1);
    out[length] = (byte) octets;
    length += 1 + octets;
    at++;
  }

  private void readBase64(Entry entry) throws BadEntry {
    int before = length;
    length += BinaryText.base64(entry, at, entry.count, out, length, MAX_RDATA_BYTES);
    at = entry.count;
    requireOctets(entry, before);
  }

  private void requireOctets(Entry entry, int before) throws BadEntry {
    if (length == before) {
      throw entry.bad(at, "the last value of the data is empty: at least one octet is needed");
    }
  }

  private void readEui(Entry entry, int octets) throws BadEntry {
    byte[] text = entry.text;
    int from = entry.start[at];
    boolean valid = entry.length(at) == octets * 3 - 1;
    for (int i = 0; i < octets && valid; i++, from += 3) {
      int high = TextValues.hexDigit(text[from]);
      int low = TextValues.hexDigit(text[from + 1]);
      valid = (high | low) >= 0 && (i == octets - 1 || text[from + 2] == '-');
      out[length + i] = (byte) (high << 4 | low);
    }
    if (!valid) {
      throw entry.bad(
          at,
          entry.show(at)
              + " is no EUI: write "
              + octets
              + " pairs of hexadecimal digits with - between them");
    }
    length += octets;
    at++;
  }

  private void readLocator(Entry entry) throws BadEntry {
    byte[] text = entry.text;
    int from = entry.start[at];
    int end = entry.end[at];
    boolean valid = true;
    for (int group = 0; group < 4 && valid; group++) {
      int first = from;
      int value = 0;
      while (from < end && from - first < 4 && TextValues.hexDigit(text[from]) >= 0) {
        value = value << 4 | TextValues.hexDigit(text[from++]);
      }
      valid = from > first && (group == 3 ? from == end : from < end && text[from++] == ':');
      put16(value);
    }
    if (!valid) {
      throw entry.bad(
          at,
          entry.show(at) + " is wrong: write four groups of hexadecimal digits as 2001:db8:1:2");
    }
    at++;
  }

  private void readTypes(Entry entry) throws BadEntry {
    if (at == entry.count) {
      return;
    }
    if (present.length == 0) {
      present = new byte[8_192];
      windowOctets = new int[256];
    }
    if (typesLeft) {
      // An error ended the entry before: what it had gathered is still there.
      Arrays.fill(present, (byte) 0);
      Arrays.fill(windowOctets, 0);
    }
    typesLeft = true;
    int highestWindow = 0;
    for (; at < entry.count; at++) {
      int type = typeValue(entry, at);
      int window = type >> 8;
      present[type >> 3] |= (byte) (0x80 >> (type & 7));
      windowOctets[window] = Math.max(windowOctets[window], (type >> 3 & 31) + 1);
      highestWindow = Math.max(highestWindow, window);
    }
    for (int window = 0; window <= highestWindow; window++) {
      int octets = windowOctets[window];
      if (octets > 0) {
        // 256 windows of 34 octets come behind a name at most: far below the limit.
        out[length++] = (byte) window;
        out[length++] = (byte) octets;
        System.arraycopy(present, window * 32, out, length, octets);
        Arrays.fill(present, window * 32, window * 32 + octets, (byte) 0);
        windowOctets[window] = 0;
        length += octets;
      }
    }
    typesLeft = false;
  }

  private void readRelay(Entry entry) throws BadEntry {
    if (entry.count - at != 4) {
      throw entry.bad(
          at, "the data of AMTRELAY has four values: precedence, 0 or 1, relay type, relay");
    }
    int precedence = (int) TextValues.number(entry, at++, 0xff);
    int discovery = (int) TextValues.number(entry, at++, 1);
    int relayType = (int) TextValues.number(entry, at++, 3);
    out[length++] = (byte) precedence;
    out[length++] = (byte) (discovery << 7 | relayType);
    readGateway(entry, relayType);
  }

  /** Reads what {@code kind} says: 0 a dot for nothing, 1 and 2 an address, 3 a name. */
  private void readGateway(Entry entry, int kind) throws BadEntry {
    switch (kind) {
      case 0 -> {
        if (!entry.is(at, ".")) {
          throw entry.bad(at, "type 0 means none: write . instead of " + entry.show(at));
        }
        at++;
      }
      case 1 -> readField(entry, 0, Field.IPV4);
      case 2 -> readField(entry, 0, Field.IPV6);
      case 3 -> readField(entry, 0, Field.NAME);
      default ->
          throw entry.bad(
              at - 1, "the type " + kind + " of " + entry.show(at) + " is not one of 0 to 3");
    }
  }

  private void readHostIdentity(Entry entry) throws BadEntry {
    if (entry.count - at < 3) {
      throw entry.bad(
          at, "the data of HIP has an algorithm, a tag, a key and, if need be, servers");
    }
    int head = length;
    length += 4;
    out[head + 1] = (byte) TextValues.number(entry, at++, 0xff);
    int tagOctets = BinaryText.hexToken(entry, at++, out, length, 0xff);
    length += tagOctets;
    int keyOctets = BinaryText.base64(entry, at, at + 1, out, length, MAX_RDATA_BYTES);
    if (keyOctets == 0) {
      throw entry.bad(at, "the key is empty");
    }
    at++;
    length += keyOctets;
    out[head] = (byte) tagOctets;
    Wire.put16(out, head + 2, keyOctets);
    while (at < entry.count && length <= MAX_RDATA_BYTES) {
      readField(entry, 0, Field.NAME);
    }
  }

  private void readNsap(Entry entry) throws BadEntry {
    byte[] text = entry.text;
    int from = entry.start[at];
    boolean valid = entry.length(at) > 2 && text[from] == '0' && (text[from + 1] | 0x20) == 'x';
    int high = -1;
    int before = length;
    for (int i = from + 2; i < entry.end[at] && valid; i++) {
      int digit = TextValues.hexDigit(text[i]);
      if (digit < 0) {
        valid = text[i] == '.';
      } else if (high < 0) {
        high = digit;
      } else {
        valid = length < MAX_RDATA_BYTES;
        out[length++] = (byte) (high << 4 | digit);
        high = -1;
      }
    }
    if (!valid || high >= 0 || length == before) {
      throw entry.bad(
          at, entry.show(at) + " is no NSAP address: write 0x and pairs of hexadecimal digits");
    }
    at++;
  }

  private void readKeyFlags(Entry entry) throws BadEntry {
    int sum = Mnemonics.KEY_FLAGS.sum(entry, at);
    put16(sum >= 0 ? sum : (int) TextValues.number(entry, at, 0xffff));
    at++;
  }

  private static int typeValue(Entry entry, int token) throws BadEntry {
    int type =
        entry.quoted(token)
            ? -1
            : TypeText.number(entry.text, entry.start[token], entry.end[token]);
    if (type <= 0) {
      throw entry.bad(token, entry.show(token) + " is no record type: write a mnemonic or TYPEnnn");
    }
    return type;
  }

  private static int coded(Entry entry, int token, Mnemonics words, int most, String what)
      throws BadEntry {
    int first = entry.first(token);
    if (first >= '0' && first <= '9') {
      return (int) TextValues.number(entry, token, most);
    }
    int value = words.number(entry, token);
    if (value < 0) {
      throw entry.bad(token, entry.show(token) + " is no known " + what + ": write its number");
    }
    return value;
  }

  private static String wanted(int type) {
    Field[] fields = TypeText.fields(type);
    StringBuilder text = new StringBuilder("it has ");
    for (int i = 0; i < fields.length; i++) {
      text.append(i == 0 ? "" : i == fields.length - 1 ? " and " : ", ")
          .append(Mnemonics.describe(fields[i]));
    }
    return text.toString();
  }

  private void put16(int value) {
    Wire.put16(out, length, value);
    length += 2;
  }

  private void put32(int value) {
    Wire.put32(out, length, value);
    length += 4;
  }
}
