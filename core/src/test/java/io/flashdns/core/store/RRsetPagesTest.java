package io.flashdns.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RRsetPagesTest {
  private record Key(DomainName owner, int type) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int owners = owner.compareTo(other.owner);
      return owners != 0 ? owners : Integer.compare(type, other.type);
    }
  }

  private static TreeMap<Key, StoredRRset> model(RRsetBlock block) {
    TreeMap<Key, StoredRRset> model = new TreeMap<>();
    for (StoredRRset rrset : block.rrsets()) {
      model.put(new Key(rrset.rrset().owner(), rrset.rrset().type()), rrset);
    }
    return model;
  }

  private static RRsetBlock some(RandomRecords random) {
    List<RRset> rrsets = new ArrayList<>(random.zone(12));
    rrsets.removeIf(_ -> random.next(3) == 0);
    return RandomRecords.block(rrsets).stamped(1 + random.next(99));
  }

  @Test
  void mergingIsRemovingThenAdding() {
    for (int seed = 0; seed < 3_000; seed++) {
      RandomRecords random = new RandomRecords(seed);
      RRsetBlock block = some(random);
      RRsetBlock going = some(random);
      RRsetBlock coming = some(random);
      TreeMap<Key, StoredRRset> expected = model(block);
      model(going).keySet().forEach(expected::remove);
      expected.putAll(model(coming));
      RRsetBlock merged = RRsetPages.merged(block, going, coming);
      assertThat(merged.rrsets()).isEqualTo(List.copyOf(expected.values()));
      assertThat(merged.rrsetCount()).isEqualTo(expected.size());
    }
  }

  @Test
  void pagesJoinedAreTheBlock() {
    for (int seed = 0; seed < 500; seed++) {
      RRsetBlock block = some(new RandomRecords(seed));
      List<RRsetBlock> pages = RRsetPages.split(block, 60 + seed % 200);
      assertThat(RRsetPages.joined(RandomRecords.APEX, pages).rrsets()).isEqualTo(block.rrsets());
      for (int i = 1; i < pages.size(); i++) {
        assertThat(pages.get(i).rrsets().getFirst().rrset().owner())
            .isNotEqualTo(pages.get(i - 1).rrsets().getLast().rrset().owner());
      }
    }
  }

  @Test
  void slicesAreWhatLiesBelowTheKey() {
    for (int seed = 0; seed < 1_000; seed++) {
      RandomRecords random = new RandomRecords(seed);
      RRsetBlock block = some(random);
      RRsetPages.Slicer slicer = new RRsetPages.Slicer(block);
      List<byte[]> keys = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        keys.add(OwnerKey.of(random.owner(), RandomRecords.APEX));
      }
      keys.sort(Arrays::compareUnsigned);
      List<StoredRRset> taken = new ArrayList<>();
      for (byte[] key : keys) {
        for (StoredRRset rrset : slicer.below(key).rrsets()) {
          assertThat(
                  Arrays.compareUnsigned(
                      OwnerKey.of(rrset.rrset().owner(), RandomRecords.APEX), key))
              .isNegative();
          taken.add(rrset);
        }
        byte[] next = slicer.nextKey();
        assertThat(next == null || Arrays.compareUnsigned(next, key) >= 0).isTrue();
      }
      taken.addAll(slicer.below(null).rrsets());
      assertThat(taken).isEqualTo(block.rrsets());
      assertThat(slicer.nextKey()).isNull();
    }
  }

  @Test
  void differencesInARowAreOneDifference() {
    for (int seed = 0; seed < 1_000; seed++) {
      RandomRecords random = new RandomRecords(seed);
      RRsetBlock first = some(random);
      RRsetBlock state = first;
      List<ContentDelta> deltas = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        RRsetBlock next = some(random);
        ContentDelta delta = new ContentDelta(state, next).reduced();
        deltas.add(delta);
        state = next;
      }
      ContentDelta all = ContentDelta.all(RandomRecords.APEX, deltas);
      // Reduced: RRsets that did not change kept the revision that they had.
      assertThat(said(RRsetPages.merged(first, all.before(), all.after()))).isEqualTo(said(state));
      assertThat(said(RRsetPages.merged(state, all.after(), all.before()))).isEqualTo(said(first));
    }
  }

  private static List<RRset> said(RRsetBlock block) {
    return block.rrsets().stream().map(StoredRRset::rrset).toList();
  }
}
