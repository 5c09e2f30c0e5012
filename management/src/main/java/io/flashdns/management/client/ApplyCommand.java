package io.flashdns.management.client;

import com.google.protobuf.Message;
import io.flashdns.proto.v1.ApplyChangesRequest;
import io.flashdns.proto.v1.ApplyChangesResponse;
import io.flashdns.proto.v1.ImportResult;
import io.flashdns.proto.v1.Lint;
import io.flashdns.proto.v1.Outcome;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneDiff;
import io.flashdns.proto.v1.ZoneRef;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flashdns apply}. */
@Command(
    name = "apply",
    header = "Makes zones equal to files.",
    description = {
      "Reads zone files (NAME.zone), YAML (*.yaml, *.yml), folders of both, and YAML from standard"
          + " input (-). Shows what would be different, asks, and makes it so: zones that are not"
          + " there are created, records that no file has go. All zones change in one atomic change"
          + " where they fit into one (1 MiB, 1000 zones).%n",
      "A YAML document is one zone:%n",
      "  zone: example.org",
      "  project: acme/web             # where it is created",
      "  labels: {team: web}           # also comment, serial-policy, suspended, view",
      "  ttl: 1h                       # of records that have none",
      "  records:",
      "    - {name: \"@\", type: MX, data: 10 mail.example.org.}",
      "    - {name: www, type: A, ttl: 5m, data: [192.0.2.1, 192.0.2.2]}%n",
      "Names in 'name' are relative to the zone, names in 'data' absolute. Settings that are left"
          + " out stay, as do SOA and NS of the apex; labels and comments of records that are left"
          + " out do not. Settings change after records, in a change of their own.%n"
    },
    footer = {
      "  flashdns apply zones/",
      "  flashdns apply example.org.yaml --dry-run --exit-code",
      "  flashdns apply zones/ --project acme/web --prune --yes --wait",
    })
final class ApplyCommand extends ClientCommand {
  private static final Pattern REPLACED =
      Pattern.compile("changes\\[(\\d+)]\\.(?:replace|create)\\.records\\[(\\d+)](.*)");
  private static final Pattern CHANGE = Pattern.compile("changes\\[(\\d+)]\\.?(.*)");

  @Mixin private ChangeOptions change = new ChangeOptions();

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "Zone files, YAML files, folders of them; - for YAML from standard input.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--project",
      paramLabel = "ORG/PROJECT",
      description =
          "Where zones are created whose file does not say it; with --prune also whose zones go.")
  private @Nullable String project;

  @Option(
      names = "--view",
      paramLabel = "VIEW",
      description = "The view of zone files. Default: public.")
  private @Nullable String view;

  @Option(
      names = "--prune",
      description = "Delete zones of --project, or with the labels of --label, that no file has.")
  private boolean prune;

  @Option(
      names = "--label",
      paramLabel = "KEY=VALUE",
      description = "With --prune: delete such zones alone; may be repeated.")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = "--force",
      description =
          "Pass the change guard: more than half of the names go, or the serial goes back.")
  private boolean force;

  @Option(
      names = "--exit-code",
      description = "With --dry-run: end with status 7 when there are differences.")
  private boolean exitCode;

  private final List<Message> answers = new ArrayList<>();
  private final Set<String> changed = new LinkedHashSet<>();
  private List<ApplyPlan.Step> underWay = List.of();
  private int calls;
  private long revision;

  @Override
  int run(Session session) throws ClientException, IOException, InterruptedException {
    if (prune && project == null && labels.isEmpty()) {
      throw ClientException.usage("--prune needs --project or --label, to say which zones may go");
    }
    List<DesiredZone> zones = new DesiredFiles(project, view).read(session, files);
    ApplyPlan plan = new ApplyPlan(session);
    for (DesiredZone zone : zones) {
      plan.add(zone);
    }
    if (prune) {
      plan.prune(zones, new Filters().tenant(project).labels(labels).text());
    }
    make(session, plan.contents(), true);
    make(session, plan.settings(), true);
    Printer printer = session.printer();
    if (changed.isEmpty() || change.dryRun) {
      if (printer.isStructured()) {
        printer.list(answers, List.of(), Object::toString);
      }
      printer.line(
          changed.isEmpty()
              ? "nothing to change: " + count(zones.size()) + " as in the files"
              : "nothing was changed (--dry-run); it would be " + count(changed.size()));
      return exitCode && !changed.isEmpty() ? ExitStatus.DIFFERENT : ExitStatus.OK;
    }
    long deletions = plan.contents().stream().filter(step -> step.zone() == null).count();
    Confirmation.ask(
        session,
        change,
        "make these changes to "
            + count(changed.size())
            + (deletions == 0 ? "" : ", of which " + deletions + " go")
            + "?");
    answers.clear();
    make(session, wanted(plan.contents()), false);
    make(session, wanted(plan.settings()), false);
    if (printer.isStructured()) {
      printer.list(answers, List.of(), Object::toString);
    }
    printer.line(count(changed.size()) + " changed at revision " + Long.toUnsignedString(revision));
    return change.wait ? Changes.await(session, revision, change.waitTime) : ExitStatus.OK;
  }

  private List<ApplyPlan.Step> wanted(List<ApplyPlan.Step> steps) {
    return steps.stream().filter(step -> changed.contains(step.name())).toList();
  }

  private void make(Session session, List<ApplyPlan.Step> steps, boolean dryRun)
      throws ClientException, IOException, InterruptedException {
    for (List<ApplyPlan.Step> set : ApplyPlan.sets(steps)) {
      underWay = set;
      ApplyChangesRequest.Builder request =
          ApplyChangesRequest.newBuilder()
              .setForce(force)
              .setValidateOnly(dryRun)
              .setRequestId(dryRun ? "" : change.requestId(calls++));
      for (ApplyPlan.Step step : set) {
        if (step.change() != null) {
          request.addChanges(step.change());
        }
      }
      ApplyChangesResponse answer =
          session.ask(() -> session.records().applyChanges(request.build()));
      told(session, answer, answer.getOutcome(), dryRun);
    }
    for (ApplyPlan.Step step : steps) {
      if (step.change() == null && step.zone() != null) {
        ImportResult result = send(session, step, step.zone(), dryRun);
        told(session, result, result.getOutcome(), dryRun);
      }
    }
  }

  private ImportResult send(Session session, ApplyPlan.Step step, DesiredZone zone, boolean dryRun)
      throws ClientException, IOException, InterruptedException {
    ZoneImporter importer = new ZoneImporter(session, change);
    ZoneImporter.Wish wish = new ZoneImporter.Wish().force(force);
    Zone existing = step.existing();
    if (existing == null) {
      wish.create(zone.settings());
    } else {
      wish.into(ZoneRef.newBuilder().setId(existing.getId()).build(), step.name());
      wish.etag(existing.getEtag());
    }
    ZoneImporter.Source source;
    if (zone.file() != null) {
      source = importer.source(zone.file());
    } else {
      byte[] text = ApplyPlan.text(zone).getBytes(StandardCharsets.UTF_8);
      source = new ZoneImporter.Source(zone.source(), text.length, new ByteArrayInputStream(text));
    }
    return importer.send(wish, source, dryRun, dryRun ? "" : change.requestId(calls++));
  }

  private void told(Session session, Message answer, Outcome outcome, boolean dryRun) {
    answers.add(answer);
    if (!dryRun) {
      revision = Math.max(revision, outcome.getRevision());
      return;
    }
    boolean isShown = session.printer().form() == OutputForm.table;
    for (ZoneDiff zone : outcome.getZonesList()) {
      if (Differences.isAny(zone) || Differences.areSettings(zone)) {
        changed.add(ZoneNames.apex(zone.getName()));
        if (isShown) {
          new Differences(session).print(zone);
        } else if (session.printer().form() == OutputForm.name) {
          session.printer().out().println(Printable.text(ZoneNames.apex(zone.getName())));
        }
      }
    }
    if (isShown) {
      for (Lint lint : outcome.getLintsList()) {
        session.printer().note(Differences.line(lint));
      }
    }
  }

  private static String count(int zones) {
    return zones + (zones == 1 ? " zone" : " zones");
  }

  @Override
  String argumentOf(String path) {
    Matcher record = REPLACED.matcher(path);
    if (record.matches()) {
      DesiredZone zone = zone(record.group(1));
      int index = Integer.parseInt(record.group(2));
      if (zone != null && index < zone.places().size()) {
        return zone.places().get(index);
      }
    }
    Matcher any = CHANGE.matcher(path);
    if (any.matches()) {
      DesiredZone zone = zone(any.group(1));
      if (zone != null) {
        return zone.source() + ": " + ZoneNames.apex(zone.name());
      }
    }
    return "";
  }

  private @Nullable DesiredZone zone(String index) {
    int at = Integer.parseInt(index);
    return at < underWay.size() ? underWay.get(at).zone() : null;
  }
}
