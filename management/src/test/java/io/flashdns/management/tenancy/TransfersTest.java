package io.flashdns.management.tenancy;

import static io.flashdns.management.message.RefusedCalls.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.message.CallException;
import io.flashdns.proto.v1.ZoneTransfer;
import io.flashdns.proto.v1.ZoneTransferState;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TransfersTest {
  private static final Rights GIVER = TenantRig.rights("giver/web");
  private static final Rights TAKER = TenantRig.rights("taker/web");

  private TenantRig rig;
  private Instant now = Instant.now();

  @BeforeEach
  void open() throws Exception {
    rig = new TenantRig(TenancyConfig.defaults());
    rig.project("giver/web");
    rig.project("taker/web");
    rig.project("third/web");
    rig.create("giver/web", "example.org.");
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private Transfers.Offer offer(@Nullable ZoneOwner target) throws Exception {
    Transfers.Offer offer;
    try (StoreSnapshot snapshot = rig.store.snapshot()) {
      offer = Transfers.offer(snapshot, rig.zone("example.org."), target, Transfers.LIFETIME, now);
    }
    rig.write(offer.edits());
    return offer;
  }

  private Transfers.Taking taking(Transfers.Offer offer, String key, Rights rights)
      throws Exception {
    try (StoreSnapshot snapshot = rig.store.snapshot()) {
      return Transfers.taking(snapshot, offer.transfer().getId(), key, null, rights, now);
    }
  }

  @Test
  void zoneIsTakenWithTheKeyOnce() throws Exception {
    Transfers.Offer offer = offer(null);
    Transfers.Taking taking = taking(offer, offer.key(), TAKER);
    assertThat(taking.target()).isEqualTo(TenantRig.owner("taker/web"));
    rig.give("example.org.", "taker/web");
    rig.write(Transfers.taken(taking).edits());

    assertThat(stateOf(offer)).isEqualTo(ZoneTransferState.ZONE_TRANSFER_STATE_ACCEPTED);
    refused(() -> taking(offer, offer.key(), TAKER), Code.NOT_FOUND);
    CallException ended = refused(() -> cancel(offer, TAKER), Code.FAILED_PRECONDITION);
    assertThat(ended).hasMessageContaining("accepted or has expired");
  }

  private ZoneTransferState stateOf(Transfers.Offer offer) throws Exception {
    try (StoreSnapshot snapshot = rig.store.snapshot()) {
      ZoneTransfer transfer =
          Documents.read(snapshot, Keys.transfer(offer.transfer().getId()), ZoneTransfer.parser());
      assertThat(transfer).isNotNull();
      return Transfers.state(snapshot, transfer, now);
    }
  }

  private Transfers.Ended cancel(Transfers.Offer offer, Rights rights) throws Exception {
    try (StoreSnapshot snapshot = rig.store.snapshot()) {
      return Transfers.cancel(snapshot, offer.transfer().getId(), rights, now);
    }
  }

  @Test
  void whateverIsWrongWithAnOfferIsToldAlike() throws Exception {
    Transfers.Offer other = offer(TenantRig.owner("third/web"));
    String id = other.transfer().getId();
    CallException otherTarget = refused(() -> taking(other, other.key(), TAKER), Code.NOT_FOUND);
    CallException wrongKey =
        refused(() -> taking(other, "x", TenantRig.rights("third/web")), Code.NOT_FOUND);
    now = now.plus(Duration.ofDays(8));
    CallException expired =
        refused(() -> taking(other, other.key(), TenantRig.rights("third/web")), Code.NOT_FOUND);

    assertThat(otherTarget.status()).isEqualTo(wrongKey.status());
    assertThat(otherTarget.status()).isEqualTo(expired.status());
    assertThat(otherTarget.status()).isEqualTo(CallException.notFound("transfer", id).status());
    assertThat(stateOf(other)).isEqualTo(ZoneTransferState.ZONE_TRANSFER_STATE_EXPIRED);
  }

  @Test
  void secondOfferTakesThePlaceOfTheFirst() throws Exception {
    Transfers.Offer first = offer(null);
    Transfers.Offer second = offer(null);

    assertThat(stateOf(first)).isEqualTo(ZoneTransferState.ZONE_TRANSFER_STATE_CANCELLED);
    refused(() -> taking(first, first.key(), TAKER), Code.NOT_FOUND);
    assertThat(taking(second, second.key(), TAKER).zone().id())
        .isEqualTo(rig.zone("example.org.").id());
  }

  @Test
  void bothSidesMayCallAnOfferOffAndNobodyElse() throws Exception {
    Transfers.Offer offer = offer(TenantRig.owner("taker/web"));

    refused(() -> cancel(offer, TenantRig.rights("third/web")), Code.NOT_FOUND);
    assertThat(cancel(offer, TAKER).edits()).isNotEmpty();
    rig.write(cancel(offer, GIVER).edits());
    assertThat(stateOf(offer)).isEqualTo(ZoneTransferState.ZONE_TRANSFER_STATE_CANCELLED);
    assertThat(cancel(offer, GIVER).edits()).isEmpty();
  }

  @Test
  void offerOfAZoneThatWasDeletedHasExpired() throws Exception {
    Transfers.Offer offer = offer(null);
    rig.delete("giver/web", "example.org.");

    assertThat(stateOf(offer)).isEqualTo(ZoneTransferState.ZONE_TRANSFER_STATE_EXPIRED);
    refused(() -> taking(offer, offer.key(), TAKER), Code.NOT_FOUND);
  }

  @Test
  void takerDoesNotSeeWhereAZoneComesFrom() throws Exception {
    Transfers.Offer offer = offer(TenantRig.owner("taker/web"));
    try (StoreSnapshot snapshot = rig.store.snapshot()) {
      assertThat(Transfers.shown(snapshot, offer.transfer(), TAKER, now).hasSource()).isFalse();
      assertThat(Transfers.shown(snapshot, offer.transfer(), GIVER, now).hasSource()).isTrue();
      assertThat(Transfers.isVisible(snapshot, offer.transfer(), TAKER)).isTrue();
      assertThat(Transfers.isVisible(snapshot, offer.transfer(), TenantRig.rights("third/web")))
          .isFalse();
    }
  }

  @Test
  void keyIsNotStored() throws Exception {
    Transfers.Offer offer = offer(null);
    try (StoreSnapshot snapshot = rig.store.snapshot()) {
      for (var document : snapshot.documents("", "", 1_000)) {
        assertThat(document.value().text()).doesNotContain(offer.key());
      }
    }
  }
}
