package io.flashdns.management.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import io.flashdns.proto.v1.ListProjectsRequest;
import io.flashdns.proto.v1.ListRecordsRequest;
import io.flashdns.proto.v1.ListZonesRequest;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages of lists and where they go on. */
class PageTokensTest {
  private static final byte[] POSITION = "www.example.org".getBytes(StandardCharsets.UTF_8);
  private static final ListZonesRequest REQUEST =
      ListZonesRequest.newBuilder().setFilter("name = \"a*\"").setPageSize(10).build();

  private Instant now = Instant.parse("2026-03-01T12:00:00Z");
  private final PageTokens tokens = new PageTokens(new byte[32], () -> now);

  private ListZonesRequest next(byte[] position) {
    return REQUEST.toBuilder().setPageToken(tokens.token(REQUEST, "ann", position)).build();
  }

  private void refused(ListZonesRequest request, String principal) {
    CallException refused =
        Told.by(() -> tokens.position(request, principal), Code.INVALID_ARGUMENT);
    assertThat(refused.status().getMessage()).startsWith("page_token: ");
  }

  @Test
  void aWalkBeginsWithoutAPositionAndGoesOnFromOne() {
    assertThat(tokens.position(REQUEST, "ann")).isNull();
    assertThat(tokens.position(next(POSITION), "ann")).isEqualTo(POSITION);
    assertThat(tokens.position(next(new byte[0]), "ann")).isEmpty();
    assertThat(tokens.position(next(new byte[PageTokens.MAX_POSITION_BYTES]), "ann"))
        .hasSize(PageTokens.MAX_POSITION_BYTES);
  }

  @Test
  void theSizeOfPagesMayChangeInBetween() {
    assertThat(tokens.position(next(POSITION).toBuilder().setPageSize(7).build(), "ann"))
        .isEqualTo(POSITION);
  }

  @Test
  void aTokenGoesWithItsRequestAndItsPrincipal() {
    refused(next(POSITION).toBuilder().setFilter("").build(), "ann");
    refused(next(POSITION).toBuilder().setOrderBy("name").build(), "ann");
    refused(next(POSITION), "bob");
    refused(next(POSITION), "");
    ListProjectsRequest other =
        ListProjectsRequest.newBuilder()
            .setPageToken(tokens.token(ListZonesRequest.getDefaultInstance(), "ann", POSITION))
            .build();
    Told.by(() -> tokens.position(other, "ann"), Code.INVALID_ARGUMENT);
    ListRecordsRequest records =
        ListRecordsRequest.newBuilder()
            .setZone(ZoneRef.newBuilder().setName(ZoneName.newBuilder().setApex("a.")))
            .build();
    ListRecordsRequest elsewhere =
        records.toBuilder()
            .setPageToken(tokens.token(records, "ann", POSITION))
            .setZone(ZoneRef.newBuilder().setName(ZoneName.newBuilder().setApex("b.")))
            .build();
    Told.by(() -> tokens.position(elsewhere, "ann"), Code.INVALID_ARGUMENT);
  }

  @Test
  void noOctetCanMoveBetweenPositionAndPrincipal() {
    String token = tokens.token(REQUEST, "ann", "ab".getBytes(StandardCharsets.UTF_8));
    byte[] octets = java.util.Base64.getUrlDecoder().decode(token);
    byte[] shorter = new byte[octets.length - 1];
    System.arraycopy(octets, 0, shorter, 0, octets.length - 17);
    System.arraycopy(octets, octets.length - 16, shorter, shorter.length - 16, 16);
    refused(
        REQUEST.toBuilder()
            .setPageToken(java.util.Base64.getUrlEncoder().encodeToString(shorter))
            .build(),
        "bann");
  }

  @Test
  void aTokenIsValidForADay() {
    ListZonesRequest next = next(POSITION);
    now = now.plus(Duration.ofHours(24).minusSeconds(1));
    assertThat(tokens.position(next, "ann")).isEqualTo(POSITION);
    now = now.plusSeconds(1);
    refused(next, "ann");
  }

  @Test
  void aTokenOfAnotherKeyIsRefused() {
    byte[] key = new byte[32];
    key[31] = 1;
    String token = new PageTokens(key, () -> now).token(REQUEST, "ann", POSITION);
    refused(REQUEST.toBuilder().setPageToken(token).build(), "ann");
  }

  @Test
  void aTokenThatWasTamperedWithIsRefused() {
    String token = next(POSITION).getPageToken();
    byte[] octets = java.util.Base64.getUrlDecoder().decode(token);
    for (int i = 0; i < octets.length; i++) {
      byte[] other = octets.clone();
      other[i] ^= 1;
      String text = java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(other);
      refused(REQUEST.toBuilder().setPageToken(text).build(), "ann");
    }
    Random random = new Random(1);
    for (int i = 0; i < 1_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = 1 + random.nextInt(200); n > 0; n--) {
        text.append((char) (random.nextInt(9) == 0 ? random.nextInt(0xd800) : '0' + n % 60));
      }
      refused(REQUEST.toBuilder().setPageToken(text.toString()).build(), "ann");
    }
    refused(REQUEST.toBuilder().setPageToken("A".repeat(100_000)).build(), "ann");
  }

  @ParameterizedTest
  @CsvSource({"0,100", "1,1", "1000,1000", "1001,1000", "2147483647,1000"})
  void aPageHasASize(int requested, int size) {
    assertThat(PageTokens.pageSize(requested)).isEqualTo(size);
  }

  @Test
  void aNegativeSizeIsRefused() {
    Told.by(() -> PageTokens.pageSize(-1), Code.INVALID_ARGUMENT);
  }

  @Test
  void aPageEndsAtItsNumberOrAtAMebibyte() {
    Page<Record> few = new Page<>(2);
    assertThat(few.add(Record.getDefaultInstance())).isTrue();
    assertThat(few.isFull()).isFalse();
    assertThat(few.add(Record.getDefaultInstance())).isTrue();
    assertThat(few.isFull()).isTrue();
    assertThat(few.add(Record.getDefaultInstance())).isFalse();
    assertThat(few.entries()).hasSize(2);

    Page<Record> large = new Page<>(100);
    Record half = Record.newBuilder().setComment("x".repeat((1 << 19) - 20)).build();
    assertThat(large.add(half)).isTrue();
    assertThat(large.add(half)).isTrue();
    assertThat(large.add(half)).isFalse();
    assertThat(large.isFull()).isTrue();
    assertThat(large.add(Record.getDefaultInstance())).isFalse();

    Page<Record> oversize = new Page<>(100);
    assertThat(oversize.add(Record.newBuilder().setComment("x".repeat(2 << 20)).build())).isTrue();
    assertThat(oversize.add(half)).isFalse();
  }
}
