package io.flashdns.management.message;

import com.google.protobuf.ByteString;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zonefile.AddressText;
import io.flashdns.proto.v1.SvcKeys;
import io.flashdns.proto.v1.SvcOpaque;
import io.flashdns.proto.v1.SvcParam;
import io.flashdns.proto.v1.SvcStrings;
import io.flashdns.proto.v1.SvcbData;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Data of SVCB and HTTPS (RFC 9460): message to wire form and back. */
final class SvcbMessages {
  private static final int MANDATORY = 0;
  private static final int ALPN = 1;
  private static final int NO_DEFAULT_ALPN = 2;
  private static final int PORT = 3;
  private static final int IPV4_HINT = 4;
  private static final int ECH = 5;
  private static final int IPV6_HINT = 6;
  private static final int DOH_PATH = 7;
  private static final int MAX_KEY = 65_534;
  private static final int MAX_BYTES = 65_535;

  private SvcbMessages() {}

  static void encode(SvcbData data, String path, RdataWriter out, Violations violations) {
    out.u16("priority", data.getPriority()).name("target", data.getTarget());
    if (data.getPriority() == 0 && data.getParamsCount() > 0) {
      out.wrong(
          "params", "AliasMode (priority 0) has no parameters: remove them, or give a priority");
      return;
    }
    TreeMap<Integer, byte[]> values = new TreeMap<>();
    Map<Integer, String> places = new HashMap<>();
    for (int i = 0; i < data.getParamsCount(); i++) {
      SvcParam param = data.getParams(i);
      String place = Paths.at(Paths.in(path, "params"), i);
      int key = key(param, place, violations);
      if (key < 0) {
        continue;
      }
      RdataWriter value = new RdataWriter(place, violations);
      encode(param, value);
      if (value.length() > MAX_BYTES) {
        violations.add(place, "the value has more than 65535 octets");
      }
      if (values.put(key, value.octets()) != null) {
        violations.add(place, "the key " + key + " stands twice: remove one");
      }
      places.put(key, place);
    }
    checkTogether(values, places, violations);
    values.forEach(
        (key, value) -> {
          byte[] head = new byte[4];
          Wire.put16(head, 0, key);
          Wire.put16(head, 2, value.length);
          out.raw(head).raw(value);
        });
  }

  private static int key(SvcParam param, String place, Violations violations) {
    return switch (param.getParamCase()) {
      case MANDATORY -> MANDATORY;
      case ALPN -> ALPN;
      case NO_DEFAULT_ALPN -> NO_DEFAULT_ALPN;
      case PORT -> PORT;
      case IPV4_HINT -> IPV4_HINT;
      case ECH -> ECH;
      case IPV6_HINT -> IPV6_HINT;
      case DOH_PATH -> DOH_PATH;
      case OPAQUE -> {
        int key = param.getOpaque().getKey();
        if (key >= MANDATORY && key <= DOH_PATH) {
          violations.add(
              place + ".opaque.key", "the key " + key + " has a field of its own: use that");
          yield -1;
        }
        if (key < 0 || key > MAX_KEY) {
          violations.add(
              place + ".opaque.key",
              Integer.toUnsignedString(key) + " is too large: from 0 to " + MAX_KEY);
          yield -1;
        }
        yield key;
      }
      case PARAM_NOT_SET -> {
        violations.add(place, "one of its fields is required");
        yield -1;
      }
    };
  }

  private static void encode(SvcParam param, RdataWriter out) {
    switch (param.getParamCase()) {
      case MANDATORY -> mandatory(param.getMandatory(), out);
      case ALPN -> {
        List<String> protocols = given("alpn", param.getAlpn(), out);
        for (int i = 0; i < protocols.size(); i++) {
          String field = Paths.at("alpn.values", i);
          if (protocols.get(i).isEmpty()) {
            out.wrong(field, "a protocol has 1 to 255 octets");
          }
          out.string(field, protocols.get(i));
        }
      }
      case NO_DEFAULT_ALPN -> {
        if (!param.getNoDefaultAlpn()) {
          out.wrong("no_default_alpn", "it is true or absent: remove the parameter");
        }
      }
      case PORT -> out.u16("port", param.getPort());
      case IPV4_HINT -> {
        List<String> addresses = given("ipv4_hint", param.getIpv4Hint(), out);
        for (int i = 0; i < addresses.size(); i++) {
          out.ipv4(Paths.at("ipv4_hint.values", i), addresses.get(i));
        }
      }
      case ECH -> out.octets("ech", param.getEch());
      case IPV6_HINT -> {
        List<String> addresses = given("ipv6_hint", param.getIpv6Hint(), out);
        for (int i = 0; i < addresses.size(); i++) {
          out.ipv6(Paths.at("ipv6_hint.values", i), addresses.get(i));
        }
      }
      case DOH_PATH -> {
        String template = param.getDohPath();
        if (!template.startsWith("/") || !template.matches(".*\\{[^{}]*\\bdns\\b[^{}]*}.*")) {
          out.wrong(
              "doh_path",
              "it is a relative URI template with the variable dns, as /dns-query{?dns}");
        }
        out.raw(template.getBytes(StandardCharsets.UTF_8));
      }
      case OPAQUE -> out.raw(param.getOpaque().getValue().toByteArray());
      case PARAM_NOT_SET -> {}
    }
  }

  private static List<String> given(String field, SvcStrings strings, RdataWriter out) {
    if (strings.getValuesCount() == 0) {
      out.wrong(Paths.in(field, "values"), "at least one value is required");
    }
    return strings.getValuesList();
  }

  private static void mandatory(SvcKeys keys, RdataWriter out) {
    if (keys.getKeysCount() == 0) {
      out.wrong("mandatory.keys", "at least one key is required");
    }
    TreeSet<Integer> sorted = new TreeSet<>();
    for (int i = 0; i < keys.getKeysCount(); i++) {
      int key = keys.getKeys(i);
      if (key < 1 || key > MAX_KEY || !sorted.add(key)) {
        out.wrong(
            Paths.at("mandatory.keys", i), "keys are 1 to " + MAX_KEY + ", each at most once");
      }
    }
    for (int key : sorted) {
      out.u16("mandatory.keys", key);
    }
  }

  private static void checkTogether(
      Map<Integer, byte[]> values, Map<Integer, String> places, Violations violations) {
    if (values.containsKey(NO_DEFAULT_ALPN) && !values.containsKey(ALPN)) {
      violations.add(
          places.get(NO_DEFAULT_ALPN) + ".no_default_alpn",
          "it needs alpn beside it: add the protocols");
    }
    byte[] mandatory = values.getOrDefault(MANDATORY, new byte[0]);
    for (int i = 0; i + 1 < mandatory.length; i += 2) {
      if (!values.containsKey(Wire.u16(mandatory, i))) {
        violations.add(
            places.get(MANDATORY) + ".mandatory.keys",
            "the key " + Wire.u16(mandatory, i) + " is called mandatory but is missing: add it");
      }
    }
  }

  /** The message of data that is right. */
  static SvcbData decode(byte[] data) {
    DomainName target = DomainName.ofWire(data, 2);
    SvcbData.Builder message =
        SvcbData.newBuilder().setPriority(Wire.u16(data, 0)).setTarget(target.toString());
    int at = 2 + target.length();
    while (at < data.length) {
      int key = Wire.u16(data, at);
      int octets = Wire.u16(data, at + 2);
      at += 4;
      message.addParams(decode(key, data, at, at + octets));
      at += octets;
    }
    return message.build();
  }

  private static SvcParam decode(int key, byte[] data, int from, int to) {
    SvcParam.Builder param = SvcParam.newBuilder();
    ByteString value = ByteString.copyFrom(data, from, to - from);
    switch (key) {
      case MANDATORY -> {
        SvcKeys.Builder keys = SvcKeys.newBuilder();
        for (int i = from; i < to; i += 2) {
          keys.addKeys(Wire.u16(data, i));
        }
        param.setMandatory(keys);
      }
      case ALPN -> {
        SvcStrings.Builder protocols = SvcStrings.newBuilder();
        for (int i = from; i < to; i += 1 + Wire.u8(data, i)) {
          protocols.addValues(CharacterStrings.text(data, i + 1, i + 1 + Wire.u8(data, i)));
        }
        param.setAlpn(protocols);
      }
      case NO_DEFAULT_ALPN -> param.setNoDefaultAlpn(true);
      case PORT -> param.setPort(Wire.u16(data, from));
      case IPV4_HINT -> {
        SvcStrings.Builder addresses = SvcStrings.newBuilder();
        for (int i = from; i < to; i += 4) {
          addresses.addValues(AddressText.ipv4(data, i));
        }
        param.setIpv4Hint(addresses);
      }
      case ECH -> param.setEch(value);
      case IPV6_HINT -> {
        SvcStrings.Builder addresses = SvcStrings.newBuilder();
        for (int i = from; i < to; i += 16) {
          addresses.addValues(AddressText.ipv6(data, i));
        }
        param.setIpv6Hint(addresses);
      }
      case DOH_PATH -> param.setDohPath(value.toStringUtf8());
      default -> param.setOpaque(SvcOpaque.newBuilder().setKey(key).setValue(value));
    }
    return param.build();
  }
}
