package io.flashdns.management.api;

import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneContents;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneProblem;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import io.flashdns.core.zonefile.ZoneFileProblem;
import io.flashdns.core.zonefile.ZoneFileResult;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.ImportMessages;
import io.flashdns.management.message.StoreProblems;
import io.flashdns.management.message.Violations;
import io.flashdns.management.message.ZoneMessages;
import io.flashdns.proto.v1.ImportMode;
import io.flashdns.proto.v1.ImportPhase;
import io.flashdns.proto.v1.ImportProblems;
import io.flashdns.proto.v1.ImportProgress;
import io.flashdns.proto.v1.ImportResult;
import io.flashdns.proto.v1.ImportZoneRequest;
import io.flashdns.proto.v1.ImportZoneResponse;
import io.flashdns.proto.v1.ImportZoneStart;
import io.flashdns.proto.v1.Permission;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One import: takes the file in chunks into a temporary file of its own, reads it when the client
 * has ended its side, tells every problem, and makes the change. The memory that it takes does not
 * grow with the file until it is read.
 *
 * <p>Called by one thread at a time.
 */
final class ZoneImport implements StreamObserver<ImportZoneRequest> {
  private static final int MAX_CHUNK_BYTES = 512 << 10;
  private static final long NANOS_BETWEEN_NEWS = TimeUnit.SECONDS.toNanos(1);

  private final Call call;
  private final StreamObserver<ImportZoneResponse> caller;
  private final ZoneStore store;
  private final Committer committer;
  private final ZoneChanges zones;
  private final ZoneLook look;
  private final NameHash hash;
  private final ZoneFileLimits limits;

  private @Nullable ImportZoneStart start;
  private @Nullable Path file;
  private @Nullable OutputStream out;
  private long octets;
  private long records;
  private long problems;
  private long toldNanos = System.nanoTime();
  private boolean ended;

  ZoneImport(
      Call call,
      StreamObserver<ImportZoneResponse> caller,
      ZoneStore store,
      Committer committer,
      ZoneChanges zones,
      ZoneLook look,
      NameHash hash,
      ZoneFileLimits limits) {
    this.call = call;
    this.caller = caller;
    this.store = store;
    this.committer = committer;
    this.zones = zones;
    this.look = look;
    this.hash = hash;
    this.limits = limits;
  }

  // ---- taking the file -----------------------------------------------------------------------

  @Override
  public void onNext(ImportZoneRequest part) {
    if (ended) {
      return;
    }
    try {
      switch (part.getPartCase()) {
        case START -> begin(part.getStart());
        case CHUNK -> chunk(part);
        case PART_NOT_SET -> throw CallException.invalid("part", "send start, then chunks");
      }
    } catch (RuntimeException e) {
      end();
      throw e;
    }
  }

  private void begin(ImportZoneStart asked) {
    if (start != null) {
      throw CallException.invalid("start", "an import is started once");
    }
    start = asked;
    Answers.of(
        () -> {
          // Who may not do it is told before sending the file.
          var _ = target(asked);
          return asked;
        });
    try {
      Path made = Files.createTempFile("flashdns-import", ".zone");
      file = made;
      out = Files.newOutputStream(made);
    } catch (IOException e) {
      throw spoolFails(e);
    }
  }

  private static CallException spoolFails(IOException e) {
    return CallException.of(
        Code.UNAVAILABLE,
        "the file cannot be kept while it is read (" + e.getMessage() + "): try again later",
        CallException.reason("NO_SPACE"));
  }

  private void chunk(ImportZoneRequest part) {
    OutputStream to = out;
    if (to == null) {
      throw CallException.invalid("start", "start stands before the first chunk");
    }
    int length = part.getChunk().size();
    if (length < 1 || length > MAX_CHUNK_BYTES) {
      throw CallException.invalid("chunk", "a chunk has 1 octet to 512 KiB, not " + length);
    }
    octets += length;
    if (octets > limits.maxFileBytes()) {
      throw CallException.invalid(
          "chunk", "a zone file has at most " + limits.maxFileBytes() + " octets: split the zone");
    }
    try {
      part.getChunk().writeTo(to);
    } catch (IOException e) {
      throw spoolFails(e);
    }
    if (System.nanoTime() - toldNanos >= NANOS_BETWEEN_NEWS) {
      tell(ImportPhase.IMPORT_PHASE_READING);
    }
  }

  private void tell(ImportPhase phase) {
    toldNanos = System.nanoTime();
    caller.onNext(
        ImportZoneResponse.newBuilder()
            .setProgress(
                ImportProgress.newBuilder()
                    .setPhase(phase)
                    .setBytes(octets)
                    .setTotalBytes(start == null ? 0 : start.getTotalBytes())
                    .setRecords(records)
                    .setProblems(problems))
            .build());
  }

  @Override
  public void onError(Throwable gone) {
    end();
  }

  @Override
  public void onCompleted() {
    if (ended) {
      return;
    }
    try {
      Answers.send(caller, this::finish);
    } finally {
      end();
    }
  }

  private void end() {
    ended = true;
    try {
      OutputStream open = out;
      out = null;
      if (open != null) {
        open.close();
      }
      Path made = file;
      file = null;
      if (made != null) {
        Files.deleteIfExists(made);
      }
    } catch (IOException _) {
      // A temporary file that stays is the system's to remove.
    }
  }

  // ---- making the change ---------------------------------------------------------------------

  /** Where it goes. */
  private sealed interface Target {
    DomainName apex();

    record New(ZoneSettings settings) implements Target {
      @Override
      public DomainName apex() {
        return settings.key().apex();
      }
    }

    record Old(StoredZone zone) implements Target {
      @Override
      public DomainName apex() {
        return zone.settings().key().apex();
      }
    }
  }

  private Target target(ImportZoneStart asked) throws StoreException {
    return switch (asked.getTargetCase()) {
      case ZONE ->
          new Target.Old(
              Lookup.zone(
                  store,
                  call.rights(),
                  asked.getZone(),
                  "start.zone",
                  Permission.PERMISSION_RECORDS_WRITE));
      case CREATE -> {
        Violations violations = new Violations();
        ZoneOwner owner;
        try (StoreSnapshot snapshot = store.snapshot()) {
          owner = zones.owner(snapshot, call, asked.getCreate(), "start.create");
        }
        ZoneSettings settings =
            ZoneMessages.created(asked.getCreate(), "start.create", owner, violations);
        violations.throwIfAny();
        if (settings == null) {
          throw CallException.invalid("start.create", "say what the zone is to be");
        }
        ZoneChanges.requireCreation(call, settings);
        ZoneChanges.requireView(call, settings, "start.create");
        yield new Target.New(settings);
      }
      case TARGET_NOT_SET ->
          throw CallException.invalid("start.target", "name a zone, or say which to create");
    };
  }

  private ImportZoneResponse finish() throws StoreException, InterruptedException {
    ImportZoneStart asked = start;
    Path read = file;
    OutputStream open = out;
    if (asked == null || read == null || open == null) {
      throw CallException.invalid("start", "an import begins with start");
    }
    try {
      open.close();
    } catch (IOException e) {
      throw spoolFails(e);
    }
    ImportZoneResponse known =
        committer.known(call, asked.getRequestId(), ImportZoneResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    Target target = target(asked);
    boolean merges = asked.getMode() == ImportMode.IMPORT_MODE_MERGE;
    if (merges && target instanceof Target.New) {
      throw CallException.invalid("start.mode", "a zone that is created has nothing to merge with");
    }
    long warnings;
    ZoneChange change;
    long revision = ZoneChanges.revision(asked.getEtag(), "start.etag");
    if (merges && target instanceof Target.Old old) {
      ZoneContents contents = new ZoneContents(target.apex());
      warnings = told(ZoneFile.read(read, target.apex(), limits, contents));
      records = contents.recordCount();
      try {
        change = new ZoneChange.Edit(old.zone().id(), puts(contents.block()), revision);
      } catch (IllegalArgumentException e) {
        throw CallException.invalid("chunk", String.valueOf(e.getMessage()));
      }
    } else {
      ZoneFileResult result = ZoneFile.load(read, target.apex(), limits, hash);
      warnings = told(result.problems());
      Zone zone = result.zone();
      if (zone == null) {
        throw refused(result.problems());
      }
      if (!zone.apex().equals(target.apex())) {
        throw CallException.invalid(
            "chunk",
            "the file is of zone "
                + zone.apex()
                + ", not of "
                + target.apex()
                + ": look at its SOA and $ORIGIN");
      }
      RRsetBlock content = ZoneContents.of(zone);
      records = content.recordCount();
      change =
          switch (target) {
            case Target.New fresh -> new ZoneChange.Create(fresh.settings(), content);
            case Target.Old old ->
                new ZoneChange.Replace(old.zone().id(), serial(old.zone(), content), revision);
          };
    }
    tell(ImportPhase.IMPORT_PHASE_CHECKING);
    tell(ImportPhase.IMPORT_PHASE_WRITING);
    return commit(asked, change, warnings);
  }

  private ImportZoneResponse commit(ImportZoneStart asked, ZoneChange change, long warnings)
      throws StoreException, InterruptedException {
    try {
      return committer.commit(
          call,
          new Committer.Asked(
              asked.getRequestId(), asked.getValidateOnly(), asked.getForce(), List.of(change)),
          (view, plan, _, outcome) ->
              new ZoneWork(call, view, plan, outcome)
                  .written(
                      done ->
                          ImportZoneResponse.newBuilder()
                              .setResult(
                                  ImportResult.newBuilder()
                                      .setZone(look.withStatus(plan.zones().getFirst().zone()))
                                      .setOutcome(done)
                                      .setRecords(records)
                                      .setWarnings(warnings))
                              .build()),
          ImportZoneResponse.getDefaultInstance());
    } catch (StoreException e) {
      zones.hideOthers(e, List.of(change));
      throw StoreProblems.of(e, _ -> "chunk");
    }
  }

  /**
   * A file whose serial is not greater than the zone's is no older version: its serial is left to
   * the policy.
   */
  private static RRsetBlock serial(StoredZone zone, RRsetBlock content) {
    RRsetBlock.Builder out = new RRsetBlock.Builder(content.origin());
    for (RRsetBlock.Cursor at = content.cursor(); at.next(); ) {
      if (at.type() == RecordType.SOA && at.ownerLength() == content.origin().length()) {
        out.add(SoaSerial.chosenUnlessGreater(at.rrset(), zone));
      } else {
        out.add(at);
      }
    }
    return out.build();
  }

  /** Tells all that was found; the result is how many of them are warnings. */
  private long told(List<ZoneFileProblem> found) {
    problems = found.size();
    long warnings = 0;
    for (ZoneFileProblem one : found) {
      warnings += one.severity() == ZoneProblem.Severity.WARNING ? 1 : 0;
    }
    for (ImportProblems some : ImportMessages.problems(found)) {
      caller.onNext(ImportZoneResponse.newBuilder().setProblems(some).build());
    }
    if (warnings < found.size()) {
      throw refused(found);
    }
    return warnings;
  }

  private static CallException refused(List<ZoneFileProblem> found) {
    BadRequest.Builder violations = BadRequest.newBuilder();
    int errors = 0;
    for (ZoneFileProblem one : found) {
      if (one.severity() == ZoneProblem.Severity.ERROR && ++errors <= 100) {
        violations.addFieldViolations(
            BadRequest.FieldViolation.newBuilder()
                .setField("line " + one.line())
                .setDescription(one.reason()));
      }
    }
    return CallException.of(
        Code.INVALID_ARGUMENT,
        "the zone file has " + errors + " errors and nothing was changed: mend them",
        violations.build());
  }

  /** What takes the place of what a zone has: all that a file holds but the SOA. */
  private static List<RRsetEdit> puts(RRsetBlock content) {
    List<RRsetEdit> edits = new ArrayList<>(content.rrsetCount());
    for (RRsetBlock.Cursor at = content.cursor(); at.next(); ) {
      if (at.type() != RecordType.SOA) {
        edits.add(new RRsetEdit.Put(at.rrset(), RRsetEdit.ANY_REVISION));
      }
    }
    return edits;
  }
}
