package io.flashdns.core.zonefile;

import io.flashdns.core.dns.Wire;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Parameters of SVCB and HTTPS records (RFC 9460 §2.1 and §7, RFC 9461 §5, RFC 9540 §4): written in
 * any order, sorted by key on the wire. A key without a name of its own is written {@code keyNNN},
 * its value as a character string.
 */
final class ServiceParameters {
  private static final int MANDATORY = 0;
  private static final int ALPN = 1;
  private static final int NO_DEFAULT_ALPN = 2;
  private static final int PORT = 3;
  private static final int IPV4HINT = 4;
  private static final int ECH = 5;
  private static final int IPV6HINT = 6;
  private static final int DOHPATH = 7;
  private static final int OHTTP = 8;
  private static final int TLS_SUPPORTED_GROUPS = 9;

  private static final List<String> NAMES =
      List.of(
          "mandatory",
          "alpn",
          "no-default-alpn",
          "port",
          "ipv4hint",
          "ech",
          "ipv6hint",
          "dohpath",
          "ohttp",
          "tls-supported-groups");

  /** Key 65535 is reserved as the invalid one (RFC 9460 §14.3.2). */
  private static final int MAX_KEY = 65_534;

  private static final int HEAD_BYTES = 4;

  private ServiceParameters() {}

  /** Reads all tokens from {@code first} on into wire form, keys in rising order. */
  static byte[] read(Entry entry, int first) throws BadEntry {
    TreeMap<Integer, byte[]> values = new TreeMap<>();
    int token = first;
    while (token < entry.count) {
      int equals = equalsSign(entry, token);
      int key = keyOf(entry, token, equals < 0 ? entry.end[token] : equals);
      int valueToken = token;
      byte[] value = new byte[0];
      if (equals >= 0) {
        int from = equals + 1;
        if (from == entry.end[token]
            && token + 1 < entry.count
            && entry.quoted(token + 1)
            && entry.glued(token + 1)) {
          valueToken = token + 1;
          from = entry.start[valueToken];
        }
        byte[] decoded = new byte[entry.end[valueToken] - from];
        int octets = RdataReader.decode(entry, valueToken, from, decoded, 0);
        value = Arrays.copyOf(decoded, octets);
      }
      // No name of the registry begins like keyNNN.
      boolean generic = entry.first(token) == 'k';
      byte[] encoded =
          generic ? checked(entry, valueToken, key, value) : encode(entry, valueToken, key, value);
      if (encoded.length > 0xffff) {
        throw entry.bad(
            valueToken, "the value of " + keyText(key) + " is longer than 65,535 octets");
      }
      if (values.put(key, encoded) != null) {
        throw entry.bad(token, "the parameter " + keyText(key) + " stands twice: remove one");
      }
      token = valueToken + 1;
    }
    checkTogether(entry, values);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] head = new byte[HEAD_BYTES];
    for (Map.Entry<Integer, byte[]> parameter : values.entrySet()) {
      Wire.put16(head, 0, parameter.getKey());
      Wire.put16(head, 2, parameter.getValue().length);
      out.writeBytes(head);
      out.writeBytes(parameter.getValue());
    }
    return out.toByteArray();
  }

  /**
   * True when {@code rdata[at, end)} are whole parameters in rising order, the known ones with
   * right values.
   */
  static boolean areValid(byte[] rdata, int at, int end) {
    TreeMap<Integer, byte[]> values = new TreeMap<>();
    int from = at;
    while (from < end) {
      if (from + HEAD_BYTES > end) {
        return false;
      }
      int key = Wire.u16(rdata, from);
      int octets = Wire.u16(rdata, from + 2);
      from += HEAD_BYTES;
      if (key > MAX_KEY || from + octets > end || (!values.isEmpty() && key <= values.lastKey())) {
        return false;
      }
      byte[] value = Arrays.copyOfRange(rdata, from, from + octets);
      if (!isValid(key, value)) {
        return false;
      }
      values.put(key, value);
      from += octets;
    }
    return contradiction(values) == null;
  }

  private static void checkTogether(Entry entry, Map<Integer, byte[]> values) throws BadEntry {
    String wrong = contradiction(values);
    if (wrong != null) {
      throw entry.bad(entry.count - 1, wrong);
    }
  }

  /** Writes parameters that are right, one word each. */
  static void print(byte[] rdata, int at, StringJoiner words) {
    int from = at;
    while (from < rdata.length) {
      int key = Wire.u16(rdata, from);
      int octets = Wire.u16(rdata, from + 2);
      from += HEAD_BYTES;
      byte[] value = Arrays.copyOfRange(rdata, from, from + octets);
      words.add(octets == 0 ? keyText(key) : keyText(key) + "=" + text(key, value));
      from += octets;
    }
  }

  private static String text(int key, byte[] value) {
    StringJoiner items = new StringJoiner(",");
    switch (key) {
      case MANDATORY -> {
        for (int i = 0; i < value.length; i += 2) {
          items.add(keyText(Wire.u16(value, i)));
        }
      }
      case PORT, TLS_SUPPORTED_GROUPS -> {
        for (int i = 0; i < value.length; i += 2) {
          items.add(Integer.toString(Wire.u16(value, i)));
        }
      }
      case IPV4HINT -> {
        for (int i = 0; i < value.length; i += 4) {
          items.add(AddressText.ipv4(value, i));
        }
      }
      case IPV6HINT -> {
        for (int i = 0; i < value.length; i += 16) {
          items.add(AddressText.ipv6(value, i));
        }
      }
      case ECH -> items.add(Base64.getEncoder().encodeToString(value));
      case ALPN -> {
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        for (int i = 0; i < value.length; i += 1 + (value[i] & 0xff)) {
          if (i > 0) {
            list.write(',');
          }
          for (int j = i + 1; j <= i + (value[i] & 0xff); j++) {
            if (value[j] == ',' || value[j] == '\\') {
              list.write('\\');
            }
            list.write(value[j]);
          }
        }
        items.add(RdataPrinter.quoted(list.toByteArray()));
      }
      default -> items.add(RdataPrinter.quoted(value));
    }
    return items.toString();
  }

  /** What the parameters say against one another (RFC 9460 §7.1.1 and §8), or null. */
  private static @Nullable String contradiction(Map<Integer, byte[]> values) {
    if (values.containsKey(NO_DEFAULT_ALPN) && !values.containsKey(ALPN)) {
      return "no-default-alpn needs alpn beside it: add the protocols";
    }
    byte[] mandatory = values.get(MANDATORY);
    for (int i = 0; mandatory != null && i < mandatory.length; i += 2) {
      int key = Wire.u16(mandatory, i);
      if (!values.containsKey(key)) {
        return "the parameter " + keyText(key) + " is called mandatory but is missing: add it";
      }
    }
    return null;
  }

  private static byte[] checked(Entry entry, int token, int key, byte[] value) throws BadEntry {
    if (!isValid(key, value)) {
      throw entry.bad(token, "these octets are no value of the parameter " + keyText(key));
    }
    return value;
  }

  private static byte[] encode(Entry entry, int token, int key, byte[] value) throws BadEntry {
    boolean empty = value.length == 0;
    if (key == NO_DEFAULT_ALPN || key == OHTTP) {
      if (!empty) {
        throw entry.bad(token, "the parameter " + keyText(key) + " takes no value: remove it");
      }
      return value;
    }
    if (empty && key <= TLS_SUPPORTED_GROUPS) {
      throw entry.bad(token, "the parameter " + keyText(key) + " needs a value");
    }
    return switch (key) {
      case MANDATORY -> mandatory(entry, token, value);
      case ALPN -> protocols(entry, token, value);
      case PORT -> u16(entry, token, key, value);
      case IPV4HINT, IPV6HINT -> addresses(entry, token, key, value);
      case TLS_SUPPORTED_GROUPS -> groups(entry, token, value);
      case ECH -> {
        try {
          yield Base64.getDecoder().decode(value);
        } catch (IllegalArgumentException _) {
          throw entry.bad(token, "the value of ech is not base64: check that it was copied whole");
        }
      }
      default -> value;
    };
  }

  /** The rules for values that are known on the wire; an unknown key may have any. */
  private static boolean isValid(int key, byte[] value) {
    return switch (key) {
      case MANDATORY -> {
        boolean rising = value.length >= 2 && value.length % 2 == 0;
        int before = MANDATORY;
        for (int i = 0; rising && i < value.length; i += 2) {
          int next = Wire.u16(value, i);
          rising = next > before && next <= MAX_KEY;
          before = next;
        }
        yield rising;
      }
      case ALPN -> {
        int at = 0;
        while (at < value.length && value[at] != 0) {
          at += 1 + (value[at] & 0xff);
        }
        yield at == value.length && at > 0;
      }
      case NO_DEFAULT_ALPN, OHTTP -> value.length == 0;
      case PORT -> value.length == 2;
      case IPV4HINT -> value.length > 0 && value.length % 4 == 0;
      case IPV6HINT -> value.length > 0 && value.length % 16 == 0;
      case TLS_SUPPORTED_GROUPS -> value.length > 0 && value.length % 2 == 0;
      case ECH, DOHPATH -> value.length > 0;
      default -> true;
    };
  }

  private static byte[] mandatory(Entry entry, int token, byte[] value) throws BadEntry {
    TreeSet<Integer> keys = new TreeSet<>();
    for (byte[] item : items(entry, token, MANDATORY, value, false)) {
      int key = keyNumber(item, 0, item.length);
      if (key < 0 || key == MANDATORY || !keys.add(key)) {
        throw entry.bad(
            token,
            "the value of mandatory is wrong: write other keys, each once, with commas between them");
      }
    }
    byte[] out = new byte[keys.size() * 2];
    int at = 0;
    for (int key : keys) {
      Wire.put16(out, at, key);
      at += 2;
    }
    return out;
  }

  private static byte[] protocols(Entry entry, int token, byte[] value) throws BadEntry {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] item : items(entry, token, ALPN, value, true)) {
      if (item.length > 255) {
        throw entry.bad(token, "a protocol in alpn is longer than 255 octets");
      }
      out.write(item.length);
      out.writeBytes(item);
    }
    return out.toByteArray();
  }

  private static byte[] addresses(Entry entry, int token, int key, byte[] value) throws BadEntry {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] address = new byte[key == IPV4HINT ? 4 : 16];
    for (byte[] item : items(entry, token, key, value, false)) {
      boolean valid =
          key == IPV4HINT
              ? TextValues.ipv4(item, 0, item.length, address, 0)
              : TextValues.ipv6(item, 0, item.length, address, 0);
      if (!valid) {
        throw entry.bad(
            token,
            "the value of " + keyText(key) + " is wrong: write addresses with commas between them");
      }
      out.writeBytes(address);
    }
    return out.toByteArray();
  }

  private static byte[] groups(Entry entry, int token, byte[] value) throws BadEntry {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TreeSet<Integer> seen = new TreeSet<>();
    for (byte[] item : items(entry, token, TLS_SUPPORTED_GROUPS, value, false)) {
      byte[] group = u16(entry, token, TLS_SUPPORTED_GROUPS, item);
      if (!seen.add(Wire.u16(group, 0))) {
        throw entry.bad(token, "a group stands twice in tls-supported-groups: remove one");
      }
      out.writeBytes(group);
    }
    return out.toByteArray();
  }

  private static byte[] u16(Entry entry, int token, int key, byte[] text) throws BadEntry {
    long number = TextValues.decimal(text, 0, text.length, 0xffff);
    if (number < 0) {
      throw entry.bad(
          token, "the value of " + keyText(key) + " is wrong: numbers from 0 to 65535 are wanted");
    }
    byte[] out = new byte[2];
    Wire.put16(out, 0, (int) number);
    return out;
  }

  /**
   * Items of a list with commas (RFC 9460 appendix A.1).
   *
   * @param escapes whether a backslash takes the meaning from a comma or a backslash that follows
   */
  private static List<byte[]> items(Entry entry, int token, int key, byte[] list, boolean escapes)
      throws BadEntry {
    List<byte[]> items = new ArrayList<>();
    ByteArrayOutputStream item = new ByteArrayOutputStream();
    for (int i = 0; i <= list.length; i++) {
      if (i == list.length || list[i] == ',') {
        if (item.size() == 0) {
          throw entry.bad(
              token, "the value of " + keyText(key) + " has an empty item: remove the comma");
        }
        items.add(item.toByteArray());
        item.reset();
      } else if (escapes && list[i] == '\\') {
        if (++i == list.length || (list[i] != ',' && list[i] != '\\')) {
          throw entry.bad(
              token,
              "a backslash in the value of "
                  + keyText(key)
                  + " stands before neither a comma nor a backslash");
        }
        item.write(list[i]);
      } else {
        item.write(list[i]);
      }
    }
    return items;
  }

  private static int equalsSign(Entry entry, int token) {
    for (int i = entry.start[token]; i < entry.end[token]; i++) {
      if (entry.text[i] == '=') {
        return i;
      }
    }
    return -1;
  }

  private static int keyOf(Entry entry, int token, int end) throws BadEntry {
    int key = entry.quoted(token) ? -1 : keyNumber(entry.text, entry.start[token], end);
    if (key < 0) {
      throw entry.bad(
          token,
          entry.show(token)
              + " is no known parameter: write a name of the registry, or keyNNN with a number up to 65534");
    }
    return key;
  }

  /** The number of a key that is written in lower case, by its name or as {@code keyNNN}, or −1. */
  private static int keyNumber(byte[] text, int start, int end) {
    String word = new String(text, start, end - start, StandardCharsets.ISO_8859_1);
    int named = NAMES.indexOf(word);
    if (named >= 0 || !word.startsWith("key")) {
      return named;
    }
    boolean leadingZero = end - start > 4 && text[start + 3] == '0';
    return leadingZero ? -1 : (int) TextValues.decimal(text, start + 3, end, MAX_KEY);
  }

  private static String keyText(int key) {
    return key < NAMES.size() ? NAMES.get(key) : "key" + key;
  }
}
