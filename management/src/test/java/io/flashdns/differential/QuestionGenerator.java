package io.flashdns.differential;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/** Questions about what zones have and nearly have, from a seed. One thread. */
final class QuestionGenerator {
  private static final int[] COMMON_TYPES = {
    Type.A,
    Type.AAAA,
    Type.MX,
    Type.TXT,
    Type.NS,
    Type.SOA,
    Type.CNAME,
    Type.DNAME,
    Type.DS,
    Type.DNSKEY,
    Type.SRV,
    Type.CAA,
    Type.HTTPS,
    Type.SVCB,
    Type.PTR,
    Type.NAPTR,
    Type.TLSA
  };
  private static final int[] RARE_TYPES = {
    Type.ANY,
    Type.RRSIG,
    Type.NSEC,
    Type.NSEC3,
    Type.NSEC3PARAM,
    Type.CDS,
    Type.SPF,
    Type.LOC,
    99,
    999,
    65_280,
    65_534,
    32_769,
    10
  };

  /** Types that no zone may hold, and 0. */
  private static final int[] META_TYPES = {
    0, 41, 128, 129, 200, 249, 250, 251, 252, 253, 254, 65_535
  };

  private static final int[] CLASSES = {
    DClass.CH, DClass.ANY, DClass.HS, DClass.NONE, 0, 7, 65_535
  };
  private static final int[] PAYLOADS = {
    0, 100, 511, 512, 513, 700, 1220, 1232, 1233, 1400, 4096, 65_535
  };

  /** Names that some servers answer for in class CH (RFC 4892). */
  private static final String[] SERVER_NAMES = {
    "version.bind.", "id.server.", "hostname.bind.", "version.server."
  };

  private static final int DO_BIT = 0x8000;

  /** A zone with more names than this is asked about as often as {@link #LARGE_WEIGHT} others. */
  private static final int LARGE = 5_000;

  private static final int LARGE_WEIGHT = 10;

  private record Content(
      ServedZone zone,
      List<Name> owners,
      List<Name> emptyNonTerminals,
      List<Name> parentsOfWildcards) {

    static Content of(ServedZone zone) {
      List<Name> owners = new ArrayList<>(zone.owners());
      List<Name> parents =
          owners.stream().filter(Name::isWild).map(owner -> new Name(owner, 1)).toList();
      return new Content(zone, owners, zone.emptyNonTerminals(), parents);
    }
  }

  private final Random random;
  private final List<Content> contents = new ArrayList<>();

  QuestionGenerator(long seed, World world) {
    this.random = new Random(seed);
    for (ServedZone zone : world.zones()) {
      Content content = Content.of(zone);
      int weight = content.owners().size() > LARGE ? LARGE_WEIGHT : 1;
      contents.addAll(Collections.nCopies(weight, content));
    }
  }

  Question next() {
    Content content = contents.get(random.nextInt(contents.size()));
    int dice = random.nextInt(100);
    if (dice < 2) {
      return build(outside(), type(COMMON_TYPES), DClass.IN);
    }
    Name owner = pick(content.owners());
    if (dice < 4) {
      boolean ofTheServer = random.nextInt(8) == 0;
      Name name =
          ofTheServer
              ? Name.fromConstantString(SERVER_NAMES[random.nextInt(SERVER_NAMES.length)])
              : owner;
      return build(name, type(COMMON_TYPES), type(CLASSES));
    }
    if (dice < 5) {
      return build(owner, type(META_TYPES), DClass.IN);
    }
    if (dice < 40) {
      List<Integer> types = List.copyOf(content.zone().types(owner));
      return build(owner, types.get(random.nextInt(types.size())), DClass.IN);
    }
    if (dice < 55) {
      return build(owner, someType(), DClass.IN);
    }
    if (dice < 60) {
      Name apex = content.zone().apex();
      return build(random.nextBoolean() ? apex : nearMiss(apex), someType(), DClass.IN);
    }
    if (dice < 64 && !content.emptyNonTerminals().isEmpty()) {
      Name terminal = pick(content.emptyNonTerminals());
      return build(random.nextBoolean() ? terminal : nearMiss(terminal), someType(), DClass.IN);
    }
    if (dice < 70 && !content.parentsOfWildcards().isEmpty()) {
      return behindWildcard(content);
    }
    return build(nearMiss(owner), someType(), DClass.IN);
  }

  /** A name that a wildcard stands in for, often with a type that the wildcard has. */
  private Question behindWildcard(Content content) {
    Name parent = pick(content.parentsOfWildcards());
    Name name = below(parent, label());
    Name wildcard = ServedZone.wildcardBelow(parent);
    List<Integer> types = List.copyOf(content.zone().types(wildcard == null ? parent : wildcard));
    boolean hit = !types.isEmpty() && random.nextBoolean();
    return build(
        random.nextInt(4) == 0 ? below(name, label()) : name,
        hit ? types.get(random.nextInt(types.size())) : someType(),
        DClass.IN);
  }

  private int someType() {
    return switch (random.nextInt(12)) {
      case 0 -> type(RARE_TYPES);
      case 1 -> 1 + random.nextInt(127);
      case 2 -> Type.DS;
      default -> type(COMMON_TYPES);
    };
  }

  private int type(int[] types) {
    return types[random.nextInt(types.length)];
  }

  private Name pick(List<Name> names) {
    return names.get(random.nextInt(names.size()));
  }

  private Name outside() {
    String[] names = {
      ".",
      "invalid.",
      "nowhere.invalid.",
      "com.",
      "zz.example.",
      "example.",
      "test.",
      "odd.",
      "x.odd.",
      "top999.",
      "y.top999."
    };
    return Name.fromConstantString(names[random.nextInt(names.length)]);
  }

  /** A name beside, below, or above one that exists. */
  private Name nearMiss(Name name) {
    return switch (random.nextInt(10)) {
      case 0 -> name.labels() > 1 ? new Name(name, 1) : name;
      case 1 -> name.labels() > 2 ? below(new Name(name, 1), label()) : below(name, label());
      case 2 -> below(name, "*".getBytes(StandardCharsets.US_ASCII));
      case 3 -> below(below(name, label()), label());
      case 4 -> name.labels() > 1 ? below(new Name(name, 1), changed(name.getLabel(0))) : name;
      case 5 ->
          name.labels() > 2
              ? below(below(new Name(name, 1), "*".getBytes(StandardCharsets.US_ASCII)), label())
              : name;
      case 6 -> name.labels() > 2 ? below(new Name(name, 2), label()) : name;
      case 7 -> fill(name);
      default -> below(name, label());
    };
  }

  /** The longest name below another. */
  private Name fill(Name name) {
    Name longest = name;
    while (longest.length() < 255) {
      int room = Math.min(63, 254 - longest.length());
      if (room < 1) {
        break;
      }
      longest =
          below(
              longest,
              "f"
                  .repeat(random.nextInt(3) == 0 ? 1 + random.nextInt(room) : room)
                  .getBytes(StandardCharsets.US_ASCII));
    }
    return longest;
  }

  private byte[] label() {
    String[] common = {"www", "a", "x", "ns0", "h0", "*", "_tcp", "zzz", "0", "any", "deep"};
    if (random.nextInt(3) > 0) {
      return common[random.nextInt(common.length)].getBytes(StandardCharsets.US_ASCII);
    }
    byte[] label = new byte[1 + random.nextInt(12)];
    for (int i = 0; i < label.length; i++) {
      label[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : 'a' + random.nextInt(26));
    }
    return label;
  }

  /** The label with one octet changed, or one less or more. */
  private byte[] changed(byte[] wire) {
    byte[] label = Arrays.copyOfRange(wire, 1, wire.length);
    switch (random.nextInt(3)) {
      case 0 -> label[random.nextInt(label.length)]++;
      case 1 -> label[label.length - 1]--;
      default -> label = Arrays.copyOf(label, Math.min(63, label.length + 1));
    }
    return label;
  }

  /** The name with a label before it; the name itself where that would be too long. */
  private static Name below(Name name, byte[] label) {
    byte[] parent = name.toWire();
    if (parent.length + label.length + 1 > 255 || name.labels() > 127 || label.length == 0) {
      return name;
    }
    byte[] wire = new byte[parent.length + label.length + 1];
    wire[0] = (byte) label.length;
    System.arraycopy(label, 0, wire, 1, label.length);
    System.arraycopy(parent, 0, wire, 1 + label.length, parent.length);
    return name(wire);
  }

  private static Name name(byte[] wire) {
    try {
      return new Name(wire);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Name anyCase(Name name) {
    byte[] wire = name.toWire();
    for (int at = 0; wire[at] != 0; at += 1 + wire[at]) {
      for (int i = at + 1; i <= at + wire[at]; i++) {
        if (Character.isLetter(wire[i] & 0x7f) && wire[i] > 0 && random.nextBoolean()) {
          wire[i] ^= 0x20;
        }
      }
    }
    return name(wire);
  }

  private Question build(Name asked, int type, int recordClass) {
    Name name = random.nextInt(3) == 0 ? anyCase(asked) : asked;
    boolean edns = random.nextInt(10) < 7;
    boolean dnssecOk = edns && random.nextInt(5) < 2;
    int payload =
        edns ? (random.nextInt(3) > 0 ? 1232 : PAYLOADS[random.nextInt(PAYLOADS.length)]) : -1;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(name.length() + 40);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeShort(0);
      out.writeShort(headerFlags());
      out.writeShort(1);
      out.writeInt(0);
      out.writeShort(edns ? 1 : 0);
      out.write(name.toWire());
      out.writeShort(type);
      out.writeShort(recordClass);
      if (edns) {
        writeOpt(out, payload, dnssecOk);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Question(
        bytes.toByteArray(), random.nextInt(7) == 0, name, type, recordClass, payload, dnssecOk);
  }

  /** RD, AD, CD, in all mixtures, most often none. */
  private int headerFlags() {
    return random.nextInt(3) > 0
        ? 0
        : (random.nextBoolean() ? 0x100 : 0)
            | (random.nextInt(4) == 0 ? 0x20 : 0)
            | (random.nextInt(4) == 0 ? 0x10 : 0);
  }

  private void writeOpt(DataOutputStream out, int payload, boolean dnssecOk) throws IOException {
    byte[] options = options();
    out.writeByte(0);
    out.writeShort(41);
    out.writeShort(payload);
    out.writeByte(0);
    out.writeByte(random.nextInt(60) == 0 ? 1 + random.nextInt(255) : 0);
    out.writeShort(
        (dnssecOk ? DO_BIT : 0) | (random.nextInt(40) == 0 ? 1 + random.nextInt(0x3fff) : 0));
    out.writeShort(options.length);
    out.write(options);
  }

  private byte[] options() {
    return switch (random.nextInt(30)) {
      // NSID (RFC 5001), empty as a query has it.
      case 0 -> new byte[] {0, 3, 0, 0};
      // Codes for local use (RFC 6891 §9).
      case 1 ->
          ByteBuffer.allocate(9)
              .putShort((short) 65_001)
              .putShort((short) 5)
              .put(new byte[5])
              .array();
      case 2 ->
          ByteBuffer.allocate(12)
              .putShort((short) 65_002)
              .putShort((short) 0)
              .putShort((short) 3)
              .putInt(0)
              .putShort((short) 0)
              .array();
      default -> new byte[0];
    };
  }
}
