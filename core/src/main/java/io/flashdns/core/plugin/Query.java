package io.flashdns.core.plugin;

import io.flashdns.core.dns.NameKey;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Zone;
import org.jspecify.annotations.Nullable;

/**
 * A view of the message being answered. Implemented by the engine alone.
 *
 * <p>Owned by one worker and filled again for the next packet: nothing of it may be kept. Every
 * accessor is a field access; none allocates but {@code toString}. What belongs to the question is
 * valid from the {@link Router} phase on.
 */
public interface Query {
  /** The message as it came, from offset 0. To be read, not written. */
  byte[] message();

  /** Octets of the message. */
  int messageLength();

  /** The 16 flag bits of the header as they came. */
  int flags();

  /** The opcode (RFC 1035 §4.1.1): {@link io.flashdns.core.dns.Opcode}. */
  int opcode();

  /**
   * False for a message that cannot be read, which is answered with FORMERR unless a gate drops it:
   * then the name is the root, type and class are 0, and there is no EDNS.
   */
  boolean isWellFormed();

  /** The name asked for: folded, hashed, and with its label offsets. */
  NameKey name();

  /** The type asked for, 0 to 65,535. */
  int type();

  /** The class asked for. */
  int recordClass();

  /** True when the query has an OPT record (RFC 6891). */
  boolean hasEdns();

  /** True when the sender takes DNSSEC records (the DO bit, RFC 3225). */
  boolean dnssecOk();

  /**
   * The size of replies that the sender takes over UDP, as it says; 512 without EDNS (RFC 6891
   * §6.2.3).
   */
  int udpPayloadBytes();

  /** Offset in the message of the data of the first EDNS option with this code, or -1. */
  int optionOffset(int code);

  /** Octets of data of the option at an offset that {@link #optionOffset} gave. */
  int optionLength(int offset);

  /** How the query came. */
  Protocol protocol();

  /** The listener it came to: its index in the configuration. */
  int listener();

  /** Upper half of the source address as IPv6; zero for IPv4. */
  long sourceHi();

  /**
   * Lower half of the source address as IPv6; {@code 0xffff_aabb_ccdd} for an IPv4 address (RFC
   * 4291 §2.5.5.2).
   */
  long sourceLo();

  /** Source port. */
  int sourcePort();

  /** When the packet's batch was received, by {@link System#nanoTime}. */
  long receivedNanos();

  /** The same by the wall clock: seconds since 1970-01-01 UTC, exact to a second or so. */
  long epochSeconds();

  /**
   * True when the source address is known not to be forged: the query came over TCP, or a gate has
   * said so by {@link #proveSource}.
   */
  boolean isSourceProven();

  /** Says that the source address is not forged, as a valid cookie shows (RFC 7873 §5.2). */
  void proveSource();

  /**
   * The view that the zone is looked for in: 0 is the public one. What no zone of another view
   * holds is looked for in the public one too.
   */
  int view();

  /** Sets the view; of effect in the {@link Router} phase only. */
  void view(int view);

  /** The zones as they were when this query began; the same snapshot for the whole query. */
  Catalog catalog();

  /**
   * The zone that the name lies in; null before the {@link Answerer} phase, when no zone holds the
   * name, and when the class is not IN.
   */
  @Nullable Zone zone();
}
