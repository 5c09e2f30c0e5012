package io.flashdns.core.zonefile;

import io.flashdns.core.dns.Wire;
import io.flashdns.core.zonefile.TypeText.Field;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Checks record data that was given as octets ({@code \# length hex}, or through a store): data of
 * a type that is known must be whole and right, as answers are made from it (RFC 3597 §5).
 */
public final class RdataCheck {
  private static final String TOO_SHORT = "it ends too early";

  private RdataCheck() {}

  /**
   * What is wrong with {@code rdata[0, length)} as data of {@code type}. Nothing is, of a type that
   * is not known.
   *
   * @return a few words, or null when nothing is
   */
  public static @Nullable String whatIsWrong(int type, byte[] rdata, int length) {
    int at = 0;
    for (Field field : TypeText.fields(type)) {
      int left = length - at;
      int taken =
          switch (field) {
            case NAME -> name(rdata, at, length);
            case U8, ALGORITHM, SCHEME, KEY_PROTOCOL -> fixed(left, 1);
            case U16, TYPE, CERTIFICATE, KEY_FLAGS -> fixed(left, 2);
            case U32, SECONDS, TIME, IPV4 -> fixed(left, 4);
            case U64, EUI64, LOCATOR -> fixed(left, 8);
            case EUI48 -> fixed(left, 6);
            case IPV6 -> fixed(left, 16);
            case LOCATION -> left == LocationText.BYTES && rdata[at] == 0 ? left : -1;
            case STRING, SALT -> counted(rdata, at, length, 0);
            case OPTIONAL_STRING -> left == 0 ? 0 : counted(rdata, at, length, 0);
            case HASH -> counted(rdata, at, length, 1);
            case TAG -> tag(rdata, at, length);
            case STRINGS -> strings(rdata, at, length);
            case LONG_STRING, BASE64_OR_DASH, OPTIONAL_BASE64, NONE -> left;
            case HEX, BASE64, NSAP -> left > 0 ? left : -1;
            case TYPES -> types(rdata, at, length);
            case SERVICE_PARAMETERS -> ServiceParameters.areValid(rdata, at, length) ? left : -1;
            case GATEWAY -> gateway(rdata[at - 2], rdata, at, length);
            case RELAY -> relay(rdata, at, length);
            case HOST_IDENTITY -> hostIdentity(rdata, at, length);
            case DNSJAVA ->
                DnsjavaData.isValid(type, Arrays.copyOfRange(rdata, at, length)) ? left : -1;
          };
      if (taken < 0) {
        return left == 0
            ? TOO_SHORT
            : "at octet " + at + " it should have " + Mnemonics.describe(field);
      }
      at += taken;
    }
    return at < length
        ? "octet " + at + " and those after it are too many"
        : wrongDigest(type, rdata, length);
  }

  /**
   * Says when a digest does not have the length that its algorithm gives it, as after a copy that
   * lost its end (RFC 4509, RFC 6605, RFC 4255, RFC 6594, RFC 8976).
   *
   * @param rdata data of {@code type} that is right but for that
   * @return a few words, or null
   */
  static @Nullable String wrongDigest(int type, byte[] rdata, int length) {
    int algorithmAt =
        switch (type) {
          case 43, 59, 32768, 32769 -> 3; // DS, CDS, TA, DLV
          case 44 -> 1; // SSHFP
          case 63 -> 5; // ZONEMD
          default -> -1;
        };
    if (algorithmAt < 0) {
      return null;
    }
    int wanted =
        switch (type << 8 | (rdata[algorithmAt] & 0xff)) {
          case 43 << 8 | 1, 59 << 8 | 1, 32768 << 8 | 1, 32769 << 8 | 1, 44 << 8 | 1 -> 20;
          case 43 << 8 | 2, 59 << 8 | 2, 32768 << 8 | 2, 32769 << 8 | 2, 44 << 8 | 2 -> 32;
          case 43 << 8 | 4, 59 << 8 | 4, 32768 << 8 | 4, 32769 << 8 | 4, 63 << 8 | 1 -> 48;
          case 63 << 8 | 2 -> 64;
          default -> 0;
        };
    int octets = length - algorithmAt - 1;
    if (wanted == 0 && type == 63 && octets < 12) {
      return "the digest has " + octets + " octets, at least 12 are wanted";
    }
    return wanted == 0 || wanted == octets
        ? null
        : "the digest has " + octets + " octets, " + wanted + " are wanted for its algorithm";
  }

  static boolean isTagOctet(int octet) {
    int letter = octet | 0x20;
    return (octet >= '0' && octet <= '9') || (letter >= 'a' && letter <= 'z');
  }

  /** Octets of the name at {@code at}, without pointers, or −1. */
  static int name(byte[] rdata, int at, int end) {
    int to = at;
    while (to < end && rdata[to] != 0) {
      if ((rdata[to] & 0xff) > Wire.MAX_LABEL_BYTES) {
        return -1;
      }
      to += 1 + rdata[to];
    }
    int octets = to + 1 - at;
    return to < end && octets <= Wire.MAX_NAME_BYTES ? octets : -1;
  }

  private static int fixed(int left, int octets) {
    return left >= octets ? octets : -1;
  }

  private static int counted(byte[] rdata, int at, int end, int least) {
    if (at >= end || (rdata[at] & 0xff) < least) {
      return -1;
    }
    int octets = 1 + (rdata[at] & 0xff);
    return at + octets <= end ? octets : -1;
  }

  private static int tag(byte[] rdata, int at, int end) {
    int octets = counted(rdata, at, end, 1);
    for (int i = 1; i < octets; i++) {
      if (!isTagOctet(rdata[at + i])) {
        return -1;
      }
    }
    return octets;
  }

  private static int strings(byte[] rdata, int at, int end) {
    int to = at;
    while (to < end) {
      to += 1 + (rdata[to] & 0xff);
    }
    return to == end && to > at ? to - at : -1;
  }

  /** Windows in rising order, none of them empty or longer than it must be (RFC 4034 §4.1.2). */
  private static int types(byte[] rdata, int at, int end) {
    int to = at;
    int before = -1;
    while (to < end) {
      if (to + 2 > end) {
        return -1;
      }
      int window = rdata[to] & 0xff;
      int octets = rdata[to + 1] & 0xff;
      if (window <= before || octets < 1 || octets > 32 || to + 2 + octets > end) {
        return -1;
      }
      if (rdata[to + 1 + octets] == 0) {
        return -1;
      }
      before = window;
      to += 2 + octets;
    }
    return to - at;
  }

  private static int relay(byte[] rdata, int at, int end) {
    if (end - at < 2) {
      return -1;
    }
    int relay = gateway(rdata[at + 1] & 0x7f, rdata, at + 2, end);
    return relay < 0 ? -1 : 2 + relay;
  }

  /** Octets of what stands at {@code at}: nothing, an address or a name, as {@code kind} says. */
  private static int gateway(int kind, byte[] rdata, int at, int end) {
    return switch (kind) {
      case 0 -> 0;
      case 1 -> fixed(end - at, 4);
      case 2 -> fixed(end - at, 16);
      case 3 -> name(rdata, at, end);
      default -> -1;
    };
  }

  private static int hostIdentity(byte[] rdata, int at, int end) {
    if (end - at < 4) {
      return -1;
    }
    int tagOctets = rdata[at] & 0xff;
    int keyOctets = Wire.u16(rdata, at + 2);
    int to = at + 4 + tagOctets + keyOctets;
    if (tagOctets == 0 || keyOctets == 0 || to > end) {
      return -1;
    }
    while (to < end) {
      int octets = name(rdata, to, end);
      if (octets < 0) {
        return -1;
      }
      to += octets;
    }
    return to - at;
  }
}
