package io.flashdns.management.server;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.Refusal;
import io.flashdns.core.store.SerialPolicy;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.management.server.ChangeBatch.Item;
import io.flashdns.management.server.ZoneFileReader.Parsed;
import io.flashdns.management.server.ZoneFileReader.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One look at the zone files: what differs from the store is committed. Used once, by one thread.
 *
 * <p>How it goes: all zones of the store are asked for once, and of those that come from files a
 * few octets are noted ({@link KnownFiles}). The folder is walked; a file whose stamp is as noted
 * is left alone, others are parsed ({@link ParallelReading}) and committed in the order of their
 * paths. What depends on which files are there at all waits for the end of the walk: two files with
 * one zone, files that were renamed, zones whose file has vanished.
 *
 * <p>The door through which it changes zones is {@value #DOOR}: all zones that come from files,
 * wherever these are, so that a zone may move from one file to another.
 */
final class FolderSync implements ChangeBatch.Receiver<Parsed> {
  /** Where the sources of all zones begin that come from files: these are absolute paths. */
  static final String DOOR = "/";

  private static final String WHO = "zone files";

  /** Of files that must wait for the end of the walk so much content is kept; others are reread. */
  private static final long MAX_WAITING_BYTES = 64 << 20;

  private final ZoneLedger ledger;
  private final ZoneFileReader reader;
  private final SourceStamp stamps;
  private final TenantsFile settings;
  private final TenantsFile settingsBefore;
  private final List<Problem> problems;
  private final KnownFiles known = new KnownFiles();
  private final ChangeBatch<Parsed> changes;
  private final Set<ZonePlace> places = new HashSet<>();
  private final List<Parsed> waiting = new ArrayList<>();
  private final Set<Long> standings = new HashSet<>();
  private final List<Long> suspensions = new ArrayList<>();
  private final Set<Path> broken = new TreeSet<>();
  private final Set<Path> outdated = new TreeSet<>();
  private long waitingBytes;
  private int added;
  private int changed;
  private int removed;
  private int filesRead;
  private long records;
  private boolean namesMoved;

  /**
   * @param where the folder, for the history
   * @param settingsBefore what was said of tenants until now
   * @param problems takes what is wrong
   */
  FolderSync(
      ZoneLedger ledger,
      ZoneFileReader reader,
      Path where,
      TenantsFile settings,
      TenantsFile settingsBefore,
      List<Problem> problems) {
    this.ledger = ledger;
    this.reader = reader;
    this.stamps = reader.stamps();
    this.settings = settings;
    this.settingsBefore = settingsBefore;
    this.problems = problems;
    this.changes = new ChangeBatch<>(ledger, WHO, where.toString(), DOOR, false, this);
  }

  /** The files without a good version. */
  Set<Path> broken() {
    return broken;
  }

  /** The files that are broken now, whose zones stay as they were. */
  Set<Path> outdated() {
    return outdated;
  }

  /** True when a zone was added or changed hands. */
  boolean namesMoved() {
    return namesMoved;
  }

  /** Whose zone files there are; empty when nothing is said of tenants. */
  Set<ZonePlace> places() {
    return places;
  }

  /** What it came to. */
  ZoneLoad result(boolean folderWasRead, long startNanos) {
    return new ZoneLoad(
        folderWasRead,
        false,
        problems,
        added,
        changed + standings.size(),
        removed,
        outdated.size(),
        filesRead,
        records,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
  }

  /**
   * Looks at a folder.
   *
   * @return false when it cannot be read: nothing is taken for vanished then
   */
  boolean folder(Path folder, boolean tenants, int threads, BiConsumer<Integer, Integer> progress)
      throws StoreException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    ledger.forEach(this::know);
    ZoneTree tree;
    try (ParallelReading reading = new ParallelReading(reader, threads, progress, this::take)) {
      tree =
          ZoneTree.walk(
              folder,
              tenants,
              problems,
              (file, place, attributes) -> {
                if (!isUnchanged(file, place, attributes)) {
                  reading.add(new Task(file, place, attributes == null ? 0 : attributes.size()));
                }
              });
      reading.finish();
      filesRead = reading.files();
    }
    if (tree == null) {
      changes.commit();
      return false;
    }
    resolve(tree);
    dropVanished(tree, tenants);
    takeSuspensions();
    changes.commit();
    return true;
  }

  /** Looks at these files and takes no other for vanished. */
  void files(List<Path> files, int threads, BiConsumer<Integer, Integer> progress)
      throws StoreException, InterruptedException {
    try (ParallelReading reading = new ParallelReading(reader, threads, progress, this::take)) {
      for (Path file : new TreeSet<>(files)) {
        if (Files.notExists(file)) {
          problems.add(Problem.error(file, "there is no such file"));
        } else {
          reading.add(new Task(file, ZonePlace.OF_NOBODY, size(file)));
        }
      }
      reading.finish();
      filesRead = reading.files();
    }
    resolve(null);
    changes.commit();
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException _) {
      return 0; // said when the file is read
    }
  }

  private void know(StoredZone zone) {
    ZoneSettings zoneSettings = zone.settings();
    ZonePlace place = place(zoneSettings);
    if (settings.isSuspended(place) != settingsBefore.isSuspended(place)) {
      standings.add(zone.id().value());
    }
    if (!zoneSettings.source().startsWith(DOOR)) {
      if (!settings.isEmpty()) {
        places.add(place);
      }
      return;
    }
    known.put(zoneSettings.source(), zoneSettings.sourceStamp(), zone.id().value());
    if (settings.isSuspended(zoneSettings.key().apex(), place) != zoneSettings.suspended()) {
      suspensions.add(zone.id().value());
    }
  }

  private boolean isUnchanged(Path file, ZonePlace place, @Nullable BasicFileAttributes attributes)
      throws StoreException {
    if (!settings.isEmpty()) {
      places.add(place);
    }
    int slot = known.find(source(file));
    if (slot < 0) {
      return false;
    }
    known.seen(slot);
    if (attributes == null || !known.hasStamp(slot, stamps.of(place, attributes))) {
      return false;
    }
    if (!known.includes(slot)) {
      return true;
    }
    StoredZone zone = ledger.zone(new ZoneId(known.zone(slot)));
    return zone != null && SourceStamp.includedAreUnchanged(zone.settings().sourceStamp());
  }

  private void take(List<Parsed> batch) throws StoreException, InterruptedException {
    for (Parsed parsed : batch) {
      problems.addAll(parsed.problems());
      take(parsed);
    }
  }

  private void take(Parsed parsed) throws StoreException, InterruptedException {
    int slot = known.find(source(parsed.file()));
    if (parsed.vanished()) {
      if (slot >= 0) {
        known.gone(slot);
      }
      return;
    }
    StoredZone before = slot < 0 ? null : ledger.zone(new ZoneId(known.zone(slot)));
    if (before != null && !before.settings().source().equals(source(parsed.file()))) {
      before = null;
    }
    RRsetBlock content = parsed.content();
    if (content == null) {
      keep(parsed.file(), before);
      return;
    }
    records += content.recordCount();
    ZoneKey key = new ZoneKey(parsed.place().view(), content.origin());
    if (before != null && before.settings().key().equals(key)) {
      change(parsed, content, before);
      return;
    }
    if (before != null) {
      known.gone(slot); // it holds another zone now
    }
    Item<Parsed> pending = changes.pending(key);
    if (pending != null) {
      hold(parsed); // the first by its path counts, and that may be either
      return;
    }
    StoredZone there = ledger.zone(key);
    if (there == null) {
      create(parsed, content, key);
    } else if (there.settings().source().startsWith(DOOR)) {
      hold(parsed);
    } else {
      refuseTaken(parsed.file(), there);
    }
  }

  /** A file that is broken now: its zone stays as it was, if it ever was. */
  private void keep(Path file, @Nullable StoredZone before) {
    if (before == null) {
      broken.add(file);
      return;
    }
    outdated.add(file);
    problems.add(
        Problem.warning(
            file, "the version read before, serial " + before.serial() + ", stays in service"));
  }

  private void hold(Parsed parsed) {
    RRsetBlock content = parsed.content();
    long bytes = content == null ? 0 : content.encoded().length;
    boolean isKept = waitingBytes + bytes <= MAX_WAITING_BYTES;
    waitingBytes += isKept ? bytes : 0;
    waiting.add(
        isKept ? parsed : new Parsed(parsed.file(), parsed.place(), "", null, List.of(), false));
  }

  /** Now that all files are known that are there: who gets the zones that another file has. */
  private void resolve(@Nullable ZoneTree tree) throws StoreException, InterruptedException {
    if (waiting.isEmpty()) {
      return;
    }
    changes.commit();
    waiting.sort(Comparator.comparing(Parsed::file));
    for (Parsed parsed : waiting) {
      Parsed fresh =
          parsed.content() != null
              ? parsed
              : reader.read(new Task(parsed.file(), parsed.place(), 0));
      RRsetBlock content = fresh.content();
      if (content != null) {
        resolve(fresh, content, tree);
      }
    }
  }

  private void resolve(Parsed parsed, RRsetBlock content, @Nullable ZoneTree tree)
      throws StoreException, InterruptedException {
    ZoneKey key = new ZoneKey(parsed.place().view(), content.origin());
    Item<Parsed> pending = changes.pending(key);
    if (pending != null) {
      sayTwice(parsed.file(), key.apex(), pending.tag().file().toString());
      return;
    }
    StoredZone there = ledger.zone(key);
    if (there == null) {
      create(parsed, content, key);
      return;
    }
    Path other = Path.of(there.settings().source());
    int slot = known.find(there.settings().source());
    boolean isThere =
        slot >= 0 && (known.isThere(slot) || (tree != null && tree.mayStillHold(other)));
    if (isThere && other.compareTo(parsed.file().toAbsolutePath()) < 0) {
      sayTwice(parsed.file(), key.apex(), other.toString());
      return;
    }
    if (isThere) {
      sayTwice(other, key.apex(), parsed.file().toString());
      outdated.remove(other);
    }
    if (slot >= 0) {
      known.forget(slot);
    }
    change(parsed, content, there);
  }

  private void dropVanished(ZoneTree tree, boolean tenants)
      throws StoreException, InterruptedException {
    List<Long> gone = new ArrayList<>();
    known.forEachGone(gone::add);
    for (long id : gone) {
      StoredZone zone = ledger.zone(new ZoneId(id));
      if (zone == null) {
        continue;
      }
      if (tenants && tree.mayStillHold(Path.of(zone.settings().source()))) {
        if (!settings.isEmpty()) {
          places.add(place(zone.settings()));
        }
        continue;
      }
      standings.remove(id);
      changes.add(
          new Item<>(
              new Parsed(
                  Path.of(zone.settings().source()),
                  ZonePlace.OF_NOBODY,
                  "",
                  null,
                  List.of(),
                  true),
              zone.settings().key(),
              new ZoneChange.Delete(zone.id(), ZoneChange.ANY_REVISION),
              zone),
          0);
    }
  }

  /** Files that have not changed and whose zones are suspended now, or no longer. */
  private void takeSuspensions() throws StoreException, InterruptedException {
    for (long id : suspensions) {
      StoredZone zone = ledger.zone(new ZoneId(id));
      if (zone == null || changes.pending(zone.settings().key()) != null) {
        continue;
      }
      ZoneSettings now = zone.settings();
      boolean wanted = settings.isSuspended(now.key().apex(), place(now));
      if (now.suspended() != wanted) {
        changes.add(
            new Item<>(
                new Parsed(Path.of(now.source()), place(now), "", null, List.of(), false),
                now.key(),
                new ZoneChange.Configure(
                    zone.id(), now.withSuspended(wanted), ZoneChange.ANY_REVISION),
                zone),
            0);
      }
    }
  }

  private void create(Parsed parsed, RRsetBlock content, ZoneKey key)
      throws StoreException, InterruptedException {
    changes.add(
        new Item<>(parsed, key, new ZoneChange.Create(settings(parsed, key), content), null),
        content.encoded().length);
  }

  private void change(Parsed parsed, RRsetBlock content, StoredZone before)
      throws StoreException, InterruptedException {
    ZoneKey key = before.settings().key();
    changes.add(
        new Item<>(
            parsed,
            key,
            new ZoneChange.Replace(
                before.id(), settings(parsed, key), content, ZoneChange.ANY_REVISION),
            before),
        content.encoded().length);
  }

  private ZoneSettings settings(Parsed parsed, ZoneKey key) {
    ZonePlace place = parsed.place();
    return new ZoneSettings(
        key,
        new ZoneOwner(place.organisation(), place.project()),
        settings.isSuspended(key.apex(), place),
        SerialPolicy.AS_GIVEN,
        source(parsed.file()),
        parsed.stamp());
  }

  @Override
  public void made(Item<Parsed> item, StoredZone zone) {
    if (item.change() instanceof ZoneChange.Delete) {
      removed++;
      return;
    }
    StoredZone before = item.before();
    ZoneSettings now = zone.settings();
    if (!(item.change() instanceof ZoneChange.Configure)) {
      known.seen(known.put(now.source(), now.sourceStamp(), zone.id().value()));
    }
    if (before == null) {
      added++;
      namesMoved = true;
      standings.remove(zone.id().value());
      return;
    }
    boolean hasMoved = !before.settings().owner().equals(now.owner());
    namesMoved |= hasMoved;
    if (hasMoved
        || before.contentRevision() != zone.contentRevision()
        || before.settings().suspended() != now.suspended()) {
      changed++;
      standings.remove(zone.id().value());
    }
  }

  @Override
  public boolean refused(Item<Parsed> item, Refusal refusal) {
    Path file = item.tag().file();
    if (refusal.kind() == Refusal.Kind.GUARD) {
      // Whoever edits the file has decided; that it may be a slip is said all the same.
      String what = refusal.message().substring(0, refusal.message().lastIndexOf(": "));
      problems.add(
          Problem.warning(file, what + "; it is made all the same: see that this was meant"));
      return true;
    }
    problems.add(Problem.error(file, "is not taken: " + refusal.message()));
    if (!item.tag().vanished()) {
      keep(file, item.before());
    }
    return false;
  }

  private void sayTwice(Path file, DomainName apex, String served) {
    problems.add(
        Problem.error(
            file,
            "the zone %s is also in %s, which is served: remove one of the two files"
                .formatted(apex, served)));
  }

  private void refuseTaken(Path file, StoredZone there) {
    problems.add(
        Problem.error(
            file,
            "the zone %s is in the store already and does not come from a file: remove the file, or delete that zone"
                .formatted(there.settings().key().apex())));
  }

  private static ZonePlace place(ZoneSettings settings) {
    ZoneOwner owner = settings.owner();
    return new ZonePlace(owner.organisation(), owner.project(), settings.key().view());
  }

  private static String source(Path file) {
    return file.toAbsolutePath().toString();
  }
}
