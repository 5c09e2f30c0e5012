package io.flashdns.management.etcd;

import io.etcd.jetcd.ByteSequence;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import java.nio.charset.StandardCharsets;

/**
 * What a key of the log holds: a group, or where its parts are when it is larger than a value may
 * be. Parts are written before, under an identity of their own, and count from the moment that the
 * key of the log names them.
 */
sealed interface GroupValue {
  /** etcd takes requests of 1.5 MiB; so much of them may be one value. */
  int MAX_BYTES = 1 << 20;

  record Whole(Octets group) implements GroupValue {}

  record InParts(String id, int count) implements GroupValue {}

  /** Tells which it is: a group's own first octet is its version. */
  char PARTS = 'P';

  static ByteSequence of(InParts parts) {
    return SharedKeys.bytes(PARTS + parts.id() + " " + parts.count());
  }

  static GroupValue parse(ByteSequence value) throws StoreException {
    byte[] octets = value.getBytes();
    if (octets.length == 0 || octets[0] != PARTS) {
      return new Whole(Octets.of(octets));
    }
    String[] words = new String(octets, 1, octets.length - 1, StandardCharsets.UTF_8).split(" ");
    try {
      return new InParts(words[0], Integer.parseInt(words[1]));
    } catch (RuntimeException e) {
      throw new StoreException.Damaged("a group of the shared log cannot be read", e);
    }
  }
}
