package io.flashdns.management.etcd;

import io.etcd.jetcd.ByteSequence;
import java.nio.charset.StandardCharsets;

/**
 * The keys of a shared store, below its prefix. Numbers are written in hexadecimal digits of a
 * fixed count, so that their order is that of the keys.
 *
 * <pre>
 * head             {@link Head}: identity, sequence number and standing at the end of the log
 * log/SEQUENCE     a group of change sets, or where its parts are ({@link GroupValue})
 * parts/ID/NUMBER  a group that is larger than one value may be
 * base             {@link Base.Pointer}: an image of all that there was at one sequence number
 * base/ID/NUMBER   its parts
 * nodes/NAME       what a living node serves, under a lease ({@link NodeValue})
 * seen/NAME        what a node said a minute or less before it ended
 * secrets/KIND     what all nodes know and nobody else ({@link SharedSecrets})
 * turn/CHORE       which node does a chore, under a lease
 * </pre>
 */
record SharedKeys(String prefix) {
  ByteSequence head() {
    return key("head");
  }

  ByteSequence logs() {
    return key("log/");
  }

  ByteSequence log(long sequence) {
    return key("log/%016x".formatted(sequence));
  }

  /** The sequence number of a key of the log. */
  long sequence(ByteSequence key) {
    String text = key.toString(StandardCharsets.UTF_8);
    return Long.parseUnsignedLong(text.substring(prefix.length() + "log/".length()), 16);
  }

  ByteSequence parts() {
    return key("parts/");
  }

  ByteSequence parts(String id) {
    return key("parts/" + id + "/");
  }

  ByteSequence part(String id, int number) {
    return key("parts/%s/%08x".formatted(id, number));
  }

  ByteSequence base() {
    return key("base");
  }

  ByteSequence bases() {
    return key("base/");
  }

  ByteSequence base(String id) {
    return key("base/" + id + "/");
  }

  ByteSequence basePart(String id, int number) {
    return key("base/%s/%08x".formatted(id, number));
  }

  ByteSequence nodes() {
    return key("nodes/");
  }

  ByteSequence node(String name) {
    return key("nodes/" + name);
  }

  /** The name of the node of a key below {@link #nodes} or {@link #seen}. */
  String name(ByteSequence key) {
    String text = key.toString(StandardCharsets.UTF_8);
    return text.substring(text.indexOf('/', prefix.length()) + 1);
  }

  ByteSequence seen() {
    return key("seen/");
  }

  ByteSequence seen(String name) {
    return key("seen/" + name);
  }

  ByteSequence secrets(String kind) {
    return key("secrets/" + kind);
  }

  ByteSequence turn(String chore) {
    return key("turn/" + chore);
  }

  /** The first key behind all that begin so. */
  static ByteSequence end(ByteSequence beginning) {
    byte[] octets = beginning.getBytes();
    octets[octets.length - 1]++;
    return ByteSequence.from(octets);
  }

  private ByteSequence key(String name) {
    return bytes(prefix + name);
  }

  static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }
}
