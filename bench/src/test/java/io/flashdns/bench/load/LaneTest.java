package io.flashdns.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LaneTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 32, 5_000, Pace.MAX_WINDOW})
  void thereIsRoomForAWindowWithDifferentIds(int window) {
    Lane lane = new Lane(window, 0x1234);
    Set<Integer> ids = new HashSet<>();
    for (int i = 0; i < window; i++) {
      assertThat(lane.room()).isEqualTo(window - i);
      ids.add(lane.id(lane.take(i, 0, 1, 1)));
    }

    assertThat(lane.room()).isZero();
    assertThat(ids).hasSize(window).allSatisfy(id -> assertThat(id).isBetween(0, 0xffff));
  }

  @Test
  void aReplyFindsItsQueryOnce() {
    Lane lane = new Lane(4, 7);
    int slot = lane.take(42, 99, 5, 6);
    int id = lane.id(slot);

    assertThat(lane.match(id)).isEqualTo(slot);
    assertThat(lane.query(slot)).isEqualTo(42);
    assertThat(lane.number(slot)).isEqualTo(99);
    assertThat(lane.plannedNanos(slot)).isEqualTo(5);
    lane.answered(slot);
    assertThat(lane.match(id)).isEqualTo(Lane.DUPLICATE);
    assertThat(lane.outstanding()).isZero();
  }

  @Test
  void whatWasGivenUpIsLate() {
    Lane lane = new Lane(4, 0);
    int slot = lane.take(0, 0, 10, 10);
    lane.take(0, 0, 20, 20);

    assertThat(lane.sentBefore(0, 10)).isEqualTo(-1);
    assertThat(lane.sentBefore(0, 11)).isEqualTo(slot);
    lane.givenUp(slot);
    assertThat(lane.match(lane.id(slot))).isEqualTo(Lane.LATE);
    assertThat(lane.outstanding()).isEqualTo(1);
  }

  @Test
  void anIdOfAnotherUseOfTheSlotIsAStray() {
    Lane lane = new Lane(2, 0);
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      int slot = lane.take(i, 0, 1, 1);
      ids.add(lane.id(slot));
      lane.answered(slot);
    }

    assertThat(lane.match(ids.getFirst())).isEqualTo(Lane.STRAY);
    assertThat(lane.match(ids.getLast())).isEqualTo(Lane.DUPLICATE);
    assertThat(new HashSet<>(ids)).hasSize(1_000);
  }

  @Test
  void whatWasNotSentIsAsIfItHadNotBeen() {
    Lane lane = new Lane(4, 0);
    lane.take(1, 0, 1, 1);
    int slot = lane.take(2, 0, 1, 1);
    int id = lane.id(slot);
    lane.undo();

    assertThat(lane.match(id)).isEqualTo(Lane.STRAY);
    assertThat(lane.room()).isEqualTo(3);
    assertThat(lane.take(3, 0, 1, 1)).isEqualTo(slot);
  }
}
