package io.flashdns.core.index;

import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Writes a catalog without its images into a file.
 *
 * <pre>
 * head      magic 32 | version 16 | layout of images 16 | seed of the name hash 64 | revision of the store 64
 *           | zones 32 | octets of the names part 32 | CRC32C 32
 * names     views: how many 32, each a text; tenants: how many 32, each number 32, organisation, project, suspended 8
 *           | CRC32C 32 of head and names
 * chunks    magic 32 | its number, from 0, 32 | zones 32 | octets of apexes 32 | CRC32C 32 of these and what follows
 *           | apexes in wire form, one behind the other | a row of each zone:
 *           view (index in names) 32 | tenant (number in names) 32 | standing 8 | octets of the image 32 | location 64 | revision 64
 * </pre>
 *
 * Numbers are big-endian. Each octet of the file is covered by a checksum, and the number of zones
 * in the head says where the last chunk ends. Zones stand in the catalog's own order, so that a
 * catalog of the same hash is filled from front to back when they are read again.
 *
 * <p>One thread, used once. Memory: one chunk.
 */
final class CatalogWriter {
  static final int MAGIC = 0x4644_5a43; // "FDZC"
  static final int CHUNK_MAGIC = 0x4644_5a68; // "FDZh"
  static final int VERSION = 1;
  static final int HEAD_BYTES = 36;
  static final int CHUNK_HEAD_BYTES = 20;
  static final int ROW_BYTES = 29;
  static final int MAX_NAME_BYTES = 255;

  /** Most zones of a chunk. */
  static final int CHUNK_ZONES = 4096;

  /** Most octets of apexes of a chunk: the array that its cold zones will share. */
  static final int CHUNK_NAME_BYTES = 64 << 10;

  /** Beside the bits of {@link CatalogEntry#standing}: the image in the file is an older one. */
  static final int BEHIND = 0x80;

  private final FileChannel file;
  private final int[] viewIndex;
  private final byte[] names = new byte[CHUNK_NAME_BYTES + MAX_NAME_BYTES];
  private final byte[] rows = new byte[CHUNK_ZONES * ROW_BYTES];
  private final ByteBuffer row = ByteBuffer.wrap(rows);
  private int nameBytes;
  private int zones;
  private int chunks;

  private CatalogWriter(FileChannel file, int[] viewIndex) {
    this.file = file;
    this.viewIndex = viewIndex;
  }

  /**
   * Writes a catalog.
   *
   * @param census counts the images that it names
   */
  static void write(
      FileChannel file, Catalog catalog, Views views, long revision, int layout, Census census)
      throws IOException {
    int[] viewIndex = viewIndex(catalog);
    byte[] parties = parties(catalog, views, viewIndex);
    ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
    head.putInt(MAGIC).putShort((short) VERSION).putShort((short) layout);
    head.putLong(catalog.hash().seed()).putLong(revision);
    head.putInt(catalog.size()).putInt(parties.length);
    CRC32C crc = new CRC32C();
    crc.update(head.array(), 0, head.position());
    head.putInt((int) crc.getValue());
    crc.reset();
    crc.update(head.array(), 0, HEAD_BYTES);
    crc.update(parties, 0, parties.length);
    writeWhole(file, head.flip());
    writeWhole(file, ByteBuffer.wrap(parties));
    writeWhole(file, ByteBuffer.allocate(4).putInt((int) crc.getValue()).flip());

    CatalogWriter writer = new CatalogWriter(file, viewIndex);
    try {
      catalog.forEach(entry -> writer.add(entry, census));
      writer.endChunk();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** The index of each view in the file, by its number; -1 for views without zones. */
  private static int[] viewIndex(Catalog catalog) {
    int[] highest = new int[1];
    catalog.forEach(entry -> highest[0] = Math.max(highest[0], entry.view()));
    int[] index = new int[highest[0] + 1];
    Arrays.fill(index, -1);
    catalog.forEach(entry -> index[entry.view()] = 0);
    int next = 0;
    for (int view = 0; view < index.length; view++) {
      index[view] = index[view] < 0 ? -1 : next++;
    }
    return index;
  }

  private static byte[] parties(Catalog catalog, Views views, int[] viewIndex) throws IOException {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(octets);
    out.writeInt((int) Arrays.stream(viewIndex).filter(index -> index >= 0).count());
    for (int view = 0; view < viewIndex.length; view++) {
      if (viewIndex[view] >= 0) {
        out.writeUTF(views.name(view));
      }
    }
    int tenants = 0;
    for (int number = 1; number < catalog.tenantNumbers(); number++) {
      tenants += catalog.tenant(number).number() == 0 ? 0 : 1;
    }
    out.writeInt(tenants);
    for (int number = 1; number < catalog.tenantNumbers(); number++) {
      Tenant tenant = catalog.tenant(number);
      if (tenant.number() != 0) {
        out.writeInt(number);
        out.writeUTF(tenant.organisation());
        out.writeUTF(tenant.project());
        out.writeByte(tenant.suspended() ? 1 : 0);
      }
    }
    return octets.toByteArray();
  }

  private void add(CatalogEntry entry, Census census) {
    if (zones == CHUNK_ZONES || nameBytes >= CHUNK_NAME_BYTES) {
      endChunk();
    }
    CatalogEntry inFile = entry;
    int standing = entry.standing();
    if (entry instanceof Zone zone && zone.isPatched()) {
      inFile = zone.cold();
      standing |= BEHIND;
      census.hold(inFile.location());
    }
    boolean _ = census.add(inFile.location(), inFile.imageBytes());
    nameBytes = entry.writeApex(names, nameBytes);
    row.putInt(viewIndex[entry.view()]);
    row.putInt(entry.tenant());
    row.put((byte) standing);
    row.putInt((int) inFile.imageBytes());
    row.putLong(inFile.location());
    row.putLong(inFile.revision());
    zones++;
  }

  private void endChunk() {
    if (zones == 0) {
      return;
    }
    ByteBuffer head = ByteBuffer.allocate(CHUNK_HEAD_BYTES);
    head.putInt(CHUNK_MAGIC).putInt(chunks++).putInt(zones).putInt(nameBytes);
    CRC32C crc = new CRC32C();
    crc.update(head.array(), 0, head.position());
    crc.update(names, 0, nameBytes);
    crc.update(rows, 0, zones * ROW_BYTES);
    head.putInt((int) crc.getValue());
    try {
      writeWhole(file, head.flip());
      writeWhole(file, ByteBuffer.wrap(names, 0, nameBytes));
      writeWhole(file, ByteBuffer.wrap(rows, 0, zones * ROW_BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    nameBytes = 0;
    zones = 0;
    row.clear();
  }

  private static void writeWhole(FileChannel file, ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      int _ = file.write(from);
    }
  }
}
