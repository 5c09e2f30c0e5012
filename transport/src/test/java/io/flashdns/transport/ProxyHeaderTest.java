package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProxyHeaderTest {
  private static final byte[] QUERY = Message.query(1);

  private final ProxyHeader header = new ProxyHeader();

  /** Reads what stands in the middle of other octets. */
  private int read(byte[] octets) {
    byte[] around = new byte[octets.length + 20];
    Arrays.fill(around, (byte) 0x0d);
    System.arraycopy(octets, 0, around, 10, octets.length);
    return header.read(around, 10, 10 + octets.length);
  }

  private static List<byte[]> good() {
    return List.of(
        Headers.of(Headers.STREAM, "192.0.2.1", 4711),
        Headers.of(Headers.DATAGRAM, "192.0.2.1", 4711),
        Headers.of(Headers.STREAM, "2001:db8::1", 4711),
        Headers.of(Headers.DATAGRAM, "2001:db8::1", 4711),
        Headers.of(Headers.DATAGRAM, "192.0.2.1", 4711, Headers.tlv(3), Headers.tlv(40)),
        Headers.longest(Headers.STREAM, "2001:db8::1", 4711),
        Headers.unspecified(),
        Headers.unspecified(Headers.tlv(7)),
        Headers.local(),
        Headers.local(0x11, new byte[12]),
        Headers.local(0x31, new byte[216]),
        Headers.local(0xff, new byte[ProxyHeader.MAX_REST_BYTES]));
  }

  @Test
  void sourceIsThatOfTheHeader() throws Exception {
    for (String client : List.of("192.0.2.1", "255.255.255.255", "2001:db8::ff", "::1")) {
      for (int transport : new int[] {Headers.STREAM, Headers.DATAGRAM}) {
        for (int port : new int[] {1, 53, 0x8000, 65_535}) {
          byte[] octets = Headers.of(transport, client, port);

          assertThat(read(octets)).isEqualTo(octets.length);
          assertThat(header.namesClient()).isTrue();
          assertThat(header.sourceHigh()).isEqualTo(Addresses.high(InetAddress.getByName(client)));
          assertThat(header.sourceLow()).isEqualTo(Addresses.low(InetAddress.getByName(client)));
          assertThat(header.sourcePort()).isEqualTo(port);
        }
      }
    }
  }

  @Test
  void ipv4AddressWrittenAsIpv6IsTheIpv4Address() throws Exception {
    assertThat(read(Headers.of(Headers.STREAM, "::ffff:192.0.2.1", 4711))).isEqualTo(52);

    assertThat(header.sourceHigh()).isZero();
    assertThat(header.sourceLow()).isEqualTo(Addresses.low(InetAddress.getByName("192.0.2.1")));
  }

  @Test
  void localAndUnspecifiedNameNobodyEvenAfterAHeaderThatDid() {
    for (byte[] nobody :
        List.of(
            Headers.local(),
            Headers.local(0x11, new byte[12]),
            Headers.unspecified(),
            Headers.unspecified(Headers.tlv(7)))) {
      read(Headers.of(Headers.STREAM, "192.0.2.1", 4711));
      assertThat(header.namesClient()).isTrue();

      assertThat(read(nobody)).isEqualTo(nobody.length);
      assertThat(header.namesClient()).isFalse();
    }
  }

  @Test
  void whatFollowsIsNotPartOfIt() {
    for (byte[] octets : good()) {
      assertThat(read(Headers.joined(octets, QUERY))).isEqualTo(octets.length);
    }
  }

  @Test
  void eachStartOfAHeaderIsIncomplete() {
    for (byte[] octets : good()) {
      for (int length = 0; length < octets.length; length++) {
        assertThat(read(Arrays.copyOf(octets, length))).isEqualTo(ProxyHeader.INCOMPLETE);
      }
    }
  }

  @Test
  void whatIsRefusedIsRefusedOnceItsFirstOctetsSaySo() {
    for (Map.Entry<String, byte[]> each : Headers.refused().entrySet()) {
      byte[] octets = each.getValue();
      assertThat(read(octets)).as(each.getKey()).isEqualTo(ProxyHeader.REFUSED);
      assertThat(read(Headers.joined(octets, QUERY)))
          .as(each.getKey())
          .isEqualTo(ProxyHeader.REFUSED);
      boolean refused = false;
      for (int length = 0; length < Math.min(octets.length, ProxyHeader.MAX_BYTES); length++) {
        int said = read(Arrays.copyOf(octets, length));
        assertThat(said).as(each.getKey()).isNotPositive();
        // No octet that comes later makes it good.
        assertThat(!refused || said == ProxyHeader.REFUSED).as(each.getKey()).isTrue();
        refused = said == ProxyHeader.REFUSED;
      }
    }
    assertThat(read(new byte[] {'P'})).isEqualTo(ProxyHeader.REFUSED);
    assertThat(read(QUERY)).isEqualTo(ProxyHeader.REFUSED);
  }

  @Test
  void eachChangedOctetOfTheFixedPartIsRefusedOrMeansWhatItSays() {
    byte[] octets = Headers.of(Headers.STREAM, "192.0.2.1", 4711);
    for (int at = 0; at < 14; at++) {
      for (int value = 0; value < 256; value++) {
        byte[] changed = octets.clone();
        changed[at] = (byte) value;
        int command = changed[12] & 0xff;
        int family = changed[13] & 0xff;
        boolean good =
            at == 12
                ? command == 0x20 || command == 0x21
                : at == 13
                    ? family == 0x00 || family == 0x11 || family == 0x12
                    : changed[at] == octets[at];
        int expected = good ? octets.length : ProxyHeader.REFUSED;
        assertThat(read(changed)).as("octet %d is %d", at, value).isEqualTo(expected);
      }
    }
  }

  @Test
  void longestHeaderFillsTheRoomForItExactly() {
    byte[] longest = Headers.longest(Headers.DATAGRAM, "2001:db8::1", 4711);

    assertThat(longest).hasSize(header.octets().length).hasSize(16 + 536);
    assertThat(read(longest)).isEqualTo(longest.length);
  }

  @Test
  void anyOctetsAreReadWithinTheirBounds() {
    Random random = new Random(7);
    List<byte[]> good = good();
    for (int round = 0; round < 200_000; round++) {
      byte[] octets = good.get(random.nextInt(good.size())).clone();
      for (int change = random.nextInt(4); change > 0; change--) {
        // Most of them where they matter.
        int at = random.nextInt(random.nextBoolean() ? 16 : octets.length);
        octets[at] = (byte) random.nextInt(256);
      }
      byte[] cut = Arrays.copyOf(octets, random.nextInt(octets.length + 1));

      // An array that ends where the octets do: reading on would throw.
      int length = header.read(cut, 0, cut.length);

      assertThat(length).isBetween(ProxyHeader.REFUSED, cut.length);
      assertThat(length <= 0 || length >= ProxyHeader.FIXED_BYTES).isTrue();
      if (length > 0 && header.namesClient()) {
        assertThat(header.sourcePort()).isBetween(1, 65_535);
      }
    }
  }
}
