package io.flashdns.management.client;

import com.google.protobuf.ByteString;
import io.flashdns.proto.v1.LocData;
import io.flashdns.proto.v1.NaptrData;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.SoaData;
import io.flashdns.proto.v1.SvcParam;
import io.flashdns.proto.v1.SvcbData;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The data of records as a zone file writes them (RFC 1035 §5, RFC 3597 §5). */
final class DataText {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final List<String> SVC_KEYS =
      List.of(
          "mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath");

  private DataText() {}

  static String of(RecordData data) {
    return switch (data.getDataCase()) {
      case A -> data.getA().getAddress();
      case AAAA -> data.getAaaa().getAddress();
      case NS -> data.getNs().getServer();
      case CNAME -> data.getCname().getTarget();
      case DNAME -> data.getDname().getTarget();
      case PTR -> data.getPtr().getTarget();
      case SOA -> soa(data.getSoa());
      case MX ->
          Integer.toUnsignedString(data.getMx().getPreference()) + " " + data.getMx().getExchange();
      case TXT ->
          data.getTxt().getStringsList().stream()
              .map(DataText::quoted)
              .collect(Collectors.joining(" "));
      case SRV ->
          joined(
              data.getSrv().getPriority(),
              data.getSrv().getWeight(),
              data.getSrv().getPort(),
              data.getSrv().getTarget());
      case CAA ->
          joined(
              data.getCaa().getFlags(), data.getCaa().getTag(), quoted(data.getCaa().getValue()));
      case NAPTR -> naptr(data.getNaptr());
      case URI ->
          joined(
              data.getUri().getPriority(),
              data.getUri().getWeight(),
              quoted(data.getUri().getTarget()));
      case TLSA ->
          joined(
              data.getTlsa().getUsage(),
              data.getTlsa().getSelector(),
              data.getTlsa().getMatchingType(),
              hex(data.getTlsa().getAssociation()));
      case SSHFP ->
          joined(
              data.getSshfp().getAlgorithm(),
              data.getSshfp().getFingerprintType(),
              hex(data.getSshfp().getFingerprint()));
      case DS ->
          joined(
              data.getDs().getKeyTag(),
              data.getDs().getAlgorithm(),
              data.getDs().getDigestType(),
              hex(data.getDs().getDigest()));
      case DNSKEY ->
          joined(
              data.getDnskey().getFlags(),
              3,
              data.getDnskey().getAlgorithm(),
              base64(data.getDnskey().getPublicKey()));
      case SVCB -> svcb(data.getSvcb());
      case LOC -> loc(data.getLoc());
      case TEXT -> data.getText();
      case OPAQUE -> {
        ByteString octets = data.getOpaque();
        yield ("\\# " + octets.size() + " " + hex(octets)).strip();
      }
      case DATA_NOT_SET -> "";
    };
  }

  private static String joined(Object... parts) {
    StringBuilder text = new StringBuilder();
    for (Object part : parts) {
      text.append(text.isEmpty() ? "" : " ").append(part);
    }
    return text.toString();
  }

  private static String soa(SoaData soa) {
    return joined(
        soa.getPrimary(),
        soa.getResponsible(),
        Integer.toUnsignedString(soa.getSerial()),
        Integer.toUnsignedString(soa.getRefreshSeconds()),
        Integer.toUnsignedString(soa.getRetrySeconds()),
        Integer.toUnsignedString(soa.getExpireSeconds()),
        Integer.toUnsignedString(soa.getMinimumSeconds()));
  }

  private static String naptr(NaptrData naptr) {
    return joined(
        naptr.getOrder(),
        naptr.getPreference(),
        quoted(naptr.getFlags()),
        quoted(naptr.getServices()),
        quoted(naptr.getRegexp()),
        naptr.getReplacement());
  }

  /** The API has its strings with {@code \\} and {@code \DDD} already; quotes are left to add. */
  private static String quoted(String text) {
    return "\"" + text.replace("\"", "\\\"") + "\"";
  }

  private static String hex(ByteString octets) {
    return HEX.formatHex(octets.toByteArray());
  }

  private static String base64(ByteString octets) {
    return Base64.getEncoder().encodeToString(octets.toByteArray());
  }

  private static String svcb(SvcbData svcb) {
    StringBuilder text = new StringBuilder(joined(svcb.getPriority(), svcb.getTarget()));
    for (SvcParam param : svcb.getParamsList()) {
      text.append(' ').append(param(param));
    }
    return text.toString();
  }

  private static String param(SvcParam param) {
    return switch (param.getParamCase()) {
      case MANDATORY ->
          "mandatory="
              + param.getMandatory().getKeysList().stream()
                  .map(DataText::keyName)
                  .collect(Collectors.joining(","));
      case ALPN ->
          "alpn="
              + quoted(
                  param.getAlpn().getValuesList().stream()
                      .map(value -> value.replace(",", "\\\\,"))
                      .collect(Collectors.joining(",")));
      case NO_DEFAULT_ALPN -> "no-default-alpn";
      case PORT -> "port=" + param.getPort();
      case IPV4_HINT -> "ipv4hint=" + String.join(",", param.getIpv4Hint().getValuesList());
      case ECH -> "ech=" + base64(param.getEch());
      case IPV6_HINT -> "ipv6hint=" + String.join(",", param.getIpv6Hint().getValuesList());
      case DOH_PATH -> "dohpath=" + quoted(param.getDohPath());
      case OPAQUE -> opaque(param.getOpaque().getKey(), param.getOpaque().getValue());
      case PARAM_NOT_SET -> "";
    };
  }

  private static String keyName(int key) {
    return key >= 0 && key < SVC_KEYS.size() ? SVC_KEYS.get(key) : "key" + key;
  }

  private static String opaque(int key, ByteString value) {
    StringBuilder text = new StringBuilder("key" + key);
    if (!value.isEmpty()) {
      text.append("=\"");
      for (byte octet : value.toByteArray()) {
        int b = Byte.toUnsignedInt(octet);
        if (b > ' ' && b < 127 && b != '"' && b != '\\' && b != ',') {
          text.append((char) b);
        } else {
          text.append("\\%03d".formatted(b));
        }
      }
      text.append('"');
    }
    return text.toString();
  }

  private static String loc(LocData loc) {
    return joined(
        angle(loc.getLatitudeMilliarcseconds(), "N", "S"),
        angle(loc.getLongitudeMilliarcseconds(), "E", "W"),
        metres(loc.getAltitudeCentimetres()),
        metres(loc.getSizeCentimetres()),
        metres(loc.getHorizontalPrecisionCentimetres()),
        metres(loc.getVerticalPrecisionCentimetres()));
  }

  private static String angle(int milliarcseconds, String positive, String negative) {
    long rest = Math.abs((long) milliarcseconds);
    return String.format(
        Locale.ROOT,
        "%d %d %d.%03d %s",
        rest / 3_600_000,
        rest / 60_000 % 60,
        rest / 1000 % 60,
        rest % 1000,
        milliarcseconds < 0 ? negative : positive);
  }

  private static String metres(long centimetres) {
    long rest = Math.abs(centimetres);
    return (centimetres < 0 ? "-" : "") + "%d.%02dm".formatted(rest / 100, rest % 100);
  }
}
