package io.flashdns.management.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.OwnerKey;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.SerialPolicy;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Zones and what was done to them as octets, big-endian.
 *
 * <pre>
 * zone    version 8 | id 64 | created 64 | revision 64 | content revision 64 | digest 64 | serial 32
 *         names 32 | RRsets 32 | records 32 | suspended 8 | serial policy 8
 *         apex, view, organisation, project, source, source stamp: octets 32, octets
 *         from version 2 on: labels 32, comment, keys and values of the labels: octets 32, octets
 * event   version 8 | zone before, zone after, block before, block after: octets 32 (0: none), octets
 * </pre>
 *
 * Reading throws {@link IllegalArgumentException} when the octets are something else.
 */
final class ZoneCodec {
  /** Zones of version 1 have neither labels nor comment. */
  private static final byte VERSION = 2;

  private static final byte EVENT_VERSION = 1;
  private static final int ZONE_FIXED_BYTES = 1 + 5 * 8 + 4 * 4 + 2;
  private static final SerialPolicy[] POLICIES = {
    SerialPolicy.INCREMENT, SerialPolicy.DATE, SerialPolicy.UNIX_TIME, SerialPolicy.AS_GIVEN
  };

  private ZoneCodec() {}

  static byte[] encode(StoredZone zone) {
    ZoneSettings settings = zone.settings();
    List<byte[]> texts = new ArrayList<>(7 + 2 * settings.labels().size());
    texts.add(settings.key().apex().wire());
    texts.add(utf8(settings.key().view()));
    texts.add(utf8(settings.owner().organisation()));
    texts.add(utf8(settings.owner().project()));
    texts.add(utf8(settings.source()));
    texts.add(utf8(settings.sourceStamp()));
    int labelsAt = texts.size();
    texts.add(utf8(settings.comment()));
    settings
        .labels()
        .forEach(
            (key, value) -> {
              texts.add(utf8(key));
              texts.add(utf8(value));
            });
    int length = ZONE_FIXED_BYTES + 4;
    for (byte[] text : texts) {
      length += 4 + text.length;
    }
    ByteBuffer out = ByteBuffer.allocate(length);
    out.put(VERSION).putLong(zone.id().value()).putLong(zone.createdRevision());
    out.putLong(zone.revision()).putLong(zone.contentRevision()).putLong(zone.digest());
    out.putInt((int) zone.serial()).putInt(zone.nameCount());
    out.putInt(zone.rrsetCount()).putInt(zone.recordCount());
    out.put((byte) (settings.suspended() ? 1 : 0)).put(number(settings.serialPolicy()));
    for (int i = 0; i < texts.size(); i++) {
      if (i == labelsAt) {
        out.putInt(settings.labels().size());
      }
      out.putInt(texts.get(i).length).put(texts.get(i));
    }
    return out.array();
  }

  static StoredZone decode(byte[] bytes) {
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      byte version = in.get();
      if (version != 1 && version != VERSION) {
        throw new IllegalArgumentException("no zone of version 1 to " + VERSION);
      }
      ZoneId id = new ZoneId(in.getLong());
      long created = in.getLong();
      long revision = in.getLong();
      long contentRevision = in.getLong();
      long digest = in.getLong();
      long serial = in.getInt() & 0xffffffffL;
      int names = in.getInt();
      int rrsets = in.getInt();
      int records = in.getInt();
      boolean suspended = in.get() != 0;
      int policy = in.get();
      if (policy < 0 || policy >= POLICIES.length) {
        throw new IllegalArgumentException("no serial policy " + policy);
      }
      DomainName apex = DomainName.ofWire(octets(in), 0);
      ZoneKey key = new ZoneKey(text(in), apex);
      ZoneOwner owner = owner(text(in), text(in));
      String source = text(in);
      String stamp = text(in);
      SortedMap<String, String> labels = new TreeMap<>();
      int count = version == 1 ? 0 : in.getInt();
      String comment = version == 1 ? "" : text(in);
      for (int i = 0; i < count; i++) {
        labels.put(text(in), text(in));
      }
      ZoneSettings settings =
          new ZoneSettings(key, owner, suspended, POLICIES[policy], source, stamp, labels, comment);
      return new StoredZone(
          id, settings, created, revision, contentRevision, serial, names, rrsets, records, digest);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("a zone ends in the middle", e);
    }
  }

  private static ZoneOwner owner(String organisation, String project) {
    return organisation.isEmpty() && project.isEmpty()
        ? ZoneOwner.NOBODY
        : new ZoneOwner(organisation, project);
  }

  /** Zones one after the other: octets 32, zone. */
  static byte[] encode(List<StoredZone> zones) {
    List<byte[]> parts = new ArrayList<>(zones.size());
    int length = 0;
    for (StoredZone zone : zones) {
      byte[] part = encode(zone);
      parts.add(part);
      length += 4 + part.length;
    }
    ByteBuffer out = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      out.putInt(part.length).put(part);
    }
    return out.array();
  }

  static List<StoredZone> decodeZones(byte[] bytes) {
    List<StoredZone> zones = new ArrayList<>();
    for (ByteBuffer in = ByteBuffer.wrap(bytes); in.hasRemaining(); ) {
      zones.add(decode(octets(in)));
    }
    return zones;
  }

  /** The parts of an event, to be written one after the other. */
  static byte[][] encode(ZoneEvent event) {
    StoredZone before = event.zoneBefore();
    StoredZone after = event.zoneAfter();
    byte[] zoneBefore = before == null ? new byte[0] : encode(before);
    byte[] zoneAfter = after == null ? new byte[0] : encode(after);
    byte[] blockBefore = event.before().encoded();
    byte[] blockAfter = event.after().encoded();
    ByteBuffer head = ByteBuffer.allocate(1 + 4 * 4);
    head.put(EVENT_VERSION).putInt(zoneBefore.length).putInt(zoneAfter.length);
    head.putInt(blockBefore.length).putInt(blockAfter.length);
    return new byte[][] {head.array(), zoneBefore, zoneAfter, blockBefore, blockAfter};
  }

  static ZoneEvent decodeEvent(byte[] bytes) {
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      if (in.get() != EVENT_VERSION) {
        throw new IllegalArgumentException("no event of version " + EVENT_VERSION);
      }
      int[] lengths = {in.getInt(), in.getInt(), in.getInt(), in.getInt()};
      byte[][] parts = new byte[4][];
      for (int i = 0; i < 4; i++) {
        parts[i] = octets(in, lengths[i]);
      }
      return new ZoneEvent(
          zoneOrNone(parts[0]),
          zoneOrNone(parts[1]),
          RRsetBlock.ofEncoded(parts[2]),
          RRsetBlock.ofEncoded(parts[3]));
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("an event ends in the middle", e);
    }
  }

  private static @Nullable StoredZone zoneOrNone(byte[] bytes) {
    return bytes.length == 0 ? null : decode(bytes);
  }

  /**
   * What zones are found by: view, 0, apex as {@link OwnerKey} below the root. So memcmp keeps
   * those of one view together, in canonical order, and all at or below a name begin with its key.
   */
  static byte[] name(ZoneKey key) {
    return name(key.view(), key.apex());
  }

  /** The same of any name, there or not. */
  static byte[] name(String view, DomainName apex) {
    byte[] begin = utf8(view);
    byte[] end = OwnerKey.of(apex, DomainName.ROOT);
    byte[] name = Arrays.copyOf(begin, begin.length + 1 + end.length);
    System.arraycopy(end, 0, name, begin.length + 1, end.length);
    return name;
  }

  /** The same as a store of the first version has it: view, 0, apex in wire form. */
  static ZoneKey keyOfVersion1(byte[] name) {
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    return new ZoneKey(
        new String(name, 0, end, StandardCharsets.UTF_8), DomainName.ofWire(name, end + 1));
  }

  /**
   * What zones of an owner are found by: organisation and project, octets 16 before each, and id.
   */
  static byte[] ownerKey(ZoneOwner owner, long id) {
    byte[] organisation = utf8(owner.organisation());
    byte[] project = utf8(owner.project());
    return ByteBuffer.allocate(4 + organisation.length + project.length + 8)
        .putShort((short) organisation.length)
        .put(organisation)
        .putShort((short) project.length)
        .put(project)
        .putLong(id)
        .array();
  }

  private static byte number(SerialPolicy policy) {
    return switch (policy) {
      case INCREMENT -> 0;
      case DATE -> 1;
      case UNIX_TIME -> 2;
      case AS_GIVEN -> 3;
    };
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(ByteBuffer in) {
    return new String(octets(in), StandardCharsets.UTF_8);
  }

  private static byte[] octets(ByteBuffer in) {
    return octets(in, in.getInt());
  }

  private static byte[] octets(ByteBuffer in, int length) {
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("a length of " + length + " octets is beyond the end");
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }
}
