package io.flashdns.management.etcd;

import io.etcd.jetcd.ByteSequence;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.store.Position;
import io.flashdns.management.store.Standing;
import java.nio.charset.StandardCharsets;

/**
 * The end of the shared log. Every group moves it, in the same transaction and only from where its
 * writer believed it to be: so no group can be lost, doubled, or decided against another state, and
 * a copy that differs can write nothing.
 *
 * @param store identity of the store, given when it was begun
 * @param sequence of the last group; 0 before the first
 * @param standing where every copy stands there, see {@link Standing#text}
 */
record Head(String store, long sequence, String standing) {
  private static final String VERSION = "1";

  static Head of(Position position, Standing standing) {
    return new Head(position.store(), position.sequence(), standing.text());
  }

  ByteSequence value() {
    return SharedKeys.bytes(String.join(" ", VERSION, store, Long.toString(sequence), standing));
  }

  static Head parse(ByteSequence value) throws StoreException {
    String[] words = value.toString(StandardCharsets.UTF_8).split(" ", -1);
    if (!words[0].equals(VERSION)) {
      throw new StoreException.Unavailable(
          "the key 'head' of the shared store says '"
              + words[0]
              + "' where this FlashDNS knows '1': bring this node up to date, or give another"
              + " prefix when the keys are not FlashDNS'");
    }
    try {
      return new Head(words[1], Long.parseLong(words[2]), words[3]);
    } catch (RuntimeException e) {
      throw new StoreException.Damaged(
          "the key 'head' of the shared store cannot be read: restore etcd from a backup", e);
    }
  }
}
