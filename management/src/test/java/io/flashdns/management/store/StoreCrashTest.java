package io.flashdns.management.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.JournalEntry;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneId;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kills a writing process again and again: the short form of a longer campaign. */
@Timeout(180)
final class StoreCrashTest {
  private static final int KILLS = 6;

  @TempDir Path temp;

  @Test
  void whatWasAcknowledgedSurvivesAKill() throws Exception {
    Path folder = temp.resolve("store");
    try (EmbeddedStore store = EmbeddedStore.open(folder, TestZones.CONFIG)) {
      TestZones.created(store, "one.", 8);
      TestZones.created(store, "two.", 300);
    }
    Random random = new Random(5);
    long serial = 0;
    long acknowledged = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Ledger ledger = writeAndKill(folder, 20 + random.nextInt(200));
      acknowledged += ledger.lines;
      try (EmbeddedStore store = EmbeddedStore.open(folder, TestZones.CONFIG);
          StoreSnapshot snapshot = store.snapshot()) {
        for (int host = 0; host < 4; host++) {
          StoredRRset first = host(snapshot, 1, "one.", host);
          StoredRRset second = host(snapshot, 2, "two.", host);
          assertThat(second.rrset().data()).isEqualTo(first.rrset().data());
          assertThat(second.revision()).isEqualTo(first.revision());
          assertThat(first.revision()).isGreaterThanOrEqualTo(ledger.revisions[host]);
          Document noted = snapshot.document("host/" + host);
          if (noted != null) {
            assertThat(noted.revision()).isEqualTo(first.revision());
            assertThat(Integer.parseInt(noted.value().text()))
                .isEqualTo(Wire.s32(first.rrset().data().getFirst().octets(), 0));
          } else {
            assertThat(first.revision()).isLessThanOrEqualTo(2);
          }
          if (first.revision() == ledger.revisions[host]) {
            assertThat(Wire.s32(first.rrset().data().getFirst().octets(), 0))
                .isEqualTo(ledger.values[host]);
          }
        }
        long revision = store.state().revision();
        for (JournalEntry entry : store.journal(Long.MAX_VALUE, 100_000)) {
          assertThat(entry.revision()).isEqualTo(revision--);
          assertThat(entry.body().text()).endsWith(" " + entry.revision());
        }
        assertThat(revision).isEqualTo(2);
        StoredZone zone = snapshot.zone(new ZoneId(1));
        assertThat(zone).isNotNull();
        assertThat(zone.serial()).isGreaterThanOrEqualTo(serial);
        serial = zone.serial();
      }
    }
    assertThat(acknowledged).isGreaterThan(KILLS * 20);
    List<String> problems = new ArrayList<>();
    EmbeddedStore.check(folder, problems::add, _ -> {});
    assertThat(problems).isEmpty();
  }

  private static StoredRRset host(StoreSnapshot snapshot, long zone, String apex, int host)
      throws Exception {
    List<StoredRRset> found = snapshot.rrsets(new ZoneId(zone), TestZones.owner(apex, host));
    assertThat(found).hasSize(1);
    assertThat(found.getFirst().rrset().type()).isEqualTo(RecordType.A);
    return found.getFirst();
  }

  /** The last acknowledgement of each writer. */
  private static final class Ledger {
    final long[] revisions = new long[4];
    final int[] values = new int[4];
    int lines;
  }

  private static Ledger writeAndKill(Path folder, int acknowledgements) throws Exception {
    Ledger ledger = new Ledger();
    Process child = StoreChild.start("write", folder);
    try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).isEqualTo("ready");
      String line;
      while ((line = out.readLine()) != null) {
        if (++ledger.lines == acknowledgements) {
          // By its handle: Process would close the stream that still holds lines.
          child.toHandle().destroyForcibly();
        }
        String[] parts = line.split(" ", -1);
        // The last line may be cut: it was not acknowledged then.
        if (parts.length == 3 && !line.startsWith("!")) {
          int host = Integer.parseInt(parts[0]);
          ledger.values[host] = Integer.parseInt(parts[1]);
          if (parts[2].length() >= String.valueOf(ledger.revisions[host]).length()) {
            ledger.revisions[host] = Long.parseLong(parts[2]);
          }
        }
      }
    } finally {
      child.destroyForcibly();
      child.waitFor();
    }
    return ledger;
  }
}
