package io.flashdns.management.store;

import io.flashdns.core.dns.DomainName;
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
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Zones and what was done to them as octets, big-endian.
 *
 * <pre>
 * zone    version 8 | id 64 | created 64 | revision 64 | content revision 64 | digest 64 | serial 32
 *         names 32 | RRsets 32 | records 32 | suspended 8 | serial policy 8
 *         apex, view, organisation, project, source, source stamp: octets 32, octets
 * event   version 8 | zone before, zone after, block before, block after: octets 32 (0: none), octets
 * </pre>
 *
 * Reading throws {@link IllegalArgumentException} when the octets are something else.
 */
final class ZoneCodec {
  private static final byte VERSION = 1;
  private static final int ZONE_FIXED_BYTES = 1 + 5 * 8 + 4 * 4 + 2;
  private static final SerialPolicy[] POLICIES = {
    SerialPolicy.INCREMENT, SerialPolicy.DATE, SerialPolicy.UNIX_TIME, SerialPolicy.AS_GIVEN
  };

  private ZoneCodec() {}

  static byte[] encode(StoredZone zone) {
    ZoneSettings settings = zone.settings();
    byte[][] texts = {
      settings.key().apex().wire(),
      utf8(settings.key().view()),
      utf8(settings.owner().organisation()),
      utf8(settings.owner().project()),
      utf8(settings.source()),
      utf8(settings.sourceStamp())
    };
    int length = ZONE_FIXED_BYTES;
    for (byte[] text : texts) {
      length += 4 + text.length;
    }
    ByteBuffer out = ByteBuffer.allocate(length);
    out.put(VERSION).putLong(zone.id().value()).putLong(zone.createdRevision());
    out.putLong(zone.revision()).putLong(zone.contentRevision()).putLong(zone.digest());
    out.putInt((int) zone.serial()).putInt(zone.nameCount());
    out.putInt(zone.rrsetCount()).putInt(zone.recordCount());
    out.put((byte) (settings.suspended() ? 1 : 0)).put(number(settings.serialPolicy()));
    for (byte[] text : texts) {
      out.putInt(text.length).put(text);
    }
    return out.array();
  }

  static StoredZone decode(byte[] bytes) {
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      if (in.get() != VERSION) {
        throw new IllegalArgumentException("no zone of version " + VERSION);
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
      ZoneSettings settings =
          new ZoneSettings(key, owner, suspended, POLICIES[policy], text(in), text(in));
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
    head.put(VERSION).putInt(zoneBefore.length).putInt(zoneAfter.length);
    head.putInt(blockBefore.length).putInt(blockAfter.length);
    return new byte[][] {head.array(), zoneBefore, zoneAfter, blockBefore, blockAfter};
  }

  static ZoneEvent decodeEvent(byte[] bytes) {
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      if (in.get() != VERSION) {
        throw new IllegalArgumentException("no event of version " + VERSION);
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

  /** What zones are found by: memcmp keeps those of one view together. */
  static byte[] name(ZoneKey key) {
    byte[] view = utf8(key.view());
    byte[] apex = key.apex().wire();
    byte[] name = new byte[view.length + 1 + apex.length];
    System.arraycopy(view, 0, name, 0, view.length);
    System.arraycopy(apex, 0, name, view.length + 1, apex.length);
    return name;
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
