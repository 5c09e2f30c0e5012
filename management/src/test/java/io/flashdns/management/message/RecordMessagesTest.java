package io.flashdns.management.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.Code;
import com.google.rpc.QuotaFailure;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.zonefile.RdataText;
import io.flashdns.proto.v1.AData;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.Ttl;
import io.flashdns.proto.v1.TxtData;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records of requests become RRsets, and RRsets records of answers. */
class RecordMessagesTest {
  private static final DomainName APEX = DomainName.parse("example.org.");

  static io.flashdns.proto.v1.RecordData json(String json) {
    io.flashdns.proto.v1.RecordData.Builder data = io.flashdns.proto.v1.RecordData.newBuilder();
    try {
      JsonFormat.parser().merge(json.replace('\'', '"'), data);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(json, e);
    }
    return data.build();
  }

  static io.flashdns.proto.v1.RecordData text(String text) {
    return io.flashdns.proto.v1.RecordData.newBuilder().setText(text).build();
  }

  private static RecordData octets(io.flashdns.proto.v1.RecordData message, int type) {
    Violations violations = new Violations();
    RecordData data = RecordMessages.data(message, type, "data", violations);
    violations.throwIfAny();
    return data;
  }

  /** Each row: type, the text of a zone file, the message that says the same. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "A      | 192.0.2.1                 | {'a':{'address':'192.0.2.1'}}",
        "AAAA   | 2001:DB8:0::1             | {'aaaa':{'address':'2001:db8::1'}}",
        "NS     | NS1.example.net.          | {'ns':{'server':'ns1.example.net.'}}",
        "CNAME  | a\\.b.example.net.        | {'cname':{'target':'a\\\\.b.example.net.'}}",
        "DNAME  | example.net.              | {'dname':{'target':'example.net.'}}",
        "PTR    | host.example.net.         | {'ptr':{'target':'host.example.net.'}}",
        "SOA    | ns. hm. 4294967295 1 2 3 4 | {'soa':{'primary':'ns.','responsible':'hm.',"
            + "'serial':4294967295,'refreshSeconds':1,'retrySeconds':2,'expireSeconds':3,'minimumSeconds':4}}",
        "MX     | 65535 mx.example.net.     |"
            + " {'mx':{'preference':65535,'exchange':'mx.example.net.'}}",
        "MX     | 0 .                       | {'mx':{'preference':0,'exchange':'.'}}",
        "TXT    | \"a b\" \"\" \"\\\"\\255;\" | {'txt':{'strings':['a b','','\\\"\\\\255;']}}",
        "SRV    | 1 2 3 .                   |"
            + " {'srv':{'priority':1,'weight':2,'port':3,'target':'.'}}",
        "CAA    | 128 issue \"ca.example; x=1\" |"
            + " {'caa':{'flags':128,'tag':'issue','value':'ca.example; x=1'}}",
        "NAPTR  | 1 2 \"u\" \"E2U+sip\" \"!^.*$!sip:a@b!\" . |"
            + " {'naptr':{'order':1,'preference':2,'flags':'u',"
            + "'services':'E2U+sip','regexp':'!^.*$!sip:a@b!','replacement':'.'}}",
        "URI    | 10 1 \"https://a.example/\" |"
            + " {'uri':{'priority':10,'weight':1,'target':'https://a.example/'}}",
        "TLSA   | 3 1 0 ab                  |"
            + " {'tlsa':{'usage':3,'selector':1,'matchingType':0,'association':'qw=='}}",
        "SMIMEA | 3 1 0 ab                  |"
            + " {'tlsa':{'usage':3,'selector':1,'matchingType':0,'association':'qw=='}}",
        "SSHFP  | 4 9 ab                    |"
            + " {'sshfp':{'algorithm':4,'fingerprintType':9,'fingerprint':'qw=='}}",
        "DS     | 1 13 9 ab                 |"
            + " {'ds':{'keyTag':1,'algorithm':13,'digestType':9,'digest':'qw=='}}",
        "CDS    | 0 0 0 00                  |"
            + " {'ds':{'keyTag':0,'algorithm':0,'digestType':0,'digest':'AA=='}}",
        "DNSKEY | 257 3 13 qw==             |"
            + " {'dnskey':{'flags':257,'algorithm':13,'publicKey':'qw=='}}",
        "CDNSKEY| 0 3 0 AA==                |"
            + " {'dnskey':{'flags':0,'algorithm':0,'publicKey':'AA=='}}",
        "SVCB   | 0 svc.example.net.        | {'svcb':{'priority':0,'target':'svc.example.net.'}}",
        "HTTPS  | 1 . alpn=h2,h3 no-default-alpn port=8443 ipv4hint=192.0.2.1 ech=qw=="
            + " ipv6hint=2001:db8::1 dohpath=/q{?dns} key10000=a mandatory=alpn,port|"
            + " {'svcb':{'priority':1,'target':'.','params':[{'mandatory':{'keys':[1,3]}},{'alpn':{'values':['h2','h3']}},"
            + "{'noDefaultAlpn':true},{'port':8443},{'ipv4Hint':{'values':['192.0.2.1']}},{'ech':'qw=='},"
            + "{'ipv6Hint':{'values':['2001:db8::1']}},{'dohPath':'/q{?dns}'},{'opaque':{'key':10000,'value':'YQ=='}}]}}",
        "LOC    | 42 21 54 N 71 06 18.001 W -24m 30m 10000m 2m |"
            + " {'loc':{'latitudeMilliarcseconds':152514000,"
            + "'longitudeMilliarcseconds':-255978001,'altitudeCentimetres':-2400,'sizeCentimetres':3000,"
            + "'horizontalPrecisionCentimetres':1000000,'verticalPrecisionCentimetres':200}}",
      })
  void typedDataAndTextSayTheSame(String type, String text, String json) {
    int number = RecordType.parse(type);
    RecordData data = octets(json(json), number);
    assertThat(octets(text(text), number)).isEqualTo(data);
    assertThat(octets(opaque(data), number)).isEqualTo(data);
    assertThat(RecordMessages.data(number, data)).isEqualTo(json(json));
    assertThat(octets(text(RecordMessages.text(number, data)), number)).isEqualTo(data);
  }

  private static io.flashdns.proto.v1.RecordData opaque(RecordData data) {
    return io.flashdns.proto.v1.RecordData.newBuilder()
        .setOpaque(ByteString.copyFrom(data.octets()))
        .build();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "HINFO      | \"x\" \"\"                 | {'text':'\\\"x\\\" \\\"\\\"'}",
        "DNSKEY     | 256 4 13 qw==              | {'text':'256 4 13 qw=='}",
        "NAPTR      | 1 2 \"-\" \"\" \"\" .      | {'text':'1 2 \\\"-\\\" \\\"\\\" \\\"\\\" .'}",
        "URI        | 1 2 \"\"                   | {'text':'1 2 \\\"\\\"'}",
        "LOC        | \\# 16 00021613800000008000000000989680 |"
            + " {'opaque':'AAIWE4AAAACAAAAAAJiWgA=='}",
        "HTTPS      | 0 . port=1                 | {'text':'0 . port=1'}",
        "NSEC3PARAM | 1 0 0 -                    | {'text':'1 0 0 -'}",
        "TYPE65280  | \\# 2 0102                 | {'opaque':'AQI='}",
        "NULL       | \\# 2 0102                 | {'opaque':'AQI='}"
      })
  void whatTheFieldOfATypeCannotSayIsToldAsTextOrOctets(String type, String text, String json) {
    int number = RecordType.parse(type);
    RecordData data = RecordData.of(RdataText.parse(number, text));
    assertThat(RecordMessages.data(number, data)).isEqualTo(json(json));
    assertThat(octets(json(json), number)).isEqualTo(data);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "A     | {}                                             | d",
        "A     | {'a':{}}                                       | d.a.address",
        "A     | {'a':{'address':'192.0.2.01'}}                 | d.a.address",
        "A     | {'a':{'address':'192.0.2.1 '}}                 | d.a.address",
        "A     | {'a':{'address':'::1'}}                        | d.a.address",
        "A     | {'mx':{'exchange':'a.'}}                       | d.mx",
        "A     | {'text':'192.0.2'}                             | d.text",
        "A     | {'opaque':'AQI='}                              | d.opaque",
        "AAAA  | {'aaaa':{'address':'fe80::1%eth0'}}            | d.aaaa.address",
        "NS    | {'ns':{'server':''}}                           | d.ns.server",
        "NS    | {'ns':{'server':'a..b'}}                       | d.ns.server",
        "NS    | {'ns':{'server':'@'}}                          | d.ns.server",
        "NS    | {'ns':{'server':'bücher.example'}}             | d.ns.server",
        "NS    | {'ns':{'server':'a b'}}                        | d.ns.server",
        "MX    | {'mx':{'preference':65536,'exchange':'..'}}    | d.mx.preference d.mx.exchange",
        "TXT   | {'txt':{}}                                     | d.txt.strings",
        "TXT   | {'txt':{'strings':['a','\\\\256','\\\\']}}     | d.txt.strings[1]"
            + " d.txt.strings[2]",
        "SRV   | {'srv':{'priority':65536,'weight':65536,'port':65536,'target':'a'}} |"
            + " d.srv.priority d.srv.weight d.srv.port",
        "CAA   | {'caa':{'flags':256,'tag':'is-sue'}}           | d.caa.flags d.caa.tag",
        "CAA   | {'caa':{'value':'x'}}                          | d.caa.tag",
        "NAPTR | {'naptr':{'flags':'-','replacement':'.'}}      | d.naptr.flags",
        "URI   | {'uri':{}}                                     | d.uri.target",
        "TLSA  | {'tlsa':{'usage':256,'matchingType':1,'association':'qw=='}} | d.tlsa.usage"
            + " d.tlsa.association",
        "TLSA  | {'text':'3 1 1 abcd'}                          | d.text",
        "TLSA  | {'tlsa':{}}                                    | d.tlsa.association",
        "SSHFP | {'sshfp':{'fingerprintType':2,'fingerprint':'qw=='}} | d.sshfp.fingerprint",
        "DS    | {'ds':{'digestType':2,'digest':'qw=='}}        | d.ds.digest",
        "DS    | {'dnskey':{'publicKey':'qw=='}}                | d.dnskey",
        "DNSKEY| {'dnskey':{'algorithm':256}}                   | d.dnskey.algorithm"
            + " d.dnskey.public_key",
        "HTTPS | {'svcb':{'priority':0,'target':'.','params':[{'port':1}]}} | d.svcb.params",
        "HTTPS | {'svcb':{'priority':1,'target':'.','params':[{}]}} | d.svcb.params[0]",
        "HTTPS | {'svcb':{'priority':1,'target':'.','params':[{'port':65536},{'port':1}]}} |"
            + " d.svcb.params[0].port d.svcb.params[1]",
        "HTTPS | {'svcb':{'priority':1,'target':'.','params':[{'noDefaultAlpn':true}]}} |"
            + " d.svcb.params[0].no_default_alpn",
        "HTTPS |"
            + " {'svcb':{'priority':1,'target':'.','params':[{'noDefaultAlpn':false},{'alpn':{'values':['']}}]}}"
            + " | d.svcb.params[0].no_default_alpn d.svcb.params[1].alpn.values[0]",
        "HTTPS | {'svcb':{'priority':1,'target':'.','params':[{'mandatory':{'keys':[0,4]}}]}}"
            + " | d.svcb.params[0].mandatory.keys[0] d.svcb.params[0].mandatory.keys",
        "HTTPS |"
            + " {'svcb':{'priority':1,'target':'.','params':[{'opaque':{'key':3}},{'opaque':{'key':65535}}]}}"
            + " | d.svcb.params[0].opaque.key d.svcb.params[1].opaque.key",
        "HTTPS |"
            + " {'svcb':{'priority':1,'target':'.','params':[{'ipv4Hint':{}},{'dohPath':'x'},{'ipv6Hint':{'values':['1']}}]}}"
            + " | d.svcb.params[0].ipv4_hint.values d.svcb.params[1].doh_path"
            + " d.svcb.params[2].ipv6_hint.values[0]",
        "LOC   |"
            + " {'loc':{'latitudeMilliarcseconds':324000001,'longitudeMilliarcseconds':-648000001,'altitudeCentimetres':-10000001,'sizeCentimetres':9000000001}}"
            + " | d.loc.size_centimetres d.loc.latitude_milliarcseconds"
            + " d.loc.longitude_milliarcseconds d.loc.altitude_centimetres"
      })
  void eachWrongFieldIsNamedByItsPath(String type, String json, String paths) {
    Violations violations = new Violations();
    assertThat(RecordMessages.data(json(json), RecordType.parse(type), "d", violations)).isNull();
    assertThat(Told.paths(violations)).containsExactly(paths.split(" "));
  }

  @Test
  void lengthsOfPlacesAreRoundedUp() {
    RecordData data =
        octets(
            json("{'loc':{'sizeCentimetres':91,'verticalPrecisionCentimetres':9000000000}}"), 29);
    assertThat(RecordMessages.data(29, data).getLoc().getSizeCentimetres()).isEqualTo(100);
    assertThat(RecordMessages.data(29, data).getLoc().getVerticalPrecisionCentimetres())
        .isEqualTo(9_000_000_000L);
  }

  @Test
  void charactersOutsideAsciiInStringsAreTheirOctets() {
    RecordData data = octets(json("{'txt':{'strings':['\u00e9\\\\\\\\ \\\\;']}}"), RecordType.TXT);
    assertThat(RecordMessages.data(RecordType.TXT, data).getTxt().getStrings(0))
        .isEqualTo("\\195\\169\\\\ ;");
  }

  @Test
  void aRecordBecomesAnRRsetAndAnAnswer() {
    Record record =
        Record.newBuilder()
            .setName("WWW.Example.ORG")
            .setTypeValue(1)
            .setTtl(Ttl.newBuilder().setSeconds(60))
            .addData(json("{'a':{'address':'192.0.2.2'}}"))
            .addData(json("{'text':'192.0.2.1'}"))
            .addData(json("{'a':{'address':'192.0.2.2'}}"))
            .putLabels("owner", "me")
            .setComment("why")
            .build();
    GivenRecord given = given(record);
    RRset rrset = given.rrset(7);
    assertThat(rrset.ttl()).isEqualTo(60);
    assertThat(rrset.data()).hasSize(2);
    assertThat(given.etag().isAny()).isTrue();
    Note note = new Note(given.labels(), given.comment(), 9);
    Record answer = RecordMessages.message(rrset, 8, note);
    assertThat(answer)
        .isEqualTo(
            Record.newBuilder()
                .setName("www.example.org.")
                .setTypeValue(1)
                .setTtl(Ttl.newBuilder().setSeconds(60))
                .addData(json("{'a':{'address':'192.0.2.1'}}"))
                .addData(json("{'a':{'address':'192.0.2.2'}}"))
                .putLabels("owner", "me")
                .setComment("why")
                .setEtag(new Etag(8, 9).text())
                .setRevision(8)
                .build());
    assertThat(given(answer).etag()).isEqualTo(new Etag(8, 9));
    assertThat(given(answer).rrset(0)).isEqualTo(rrset);
  }

  private static GivenRecord given(Record record) {
    Violations violations = new Violations();
    GivenRecord given = RecordMessages.given(record, "record", APEX, true, violations);
    violations.throwIfAny();
    return given;
  }

  @Test
  void anAbsentTtlIsLeftToWhoKnowsTheRecord() {
    Record record =
        Record.newBuilder()
            .setName("example.org")
            .setTypeValue(1)
            .addData(json("{'a':{'address':'192.0.2.2'}}"))
            .build();
    assertThat(given(record).ttl()).isEqualTo(GivenRecord.NO_TTL);
    assertThat(given(record).rrset(RecordMessages.DEFAULT_TTL_SECONDS).ttl()).isEqualTo(3_600);
    assertThat(given(record.toBuilder().setTtl(Ttl.getDefaultInstance()).build()).rrset(5).ttl())
        .isZero();
  }

  @Test
  void everythingThatIsWrongIsToldAtOnce() {
    Map<String, String> labels = new TreeMap<>();
    for (int i = 0; i < 65; i++) {
      labels.put("k" + i, "v");
    }
    labels.put("K", "v");
    labels.put("long", "é".repeat(128));
    Record record =
        Record.newBuilder()
            .setName("www.example.com.")
            .setTypeValue(15)
            .setTtl(Ttl.newBuilder().setSeconds(Integer.MIN_VALUE))
            .addData(json("{'mx':{'exchange':'a.'}}"))
            .addData(json("{'mx':{'preference':70000,'exchange':'a.'}}"))
            .addData(json("{'text':'x'}"))
            .putAllLabels(labels)
            .setComment("é".repeat(513))
            .setEtag("no etag")
            .build();
    Violations violations = new Violations();
    assertThat(RecordMessages.given(record, "records[3]", APEX, true, violations)).isNull();
    assertThat(Told.paths(violations))
        .containsExactly(
            "records[3].name",
            "records[3].ttl.seconds",
            "records[3].data[1].mx.preference",
            "records[3].data[2].text",
            "records[3].labels",
            "records[3].labels[\"K\"]",
            "records[3].labels[\"long\"]",
            "records[3].comment",
            "records[3].etag");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 41, 128, 250, 251, 252, 255, 65_536})
  void typesThatCannotBeStoredAreRefused(int type) {
    Record record = Record.newBuilder().setName("example.org").setTypeValue(type).build();
    Violations violations = new Violations();
    assertThat(RecordMessages.given(record, "r", APEX, false, violations)).isNull();
    assertThat(Told.paths(violations)).containsExactly("r.type");
  }

  @Test
  void dataIsRequiredWhereARecordIsMade() {
    Record record = Record.newBuilder().setName("example.org").setTypeValue(1).build();
    Violations violations = new Violations();
    assertThat(RecordMessages.given(record, "r", APEX, false, violations)).isNotNull();
    assertThat(RecordMessages.given(record, "r", null, true, violations)).isNull();
    assertThat(Told.paths(violations)).containsExactly("r.data");
  }

  @Test
  void anAliasOfItselfIsRefused() {
    for (String type : List.of("CNAME", "DNAME")) {
      for (String target : List.of("A.example.org", "b.a.example.org")) {
        Record record =
            Record.newBuilder()
                .setName("a.example.org")
                .setTypeValue(RecordType.parse(type))
                .addData(text(target))
                .build();
        Violations violations = new Violations();
        var _ = RecordMessages.given(record, "r", APEX, true, violations);
        boolean allowed = type.equals("CNAME") && target.startsWith("b");
        assertThat(Told.paths(violations)).hasSize(allowed ? 0 : 1);
      }
    }
  }

  @Test
  void moreDataThanARecordMayHaveIsAQuota() {
    Record.Builder record = Record.newBuilder().setName("example.org").setTypeValue(1);
    for (int i = 0; i < 200; i++) {
      AData data = AData.newBuilder().setAddress("192.0.2." + i / 2).build();
      record.addData(io.flashdns.proto.v1.RecordData.newBuilder().setA(data));
    }
    assertThat(given(record.build()).data()).hasSize(100);
    record.addData(text("192.0.3.1"));
    CallException refused = Told.by(() -> given(record.build()), Code.RESOURCE_EXHAUSTED);
    assertThat(Told.detail(refused, QuotaFailure.class).getViolations(0).getSubject())
        .isEqualTo("record.data");
  }

  @Test
  void moreOctetsThanAMessageHoldsAreAQuota() {
    Record.Builder record = Record.newBuilder().setName("example.org").setTypeValue(16);
    for (int i = 0; i < 3; i++) {
      TxtData.Builder txt = TxtData.newBuilder();
      for (int j = 0; j < 90; j++) {
        txt.addStrings((char) ('a' + i) + "x".repeat(254));
      }
      record.addData(io.flashdns.proto.v1.RecordData.newBuilder().setTxt(txt));
    }
    Told.by(() -> given(record.build()), Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void atMostAThousandViolationsAreTold() {
    Violations violations = new Violations();
    for (int i = 0; i < 1_500; i++) {
      violations.add("a[" + i + "]", "it is wrong");
    }
    assertThat(Told.paths(violations)).hasSize(1_000);
    assertThat(violations.count()).isEqualTo(1_500);
    assertThat(Told.by(violations::throwIfAny, Code.INVALID_ARGUMENT).status().getMessage())
        .isEqualTo("a[0]: it is wrong (and 1499 more)");
  }

  @Test
  @Tag("rfc4592")
  void wildcardsAndOddOctetsAreOwners() {
    for (String name : List.of("*.example.org.", "a\\.b.example.org.", "\\000\\255.example.org.")) {
      Violations violations = new Violations();
      DomainName owner = Names.owner(name, "name", APEX, violations);
      violations.throwIfAny();
      assertThat(owner).hasToString(name);
    }
  }
}
