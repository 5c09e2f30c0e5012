package io.flashdns.core.zone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class OffsetTableTest {
  @Test
  void everyVersionStaysAsItWas() {
    Random random = new Random(11);
    OffsetTable table = OffsetTable.EMPTY;
    Map<Integer, Integer> wanted = new HashMap<>();
    List<OffsetTable> versions = new ArrayList<>();
    List<Map<Integer, Integer>> contents = new ArrayList<>();
    for (int edit = 1; edit <= 400; edit++) {
      OffsetTable.Edit next = table.edit(edit);
      for (int i = random.nextInt(100); i >= 0; i--) {
        int key = 1 + random.nextInt(20_000);
        int value = random.nextInt();
        next.put(key, value);
        wanted.put(key, value);
        assertThat(next.get(key, 7)).isEqualTo(value);
      }
      table = next.done();
      if (edit % 40 == 0) {
        versions.add(table);
        contents.add(Map.copyOf(wanted));
      }
    }
    for (int i = 0; i < versions.size(); i++) {
      for (int key = 1; key <= 20_000; key++) {
        assertThat(versions.get(i).get(key, -5))
            .isEqualTo(contents.get(i).getOrDefault(key, -5).intValue());
      }
      assertThat(Arrays.stream(versions.get(i).values()).sorted().toArray())
          .isEqualTo(contents.get(i).values().stream().mapToInt(v -> v).sorted().toArray());
    }
  }

  @Test
  void keyCanHaveSeveralValues() {
    OffsetTable.Edit edit = OffsetTable.EMPTY.edit(1);
    for (int value = 1; value <= 30; value++) {
      edit.add(0, value);
      edit.add(-1, 100 + value);
    }
    for (int i = 0; i < 5_000; i++) {
      edit.add(1_000 + i, 1);
    }
    OffsetTable table = edit.done();
    List<Integer> values = new ArrayList<>();
    for (int skip = 0; table.nth(0, skip) != 0; skip++) {
      values.add(table.nth(0, skip));
    }

    assertThat(values).hasSize(30).doesNotHaveDuplicates().allMatch(value -> value <= 30);
    assertThat(table.nth(-1, 29)).isGreaterThan(100);
    assertThat(table.nth(-1, 30)).isZero();
    assertThat(OffsetTable.EMPTY.nth(0, 0)).isZero();
  }
}
