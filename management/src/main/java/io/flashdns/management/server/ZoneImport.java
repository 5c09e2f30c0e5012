package io.flashdns.management.server;

import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.Refusal;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.zonefile.ZoneFileLimits;
import io.flashdns.management.server.ChangeBatch.Item;
import io.flashdns.management.server.ZoneFileReader.Parsed;
import io.flashdns.management.server.ZoneFileReader.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Takes zone files over into the store, where their zones belong to it from then on. Used once, by
 * one thread.
 */
final class ZoneImport implements ChangeBatch.Receiver<Parsed> {
  private final ZoneLedger ledger;
  private final ZoneFileReader reader;
  private final Wish wish;
  private final ZoneOwner owner;
  private final ChangeBatch<Parsed> changes;
  private final List<Problem> problems = new ArrayList<>();
  private final List<Item<Parsed>> there = new ArrayList<>();
  private int created;
  private int replaced;
  private int same;
  private int files;
  private int left;
  private long records;

  /**
   * What is wanted.
   *
   * @param place whose the zones are, and their view
   * @param replace whether zones that are there get the new content
   * @param force whether the change guard is passed
   * @param dryRun whether nothing is to be changed
   */
  record Wish(ZonePlace place, boolean replace, boolean force, boolean dryRun) {}

  ZoneImport(ZoneLedger ledger, ZoneFileLimits limits, Wish wish) {
    this.ledger = ledger;
    this.reader = new ZoneFileReader(limits);
    this.wish = wish;
    this.owner = new ZoneOwner(wish.place().organisation(), wish.place().project());
    this.changes = new ChangeBatch<>(ledger, "import", "", "", wish.force(), this);
  }

  /**
   * Does it, and waits until what is served from is made.
   *
   * @param paths zone files, and folders of {@code *.zone}
   * @return all that is wrong
   */
  List<Problem> run(List<Path> paths, int threads, BiConsumer<Integer, Integer> progress)
      throws StoreException, InterruptedException {
    try (ParallelReading reading = new ParallelReading(reader, threads, progress, this::take)) {
      for (Path path : paths) {
        if (Files.isDirectory(path)) {
          var _ =
              ZoneTree.walk(
                  path,
                  false,
                  problems,
                  (file, _, attributes) ->
                      reading.add(
                          new Task(
                              file, wish.place(), attributes == null ? 0 : attributes.size())));
        } else if (Files.notExists(path)) {
          problems.add(Problem.error(path, "there is no such file or folder"));
        } else {
          reading.add(new Task(path, wish.place(), size(path)));
        }
      }
      reading.finish();
      files = reading.files();
      changes.commit();
      replaceWhatIsThere();
      changes.commit();
      ledger.awaitServed();
    } finally {
      ledger.release();
    }
    return problems;
  }

  /** One line of figures. */
  String summary(long nanos) {
    double seconds = nanos / 1e9;
    return "%s %,d zones, %,d of them new, with %,d records from %,d files in %.1f s, %,.0f records/s; %,d unchanged, %,d left out"
        .formatted(
            wish.dryRun() ? "would take" : "took",
            created + replaced,
            created,
            records,
            files,
            seconds,
            records / seconds,
            same,
            left);
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException _) {
      return 0; // said when the file is read
    }
  }

  private void take(List<Parsed> batch) throws StoreException, InterruptedException {
    for (Parsed parsed : batch) {
      problems.addAll(parsed.problems());
      RRsetBlock content = parsed.content();
      if (content == null) {
        if (parsed.vanished()) {
          problems.add(Problem.error(parsed.file(), "has vanished while the others were read"));
        }
        left++;
        continue;
      }
      ZoneKey key = new ZoneKey(parsed.place().view(), content.origin());
      Item<Parsed> pending = changes.pending(key);
      if (pending != null) {
        leaveOut(parsed.file(), "the zone is also in " + pending.tag().file());
        continue;
      }
      // That it is not there is the usual case, and the store looks anyway: it need not be asked.
      ZoneSettings settings = ZoneSettings.of(key).withOwner(owner);
      changes.add(
          new Item<>(parsed, key, new ZoneChange.Create(settings, content), null),
          content.encoded().length);
    }
  }

  private void replaceWhatIsThere() throws StoreException, InterruptedException {
    for (Item<Parsed> item : there) {
      StoredZone zone = ledger.zone(item.key());
      RRsetBlock content = item.tag().content();
      if (zone == null || content == null) {
        continue;
      }
      Path file = item.tag().file();
      ZoneOwner whose = zone.settings().owner();
      if (!zone.settings().source().isEmpty()) {
        leaveOut(
            file,
            "the zone %s is kept by %s: change it there, or remove it there first"
                .formatted(item.key().apex(), zone.settings().source()));
      } else if (!wish.replace()) {
        leaveOut(
            file,
            "the zone %s is in the store already: give --replace to have it replaced"
                .formatted(item.key().apex()));
      } else if (!owner.equals(ZoneOwner.NOBODY) && !owner.equals(whose)) {
        leaveOut(
            file,
            "the zone %s belongs to %s: it is not replaced as one of %s"
                .formatted(
                    item.key().apex(),
                    whose.equals(ZoneOwner.NOBODY)
                        ? "nobody"
                        : whose.organisation() + "/" + whose.project(),
                    wish.place().tenant()));
      } else if (changes.pending(item.key()) != null) {
        leaveOut(file, "the zone is also in another of these files");
      } else {
        changes.add(
            new Item<>(
                item.tag(),
                item.key(),
                new ZoneChange.Replace(zone.id(), content, ZoneChange.ANY_REVISION),
                zone),
            content.encoded().length);
      }
    }
  }

  private void leaveOut(Path file, String reason) {
    problems.add(Problem.error(file, reason));
    left++;
  }

  @Override
  public void made(Item<Parsed> item, StoredZone zone) {
    StoredZone before = item.before();
    RRsetBlock content = item.tag().content();
    records += content == null ? 0 : content.recordCount();
    if (before == null) {
      created++;
    } else if (before.revision() != zone.revision()) {
      replaced++;
    } else {
      same++;
    }
  }

  @Override
  public boolean refused(Item<Parsed> item, Refusal refusal) {
    if (refusal.kind() == Refusal.Kind.EXISTS) {
      there.add(item);
    } else {
      String remedy = refusal.kind() == Refusal.Kind.GUARD ? " (--force)" : "";
      leaveOut(item.tag().file(), refusal.message() + remedy);
    }
    return false;
  }
}
