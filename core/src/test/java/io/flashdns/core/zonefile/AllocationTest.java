package io.flashdns.core.zonefile;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory does not grow with the file: records of the common types are read without garbage. */
class AllocationTest {
  private static final int ROUNDS = 1_000;

  /** The block, the largest record data, the tables of an entry, what opening a file takes. */
  private static final long MAX_ALLOCATED_BYTES = 512 * 1024;

  @TempDir Path folder;

  private long records;

  @Test
  void commonTypesAreReadWithoutGarbage() {
    String text =
        """
        host IN A 192.0.2.1
         AAAA 2001:db8::1
         60 NS ns.example.net.
        alias CNAME Host
         PTR host.example.org.
         DNAME d
        mail MX 10 mail
         TXT "v=spf1 -all" plain \\"escaped\\032text
         SPF x
         SRV 1 2 3 target
         CAA 0 issue "ca.example.net"
        soa SOA a b ( 1 1h 2 ; comment
          3 4 )
         DS 1 8 2 E2D3C916F6DEEAC73294E8268FB5885044A833FC5459588F4A9184CFC41A5766
         DNSKEY 257 3 8 AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3
         RRSIG A 8 2 3600 20380119031408 20260101000000 1 example.com. AQID
         NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr
         HINFO a b
         NAPTR 1 2 "a" "b" "" .
         NSEC a A NS SOA MX TXT AAAA RRSIG NSEC DNSKEY CAA TYPE65534
         TLSA 3 1 1 92003BA34942DC74152E2F2C408D29ECA5A520E7F2E06BB944F4DCA346BAF63C
        """;
    Path file = ReadZone.write(folder, ReadZone.FILE_NAME, "$TTL 1h\n" + text.repeat(ROUNDS));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    // The first rounds run before the compiler has done away with what it can.
    for (int round = 0; round < 5; round++) {
      records = 0;
      long before = threads.getCurrentThreadAllocatedBytes();
      ProblemLog log = new ProblemLog(10);
      new MasterFileReader(
              (owner, ownerAt, ownerLength, type, ttl, rdata, rdataAt, rdataLength, position) ->
                  records++,
              log,
              ZoneFileLimits.defaults())
          .read(file);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      assertThat(log.report()).isEmpty();
    }
    assertThat(records)
        .isEqualTo(ROUNDS * text.lines().filter(line -> !line.startsWith("  ")).count());
    assertThat(least).isLessThan(MAX_ALLOCATED_BYTES);
  }
}
