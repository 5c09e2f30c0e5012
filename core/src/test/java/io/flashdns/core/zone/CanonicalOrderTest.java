package io.flashdns.core.zone;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RandomNames;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class CanonicalOrderTest {
  @Test
  @Tag("rfc4034")
  void sortAgreesWithTheOrderOfNames() {
    Random random = new Random(4);
    for (int round = 0; round < 500; round++) {
      DomainName apex = round % 3 == 0 ? DomainName.ROOT : DomainName.parse("example.");
      TreeSet<DomainName> wanted = new TreeSet<>();
      for (int i = 0; i < 1 + random.nextInt(80); i++) {
        wanted.add(RandomNames.below(random, apex).folded());
      }
      List<DomainName> given = new ArrayList<>(wanted);
      if (round % 2 == 0) {
        Collections.shuffle(given, random);
      }

      assertThat(sorted(apex, given)).containsExactlyElementsOf(wanted);
    }
  }

  @Test
  void namesThatDifferBehindTheKeyAreOrdered() {
    // The sort decides by seven symbols first: these agree in at least so many.
    List<DomainName> wanted =
        List.of(
            DomainName.parse("abcdefgh."),
            DomainName.parse("\\000.abcdefgh."),
            DomainName.parse("z.abcdefgh."),
            DomainName.parse("abcdefgh\\000."),
            DomainName.parse("abcdefghi."),
            DomainName.parse("a.b.c.d.e."),
            DomainName.parse("b.b.c.d.e."),
            DomainName.parse("abcdefg\\255."));
    List<DomainName> given = new ArrayList<>(wanted);
    Collections.sort(given);
    List<DomainName> reversed = new ArrayList<>(given);
    Collections.reverse(reversed);

    assertThat(sorted(DomainName.ROOT, reversed)).containsExactlyElementsOf(given);
  }

  private static List<DomainName> sorted(DomainName apex, List<DomainName> names) {
    RecordTable table = new RecordTable();
    NameKey key = new NameKey(ZoneText.HASH);
    int[] owners = new int[names.size()];
    for (int i = 0; i < owners.length; i++) {
      key.set(names.get(i).wire(), 0);
      owners[i] = table.findOrAdd(key, 0);
    }
    CanonicalOrder.sort(table, apex.labels(), owners);
    List<DomainName> sorted = new ArrayList<>();
    for (int owner : owners) {
      sorted.add(ZoneImageBuilder.nameOf(table, owner));
    }
    return sorted;
  }
}
