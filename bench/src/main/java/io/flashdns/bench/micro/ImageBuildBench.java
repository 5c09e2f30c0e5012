package io.flashdns.bench.micro;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.RecordSink;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneImageBuilder;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Building the image of a zone from records in memory. Beside zones a second it counts {@code
 * records} and {@code imageBytes} a second: their quotient is the octets that a record takes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class ImageBuildBench {
  /** What was built. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Built {
    /** Records in the zones that were built. */
    public long records;

    /** Octets of their images. */
    public long imageBytes;
  }

  private static final DomainName APEX = BenchZone.apex(0);

  /** Names of the zone. */
  @Param({"20", "1000000"})
  public int names = 20;

  /** Whether it is signed: three times the records. */
  @Param({"false", "true"})
  public boolean signed;

  private Records records = new Records();

  /** Makes the records, and builds a zone of the other kind. */
  @Setup
  public void make() {
    records = new Records();
    BenchZone.write(records, APEX, names, signed);
    for (int i = 0; i < 200; i++) {
      BenchZone.build(BenchServer.HASH, APEX, 40, !signed);
    }
  }

  /** Builds the zone once. */
  @Benchmark
  public Zone build(Built built) {
    ZoneImageBuilder builder = new ZoneImageBuilder(BenchServer.HASH);
    records.replay(builder);
    Zone zone = BenchZone.image(builder);
    built.records += zone.recordCount();
    built.imageBytes += zone.imageBytes();
    return zone;
  }

  /** Records one behind the other: owner length 8, type 16, data length 16, owner, data. */
  private static final class Records implements RecordSink {
    private byte[] octets = new byte[1 << 16];
    private int used;

    @Override
    public void add(
        byte[] owner,
        int ownerOffset,
        int ownerLength,
        int type,
        int ttl,
        byte[] rdata,
        int rdataOffset,
        int rdataLength,
        long position) {
      int length = 5 + ownerLength + rdataLength;
      if (used + length > octets.length) {
        octets =
            Arrays.copyOf(octets, Math.max(octets.length + (octets.length >> 1), used + length));
      }
      octets[used] = (byte) ownerLength;
      Wire.put16(octets, used + 1, type);
      Wire.put16(octets, used + 3, rdataLength);
      System.arraycopy(owner, ownerOffset, octets, used + 5, ownerLength);
      System.arraycopy(rdata, rdataOffset, octets, used + 5 + ownerLength, rdataLength);
      used += length;
    }

    void replay(RecordSink sink) {
      int at = 0;
      while (at < used) {
        int ownerLength = Wire.u8(octets, at);
        int type = Wire.u16(octets, at + 1);
        int length = Wire.u16(octets, at + 3);
        int data = at + 5 + ownerLength;
        sink.add(octets, at + 5, ownerLength, type, BenchZone.TTL, octets, data, length, at);
        at = data + length;
      }
    }
  }
}
