package io.flashdns.management.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.store.RecordData;
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
import io.flashdns.proto.v1.SoaData;
import io.flashdns.proto.v1.SrvData;
import io.flashdns.proto.v1.SshfpData;
import io.flashdns.proto.v1.SvcKeys;
import io.flashdns.proto.v1.SvcOpaque;
import io.flashdns.proto.v1.SvcParam;
import io.flashdns.proto.v1.SvcStrings;
import io.flashdns.proto.v1.SvcbData;
import io.flashdns.proto.v1.TlsaData;
import io.flashdns.proto.v1.TxtData;
import io.flashdns.proto.v1.UriData;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random data of each type with a field of its own is the same in every form. */
class RandomRecordsTest {
  private static final int RECORDS = 300;

  private final Random random = new Random(20_261_123);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "A", "AAAA", "NS", "CNAME", "DNAME", "PTR", "SOA", "MX", "TXT", "SRV", "CAA", "NAPTR",
        "URI", "TLSA", "SMIMEA", "SSHFP", "DS", "CDS", "DNSKEY", "CDNSKEY", "SVCB", "HTTPS", "LOC"
      })
  void everyFormSaysTheSame(String mnemonic) {
    int type = RecordType.parse(mnemonic);
    for (int i = 0; i < RECORDS; i++) {
      io.flashdns.proto.v1.RecordData typed = typed(mnemonic);
      RecordData data = octets(typed, type);
      assertThat(RecordMessages.data(type, data)).isEqualTo(typed);
      String text = RecordMessages.text(type, data);
      assertThat(text).doesNotStartWith("\\#");
      assertThat(octets(RecordMessagesTest.text(text), type)).isEqualTo(data);
      assertThat(RdataText.parse(type, text)).isEqualTo(data.octets());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 6, 15, 16, 29, 33, 35, 43, 44, 48, 52, 64, 65, 256, 257, 13, 47, 65_280})
  void anyOctetsComeBackAsTheyWere(int type) {
    for (int i = 0; i < RECORDS; i++) {
      byte[] octets = new byte[random.nextInt(24)];
      random.nextBytes(octets);
      for (int j = 0; j < octets.length; j++) {
        octets[j] = random.nextInt(3) > 0 ? (byte) random.nextInt(4) : octets[j];
      }
      io.flashdns.proto.v1.RecordData message = RecordMessages.data(type, RecordData.of(octets));
      Violations violations = new Violations();
      byte[] back = RdataEncoder.encode(message, type, "d", violations);
      if (violations.isEmpty()) {
        assertThat(back).isEqualTo(octets);
      } else {
        assertThat(message.hasOpaque() || message.hasText()).isTrue();
      }
    }
  }

  private static RecordData octets(io.flashdns.proto.v1.RecordData message, int type) {
    Violations violations = new Violations();
    RecordData data = RecordMessages.data(message, type, "data", violations);
    violations.throwIfAny();
    return data;
  }

  private io.flashdns.proto.v1.RecordData typed(String mnemonic) {
    io.flashdns.proto.v1.RecordData.Builder data = io.flashdns.proto.v1.RecordData.newBuilder();
    switch (mnemonic) {
      case "A" -> data.setA(AData.newBuilder().setAddress(ipv4()));
      case "AAAA" -> data.setAaaa(AaaaData.newBuilder().setAddress(ipv6()));
      case "NS" -> data.setNs(NsData.newBuilder().setServer(name()));
      case "CNAME" -> data.setCname(CnameData.newBuilder().setTarget(name()));
      case "DNAME" -> data.setDname(DnameData.newBuilder().setTarget(name()));
      case "PTR" -> data.setPtr(PtrData.newBuilder().setTarget(name()));
      case "SOA" ->
          data.setSoa(
              SoaData.newBuilder()
                  .setPrimary(name())
                  .setResponsible(name())
                  .setSerial(random.nextInt())
                  .setRefreshSeconds(random.nextInt())
                  .setRetrySeconds(random.nextInt())
                  .setExpireSeconds(random.nextInt())
                  .setMinimumSeconds(random.nextInt()));
      case "MX" -> data.setMx(MxData.newBuilder().setPreference(u16()).setExchange(name()));
      case "TXT" -> {
        TxtData.Builder txt = TxtData.newBuilder();
        for (int n = random.nextInt(4); n >= 0; n--) {
          txt.addStrings(string(255));
        }
        data.setTxt(txt);
      }
      case "SRV" ->
          data.setSrv(
              SrvData.newBuilder()
                  .setPriority(u16())
                  .setWeight(u16())
                  .setPort(u16())
                  .setTarget(name()));
      case "CAA" ->
          data.setCaa(
              CaaData.newBuilder()
                  .setFlags(random.nextInt(256))
                  .setTag(letters(1 + random.nextInt(15)))
                  .setValue(string(1_000)));
      case "NAPTR" ->
          data.setNaptr(
              NaptrData.newBuilder()
                  .setOrder(u16())
                  .setPreference(u16())
                  .setFlags(letters(random.nextInt(3)))
                  .setServices(string(255))
                  .setRegexp(string(255))
                  .setReplacement(name()));
      case "URI" ->
          data.setUri(
              UriData.newBuilder()
                  .setPriority(u16())
                  .setWeight(u16())
                  .setTarget("u" + string(1_000)));
      case "TLSA", "SMIMEA" ->
          data.setTlsa(
              TlsaData.newBuilder()
                  .setUsage(random.nextInt(256))
                  .setSelector(random.nextInt(256))
                  .setMatchingType(1)
                  .setAssociation(octets(32)));
      case "SSHFP" ->
          data.setSshfp(
              SshfpData.newBuilder()
                  .setAlgorithm(random.nextInt(256))
                  .setFingerprintType(2)
                  .setFingerprint(octets(32)));
      case "DS", "CDS" ->
          data.setDs(
              DsData.newBuilder()
                  .setKeyTag(u16())
                  .setAlgorithm(random.nextInt(256))
                  .setDigestType(4)
                  .setDigest(octets(48)));
      case "DNSKEY", "CDNSKEY" ->
          data.setDnskey(
              DnskeyData.newBuilder()
                  .setFlags(u16())
                  .setAlgorithm(random.nextInt(256))
                  .setPublicKey(octets(1 + random.nextInt(300))));
      case "SVCB", "HTTPS" -> data.setSvcb(svcb());
      default ->
          data.setLoc(
              LocData.newBuilder()
                  .setLatitudeMilliarcseconds(random.nextInt(-324_000_000, 324_000_001))
                  .setLongitudeMilliarcseconds(random.nextInt(-648_000_000, 648_000_001))
                  .setAltitudeCentimetres(random.nextLong(-10_000_000, 4_284_967_296L))
                  .setSizeCentimetres(extent())
                  .setHorizontalPrecisionCentimetres(extent())
                  .setVerticalPrecisionCentimetres(extent()));
    }
    return data.build();
  }

  private SvcbData svcb() {
    SvcbData.Builder svcb = SvcbData.newBuilder().setPriority(u16()).setTarget(name());
    if (svcb.getPriority() == 0) {
      return svcb.build();
    }
    boolean port = random.nextBoolean();
    if (port && random.nextBoolean()) {
      svcb.addParams(SvcParam.newBuilder().setMandatory(SvcKeys.newBuilder().addKeys(3)));
    }
    if (random.nextBoolean()) {
      SvcStrings.Builder protocols = SvcStrings.newBuilder();
      for (int n = random.nextInt(3); n >= 0; n--) {
        protocols.addValues("h" + string(60));
      }
      svcb.addParams(SvcParam.newBuilder().setAlpn(protocols));
      if (random.nextBoolean()) {
        svcb.addParams(SvcParam.newBuilder().setNoDefaultAlpn(true));
      }
    }
    if (port) {
      svcb.addParams(SvcParam.newBuilder().setPort(u16()));
    }
    if (random.nextBoolean()) {
      svcb.addParams(
          SvcParam.newBuilder()
              .setIpv4Hint(SvcStrings.newBuilder().addValues(ipv4()).addValues(ipv4())));
    }
    if (random.nextBoolean()) {
      svcb.addParams(SvcParam.newBuilder().setEch(octets(1 + random.nextInt(90))));
    }
    if (random.nextBoolean()) {
      svcb.addParams(SvcParam.newBuilder().setIpv6Hint(SvcStrings.newBuilder().addValues(ipv6())));
    }
    if (random.nextBoolean()) {
      svcb.addParams(SvcParam.newBuilder().setDohPath("/é" + u16() + "{?dns}"));
    }
    if (random.nextBoolean()) {
      svcb.addParams(
          SvcParam.newBuilder()
              .setOpaque(
                  SvcOpaque.newBuilder()
                      .setKey(10 + random.nextInt(65_525))
                      .setValue(octets(random.nextInt(40)))));
    }
    return svcb.build();
  }

  private int u16() {
    return random.nextInt(65_536);
  }

  private long extent() {
    long centimetres = 1 + random.nextInt(9);
    for (int power = random.nextInt(10); power > 0; power--) {
      centimetres *= 10;
    }
    return random.nextInt(9) == 0 ? 0 : centimetres;
  }

  private String ipv4() {
    return random.nextInt(256) + "." + random.nextInt(256) + "." + random.nextInt(256) + ".7";
  }

  private String ipv6() {
    byte[] address = new byte[16];
    for (int i = 0; i < 16; i++) {
      address[i] = random.nextInt(3) == 0 ? (byte) random.nextInt(256) : 0;
    }
    return RdataText.print(RecordType.AAAA, address);
  }

  private String name() {
    StringBuilder name = new StringBuilder();
    for (int n = random.nextInt(5); n > 0; n--) {
      name.append(
          switch (random.nextInt(6)) {
            case 0 -> "\\000\\.\\\\";
            case 1 -> "\\@\\$\\(\\)\\;\\\"\\255";
            case 2 -> "x".repeat(50);
            default -> letters(1 + random.nextInt(9)).toLowerCase(Locale.ROOT);
          });
      name.append('.');
    }
    return name.isEmpty() ? "." : name.toString();
  }

  private String letters(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append("ABCXYZabcxyz0189".charAt(random.nextInt(16)));
    }
    return text.toString();
  }

  /** A string as the server writes it. */
  private String string(int maxBytes) {
    byte[] octets = new byte[random.nextInt(random.nextInt(9) == 0 ? maxBytes + 1 : 12)];
    random.nextBytes(octets);
    return CharacterStrings.text(octets, 0, octets.length);
  }

  private ByteString octets(int count) {
    byte[] octets = new byte[count];
    random.nextBytes(octets);
    return ByteString.copyFrom(octets);
  }
}
