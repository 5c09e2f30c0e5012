package io.flashdns.management.message;

import com.google.protobuf.ByteString;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zonefile.AddressText;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes record data in wire form of fields of messages; what is wrong with a field is noted under
 * its path, and something is written in its place. Used once.
 */
final class RdataWriter {
  private static final int MAX_STRING_BYTES = 255;
  private static final String BAD_ESCAPE =
      "a backslash stands before three digits from 000 to 255, or before a printable character: "
          + "write \\\\ for a backslash";

  private final String path;
  private final Violations violations;
  private byte[] bytes = new byte[64];
  private int length;

  /** Of the message at {@code path}. */
  RdataWriter(String path, Violations violations) {
    this.path = path;
    this.violations = violations;
  }

  byte[] octets() {
    return Arrays.copyOf(bytes, length);
  }

  int length() {
    return length;
  }

  void wrong(String field, String message) {
    violations.add(Paths.in(path, field), message);
  }

  RdataWriter u8(String field, int value) {
    reserve(1);
    bytes[length++] = (byte) bounded(field, value, 0xff);
    return this;
  }

  RdataWriter u16(String field, int value) {
    reserve(2);
    Wire.put16(bytes, length, (int) bounded(field, value, 0xffff));
    length += 2;
    return this;
  }

  RdataWriter u32(int value) {
    reserve(4);
    Wire.put32(bytes, length, value);
    length += 4;
    return this;
  }

  /** An unsigned number of a message. */
  long bounded(String field, int value, long most) {
    long number = Integer.toUnsignedLong(value);
    if (number > most) {
      wrong(field, number + " is too large: from 0 to " + most);
      return 0;
    }
    return number;
  }

  RdataWriter name(String field, String text) {
    DomainName name = Names.parse(text, Paths.in(path, field), violations);
    return name == null ? raw(new byte[1]) : raw(name.wire());
  }

  /** A character string with its length before it. */
  RdataWriter string(String field, String text) {
    byte[] octets = text(field, text);
    if (octets.length > MAX_STRING_BYTES) {
      wrong(
          field,
          "the string has "
              + octets.length
              + " octets: at most 255 are allowed, cut it into several where the type has several");
      return this;
    }
    reserve(1);
    bytes[length++] = (byte) octets.length;
    return raw(octets);
  }

  /** A character string that ends with the data. */
  RdataWriter longString(String field, String text) {
    return raw(text(field, text));
  }

  byte[] text(String field, String text) {
    byte[] octets = CharacterStrings.octets(text);
    if (octets == null) {
      wrong(field, BAD_ESCAPE);
      return new byte[0];
    }
    return octets;
  }

  /** At least one octet. */
  RdataWriter octets(String field, ByteString value) {
    if (value.isEmpty()) {
      wrong(field, "at least one octet is required");
    }
    return raw(value.toByteArray());
  }

  /** As many octets as an algorithm makes; 0 for one that is not known. */
  RdataWriter digest(String field, ByteString value, int wanted) {
    if (wanted != 0 && value.size() != wanted) {
      wrong(
          field,
          "it has "
              + value.size()
              + " octets, "
              + wanted
              + " are wanted for its algorithm: check that it was copied whole");
    }
    return octets(field, value);
  }

  RdataWriter ipv4(String field, String text) {
    return address(
        field, AddressText.parseIpv4(text), 4, "an IPv4 address is four numbers as 192.0.2.1");
  }

  RdataWriter ipv6(String field, String text) {
    return address(
        field, AddressText.parseIpv6(text), 16, "an IPv6 address is written as 2001:db8::1");
  }

  private RdataWriter address(String field, byte @Nullable [] address, int octets, String wrong) {
    if (address == null) {
      wrong(field, wrong);
      return raw(new byte[octets]);
    }
    return raw(address);
  }

  RdataWriter raw(byte[] octets) {
    reserve(octets.length);
    System.arraycopy(octets, 0, bytes, length, octets.length);
    length += octets.length;
    return this;
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
