package io.flashdns.core.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The pack files of a folder: images are appended to the last one and read from all.
 *
 * <pre>
 * record    magic 32 | octets of the image 32 | revision of the zone 64 | CRC32C of these 16 octets and the image 32 | image
 * </pre>
 *
 * <p><b>Threads.</b> Any number read; appends, flushes and saves take one lock. A read takes no
 * lock: what is not in the file yet is copied from the write buffer, whose octets never change once
 * their location was given away, for each flush begins a new one.
 *
 * <p><b>Memory.</b> Files are read, not mapped: pages of a mapped file count as memory of the
 * process. A read goes into one of a few direct buffers of 64 KiB and from there into the array
 * that becomes the image; larger images pass through the same buffer in pieces.
 */
final class ImagePacks implements AutoCloseable {
  static final int MAGIC = 0x4644_5a52; // "FDZR"
  static final int HEADER_BYTES = 20;
  static final int CHECKSUM_AT = 16;
  static final long PACK_BYTES = 1L << 30;

  /** Less than what the collector treats as a huge object in a heap of any size. */
  static final int BUFFER_BYTES = 256 << 10;

  private static final int READ_BYTES = 64 << 10;
  private static final int SPARE_BUFFERS = 16;

  /** What was appended and is not in the file yet. */
  private static final class Unwritten {
    final long location;
    final byte[] octets;

    Unwritten(long location, byte[] octets) {
      this.location = location;
      this.octets = octets;
    }
  }

  private final Path folder;
  private final long packBytes;
  private final int bufferBytes;
  private final AtomicReferenceArray<@Nullable ByteBuffer> spares =
      new AtomicReferenceArray<>(SPARE_BUFFERS);

  /** Guards everything below that is not volatile, and all writing of what is. */
  private final ReentrantLock lock = new ReentrantLock();

  /** In rising order of their numbers; replaced, never changed. */
  private volatile PackFile[] packs;

  /** All that lies before it is in the files. */
  private volatile long written;

  private volatile Unwritten unwritten;
  private @Nullable PackFile current;
  private int nextNumber;
  private long end;
  private int buffered;
  private boolean folderUnforced;

  private ImagePacks(Path folder, long packBytes, int bufferBytes, PackFile[] packs)
      throws IOException {
    this.folder = folder;
    this.packBytes = packBytes;
    this.bufferBytes = bufferBytes;
    this.packs = packs;
    if (packs.length > 0) {
      PackFile last = packs[packs.length - 1];
      current = last;
      end = last.size();
      nextNumber = last.number + 1;
      written = Location.of(last.number, end);
    } else {
      nextNumber = 1;
      written = Location.of(1, 0);
    }
    unwritten = new Unwritten(written, new byte[bufferBytes]);
  }

  static ImagePacks open(Path folder, long packBytes, int bufferBytes) throws IOException {
    List<PackFile> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (PackFile.numberOf(file) >= 0) {
          found.add(PackFile.open(file));
        }
      }
    }
    found.sort(Comparator.comparingInt(pack -> pack.number));
    return new ImagePacks(folder, packBytes, bufferBytes, found.toArray(new PackFile[0]));
  }

  /**
   * Appends an image.
   *
   * @return its location; it can be read at once
   * @throws IOException when the file cannot be written; then all is as before
   */
  long append(byte[] image, long revision) throws IOException {
    byte[] header = new byte[HEADER_BYTES];
    ByteBuffer.wrap(header)
        .putInt(MAGIC)
        .putInt(image.length)
        .putLong(revision)
        .putInt(checksum(image, revision));
    long size = (long) HEADER_BYTES + image.length;
    lock.lock();
    try {
      PackFile pack = current;
      if (pack == null || (end > 0 && end + size > packBytes)) {
        pack = nextPack();
      }
      if (buffered + size > bufferBytes) {
        writeBuffer();
      }
      long location = Location.of(pack.number, end);
      if (size <= bufferBytes) {
        byte[] octets = unwritten.octets;
        System.arraycopy(header, 0, octets, buffered, HEADER_BYTES);
        System.arraycopy(image, 0, octets, buffered + HEADER_BYTES, image.length);
        buffered += (int) size;
        end += size;
      } else {
        writeLarge(pack, header, image);
      }
      pack.dead = false;
      return location;
    } finally {
      lock.unlock();
    }
  }

  private static int checksum(byte[] image, long revision) {
    byte[] head = new byte[CHECKSUM_AT];
    ByteBuffer.wrap(head).putInt(MAGIC).putInt(image.length).putLong(revision);
    CRC32C crc = new CRC32C();
    crc.update(head, 0, CHECKSUM_AT);
    crc.update(image, 0, image.length);
    return (int) crc.getValue();
  }

  private PackFile nextPack() throws IOException {
    writeBuffer();
    if (nextNumber > Location.MAX_PACK) {
      throw new IOException("there were " + nextNumber + " packs: delete the folder of images");
    }
    PackFile pack = PackFile.create(folder, nextNumber);
    nextNumber++;
    folderUnforced = true;
    PackFile[] more = Arrays.copyOf(packs, packs.length + 1);
    more[more.length - 1] = pack;
    packs = more;
    current = pack;
    end = 0;
    written = Location.of(pack.number, 0);
    unwritten = new Unwritten(written, unwritten.octets);
    return pack;
  }

  /** Writes the buffer out; when that fails, everything can still be read from the buffer. */
  private void writeBuffer() throws IOException {
    PackFile pack = current;
    if (buffered == 0 || pack == null) {
      return;
    }
    pack.write(ByteBuffer.wrap(unwritten.octets, 0, buffered), end - buffered);
    pack.unforced = true;
    buffered = 0;
    written = Location.of(pack.number, end);
    unwritten = new Unwritten(written, new byte[bufferBytes]);
  }

  private void writeLarge(PackFile pack, byte[] header, byte[] image) throws IOException {
    pack.write(ByteBuffer.wrap(header), end);
    long at = end + HEADER_BYTES;
    // In pieces: Java copies what it writes into a direct buffer of that size, and keeps it.
    for (int from = 0; from < image.length; from += bufferBytes) {
      int count = Math.min(bufferBytes, image.length - from);
      pack.write(ByteBuffer.wrap(image, from, count), at + from);
    }
    pack.unforced = true;
    end = at + image.length;
    written = Location.of(pack.number, end);
    unwritten = new Unwritten(written, unwritten.octets);
  }

  /**
   * Begins a new pack: no more is appended to those that exist.
   *
   * @param above the new pack has a greater number than this
   */
  void roll(int above) throws IOException {
    lock.lock();
    try {
      nextNumber = Math.max(nextNumber, above + 1);
      PackFile _ = nextPack();
    } finally {
      lock.unlock();
    }
  }

  /** Hands all that was appended to the operating system. */
  void flush() throws IOException {
    lock.lock();
    try {
      writeBuffer();
    } finally {
      lock.unlock();
    }
  }

  /** Hands all that was appended to the disk. Appends may go on meanwhile. */
  void force() throws IOException {
    List<PackFile> unforced = new ArrayList<>();
    boolean folderToo;
    lock.lock();
    try {
      writeBuffer();
      for (PackFile pack : packs) {
        if (pack.unforced) {
          pack.unforced = false;
          unforced.add(pack);
        }
      }
      folderToo = folderUnforced;
      folderUnforced = false;
    } finally {
      lock.unlock();
    }
    try {
      for (PackFile pack : unforced) {
        pack.force();
      }
      if (folderToo) {
        ImageFiles.forceFolder(folder);
      }
    } catch (IOException e) {
      lock.lock();
      try {
        unforced.forEach(pack -> pack.unforced = true);
        folderUnforced |= folderToo;
      } finally {
        lock.unlock();
      }
      throw e;
    }
  }

  /**
   * Reads an image and holds it against its checksum.
   *
   * @return a new array
   */
  byte[] read(long location, int imageBytes, long revision) throws IOException {
    if (location < 0 || imageBytes <= 0) {
      throw new IOException("no file has it");
    }
    while (location >= written) {
      Unwritten buffer = unwritten;
      long at = location - buffer.location;
      if (at >= 0 && at + HEADER_BYTES + imageBytes <= buffer.octets.length) {
        ByteBuffer header = ByteBuffer.wrap(buffer.octets, (int) at, HEADER_BYTES).slice();
        byte[] image = new byte[imageBytes];
        System.arraycopy(buffer.octets, (int) at + HEADER_BYTES, image, 0, imageBytes);
        check(header, image, location, revision);
        return image;
      }
      if (buffer == unwritten) {
        throw new IOException(place(location) + " lies behind all that was written");
      }
    }
    PackFile pack = pack(Location.pack(location));
    if (pack == null) {
      throw new IOException(PackFile.name(Location.pack(location)) + " is missing");
    }
    int spare = (int) Thread.currentThread().threadId() & (SPARE_BUFFERS - 1);
    ByteBuffer buffer = spares.getAndSet(spare, null);
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(READ_BYTES);
    }
    try {
      return read(pack, buffer, location, imageBytes, revision);
    } finally {
      spares.setRelease(spare, buffer);
    }
  }

  private static byte[] read(
      PackFile pack, ByteBuffer buffer, long location, int imageBytes, long revision)
      throws IOException {
    long offset = Location.offset(location);
    boolean large = imageBytes > READ_BYTES - HEADER_BYTES;
    buffer.clear().limit(large ? HEADER_BYTES : HEADER_BYTES + imageBytes);
    pack.read(buffer, offset);
    buffer.flip();
    if (buffer.getInt(0) != MAGIC || buffer.getInt(4) != imageBytes) {
      throw new IOException(
          place(location) + " does not begin an image of " + imageBytes + " octets");
    }
    byte[] image = new byte[imageBytes];
    if (!large) {
      buffer.get(HEADER_BYTES, image);
      check(buffer, image, location, revision);
      return image;
    }
    ByteBuffer header = ByteBuffer.wrap(new byte[HEADER_BYTES]).put(buffer).flip();
    for (int from = 0; from < imageBytes; ) {
      buffer.clear().limit(Math.min(READ_BYTES, imageBytes - from));
      pack.read(buffer, offset + HEADER_BYTES + from);
      buffer.flip();
      int count = buffer.remaining();
      buffer.get(image, from, count);
      from += count;
    }
    check(header, image, location, revision);
    return image;
  }

  private static void check(ByteBuffer header, byte[] image, long location, long revision)
      throws IOException {
    if (header.getInt(0) != MAGIC
        || header.getInt(4) != image.length
        || header.getLong(8) != revision) {
      throw new IOException(place(location) + " holds another image");
    }
    CRC32C crc = new CRC32C();
    crc.update(header.position(0).limit(CHECKSUM_AT));
    crc.update(image, 0, image.length);
    header.limit(HEADER_BYTES);
    if ((int) crc.getValue() != header.getInt(CHECKSUM_AT)) {
      throw new IOException(place(location) + " does not have its checksum: the file is damaged");
    }
  }

  private static String place(long location) {
    return "octet " + Location.offset(location) + " of " + PackFile.name(Location.pack(location));
  }

  private @Nullable PackFile pack(int number) {
    PackFile[] all = packs;
    int low = 0;
    int high = all.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int here = all[middle].number;
      if (here == number) {
        return all[middle];
      }
      if (here < number) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return null;
  }

  /** The packs there are now, with nothing counted in them yet. */
  Census census() throws IOException {
    lock.lock();
    try {
      PackFile[] all = packs;
      int count = 0;
      int[] numbers = new int[all.length];
      long[] sizes = new long[all.length];
      for (PackFile pack : all) {
        if (!pack.deleted) {
          numbers[count] = pack.number;
          sizes[count++] = pack == current ? end : pack.size();
        }
      }
      return new Census(Arrays.copyOf(numbers, count), Arrays.copyOf(sizes, count));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes over what is alive of the packs.
   *
   * @param saved true when the catalog that was counted is the one in the folder: then packs go of
   *     which two catalogs in a row named nothing. One alone is not enough, as an image may have
   *     been appended for a catalog that is yet to come. Whoever still has an older catalog reads
   *     on, for the file stays open until the next save.
   */
  void alive(Census census, boolean saved) throws IOException {
    lock.lock();
    try {
      List<PackFile> kept = new ArrayList<>();
      for (PackFile pack : packs) {
        if (pack.deleted) {
          if (saved) {
            pack.close();
          } else {
            kept.add(pack);
          }
          continue;
        }
        kept.add(pack);
        boolean unnamed = census.isEmpty(pack.number) && pack != current;
        if (unnamed && pack.dead && saved) {
          pack.delete();
          pack.deleted = true;
        } else {
          pack.dead = unnamed;
        }
      }
      packs = kept.toArray(new PackFile[0]);
    } finally {
      lock.unlock();
    }
  }

  /** Deletes all packs; what is appended from now on goes into new ones with new numbers. */
  void deleteAll() throws IOException {
    lock.lock();
    try {
      buffered = 0;
      current = null;
      end = 0;
      written = Location.of(nextNumber, 0);
      unwritten = new Unwritten(written, new byte[bufferBytes]);
      for (PackFile pack : packs) {
        pack.delete();
        pack.close();
      }
      packs = new PackFile[0];
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      try {
        writeBuffer();
      } finally {
        for (PackFile pack : packs) {
          pack.close();
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
