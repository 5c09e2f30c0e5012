package io.flashdns.management.message;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.zonefile.RdataCheck;
import io.flashdns.core.zonefile.RdataText;
import io.flashdns.proto.v1.LocData;
import io.flashdns.proto.v1.NaptrData;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.SoaData;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** From the data of a record in a message to wire form: all forms that {@code RecordData} has. */
final class RdataEncoder {
  static final int LOC = 29;
  static final int SSHFP = 44;
  static final int SMIMEA = 53;
  static final int CDS = 59;
  static final int CDNSKEY = 60;
  static final int URI = 256;

  /** The protocol field of every DNSKEY (RFC 4034 §2.1.2). */
  static final int DNSKEY_PROTOCOL = 3;

  static final long EQUATOR = 1L << 31;
  static final long ALTITUDE_BASE = 10_000_000;

  private static final int MAX_BYTES = 65_535;
  private static final int MAX_LATITUDE = 324_000_000;
  private static final int MAX_LONGITUDE = 648_000_000;
  private static final long MAX_ALTITUDE = 4_284_967_295L;
  private static final long MAX_EXTENT = 9_000_000_000L;

  private RdataEncoder() {}

  /**
   * The octets, names in the case in which they are given.
   *
   * @return null when something is wrong, which is noted
   */
  static byte @Nullable [] encode(RecordData data, int type, String path, Violations violations) {
    int before = violations.count();
    String field = field(data);
    if (field.isEmpty()) {
      violations.add(path, "one of its fields is required: the data in a form that fits the type");
      return null;
    }
    String place = Paths.in(path, field);
    byte[] octets =
        data.hasText()
            ? ofText(data.getText(), type, place, violations)
            : data.hasOpaque()
                ? data.getOpaque().toByteArray()
                : typed(data, type, place, violations);
    if (violations.count() > before) {
      return null;
    }
    String wrong =
        octets.length > MAX_BYTES
            ? "the data has " + octets.length + " octets: at most 65535 are allowed"
            : whatIsWrong(type, octets);
    if (wrong != null) {
      violations.add(place, wrong);
      return null;
    }
    return octets;
  }

  /** The name of the field that is set; empty for none. */
  static String field(RecordData data) {
    int number = data.getDataCase().getNumber();
    return number == 0 ? "" : RecordData.getDescriptor().findFieldByNumber(number).getName();
  }

  private static byte[] ofText(String text, int type, String place, Violations violations) {
    try {
      return RdataText.parse(type, text);
    } catch (IllegalArgumentException e) {
      violations.add(place, String.valueOf(e.getMessage()));
      return new byte[0];
    }
  }

  /** What is wrong with octets as data of the type; null when nothing is. */
  static @Nullable String whatIsWrong(int type, byte[] octets) {
    String wrong;
    try {
      // With room behind it: a length inside may point beyond the end.
      wrong = RdataCheck.whatIsWrong(type, Arrays.copyOf(octets, octets.length + 8), octets.length);
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException _) {
      wrong = "it cannot be read";
    }
    if (wrong != null) {
      return "this is no data of " + RecordType.text(type) + ": " + wrong;
    }
    if (type == RecordType.TLSA || type == SMIMEA) {
      int wanted = associationBytes(octets[2] & 0xff);
      if (wanted != 0 && octets.length - 3 != wanted) {
        return "the association has "
            + (octets.length - 3)
            + " octets, "
            + wanted
            + " are wanted for its matching type: check that it was copied whole";
      }
    }
    return null;
  }

  /** True when the field of this case is the one that goes with the type. */
  private static boolean fits(RecordData.DataCase field, int type) {
    return switch (field) {
      case A -> type == RecordType.A;
      case AAAA -> type == RecordType.AAAA;
      case NS -> type == RecordType.NS;
      case CNAME -> type == RecordType.CNAME;
      case DNAME -> type == RecordType.DNAME;
      case PTR -> type == RecordType.PTR;
      case SOA -> type == RecordType.SOA;
      case MX -> type == RecordType.MX;
      case TXT -> type == RecordType.TXT;
      case SRV -> type == RecordType.SRV;
      case CAA -> type == RecordType.CAA;
      case NAPTR -> type == RecordType.NAPTR;
      case URI -> type == URI;
      case TLSA -> type == RecordType.TLSA || type == SMIMEA;
      case SSHFP -> type == SSHFP;
      case DS -> type == RecordType.DS || type == CDS;
      case DNSKEY -> type == RecordType.DNSKEY || type == CDNSKEY;
      case SVCB -> type == RecordType.SVCB || type == RecordType.HTTPS;
      case LOC -> type == LOC;
      case TEXT, OPAQUE -> true;
      case DATA_NOT_SET -> false;
    };
  }

  private static byte[] typed(RecordData data, int type, String place, Violations violations) {
    if (!fits(data.getDataCase(), type)) {
      violations.add(
          place,
          "this field is not for the type "
              + RecordType.text(type)
              + " of the record: use the one that is, or text");
      return new byte[0];
    }
    RdataWriter out = new RdataWriter(place, violations);
    switch (data.getDataCase()) {
      case A -> out.ipv4("address", data.getA().getAddress());
      case AAAA -> out.ipv6("address", data.getAaaa().getAddress());
      case NS -> out.name("server", data.getNs().getServer());
      case CNAME -> out.name("target", data.getCname().getTarget());
      case DNAME -> out.name("target", data.getDname().getTarget());
      case PTR -> out.name("target", data.getPtr().getTarget());
      case SOA -> soa(data.getSoa(), out);
      case MX ->
          out.u16("preference", data.getMx().getPreference())
              .name("exchange", data.getMx().getExchange());
      case TXT -> txt(data, out);
      case SRV ->
          out.u16("priority", data.getSrv().getPriority())
              .u16("weight", data.getSrv().getWeight())
              .u16("port", data.getSrv().getPort())
              .name("target", data.getSrv().getTarget());
      case CAA -> caa(data, out);
      case NAPTR -> naptr(data.getNaptr(), out);
      case URI -> {
        out.u16("priority", data.getUri().getPriority()).u16("weight", data.getUri().getWeight());
        if (data.getUri().getTarget().isEmpty()) {
          out.wrong("target", "a URI is required");
        }
        out.longString("target", data.getUri().getTarget());
      }
      case TLSA ->
          out.u8("usage", data.getTlsa().getUsage())
              .u8("selector", data.getTlsa().getSelector())
              .u8("matching_type", data.getTlsa().getMatchingType())
              .digest(
                  "association",
                  data.getTlsa().getAssociation(),
                  associationBytes(data.getTlsa().getMatchingType()));
      case SSHFP ->
          out.u8("algorithm", data.getSshfp().getAlgorithm())
              .u8("fingerprint_type", data.getSshfp().getFingerprintType())
              .digest(
                  "fingerprint",
                  data.getSshfp().getFingerprint(),
                  switch (data.getSshfp().getFingerprintType()) {
                    case 1 -> 20;
                    case 2 -> 32;
                    default -> 0;
                  });
      case DS ->
          out.u16("key_tag", data.getDs().getKeyTag())
              .u8("algorithm", data.getDs().getAlgorithm())
              .u8("digest_type", data.getDs().getDigestType())
              .digest(
                  "digest",
                  data.getDs().getDigest(),
                  switch (data.getDs().getDigestType()) {
                    case 1 -> 20;
                    case 2 -> 32;
                    case 4 -> 48;
                    default -> 0;
                  });
      case DNSKEY ->
          out.u16("flags", data.getDnskey().getFlags())
              .u8("", DNSKEY_PROTOCOL)
              .u8("algorithm", data.getDnskey().getAlgorithm())
              .octets("public_key", data.getDnskey().getPublicKey());
      case SVCB -> SvcbMessages.encode(data.getSvcb(), place, out, violations);
      case LOC -> loc(data.getLoc(), out);
      case TEXT, OPAQUE, DATA_NOT_SET -> throw new AssertionError("no field of a type");
    }
    return out.octets();
  }

  private static int associationBytes(int matchingType) {
    return switch (matchingType) {
      case 1 -> 32;
      case 2 -> 64;
      default -> 0;
    };
  }

  private static void soa(SoaData soa, RdataWriter out) {
    out.name("primary", soa.getPrimary())
        .name("responsible", soa.getResponsible())
        .u32(soa.getSerial())
        .u32(soa.getRefreshSeconds())
        .u32(soa.getRetrySeconds())
        .u32(soa.getExpireSeconds())
        .u32(soa.getMinimumSeconds());
  }

  private static void txt(RecordData data, RdataWriter out) {
    if (data.getTxt().getStringsCount() == 0) {
      out.wrong("strings", "at least one string is required; it may be empty");
    }
    for (int i = 0; i < data.getTxt().getStringsCount(); i++) {
      out.string(Paths.at("strings", i), data.getTxt().getStrings(i));
    }
  }

  private static void caa(RecordData data, RdataWriter out) {
    out.u8("flags", data.getCaa().getFlags());
    String tag = data.getCaa().getTag();
    if (tag.isEmpty() || tag.length() > 255 || !isLettersAndDigits(tag)) {
      out.wrong("tag", "a tag is 1 to 255 ASCII letters and digits as in issue, issuewild, iodef");
    } else {
      out.string("tag", tag);
    }
    out.longString("value", data.getCaa().getValue());
  }

  private static void naptr(NaptrData naptr, RdataWriter out) {
    out.u16("order", naptr.getOrder()).u16("preference", naptr.getPreference());
    if (!isLettersAndDigits(naptr.getFlags())) {
      out.wrong("flags", "flags are letters and digits: S, A, U, P or none");
    } else {
      out.string("flags", naptr.getFlags());
    }
    out.string("services", naptr.getServices())
        .string("regexp", naptr.getRegexp())
        .name("replacement", naptr.getReplacement());
  }

  private static void loc(LocData loc, RdataWriter out) {
    out.u8("", 0);
    extent("size_centimetres", loc.getSizeCentimetres(), out);
    extent("horizontal_precision_centimetres", loc.getHorizontalPrecisionCentimetres(), out);
    extent("vertical_precision_centimetres", loc.getVerticalPrecisionCentimetres(), out);
    long latitude = loc.getLatitudeMilliarcseconds();
    long longitude = loc.getLongitudeMilliarcseconds();
    long altitude = loc.getAltitudeCentimetres();
    within("latitude_milliarcseconds", latitude, -MAX_LATITUDE, MAX_LATITUDE, out);
    within("longitude_milliarcseconds", longitude, -MAX_LONGITUDE, MAX_LONGITUDE, out);
    within("altitude_centimetres", altitude, -ALTITUDE_BASE, MAX_ALTITUDE, out);
    out.u32((int) (EQUATOR + latitude))
        .u32((int) (EQUATOR + longitude))
        .u32((int) (ALTITUDE_BASE + altitude));
  }

  private static void within(String field, long value, long least, long most, RdataWriter out) {
    if (value < least || value > most) {
      out.wrong(field, value + " is out of bounds: from " + least + " to " + most);
    }
  }

  /** One digit and a power of ten, four bits each; rounded up. */
  private static void extent(String field, long centimetres, RdataWriter out) {
    if (Long.compareUnsigned(centimetres, MAX_EXTENT) > 0) {
      out.wrong(
          field, Long.toUnsignedString(centimetres) + " is out of bounds: from 0 to " + MAX_EXTENT);
      return;
    }
    long digit = centimetres;
    int power = 0;
    while (digit > 9) {
      digit = (digit + 9) / 10;
      power++;
    }
    out.u8(field, (int) (digit << 4 | power));
  }

  static boolean isLettersAndDigits(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')) {
        return false;
      }
    }
    return true;
  }
}
