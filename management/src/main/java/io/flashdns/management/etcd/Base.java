package io.flashdns.management.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.Position;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The image of everything at one sequence number, from which a node begins that has nothing, or too
 * little: a backup of a copy, cut into parts, each deflated. It is written beside the last one and
 * takes its place by one key.
 */
final class Base {
  /** Groups that stay in the log behind an image, for nodes that are only a little behind. */
  static final long KEPT_GROUPS = 1_000;

  /** Parts of groups that nobody named in this time never will be. */
  private static final Duration ORPHAN_AGE = Duration.ofMinutes(10);

  private static final int PART_BYTES = 1 << 20;
  private static final int WRITES_AT_ONCE = 4;

  private final Etcd etcd;
  private final SharedKeys keys;

  Base(Etcd etcd, SharedKeys keys) {
    this.etcd = etcd;
    this.keys = keys;
  }

  /**
   * What the key {@code base} says.
   *
   * @param store identity of the shared store
   * @param sequence of the last group that the image contains
   * @param id where its parts are
   * @param parts their number
   * @param bytes of the image
   * @param sha256 of the image
   */
  record Pointer(String store, long sequence, String id, int parts, long bytes, String sha256) {
    ByteSequence value() {
      return SharedKeys.bytes(
          String.join(
              " ",
              "1",
              store,
              Long.toString(sequence),
              id,
              Integer.toString(parts),
              Long.toString(bytes),
              sha256));
    }

    static Pointer parse(ByteSequence value) throws StoreException {
      String[] words = value.toString(StandardCharsets.UTF_8).split(" ", -1);
      try {
        if (words[0].equals("1")) {
          return new Pointer(
              words[1],
              Long.parseLong(words[2]),
              words[3],
              Integer.parseInt(words[4]),
              Long.parseLong(words[5]),
              words[6]);
        }
      } catch (RuntimeException e) {
        throw new StoreException.Damaged("the key 'base' of the shared store cannot be read", e);
      }
      throw new StoreException.Unavailable(
          "a newer FlashDNS wrote the image in the shared store: bring this node up to date");
    }
  }

  /** The present image's place; null when there was no need of one yet. */
  @Nullable Pointer find() throws EtcdFault, StoreException, InterruptedException {
    List<KeyValue> found = etcd.get(keys.base(), GetOption.DEFAULT).getKvs();
    return found.isEmpty() ? null : Pointer.parse(found.getFirst().getValue());
  }

  /**
   * Reads an image into a file, which is a backup then.
   *
   * @param progress gets the octets that are there
   */
  void fetch(Pointer pointer, Path file, LongConsumer progress)
      throws EtcdFault, StoreException, IOException, InterruptedException {
    MessageDigest digest = sha256();
    Inflater inflater = new Inflater();
    byte[] part = new byte[PART_BYTES];
    long bytes = 0;
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < pointer.parts(); i++) {
        List<KeyValue> found = etcd.get(keys.basePart(pointer.id(), i), GetOption.DEFAULT).getKvs();
        if (found.isEmpty()) {
          throw new StoreException.Unavailable("the image in the shared store was replaced");
        }
        inflater.reset();
        inflater.setInput(found.getFirst().getValue().getBytes());
        int length = 0;
        while (!inflater.finished() && length < part.length) {
          int read = inflater.inflate(part, length, part.length - length);
          if (read == 0 && inflater.needsInput()) {
            break;
          }
          length += read;
        }
        digest.update(part, 0, length);
        out.write(part, 0, length);
        bytes += length;
        progress.accept(bytes);
      }
    } catch (DataFormatException e) {
      throw new StoreException.Damaged("the image in the shared store is damaged", e);
    } finally {
      inflater.end();
    }
    if (bytes != pointer.bytes()
        || !HexFormat.of().formatHex(digest.digest()).equals(pointer.sha256())) {
      throw new StoreException.Damaged(
          "the image in the shared store does not have the checksum that it was written with");
    }
  }

  /**
   * Writes the image of a copy and has it take the place of the last one; then takes out of the log
   * what it contains.
   *
   * @param storeFolder the copy's
   * @param aside a file that is not there, and is not there afterwards
   * @return the sequence number of the image
   */
  long publish(Path storeFolder, Path aside)
      throws EtcdFault, StoreException, IOException, InterruptedException {
    try {
      Files.deleteIfExists(aside);
      var _ = EmbeddedStore.backup(storeFolder, aside);
      return publish(aside);
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  /** The same of a backup of a copy. */
  long publish(Path backup) throws EtcdFault, StoreException, IOException, InterruptedException {
    Position position = EmbeddedStore.positionOf(backup);
    GetResponse present = etcd.get(keys.base(), GetOption.DEFAULT);
    Pointer before =
        present.getKvs().isEmpty() ? null : Pointer.parse(present.getKvs().getFirst().getValue());
    if (before != null && before.sequence() >= position.sequence()) {
      return before.sequence();
    }
    Pointer pointer = write(backup, position);
    Cmp unchanged =
        before == null
            ? new Cmp(keys.base(), Cmp.Op.EQUAL, CmpTarget.version(0))
            : new Cmp(keys.base(), Cmp.Op.EQUAL, CmpTarget.value(before.value()));
    boolean isMade =
        etcd.transact(
                List.of(unchanged),
                List.of(Op.put(keys.base(), pointer.value(), PutOption.DEFAULT)),
                List.of(),
                Etcd.CALL)
            .isSucceeded();
    if (isMade) {
      sweep(pointer);
      return pointer.sequence();
    }
    ByteSequence lost = keys.base(pointer.id());
    etcd.delete(lost, SharedKeys.end(lost));
    return before == null ? 0 : before.sequence();
  }

  /** Writes the parts of an image; nobody takes notice of them yet. */
  Pointer write(Path backup, Position position)
      throws EtcdFault, IOException, InterruptedException {
    String id = UUID.randomUUID().toString();
    MessageDigest digest = sha256();
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    Deque<CompletableFuture<?>> begun = new ArrayDeque<>();
    byte[] deflated = new byte[PART_BYTES + PART_BYTES / 64];
    int count = 0;
    long bytes = 0;
    try (InputStream in = Files.newInputStream(backup)) {
      for (byte[] part = in.readNBytes(PART_BYTES);
          part.length > 0;
          part = in.readNBytes(PART_BYTES)) {
        digest.update(part);
        bytes += part.length;
        deflater.reset();
        deflater.setInput(part);
        deflater.finish();
        int length = deflater.deflate(deflated);
        byte[] value = Arrays.copyOf(deflated, length);
        begun.add(etcd.putLater(keys.basePart(id, count), ByteSequence.from(value)));
        count++;
        if (begun.size() >= WRITES_AT_ONCE) {
          etcd.finish(begun.removeFirst());
        }
      }
      while (!begun.isEmpty()) {
        etcd.finish(begun.removeFirst());
      }
    } finally {
      deflater.end();
    }
    String sha256 = HexFormat.of().formatHex(digest.digest());
    return new Pointer(position.store(), position.sequence(), id, count, bytes, sha256);
  }

  /** Removes what the image contains, images before it, and parts that nobody named. */
  void sweep(Pointer pointer) throws EtcdFault, StoreException, InterruptedException {
    long oldest = pointer.sequence() - KEPT_GROUPS;
    if (oldest > 0) {
      List<String> named = named(keys.logs(), keys.log(oldest));
      etcd.delete(keys.logs(), keys.log(oldest));
      for (String id : named) {
        etcd.delete(keys.parts(id), SharedKeys.end(keys.parts(id)));
      }
    }
    ByteSequence images = keys.bases();
    ByteSequence present = keys.base(pointer.id());
    etcd.delete(images, present);
    etcd.delete(SharedKeys.end(present), SharedKeys.end(images));
    sweepOrphans();
  }

  private void sweepOrphans() throws EtcdFault, StoreException, InterruptedException {
    List<String> named = named(keys.logs(), SharedKeys.end(keys.logs()));
    long oldest = System.currentTimeMillis() - ORPHAN_AGE.toMillis();
    GetOption keysAlone =
        GetOption.builder().withRange(SharedKeys.end(keys.parts())).withKeysOnly(true).build();
    int before = keys.parts().size();
    for (KeyValue one : etcd.get(keys.parts(), keysAlone).getKvs()) {
      String id = one.getKey().toString(StandardCharsets.UTF_8).substring(before);
      id = id.substring(0, id.lastIndexOf('/'));
      long made = Long.parseLong(id.substring(0, id.indexOf('-')), 16);
      if (made < oldest && !named.contains(id)) {
        etcd.delete(keys.parts(id), SharedKeys.end(keys.parts(id)));
      }
    }
  }

  /** The ids of all parts that a range of the log names. */
  private List<String> named(ByteSequence from, ByteSequence to)
      throws EtcdFault, StoreException, InterruptedException {
    List<String> named = new ArrayList<>();
    ByteSequence next = from;
    while (true) {
      GetResponse page =
          etcd.get(
              next,
              GetOption.builder()
                  .withRange(to)
                  .withLimit(EtcdLog.GROUPS_A_READ)
                  .withSortField(GetOption.SortTarget.KEY)
                  .withSortOrder(GetOption.SortOrder.ASCEND)
                  .build());
      for (KeyValue one : page.getKvs()) {
        if (GroupValue.parse(one.getValue()) instanceof GroupValue.InParts(String id, int _)) {
          named.add(id);
        }
      }
      if (!page.isMore() || page.getKvs().isEmpty()) {
        return named;
      }
      byte[] last = page.getKvs().getLast().getKey().getBytes();
      next = ByteSequence.from(Arrays.copyOf(last, last.length + 1));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
