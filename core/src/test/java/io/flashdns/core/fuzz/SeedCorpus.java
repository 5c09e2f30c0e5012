package io.flashdns.core.fuzz;

import static io.flashdns.core.fuzz.MessageDraft.of;
import static io.flashdns.core.fuzz.MessageDraft.query;

import io.flashdns.core.dns.DomainName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The seeds of the corpus, by names that say what they are. Files of the corpus that are not here
 * are findings.
 *
 * <p>Run {@link #main} with the folder {@code core/src/test/resources/io/flashdns/core/fuzz} to
 * write them again; a test holds the files against this class.
 */
final class SeedCorpus {
  /** Seeds of {@link PacketFuzzTest}. */
  static final String PACKETS = "PacketFuzzTestInputs";

  /** Seeds of {@link NameKeyFuzzTest}. */
  static final String NAMES = "NameKeyFuzzTestInputs";

  private static final int A = 1;
  private static final int NS = 2;
  private static final int CNAME = 5;
  private static final int SOA = 6;
  private static final int MX = 15;
  private static final int TXT = 16;
  private static final int AAAA = 28;
  private static final int DS = 43;
  private static final int RRSIG = 46;
  private static final int DNSKEY = 48;
  private static final int HTTPS = 65;
  private static final int IXFR = 251;
  private static final int AXFR = 252;
  private static final int ANY = 255;
  private static final byte[] ROOT = new byte[1];

  private final Map<String, byte[]> seeds = new LinkedHashMap<>();

  private SeedCorpus() {}

  /** Writes all seeds below the folder that is the only argument. */
  public static void main(String[] args) throws IOException {
    write(Path.of(args[0], PACKETS), packets());
    write(Path.of(args[0], NAMES), names());
  }

  private static void write(Path folder, Map<String, byte[]> seeds) throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, byte[]> seed : seeds.entrySet()) {
      Files.write(folder.resolve(seed.getKey()), seed.getValue());
    }
  }

  /** Messages. */
  static Map<String, byte[]> packets() {
    SeedCorpus corpus = new SeedCorpus();
    corpus.answers();
    corpus.proofs();
    corpus.extensions();
    corpus.headers();
    corpus.namesInMessages();
    corpus.records();
    return corpus.seeds;
  }

  private void add(String name, MessageDraft draft) {
    if (seeds.put(name, draft.build()) != null) {
      throw new IllegalArgumentException(name);
    }
  }

  private void answers() {
    add("a-hit", query("www.plain.example", A));
    add("aaaa-hit-mixed-case", query("wWw.PLAIN.exAMPle", AAAA));
    add("nodata", query("mail.plain.example", AAAA));
    add("nxdomain", query("no.such.plain.example", A));
    add("empty-non-terminal", query("b.c.ent.plain.example", A));
    add("root-soa", query(".", SOA));
    add("root-ns", query(".", NS));
    add("one-label", query("one", A));
    add("apex-of-one-label-below", query("x.y.one.one", A));
    add("cname-chain-too-long", query("c00.plain.example", A));
    add("cname-to-itself", query("self.plain.example", A));
    add("cname-loop", query("loop1.plain.example", A));
    add("cname-out-of-all-zones", query("outside.plain.example", A));
    add("cname-into-cut-of-another-zone", query("tocut.plain.example", A));
    add("cname-into-https-of-another-zone", query("tosvcplain.plain.example", HTTPS));
    add("dname", query("www.redirect.dname.example", A));
    add("dname-loop", query("x.loopa.dname.example", A));
    add("dname-that-grows", query("x.longer.dname.example", A));
    add(
        "dname-too-long",
        query(
            "0123456789012345678901234567890123456789012345678901234567890.grow.dname.example", A));
    add("dname-to-root", query("www.toroot.dname.example", A));
    add("dname-at-apex", query("www.apexdname.example", A));
    add("wildcard", query("any.thing.wild.example", A));
    add("wildcard-asked-itself", query("*.wild.example", TXT));
    add("wildcard-cname", query("x.cn.wild.example", A));
    add("wildcard-of-wildcard", query("x.*.twice.wild.example", A));
    add("referral-with-glue", query("x.cut.plain.example", A));
    add("referral-without-glue", query("x.unglued.plain.example", A));
    add("referral-to-zone-that-is-served", query("child.plain.example", DS));
    add("occluded-name", query("www.cut.plain.example", A));
    add("mx-with-address", query("pair.plain.example", MX));
    add("https-alias", query("svc3.plain.example", HTTPS));
    add("any-over-all-types", query("svc.plain.example", ANY));
    add("any-too-large-for-tcp", query("big.plain.example", ANY));
    add("rrset-of-40k", query("big.plain.example", TXT));
    add("unknown-type", query("unknown.plain.example", 65_280));
    add("data-of-no-octets", query("empty.plain.example", 65_281));
    add("escaped-octets", query("\\000\\255.plain.example", A));
  }

  private void proofs() {
    add("nsec-nxdomain", query("no.such.signed.example", A).edns(1_232, true));
    add("nsec-nodata", query("www.signed.example", TXT).edns(1_232, true));
    add("nsec-wildcard", query("a.b.w.signed.example", A).edns(1_232, true));
    add("nsec-wildcard-nodata", query("a.b.w.signed.example", MX).edns(1_232, true));
    add("nsec-empty-non-terminal", query("ent.signed.example", A).edns(1_232, true));
    add("nsec-insecure-referral", query("x.insecure.signed.example", A).edns(1_232, true));
    add("secure-referral", query("x.cut.signed.example", A).edns(1_232, true));
    add("nsec3-nxdomain", query("no.such.nsec3.example", A).edns(1_232, true));
    add("nsec3-nodata", query("www.nsec3.example", TXT).edns(1_232, true));
    add("nsec3-wildcard", query("a.b.w.nsec3.example", A).edns(1_232, true));
    add("nsec3-optout-referral", query("x.d2.optout.example", A).edns(1_232, true));
    add("nsec3-optout-ent", query("ent.d5.optout.example", A).edns(1_232, true));
    add("chain-over-signed-zones", query("aliasback.nsec3.example", A).edns(1_232, true));
    add("dnskey", query("signed.example", DNSKEY).edns(512, true));
    add("ds-of-apex", query("signed.example", DS).edns(1_232, true));
    add("rrsig", query("www.signed.example", RRSIG));
    add("root-nxdomain", query("no-such-tld", A).edns(1_232, true));
  }

  private void extensions() {
    add("edns-size-0", query("many.plain.example", A).edns(0, false));
    add("edns-size-513", query("many.plain.example", A).edns(513, false));
    add("edns-size-65535", query("manymx.plain.example", MX).edns(65_535, false));
    add("edns-referral-glue-too-large", query("manyns.plain.example", A).edns(700, false));
    add("edns-version-1", query("www.plain.example", A).opt(1_232, 1, 0));
    add("edns-version-1-signed", query("www.plain.example", A).opt(1_232, 1, 0).tsig(3));
    add("edns-unknown-flags", query("www.plain.example", A).opt(1_232, 0, 0x7fff));
    add("edns-twice", query("www.plain.example", A).edns(1_232, false).edns(4_096, true));
    add("edns-nsid", query("www.plain.example", A).edns(1_232, false, 0, 3, 0, 0));
    add("edns-nsid-twice", query("x.invalid", A).edns(512, false, 0, 3, 0, 0, 0, 3, 0, 0));
    add(
        "edns-cookie",
        query("www.plain.example", A).edns(1_232, false, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8));
    add("edns-option-cut", query("www.plain.example", A).edns(1_232, false, 0, 10, 0));
    add("edns-option-too-long", query("www.plain.example", A).edns(1_232, false, 0, 10, 0, 9, 1));
    add(
        "edns-owner-not-root",
        query("www.plain.example", A).record(3, new byte[] {1, 'x', 0}, 41, 1_232, 0));
    add("edns-in-answer", query("www.plain.example", A).record(1, ROOT, 41, 1_232, 0));
    add("tsig", query("www.plain.example", A).tsig(3));
    add("tsig-and-edns", query("www.plain.example", A).edns(1_232, true).tsig(3));
    add("tsig-before-edns", query("www.plain.example", A).tsig(3).edns(1_232, true));
    add("tsig-twice", query("www.plain.example", A).tsig(3).tsig(3));
    add("tsig-in-answer", query("www.plain.example", A).tsig(1));
    add("tsig-and-octets-behind", query("www.plain.example", A).tsig(3).octets(0, 0));
    add("tsig-of-no-data", query("www.plain.example", A).record(3, ROOT, 250, 255, 0));
    add(
        "sig0",
        query("www.plain.example", A)
            .record(
                3, ROOT, 24, 255, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
                2));
    add(
        "ixfr",
        query("plain.example", IXFR).record(2, new byte[] {(byte) 0xc0, 12}, SOA, 1, 0, soa()));
    add(
        "ixfr-with-two-authorities",
        query("plain.example", IXFR).record(2, ROOT, SOA, 1, 0).record(2, ROOT, SOA, 1, 0));
    add("axfr", query("plain.example", AXFR));
    add(
        "four-additionals",
        query("www.plain.example", A)
            .edns(512, false)
            .record(3, ROOT, A, 1, 0, 1, 2, 3, 4)
            .record(3, ROOT, A, 1, 0)
            .record(3, ROOT, A, 1, 0));
  }

  private static int[] soa() {
    int[] data = new int[22];
    data[5] = 1;
    return data;
  }

  private void headers() {
    add("response", of(0x8400).question(DomainName.parse("www.plain.example").wire(), A, 1));
    add("opcode-notify", of(4 << 11).question(DomainName.parse("plain.example").wire(), SOA, 1));
    add("opcode-update", of(5 << 11).question(DomainName.parse("plain.example").wire(), SOA, 1));
    add("opcode-status", of(2 << 11));
    add("opcode-15", of(15 << 11).question(ROOT, A, 1));
    add(
        "all-flags-but-qr",
        of(0x07ff).question(DomainName.parse("www.plain.example").wire(), A, 1));
    add("header-alone", of(0x0100));
    add("no-question-but-said", of(0).counts(1, 0, 0, 0));
    add("two-questions", query("www.plain.example", A).question(ROOT, NS, 1));
    add("two-questions-said", query("www.plain.example", A).counts(2, 0, 0, 0));
    add("counts-of-65535", query("www.plain.example", A).counts(1, 65_535, 65_535, 65_535));
    add("class-chaos", of(0).question(DomainName.parse("version.bind").wire(), TXT, 3));
    add("class-any", of(0).question(DomainName.parse("www.plain.example").wire(), A, 255));
    add("octets-behind", query("www.plain.example", A).octets(1, 2, 3));
    add("type-0", query("www.plain.example", 0));
    add("type-65535", query("www.plain.example", 65_535));
    add("type-nxname", query("www.signed.example", 128).edns(1_232, true));
  }

  private void namesInMessages() {
    add("name-of-255-octets", of(0).question(longName(255, 63), A, 1));
    add("name-of-256-octets", of(0).question(longName(256, 63), A, 1));
    add("name-of-127-labels", of(0).question(longName(255, 1), A, 1));
    add("name-of-128-labels", of(0).question(longName(257, 1), A, 1));
    add("label-type-01", of(0).question(new byte[] {0x41, 1, 0}, A, 1));
    add("label-type-10", of(0).question(new byte[] {(byte) 0x81, 1, 0}, A, 1));
    add("pointer-to-itself", of(0).question(new byte[] {(byte) 0xc0, 12}, A, 1));
    add("pointer-into-header", of(0).question(new byte[] {1, 'x', (byte) 0xc0, 0}, A, 1));
    add("pointer-forward", of(0).question(new byte[] {(byte) 0xc0, 18}, A, 1).octets(1, 'x', 0));
    add("name-without-end", of(0).counts(1, 0, 0, 0).octets(3, 'w', 'w', 'w'));
    add("label-beyond-end", of(0).counts(1, 0, 0, 0).octets(63, 'w'));
    add("star-labels", query("*.*.*.wild.example", A));
    add(
        "names-of-upper-case-octets",
        of(0).question(new byte[] {4, 'A', (byte) 0xc1, '[', '@', 0}, A, 1));
  }

  private void records() {
    MessageDraft chain = query("www.plain.example", A);
    int first = chain.at() + 11;
    int[] pointers = new int[400];
    for (int i = 0; i < 200; i++) {
      int target = i == 0 ? 12 : first + 2 * (i - 1);
      pointers[2 * i] = 0xc0 | target >>> 8;
      pointers[2 * i + 1] = target & 0xff;
    }
    chain.record(3, ROOT, 65_300, 1, 0, pointers);
    int last = first + 398;
    add(
        "pointer-chain-of-200",
        chain.record(3, new byte[] {(byte) (0xc0 | last >>> 8), (byte) last}, A, 1, 0));
    add(
        "pointer-loop-of-two",
        query("x", A).record(3, new byte[] {(byte) 0xc0, 33}, A, 1, 0, 0xc0, 19));
    add(
        "record-name-points-to-itself",
        query("x", A).record(3, new byte[] {(byte) 0xc0, 19}, A, 1, 0));
    add(
        "record-name-points-into-header",
        query("x", A).record(3, new byte[] {(byte) 0xc0, 4}, A, 1, 0));
    add(
        "record-name-points-to-question",
        query("x", A).record(3, new byte[] {(byte) 0xc0, 12}, CNAME, 1, 0, 0xc0, 12));
    add(
        "opt-owner-points-to-root-octet",
        query("x", A).record(3, new byte[] {(byte) 0xc0, 14}, 41, 512, 0));
    add(
        "data-beyond-end",
        query("x", A).counts(1, 0, 0, 1).octets(0, 0, 1, 0, 1, 0, 0, 0, 0, 255, 255, 1));
    add(
        "record-without-data-length",
        query("x", A).counts(1, 0, 0, 1).octets(0, 0, 1, 0, 1, 0, 0, 0, 0));
  }

  private static byte[] longName(int octets, int labelOctets) {
    byte[] name = new byte[octets];
    int at = 0;
    while (at < octets - 1) {
      int label = Math.min(labelOctets, octets - 2 - at);
      label -= octets - 2 - at - label == 1 ? 1 : 0;
      name[at] = (byte) label;
      for (int i = 1; i <= label; i++) {
        name[at + i] = 'n';
      }
      at += label + 1;
    }
    return name;
  }

  /** For {@link NameKeyFuzzTest}: an octet that says where the name starts, then the message. */
  static Map<String, byte[]> names() {
    Map<String, byte[]> seeds = new LinkedHashMap<>();
    byte[] header = new byte[12];
    seeds.put("root", join(0, header, new byte[] {0}));
    seeds.put("plain", join(0, header, DomainName.parse("www.plain.example").wire()));
    seeds.put("upper-case", join(0, header, DomainName.parse("WWW.Plain.EXAMPLE").wire()));
    seeds.put(
        "octets-near-letters",
        join(0, header, new byte[] {8, '@', '[', '`', '{', (byte) 0xc1, (byte) 0xda, 'A', 'Z', 0}));
    seeds.put("255-octets", join(0, header, longName(255, 63)));
    seeds.put("256-octets", join(0, header, longName(256, 63)));
    seeds.put("127-labels", join(0, header, longName(255, 1)));
    seeds.put("128-labels", join(0, header, longName(257, 1)));
    seeds.put("pointer", join(3, header, new byte[] {1, 'x', 0, 1, 'y', (byte) 0xc0, 12}));
    seeds.put(
        "pointer-to-pointer",
        join(5, header, new byte[] {1, 'x', 0, (byte) 0xc0, 12, (byte) 0xc0, 15}));
    seeds.put("pointer-to-itself", join(0, header, new byte[] {(byte) 0xc0, 12}));
    seeds.put("pointer-into-own-labels", join(0, header, new byte[] {1, 'x', (byte) 0xc0, 12}));
    seeds.put("pointer-forward", join(0, header, new byte[] {(byte) 0xc0, 14, 0}));
    seeds.put("pointer-into-header", join(0, header, new byte[] {(byte) 0xc0, 4}));
    seeds.put("pointer-cut", join(0, header, new byte[] {1, 'x', (byte) 0xc0}));
    seeds.put("label-type-01", join(0, header, new byte[] {0x40, 0}));
    seeds.put("label-type-10", join(0, header, new byte[] {(byte) 0x80, 0}));
    seeds.put(
        "labels-over-a-pointer",
        join(6, header, new byte[] {8, 0, 0, 0, 0, 0, 1, 'y', (byte) 0xc0, 12, 0}));
    byte[] pointed = longName(200, 63);
    byte[] pointer = {(byte) 0xc0, 12};
    seeds.put(
        "255-octets-behind-a-pointer",
        join(200, header, pointed, new byte[] {54}, new byte[54], pointer));
    seeds.put(
        "256-octets-behind-a-pointer",
        join(200, header, pointed, new byte[] {55}, new byte[55], pointer));
    return seeds;
  }

  private static byte[] join(int start, byte[]... parts) {
    MessageDraft draft = MessageDraft.of(0);
    draft.octets(start);
    for (byte[] part : parts) {
      draft.octets(part);
    }
    byte[] built = draft.build();
    byte[] seed = new byte[built.length - 12];
    System.arraycopy(built, 12, seed, 0, seed.length);
    return seed;
  }
}
