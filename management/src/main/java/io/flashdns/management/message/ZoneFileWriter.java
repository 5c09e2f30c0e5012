package io.flashdns.management.message;

import com.google.protobuf.ByteString;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.zonefile.RdataText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Writes a zone as a file that every server takes (RFC 1035 §5): {@code $ORIGIN}, the SOA, then one
 * record a line in canonical order. Owners are relative to the origin, names in data absolute; data
 * of types that are young or have no text form is written as RFC 3597 says. One thread.
 */
public final class ZoneFileWriter {
  /** Octets of a part of the file; the last one is shorter. */
  public static final int CHUNK_BYTES = 256 << 10;

  /** DSYNC, HHIT, BRID, RESINFO, WALLET, CLA, IPN: not every server knows their text form. */
  private static final Set<Integer> YOUNG = Set.of(66, 67, 68, 261, 262, 263, 264);

  private final DomainName apex;
  private final Consumer<ByteString> chunks;
  private final byte[] buffer = new byte[CHUNK_BYTES];
  private int length;
  private final byte[] owner = new byte[Wire.MAX_NAME_BYTES];
  private int ownerLength;
  private String ownerText = "";

  /**
   * Begins a file.
   *
   * @param soa the SOA of the apex, which is passed over when it comes again
   * @param chunks takes the parts of the file
   */
  public ZoneFileWriter(DomainName apex, RRset soa, Consumer<ByteString> chunks) {
    this.apex = apex;
    this.chunks = chunks;
    write("$ORIGIN " + apex + "\n");
    byte[] name = apex.wire();
    byte[] data = soa.data().getFirst().octets();
    line(name, 0, name.length, RecordType.SOA, soa.ttl(), data);
  }

  /** Writes the next records. Signatures have the TTL of what they cover (RFC 4034 §3). */
  public void add(RRsetBlock block) {
    block.writeTo(
        (name, offset, octets, type, ttl, data, at, dataLength, _) -> {
          if (type != RecordType.SOA || octets != apex.length()) {
            line(name, offset, octets, type, ttl, Arrays.copyOfRange(data, at, at + dataLength));
          }
        });
  }

  /** Gives out the last part. */
  public void end() {
    flush();
  }

  private void line(byte[] name, int offset, int octets, int type, int ttl, byte[] data) {
    if (octets != ownerLength
        || !Arrays.equals(name, offset, offset + octets, owner, 0, ownerLength)) {
      System.arraycopy(name, offset, owner, 0, octets);
      ownerLength = octets;
      ownerText = relative();
    }
    String text = YOUNG.contains(type) ? RdataText.generic(data) : RdataText.print(type, data);
    String typeText = text.startsWith("\\#") ? "TYPE" + type : RecordType.text(type);
    write(ownerText + " " + ttl + " IN " + typeText + " " + text + "\n");
  }

  private String relative() {
    int below = ownerLength - apex.length();
    if (below == 0) {
      return "@";
    }
    byte[] relative = Arrays.copyOf(owner, below + 1);
    relative[below] = 0;
    String text = DomainName.ofWire(relative, 0).toString();
    return text.substring(0, text.length() - 1);
  }

  private void write(String text) {
    byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
    int from = 0;
    while (from < octets.length) {
      int part = Math.min(octets.length - from, buffer.length - length);
      System.arraycopy(octets, from, buffer, length, part);
      length += part;
      from += part;
      if (length == buffer.length) {
        flush();
      }
    }
  }

  private void flush() {
    if (length > 0) {
      chunks.accept(ByteString.copyFrom(buffer, 0, length));
      length = 0;
    }
  }
}
