package io.flashdns.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void threadsTakeQueriesAndMomentsInTurn() {
    List<Integer> queries = new ArrayList<>();
    List<Long> moments = new ArrayList<>();
    for (int thread = 0; thread < 2; thread++) {
      Schedule schedule = new Schedule(3, thread, 2, Pace.open(10), 1_000, Long.MAX_VALUE, 1);
      for (int i = 0; i < 3; i++) {
        queries.add(schedule.query());
        moments.add(schedule.plannedNanos(77) - 1_000);
        schedule.next();
      }
    }

    assertThat(queries).containsExactly(0, 2, 1, 1, 0, 2);
    assertThat(moments)
        .containsExactly(0L, SECOND / 5, 2 * SECOND / 5, SECOND / 10, 3 * SECOND / 10, SECOND / 2);
  }

  @Test
  void theTimetableWaitsForNobody() {
    Schedule schedule = new Schedule(1, 0, 1, Pace.open(1_000), 0, Long.MAX_VALUE, 1);

    assertThat(schedule.due(-1)).isZero();
    assertThat(schedule.due(SECOND - 1)).isEqualTo(1_000);
    schedule.next();
    assertThat(schedule.due(SECOND - 1)).isEqualTo(999);
    schedule.undo();
    assertThat(schedule.due(SECOND - 1)).isEqualTo(1_000);
  }

  @Test
  void noMoreIsDueThanWasAskedFor() {
    Schedule open = new Schedule(1, 0, 1, Pace.open(1_000), 0, 2, 1);
    Schedule closed = new Schedule(1, 0, 1, Pace.closed(1), 0, 2, 1);

    for (Schedule schedule : List.of(open, closed)) {
      assertThat(schedule.due(SECOND)).isEqualTo(2);
      schedule.next();
      schedule.next();
      assertThat(schedule.due(SECOND)).isZero();
      assertThat(schedule.isDone()).isTrue();
    }
  }

  @Test
  void newNamesDiffer() {
    Schedule one = new Schedule(1, 0, 2, Pace.closed(1), 0, Long.MAX_VALUE, 1);
    Schedule other = new Schedule(1, 1, 2, Pace.closed(1), 0, Long.MAX_VALUE, 1);
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      numbers.add(one.number() & 0xffff_ffff_ffffL);
      numbers.add(other.number() & 0xffff_ffff_ffffL);
      one.next();
      other.next();
    }

    assertThat(numbers).doesNotHaveDuplicates();
  }
}
