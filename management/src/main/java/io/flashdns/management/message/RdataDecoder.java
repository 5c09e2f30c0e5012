package io.flashdns.management.message;

import com.google.protobuf.ByteString;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zonefile.AddressText;
import io.flashdns.core.zonefile.RdataText;
import io.flashdns.proto.v1.AData;
import io.flashdns.proto.v1.AaaaData;
import io.flashdns.proto.v1.CaaData;
import io.flashdns.proto.v1.CnameData;
import io.flashdns.proto.v1.DnameData;
import io.flashdns.proto.v1.DnskeyData;
import io.flashdns.proto.v1.DsData;
import io.flashdns.proto.v1.LocData;
import io.flashdns.proto.v1.MxData;
import io.flashdns.proto.v1.NaptrData;
import io.flashdns.proto.v1.NsData;
import io.flashdns.proto.v1.PtrData;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.SoaData;
import io.flashdns.proto.v1.SrvData;
import io.flashdns.proto.v1.SshfpData;
import io.flashdns.proto.v1.TlsaData;
import io.flashdns.proto.v1.TxtData;
import io.flashdns.proto.v1.UriData;
import java.util.Arrays;

/**
 * From wire form to the data of a record in a message: the field of the type where there is one and
 * it can say exactly these octets, else text, else the octets. Used once.
 */
final class RdataDecoder {
  private final byte[] data;
  private int at;

  private RdataDecoder(byte[] data) {
    this.data = data;
  }

  static RecordData decode(int type, byte[] data) {
    RecordData.Builder message = RecordData.newBuilder();
    if (RdataEncoder.whatIsWrong(type, data) == null) {
      RdataDecoder decoder = new RdataDecoder(data);
      boolean typed = decoder.typed(type, message);
      if (typed && (!mayDiffer(type) || saysTheSame(type, data, message.build()))) {
        return message.build();
      }
    }
    message.clear();
    String text = RdataText.print(type, data);
    return text.startsWith("\\#")
        ? message.setOpaque(ByteString.copyFrom(data)).build()
        : message.setText(text).build();
  }

  /** True for types with data that their field cannot say, as a DNSKEY of another protocol. */
  private static boolean mayDiffer(int type) {
    return switch (type) {
      case RecordType.DNSKEY,
          RdataEncoder.CDNSKEY,
          RecordType.NAPTR,
          RecordType.SVCB,
          RecordType.HTTPS,
          RdataEncoder.URI,
          RdataEncoder.LOC ->
          true;
      default -> false;
    };
  }

  private static boolean saysTheSame(int type, byte[] data, RecordData message) {
    byte[] encoded = RdataEncoder.encode(message, type, "", new Violations());
    return encoded != null && Arrays.equals(encoded, data);
  }

  private boolean typed(int type, RecordData.Builder message) {
    switch (type) {
      case RecordType.A -> message.setA(AData.newBuilder().setAddress(AddressText.ipv4(data, 0)));
      case RecordType.AAAA ->
          message.setAaaa(AaaaData.newBuilder().setAddress(AddressText.ipv6(data, 0)));
      case RecordType.NS -> message.setNs(NsData.newBuilder().setServer(name()));
      case RecordType.CNAME -> message.setCname(CnameData.newBuilder().setTarget(name()));
      case RecordType.DNAME -> message.setDname(DnameData.newBuilder().setTarget(name()));
      case RecordType.PTR -> message.setPtr(PtrData.newBuilder().setTarget(name()));
      case RecordType.SOA -> message.setSoa(soa());
      case RecordType.MX ->
          message.setMx(MxData.newBuilder().setPreference(u16()).setExchange(name()));
      case RecordType.TXT -> {
        TxtData.Builder strings = TxtData.newBuilder();
        while (at < data.length) {
          strings.addStrings(string());
        }
        message.setTxt(strings);
      }
      case RecordType.SRV ->
          message.setSrv(
              SrvData.newBuilder()
                  .setPriority(u16())
                  .setWeight(u16())
                  .setPort(u16())
                  .setTarget(name()));
      case RecordType.CAA ->
          message.setCaa(
              CaaData.newBuilder().setFlags(u8()).setTag(string()).setValue(restAsText()));
      case RecordType.NAPTR ->
          message.setNaptr(
              NaptrData.newBuilder()
                  .setOrder(u16())
                  .setPreference(u16())
                  .setFlags(string())
                  .setServices(string())
                  .setRegexp(string())
                  .setReplacement(name()));
      case RdataEncoder.URI ->
          message.setUri(
              UriData.newBuilder().setPriority(u16()).setWeight(u16()).setTarget(restAsText()));
      case RecordType.TLSA, RdataEncoder.SMIMEA ->
          message.setTlsa(
              TlsaData.newBuilder()
                  .setUsage(u8())
                  .setSelector(u8())
                  .setMatchingType(u8())
                  .setAssociation(rest()));
      case RdataEncoder.SSHFP ->
          message.setSshfp(
              SshfpData.newBuilder()
                  .setAlgorithm(u8())
                  .setFingerprintType(u8())
                  .setFingerprint(rest()));
      case RecordType.DS, RdataEncoder.CDS ->
          message.setDs(
              DsData.newBuilder()
                  .setKeyTag(u16())
                  .setAlgorithm(u8())
                  .setDigestType(u8())
                  .setDigest(rest()));
      case RecordType.DNSKEY, RdataEncoder.CDNSKEY -> {
        DnskeyData.Builder key = DnskeyData.newBuilder().setFlags(u16());
        at++;
        message.setDnskey(key.setAlgorithm(u8()).setPublicKey(rest()));
      }
      case RecordType.SVCB, RecordType.HTTPS -> message.setSvcb(SvcbMessages.decode(data));
      case RdataEncoder.LOC -> message.setLoc(loc());
      default -> {
        return false;
      }
    }
    return true;
  }

  private SoaData soa() {
    return SoaData.newBuilder()
        .setPrimary(name())
        .setResponsible(name())
        .setSerial(s32())
        .setRefreshSeconds(s32())
        .setRetrySeconds(s32())
        .setExpireSeconds(s32())
        .setMinimumSeconds(s32())
        .build();
  }

  private LocData loc() {
    return LocData.newBuilder()
        .setSizeCentimetres(extent(1))
        .setHorizontalPrecisionCentimetres(extent(2))
        .setVerticalPrecisionCentimetres(extent(3))
        .setLatitudeMilliarcseconds((int) (Wire.u32(data, 4) - RdataEncoder.EQUATOR))
        .setLongitudeMilliarcseconds((int) (Wire.u32(data, 8) - RdataEncoder.EQUATOR))
        .setAltitudeCentimetres(Wire.u32(data, 12) - RdataEncoder.ALTITUDE_BASE)
        .build();
  }

  private long extent(int offset) {
    long centimetres = Wire.u8(data, offset) >> 4;
    for (int power = Wire.u8(data, offset) & 0xf; power > 0; power--) {
      centimetres *= 10;
    }
    return centimetres;
  }

  private int u8() {
    return Wire.u8(data, at++);
  }

  private int u16() {
    at += 2;
    return Wire.u16(data, at - 2);
  }

  private int s32() {
    at += 4;
    return Wire.s32(data, at - 4);
  }

  private String name() {
    DomainName name = DomainName.ofWire(data, at);
    at += name.length();
    return name.toString();
  }

  private String string() {
    int octets = u8();
    at += octets;
    return CharacterStrings.text(data, at - octets, at);
  }

  private String restAsText() {
    return CharacterStrings.text(data, at, data.length);
  }

  private ByteString rest() {
    return ByteString.copyFrom(data, at, data.length - at);
  }
}
