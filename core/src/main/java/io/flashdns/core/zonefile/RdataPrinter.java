package io.flashdns.core.zonefile;

import io.flashdns.core.dns.Wire;
import io.flashdns.core.zonefile.TypeText.Field;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.StringJoiner;

/**
 * Writes the data of a record as text, field by field. The data must be right ({@link RdataCheck}).
 * Used once.
 */
final class RdataPrinter {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMddHHmmss");
  private static final String BASE32_HEX = "0123456789abcdefghijklmnopqrstuv";

  private final int type;
  private final byte[] data;
  private final StringJoiner words = new StringJoiner(" ");
  private int at;

  RdataPrinter(int type, byte[] data) {
    this.type = type;
    this.data = data;
  }

  String print(Field[] fields) {
    for (Field field : fields) {
      print(field);
    }
    return words.toString();
  }

  private void print(Field field) {
    switch (field) {
      case NAME -> printName();
      case U8, ALGORITHM, SCHEME, KEY_PROTOCOL -> words.add(Integer.toString(u8()));
      case U16, CERTIFICATE, KEY_FLAGS -> words.add(Integer.toString(u16()));
      case U32, SECONDS -> words.add(Long.toString(u32()));
      case U64 -> {
        words.add(Long.toUnsignedString(Wire.s64(data, at)));
        at += 8;
      }
      case IPV4 -> words.add(AddressText.ipv4(taken(4), 0));
      case IPV6 -> words.add(AddressText.ipv6(taken(16), 0));
      case STRING -> words.add(quoted(taken(u8())));
      case OPTIONAL_STRING -> {
        if (at < data.length) {
          words.add(quoted(taken(u8())));
        }
      }
      case STRINGS -> {
        while (at < data.length) {
          words.add(quoted(taken(u8())));
        }
      }
      case LONG_STRING -> words.add(quoted(rest()));
      case TAG -> words.add(new String(taken(u8()), StandardCharsets.US_ASCII));
      case TYPE -> words.add(RdataText.type(u16()));
      case TIME -> words.add(LocalDateTime.ofEpochSecond(u32(), 0, ZoneOffset.UTC).format(TIME));
      case SALT -> {
        byte[] salt = taken(u8());
        words.add(salt.length == 0 ? "-" : hex(salt));
      }
      case HASH -> words.add(base32Hex(taken(u8())));
      case EUI48 -> words.add(HexFormat.ofDelimiter("-").formatHex(taken(6)));
      case EUI64 -> words.add(HexFormat.ofDelimiter("-").formatHex(taken(8)));
      case LOCATOR -> {
        StringJoiner groups = new StringJoiner(":");
        for (int i = 0; i < 4; i++) {
          groups.add(Integer.toHexString(u16()));
        }
        words.add(groups.toString());
      }
      case NSAP -> words.add("0x" + hex(rest()));
      case GATEWAY -> printGateway(data[at - 2] & 0xff);
      case HEX -> words.add(hex(rest()));
      case BASE64 -> words.add(base64(rest()));
      case BASE64_OR_DASH -> words.add(at == data.length ? "-" : base64(rest()));
      case OPTIONAL_BASE64 -> {
        if (at < data.length) {
          words.add(base64(rest()));
        }
      }
      case TYPES -> printTypes();
      case SERVICE_PARAMETERS -> ServiceParameters.print(data, at, words);
      case LOCATION -> words.add(LocationText.print(data, at));
      case RELAY -> {
        words.add(Integer.toString(u8()));
        int relay = u8();
        words.add(Integer.toString(relay >> 7)).add(Integer.toString(relay & 0x7f));
        printGateway(relay & 0x7f);
      }
      case HOST_IDENTITY -> {
        int tagOctets = u8();
        words.add(Integer.toString(u8()));
        int keyOctets = u16();
        words.add(hex(taken(tagOctets))).add(base64(taken(keyOctets)));
        while (at < data.length) {
          printName();
        }
      }
      case DNSJAVA -> words.add(DnsjavaData.toText(type, data));
      case NONE -> throw new IllegalStateException("no text form");
    }
  }

  private void printName() {
    words.add(RdataText.name(data, at));
    at += RdataCheck.name(data, at, data.length);
  }

  private void printGateway(int kind) {
    switch (kind) {
      case 1 -> print(Field.IPV4);
      case 2 -> print(Field.IPV6);
      case 3 -> printName();
      default -> words.add(".");
    }
  }

  private void printTypes() {
    while (at < data.length) {
      int window = u8();
      byte[] bits = taken(u8());
      for (int i = 0; i < bits.length * 8; i++) {
        if ((bits[i >> 3] & (0x80 >> (i & 7))) != 0) {
          words.add(RdataText.type(window << 8 | i));
        }
      }
    }
  }

  private int u8() {
    return data[at++] & 0xff;
  }

  private int u16() {
    at += 2;
    return Wire.u16(data, at - 2);
  }

  private long u32() {
    at += 4;
    return Wire.u32(data, at - 4);
  }

  private byte[] taken(int octets) {
    at += octets;
    return Arrays.copyOfRange(data, at - octets, at);
  }

  private byte[] rest() {
    return taken(data.length - at);
  }

  private static String hex(byte[] octets) {
    return HexFormat.of().withUpperCase().formatHex(octets);
  }

  private static String base64(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }

  private static String base32Hex(byte[] octets) {
    StringBuilder text = new StringBuilder();
    int bits = 0;
    int buffer = 0;
    for (byte octet : octets) {
      buffer = buffer << 8 | (octet & 0xff);
      bits += 8;
      while (bits >= 5) {
        bits -= 5;
        text.append(BASE32_HEX.charAt(buffer >> bits & 31));
      }
      buffer &= (1 << bits) - 1;
    }
    if (bits > 0) {
      text.append(BASE32_HEX.charAt(buffer << (5 - bits) & 31));
    }
    return text.toString();
  }

  /** A character string in quotes, what is not printable as {@code \DDD}. */
  static String quoted(byte[] octets) {
    StringBuilder text = new StringBuilder(octets.length + 2).append('"');
    for (byte octet : octets) {
      int value = octet & 0xff;
      if (value < ' ' || value > '~') {
        text.append('\\').append((char) ('0' + value / 100));
        text.append((char) ('0' + value / 10 % 10)).append((char) ('0' + value % 10));
      } else {
        if (value == '"' || value == '\\') {
          text.append('\\');
        }
        text.append((char) value);
      }
    }
    return text.append('"').toString();
  }
}
