package io.flashdns.core.index;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.ZoneSource;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.CRC32C;

/**
 * Reads what {@link CatalogWriter} wrote: for each zone one {@link ColdZone} and nothing else. One
 * thread, used once.
 */
final class CatalogReader {
  /** Octets behind the last apex, so that eight can be read from the start of each label. */
  private static final int SLACK_BYTES = 8;

  private final FileChannel file;
  private final CRC32C crc = new CRC32C();
  private int[] views = {};
  private Map<Integer, Tenant> tenants = Map.of();
  private final List<ColdZone> behind = new ArrayList<>();
  private final List<ColdZone> missing = new ArrayList<>();

  private CatalogReader(FileChannel file) {
    this.file = file;
  }

  /**
   * Reads a catalog.
   *
   * @param census counts the images that it names
   * @throws IOException when the file is damaged, or of another seed or layout; says which
   */
  static ImageFiles.Loaded read(
      FileChannel file,
      NameHash hash,
      int layout,
      Views views,
      Function<Tenant, Tenant> tenants,
      ZoneSource source,
      Census census)
      throws IOException {
    try {
      return new CatalogReader(file).read(hash, layout, views, tenants, source, census);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new IOException("it makes no sense: " + e.getMessage(), e);
    }
  }

  private ImageFiles.Loaded read(
      NameHash hash,
      int layout,
      Views viewNumbers,
      Function<Tenant, Tenant> owners,
      ZoneSource source,
      Census census)
      throws IOException {
    byte[] head = octets(CatalogWriter.HEAD_BYTES, 0);
    ByteBuffer fields = ByteBuffer.wrap(head);
    int magic = fields.getInt();
    int version = fields.getShort();
    int imageLayout = fields.getShort();
    long seed = fields.getLong();
    long revision = fields.getLong();
    int zones = fields.getInt();
    int partyBytes = fields.getInt();
    crc.update(head, 0, fields.position());
    if (magic != CatalogWriter.MAGIC || fields.getInt() != (int) crc.getValue()) {
      throw damaged("its head");
    }
    if (version != CatalogWriter.VERSION || imageLayout != layout) {
      throw new IOException("another version of this program wrote it");
    }
    if (seed != hash.seed()) {
      throw new IOException("it belongs to another hash.seed");
    }
    if (zones < 0 || partyBytes < 0 || partyBytes > file.size()) {
      throw damaged("its head");
    }
    byte[] parties = octets(partyBytes, 0);
    crc.reset();
    crc.update(head, 0, head.length);
    crc.update(parties, 0, parties.length);
    if (ByteBuffer.wrap(octets(4, 0)).getInt() != (int) crc.getValue()) {
      throw damaged("its list of views and tenants");
    }
    readParties(parties, viewNumbers, owners);

    List<CatalogEntry> entries = new ArrayList<>(zones);
    byte[] rows = new byte[CatalogWriter.CHUNK_ZONES * CatalogWriter.ROW_BYTES];
    for (int chunk = 0; entries.size() < zones; chunk++) {
      readChunk(chunk, zones, rows, entries, census);
    }
    if (file.position() != file.size()) {
      throw damaged("its end");
    }
    Map<Integer, Tenant> named = new HashMap<>();
    tenants.values().stream().filter(t -> t.number() != 0).forEach(t -> named.put(t.number(), t));
    Catalog catalog = Catalog.of(hash, entries, named.values(), source);
    return new ImageFiles.Loaded(catalog, revision, List.copyOf(behind), List.copyOf(missing));
  }

  private void readParties(byte[] octets, Views viewNumbers, Function<Tenant, Tenant> owners)
      throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(octets));
    views = new int[in.readInt()];
    for (int i = 0; i < views.length; i++) {
      views[i] = viewNumbers.number(in.readUTF());
    }
    int count = in.readInt();
    tenants = LinkedHashMap.newLinkedHashMap(count + 1);
    tenants.put(0, Tenant.NOBODY);
    for (int i = 0; i < count; i++) {
      int number = in.readInt();
      Tenant saved = new Tenant(number, in.readUTF(), in.readUTF(), in.readByte() != 0, 0);
      tenants.put(number, owners.apply(saved));
    }
  }

  private void readChunk(
      int number, int zones, byte[] rows, List<CatalogEntry> entries, Census census)
      throws IOException {
    byte[] head = octets(CatalogWriter.CHUNK_HEAD_BYTES, 0);
    ByteBuffer fields = ByteBuffer.wrap(head);
    boolean isNext = fields.getInt() == CatalogWriter.CHUNK_MAGIC && fields.getInt() == number;
    int count = isNext ? fields.getInt() : 0;
    int nameBytes = isNext ? fields.getInt() : 0;
    if (count <= 0
        || count > Math.min(CatalogWriter.CHUNK_ZONES, zones - entries.size())
        || nameBytes <= 0
        || nameBytes > CatalogWriter.CHUNK_NAME_BYTES + CatalogWriter.MAX_NAME_BYTES) {
      throw damaged("part " + number);
    }
    byte[] names = octets(nameBytes, SLACK_BYTES);
    ByteBuffer row = ByteBuffer.wrap(rows, 0, count * CatalogWriter.ROW_BYTES);
    fill(row);
    crc.reset();
    crc.update(head, 0, fields.position());
    crc.update(names, 0, nameBytes);
    crc.update(rows, 0, count * CatalogWriter.ROW_BYTES);
    if (fields.getInt() != (int) crc.getValue()) {
      throw damaged("part " + number);
    }
    row.clear();
    int tenantNumber = 0;
    Tenant tenant = Tenant.NOBODY;
    int at = 0;
    for (int i = 0; i < count; i++) {
      int view = views[row.getInt()];
      int savedTenant = row.getInt();
      if (savedTenant != tenantNumber) {
        tenantNumber = savedTenant;
        tenant = tenants.getOrDefault(savedTenant, Tenant.NOBODY);
      }
      int flags = row.get();
      int imageBytes = row.getInt();
      long location = row.getLong();
      ColdZone zone =
          new ColdZone(
              names,
              at,
              entries.size() + 1,
              view,
              tenant.number(),
              (flags & CatalogEntry.ZONE_SUSPENDED)
                  | (tenant.suspended() ? CatalogEntry.OWNER_SUSPENDED : 0),
              row.getLong(),
              location,
              imageBytes);
      entries.add(zone);
      if (!census.add(location, imageBytes)) {
        missing.add(zone);
      } else if ((flags & CatalogWriter.BEHIND) != 0) {
        behind.add(zone);
      }
      while (names[at] != 0) {
        at += 1 + names[at];
      }
      at++;
    }
  }

  private byte[] octets(int count, int slack) throws IOException {
    byte[] octets = new byte[count + slack];
    fill(ByteBuffer.wrap(octets, 0, count));
    return octets;
  }

  private void fill(ByteBuffer into) throws IOException {
    while (into.hasRemaining()) {
      if (file.read(into) < 0) {
        throw damaged("its end");
      }
    }
  }

  private static IOException damaged(String where) {
    return new IOException(where + " is damaged");
  }
}
