package io.flashdns.management.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a group of change sets is as octets. */
final class LogGroupTest {
  /** Steps as a store makes them: zones of several sizes, documents, entries, requests. */
  private static LogGroup group() throws Exception {
    List<LogStep> steps = new ArrayList<>();
    try (EmbeddedStore store = EmbeddedStore.inMemory(TestZones.CONFIG)) {
      TestZones.created(store, "example.org.", 1_000);
      TestZones.created(store, "example.net.", 0);
      store.commit(
          ChangeSet.ofDecision(
              "somebody",
              (_, _, _) ->
                  new Effects(
                      List.of(
                          new DocumentEdit("a", Octets.of("1")),
                          new DocumentEdit("b", Octets.EMPTY)),
                      List.of(),
                      Octets.EMPTY)));
      try (Watch watch = store.watch(0)) {
        for (StoreEvent event : watch.next(Duration.ofSeconds(1))) {
          steps.add(new LogStep(event, List.of(), event.epochMillis(), null));
        }
      }
      steps.add(new LogStep(null, List.of(Octets.of("entry"), Octets.of("another")), 7, null));
      steps.add(
          new LogStep(
              null,
              List.of(),
              8,
              new Rows.Request("who", "id", 3, 9, new byte[] {1, 2}, new byte[] {3})));
      return new LogGroup(UUID.randomUUID(), Standing.EMPTY, store.standing(), steps);
    }
  }

  @Test
  void groupIsReadAsItWasWritten() throws Exception {
    LogGroup group = group();
    LogGroup read = LogGroup.decode(group.encode());
    assertThat(read.id()).isEqualTo(group.id());
    assertThat(read.before()).isEqualTo(group.before());
    assertThat(read.becoming()).isEqualTo(group.becoming());
    assertThat(read.steps()).hasSameSizeAs(group.steps());
    for (int i = 0; i < read.steps().size(); i++) {
      LogStep is = read.steps().get(i);
      LogStep was = group.steps().get(i);
      assertThat(is.event()).isEqualTo(was.event());
      assertThat(is.journal()).isEqualTo(was.journal());
      assertThat(is.epochMillis()).isEqualTo(was.epochMillis());
      assertThat(is.request()).usingRecursiveComparison().isEqualTo(was.request());
    }
  }

  @Test
  void anyOtherOctetIsNoticed() throws Exception {
    byte[] octets = group().encode();
    for (int at = 0; at < octets.length; at += at < 64 ? 1 : 97) {
      byte[] other = octets.clone();
      other[at] ^= (byte) (at == 1 ? 1 : 1 << at % 8);
      assertThatThrownBy(() -> LogGroup.decode(other))
          .as("octet %d", at)
          .isInstanceOf(StoreException.class);
    }
  }

  @Test
  void groupThatEndsEarlyIsNoticed() throws Exception {
    byte[] octets = group().encode();
    for (int length = 0; length < octets.length; length += length < 64 ? 1 : 97) {
      byte[] part = Arrays.copyOf(octets, length);
      assertThatThrownBy(() -> LogGroup.decode(part))
          .as("%d octets", length)
          .isInstanceOf(StoreException.Damaged.class);
    }
  }

  @Test
  void groupOfANewerVersionAsksForANewerNode() {
    assertThatThrownBy(() -> LogGroup.decode(new byte[] {2, 0, 0, 0}))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("bring this node up to date");
  }

  @Test
  void groupOfManyRecordsTakesLittle() throws Exception {
    byte[] octets = group().encode();
    // A thousand addresses with their names, before deflation some 30 octets each.
    assertThat(octets.length).isLessThan(20_000);
  }
}
