package io.flashdns.management.store;

import io.flashdns.core.store.DocumentEvent;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.management.store.Rows.Request;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * What a group of change sets does, as it stands in the shared log, big-endian:
 *
 * <pre>
 * version 8 | form 8 (0 plain, 1 deflated) | CRC-32C of the body as it stands 32 | body length 32 | body
 * body    id 128 | standing before, standing after: 7 × 64 each | steps 32 | steps
 * step    millis 64 | has event 8 | event | journal entries 32, octets | has request 8 | request
 * event   revision 64 | millis 64 | who, where, request: text | forced 8
 *         zones 32, octets ({@link ZoneCodec}) | documents: octets ({@link Documents})
 * request who, id: text | revision 64 | millis 64 | zones, answer: octets
 * octets  length 32, octets; text the same in UTF-8
 * </pre>
 *
 * @param id no two groups have the same, so that who proposed one knows it again
 * @param before where every copy stands that makes it
 * @param becoming where every copy stands that has made it
 */
record LogGroup(UUID id, Standing before, Standing becoming, List<LogStep> steps) {
  private static final byte VERSION = 1;
  private static final int PLAIN_BYTES = 512;

  /** A group inflates to no more than this. */
  private static final int MAX_BODY_BYTES = 1 << 30;

  byte[] encode() {
    try {
      ByteArrayOutputStream plain = new ByteArrayOutputStream(1_024);
      DataOutputStream out = new DataOutputStream(plain);
      out.writeLong(id.getMostSignificantBits());
      out.writeLong(id.getLeastSignificantBits());
      write(out, before);
      write(out, becoming);
      out.writeInt(steps.size());
      for (LogStep step : steps) {
        write(out, step);
      }
      byte[] body = plain.toByteArray();
      int length = body.length;
      boolean deflated = length > PLAIN_BYTES;
      byte[] stored = deflated ? deflated(body) : body;
      CRC32C sum = new CRC32C();
      sum.update(stored);
      ByteArrayOutputStream whole = new ByteArrayOutputStream(stored.length + 10);
      DataOutputStream head = new DataOutputStream(whole);
      head.writeByte(VERSION);
      head.writeByte(deflated ? 1 : 0);
      head.writeInt((int) sum.getValue());
      head.writeInt(length);
      head.write(stored);
      return whole.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException("arrays of octets do not fail", e);
    }
  }

  private static byte[] deflated(byte[] body) throws IOException {
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 2);
    try (DeflaterOutputStream deflating = new DeflaterOutputStream(out, deflater)) {
      deflating.write(body);
    } finally {
      deflater.end();
    }
    return out.toByteArray();
  }

  private static void write(DataOutputStream out, LogStep step) throws IOException {
    out.writeLong(step.epochMillis());
    StoreEvent event = step.event();
    out.writeBoolean(event != null);
    if (event != null) {
      out.writeLong(event.revision());
      out.writeLong(event.epochMillis());
      write(out, event.who());
      write(out, event.where());
      write(out, event.requestId());
      out.writeBoolean(event.forced());
      out.writeInt(event.zones().size());
      for (ZoneEvent zone : event.zones()) {
        write(out, ZoneCodec.encode(zone));
      }
      write(out, Documents.encode(event.documents()));
    }
    out.writeInt(step.journal().size());
    for (Octets entry : step.journal()) {
      write(out, entry.array());
    }
    Request request = step.request();
    out.writeBoolean(request != null);
    if (request != null) {
      write(out, request.who());
      write(out, request.id());
      out.writeLong(request.revision());
      out.writeLong(request.at());
      write(out, request.zones());
      write(out, request.answer());
    }
  }

  private static void write(DataOutputStream out, Standing standing) throws IOException {
    out.writeLong(standing.revision());
    out.writeLong(standing.lastZone());
    out.writeLong(standing.zones());
    out.writeLong(standing.digest());
    out.writeLong(standing.documents());
    out.writeLong(standing.documentDigest());
    out.writeLong(standing.journalEntries());
  }

  private static Standing standing(DataInputStream in) throws IOException {
    return new Standing(
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong());
  }

  private static void write(DataOutputStream out, byte[]... parts) throws IOException {
    int length = 0;
    for (byte[] part : parts) {
      length = Math.addExact(length, part.length);
    }
    out.writeInt(length);
    for (byte[] part : parts) {
      out.write(part);
    }
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    write(out, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads one.
   *
   * @throws StoreException.Unavailable when a newer FlashDNS wrote it
   * @throws StoreException.Damaged when it is none
   */
  static LogGroup decode(byte[] octets) throws StoreException {
    try (DataInputStream head = new DataInputStream(new ByteArrayInputStream(octets))) {
      byte version = head.readByte();
      if (version != VERSION) {
        throw new StoreException.Unavailable(
            "a newer FlashDNS wrote into the shared store (its groups have version "
                + version
                + "): bring this node up to date");
      }
      byte form = head.readByte();
      if (form != 0 && form != 1) {
        throw new IOException("it has the unknown form " + form);
      }
      boolean deflated = form == 1;
      int expected = head.readInt();
      int length = head.readInt();
      byte[] stored = head.readAllBytes();
      CRC32C sum = new CRC32C();
      sum.update(stored);
      if ((int) sum.getValue() != expected || length < 0 || length > MAX_BODY_BYTES) {
        throw new IOException("its checksum does not fit");
      }
      byte[] body = deflated ? inflated(stored, length) : stored;
      if (body.length != length) {
        throw new IOException("its length does not fit");
      }
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(body));
      UUID id = new UUID(in.readLong(), in.readLong());
      Standing before = standing(in);
      Standing becoming = standing(in);
      int count = in.readInt();
      List<LogStep> steps = new ArrayList<>(Math.clamp(count, 0, 1_024));
      for (int i = 0; i < count; i++) {
        steps.add(step(in));
      }
      return new LogGroup(id, before, becoming, steps);
    } catch (IOException | IllegalArgumentException | DataFormatException e) {
      throw new StoreException.Damaged(
          "a group of the shared log cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static byte[] inflated(byte[] stored, int length) throws DataFormatException {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(stored);
      byte[] body = new byte[length];
      int filled = 0;
      while (filled < length && !inflater.finished()) {
        int read = inflater.inflate(body, filled, length - filled);
        if (read == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          break;
        }
        filled += read;
      }
      if (filled != length) {
        throw new DataFormatException("it ends in the middle");
      }
      return body;
    } finally {
      inflater.end();
    }
  }

  private static LogStep step(DataInputStream in) throws IOException {
    long millis = in.readLong();
    StoreEvent event = in.readBoolean() ? event(in) : null;
    int entries = in.readInt();
    List<Octets> journal = new ArrayList<>(Math.clamp(entries, 0, 1_024));
    for (int i = 0; i < entries; i++) {
      journal.add(Octets.of(octets(in)));
    }
    @Nullable Request request =
        in.readBoolean()
            ? new Request(text(in), text(in), in.readLong(), in.readLong(), octets(in), octets(in))
            : null;
    return new LogStep(event, journal, millis, request);
  }

  private static StoreEvent event(DataInputStream in) throws IOException {
    long revision = in.readLong();
    long millis = in.readLong();
    String who = text(in);
    String where = text(in);
    String request = text(in);
    boolean forced = in.readBoolean();
    int count = in.readInt();
    List<ZoneEvent> zones = new ArrayList<>(Math.clamp(count, 0, 1_024));
    for (int i = 0; i < count; i++) {
      zones.add(ZoneCodec.decodeEvent(octets(in)));
    }
    List<DocumentEvent> documents = Documents.decode(octets(in));
    return new StoreEvent(revision, millis, who, where, request, forced, zones, documents);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(octets(in), StandardCharsets.UTF_8);
  }

  private static byte[] octets(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException("a length of " + length + " octets is beyond the end");
    }
    byte[] read = new byte[length];
    in.readFully(read);
    return read;
  }
}
