package io.flashdns.management.campaign;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file system in a file, mounted: what the file holds is what a disk would hold if the power went
 * now. It writes nothing back by itself for five minutes, so that only what was synced gets there.
 * Needs root.
 */
final class LoopImage implements AutoCloseable {
  private static final Path WRITEBACK = Path.of("/proc/sys/vm/dirty_writeback_centisecs");

  private final Path image;
  private final Path mountPoint;

  private LoopImage(Path image, Path mountPoint) {
    this.image = image;
    this.mountPoint = mountPoint;
  }

  /** Makes an empty file system and mounts it. */
  static LoopImage make(Path folder, String name, int mebibytes) throws IOException {
    Path image = folder.resolve(name + ".img");
    Files.deleteIfExists(image);
    Campaign.must("truncate", "-s", mebibytes + "M", image.toString());
    Campaign.must("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
    return mount(image, folder.resolve(name));
  }

  /** Mounts what a disk held when the power went: the file system replays its journal. */
  static LoopImage mount(Path image, Path mountPoint) throws IOException {
    Files.createDirectories(mountPoint);
    Campaign.must("mount", "-o", "loop,commit=300", image.toString(), mountPoint.toString());
    return new LoopImage(image, mountPoint);
  }

  /** Where it is mounted. */
  Path path() {
    return mountPoint;
  }

  /** Copies the disk as it is now, mounted or not. */
  Path cut(Path to) throws IOException {
    Files.deleteIfExists(to);
    Campaign.must("cp", "--sparse=always", image.toString(), to.toString());
    return to;
  }

  /** Stops the kernel from writing back by itself; returns what is to be put back. */
  static String stopWriteback() throws IOException {
    String before;
    try (InputStream in = Files.newInputStream(WRITEBACK)) {
      // In one read: the second would find nothing, whatever the first has left.
      before = new String(in.readNBytes(64), StandardCharsets.US_ASCII).strip();
    }
    Files.writeString(WRITEBACK, "0");
    return before;
  }

  /** Puts back what {@link #stopWriteback} gave. */
  static void startWriteback(String before) throws IOException {
    Files.writeString(WRITEBACK, before);
  }

  /** Unmounts it and deletes the file. */
  @Override
  public void close() throws IOException {
    String said = Campaign.run("umount", mountPoint.toString());
    if (!said.isEmpty()) {
      Campaign.must("umount", "-l", mountPoint.toString());
    }
    Files.deleteIfExists(image);
  }
}
