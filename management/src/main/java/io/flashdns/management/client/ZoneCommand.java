package io.flashdns.management.client;

import com.google.protobuf.FieldMask;
import io.flashdns.proto.v1.CreateZoneRequest;
import io.flashdns.proto.v1.CreateZoneResponse;
import io.flashdns.proto.v1.DeleteZoneRequest;
import io.flashdns.proto.v1.DeleteZoneResponse;
import io.flashdns.proto.v1.GetZoneRequest;
import io.flashdns.proto.v1.ListZonesRequest;
import io.flashdns.proto.v1.ListZonesResponse;
import io.flashdns.proto.v1.UndeleteZoneRequest;
import io.flashdns.proto.v1.UndeleteZoneResponse;
import io.flashdns.proto.v1.UpdateZoneRequest;
import io.flashdns.proto.v1.UpdateZoneResponse;
import io.flashdns.proto.v1.Zone;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flashdns zone}. */
@Command(
    name = "zone",
    header = "Zones: made, found, configured, given away.",
    description = "Manages the zones that you may see. Each command has its own help.%n",
    footer = {
      "  flashdns zone create example.org --project acme/web",
      "  flashdns zone list '*.example.org'",
    },
    subcommands = {
      ZoneCommand.Create.class,
      ZoneCommand.Listing.class,
      ZoneCommand.Get.class,
      ZoneCommand.Settings.class,
      ZoneCommand.Delete.class,
      ZoneCommand.Undelete.class,
      ZoneFileCommands.Import.class,
      ZoneFileCommands.Export.class,
      ZonePastCommands.Diff.class,
      ZonePastCommands.History.class,
      ZonePastCommands.Rollback.class,
      ZoneTransferCommands.Offer.class,
      ZoneTransferCommands.Accept.class,
      ZoneTransferCommands.Cancel.class,
      ZoneTransferCommands.Listing.class
    })
final class ZoneCommand {
  private ZoneCommand() {}

  /** {@code flashdns zone create}. */
  @Command(
      name = "create",
      header = "Creates a zone.",
      description = {
        "Without a file the server makes the SOA and NS records from its configuration.%n"
      },
      footer = {
        "  flashdns zone create example.org --project acme/web",
        "  flashdns zone create example.org --file example.org.zone --wait",
      })
  static final class Create extends ClientCommand {
    @Mixin private ZoneArgument target = new ZoneArgument();
    @Mixin private ZoneSettingsOptions settings = new ZoneSettingsOptions();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Option(
        names = {"-f", "--file"},
        paramLabel = "FILE",
        description = "Zone file with its content; - for standard input.")
    private @Nullable Path file;

    @Override
    int run(Session session) throws Exception {
      Zone zone = settings.zone(target.zone, target.view);
      if (file != null) {
        ZoneImporter.Wish wish = new ZoneImporter.Wish().create(zone);
        return new ZoneImporter(session, change).run(wish, file, "created");
      }
      CreateZoneRequest request =
          CreateZoneRequest.newBuilder()
              .setZone(zone)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      CreateZoneResponse answer = session.ask(() -> session.zones().createZone(request));
      String name = ZoneNames.of(zone);
      return Changes.tell(
          session, change, answer, answer.getOutcome(), name, "zone " + name + " created");
    }
  }

  /** {@code flashdns zone list}. */
  @Command(
      name = "list",
      aliases = "ls",
      header = "Lists zones.",
      description = "Lists the zones that you may see.%n",
      footer = {
        "  flashdns zone list",
        "  flashdns zone list '*.example.org' --project acme/web --label team=web",
        "  flashdns zone list -o name | wc -l",
      })
  static final class Listing extends ClientCommand {
    @Parameters(
        arity = "0..1",
        paramLabel = "PATTERN",
        description = "Names, with * at either end: 'example.*', '*.example.org'.")
    private @Nullable String pattern;

    @Option(
        names = "--project",
        paramLabel = "ORG[/PROJECT]",
        description = "Those of this organisation or project.")
    private @Nullable String project;

    @Option(
        names = "--label",
        paramLabel = "KEY=VALUE",
        description = "Those with this label; * as the value: whatever it is.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(names = "--view", paramLabel = "VIEW", description = "Those of this view.")
    private @Nullable String view;

    @Mixin private ListOptions list = new ListOptions();

    @Override
    int run(Session session) throws Exception {
      String filter =
          new Filters()
              .text("name", pattern == null ? null : pattern(pattern))
              .tenant(project)
              .text("view", view)
              .labels(labels)
              .part(list.filter)
              .text();
      Pages<Zone> zones =
          new Pages<>(
              list.limit,
              (size, token) -> {
                ListZonesRequest request =
                    ListZonesRequest.newBuilder()
                        .setPageSize(size)
                        .setPageToken(token)
                        .setFilter(filter)
                        .setOrderBy(list.order)
                        .build();
                ListZonesResponse page = session.ask(() -> session.zones().listZones(request));
                return new Pages.Page<>(page.getZonesList(), page.getNextPageToken());
              });
      List<Column<Zone>> columns =
          List.of(
              Column.wide("NAME", ZoneNames::of),
              Column.of("PROJECT", zone -> ZoneNames.project(zone.getProject())),
              Column.number("RECORDS", zone -> Integer.toUnsignedString(zone.getRecordCount())),
              Column.number("SERIAL", zone -> Integer.toUnsignedString(zone.getSerial())),
              Column.number("REVISION", zone -> Long.toUnsignedString(zone.getRevision())),
              Column.of("STATE", zone -> zone.getSuspended() ? "suspended" : "active"),
              Column.wide("LABELS", zone -> Labels.text(zone.getLabelsMap())));
      session.printer().list(zones, columns, zone -> zone.getName().getApex());
      return ExitStatus.OK;
    }

    /** A pattern without a star at its end is the end of a name. */
    private static String pattern(String text) {
      return text.endsWith("*") || text.endsWith(".") ? text : text + ".";
    }
  }

  /** {@code flashdns zone get}. */
  @Command(
      name = "get",
      aliases = "show",
      header = "Shows a zone.",
      description = "Shows the settings of a zone and how it does, now or as it was.%n",
      footer = {"  flashdns zone get example.org", "  flashdns zone get example.org -o json"})
  static final class Get extends ClientCommand {
    @Mixin private ZoneArgument target = new ZoneArgument();

    @Option(names = "--at", paramLabel = "REVISION", description = "As it was at this revision.")
    private long revision;

    @Override
    int run(Session session) throws Exception {
      Zone zone;
      if (revision == 0) {
        zone = ZoneFinder.zone(session, target.zone, target.view);
      } else {
        GetZoneRequest request =
            GetZoneRequest.newBuilder()
                .setZone(ZoneNames.ref(target.zone, target.view))
                .setAtRevision(revision)
                .build();
        zone = session.ask(() -> session.zones().getZone(request)).getZone();
      }
      session.printer().one(zone, ZoneText.fields(zone), zone.getName().getApex());
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns zone set}. */
  @Command(
      name = "set",
      aliases = "update",
      header = "Changes the settings of a zone.",
      description = "Changes what is given; all else stays.%n",
      footer = {
        "  flashdns zone set example.org --label team=web --unlabel owner",
        "  flashdns zone set example.org --suspended=true",
      })
  static final class Settings extends ClientCommand {
    private static final int ATTEMPTS = 5;

    @Mixin private ZoneArgument target = new ZoneArgument();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Option(
        names = "--label",
        paramLabel = "KEY=VALUE",
        description = "Sets this label; may be repeated.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(
        names = "--unlabel",
        paramLabel = "KEY",
        description = "Takes this label away; may be repeated.")
    private List<String> unlabel = new ArrayList<>();

    @Option(names = "--comment", paramLabel = "TEXT", description = "What the zone is for.")
    private @Nullable String comment;

    @Option(
        names = "--suspended",
        arity = "1",
        paramLabel = "true|false",
        description = "true: nothing is answered from the zone until it is false again.")
    private @Nullable Boolean suspended;

    @Option(
        names = "--serial-policy",
        paramLabel = "POLICY",
        description = "How the serial moves: increment, date, unix-time or as-given.")
    private @Nullable String serialPolicy;

    @Override
    int run(Session session) throws Exception {
      Zone now = ZoneFinder.zone(session, target.zone, target.view);
      for (int attempt = 1; ; attempt++) {
        UpdateZoneRequest request = request(now, attempt - 1);
        try {
          UpdateZoneResponse answer = session.ask(() -> session.zones().updateZone(request));
          String name = ZoneNames.of(now);
          return Changes.tell(
              session, change, answer, answer.getOutcome(), name, "zone " + name + " changed");
        } catch (RuntimeException e) {
          if (!Failures.isAborted(e) || attempt == ATTEMPTS) {
            throw e;
          }
          now = ZoneFinder.zone(session, target.zone, target.view);
        }
      }
    }

    private UpdateZoneRequest request(Zone now, int attempt) throws ClientException {
      Zone.Builder zone = Zone.newBuilder().setId(now.getId());
      FieldMask.Builder mask = FieldMask.newBuilder();
      if (!labels.isEmpty() || !unlabel.isEmpty()) {
        zone.putAllLabels(now.getLabelsMap()).putAllLabels(labels);
        unlabel.forEach(zone::removeLabels);
        mask.addPaths("labels");
      }
      if (comment != null) {
        zone.setComment(comment);
        mask.addPaths("comment");
      }
      if (suspended != null) {
        zone.setSuspended(suspended);
        mask.addPaths("suspended");
      }
      if (serialPolicy != null) {
        zone.setSerialPolicy(ZoneNames.serialPolicy(serialPolicy));
        mask.addPaths("serial_policy");
      }
      if (mask.getPathsCount() == 0) {
        throw ClientException.usage(
            "what is to be changed? Give --label, --unlabel, --comment, --suspended or"
                + " --serial-policy");
      }
      return UpdateZoneRequest.newBuilder()
          .setZone(zone)
          .setUpdateMask(mask)
          // Labels are sent whole: those that somebody else set meanwhile must not be lost.
          .setEtag(mask.getPathsList().contains("labels") ? now.getEtag() : "")
          .setValidateOnly(change.dryRun)
          .setRequestId(change.requestId(attempt))
          .build();
    }
  }

  /** {@code flashdns zone delete}. */
  @Command(
      name = "delete",
      aliases = "rm",
      header = "Deletes a zone with all its records.",
      description = {
        "Its history is kept, and 'flashdns zone undelete' brings it back. Asks first.%n"
      },
      footer = {
        "  flashdns zone delete example.org",
        "  flashdns zone delete example.org --dry-run",
      })
  static final class Delete extends ClientCommand {
    @Mixin private ZoneArgument target = new ZoneArgument();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Option(names = "--missing-ok", description = "A zone that is not there is no error.")
    private boolean missingOk;

    @Override
    int run(Session session) throws ClientException, IOException, InterruptedException {
      DeleteZoneRequest.Builder request =
          DeleteZoneRequest.newBuilder()
              .setZone(ZoneNames.ref(target.zone, target.view))
              .setAllowMissing(missingOk)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId());
      String name = target.zone;
      if (!change.dryRun && !change.yes && !missingOk) {
        Zone zone = ZoneFinder.zone(session, target.zone, target.view);
        name = ZoneNames.of(zone);
        Confirmation.ask(
            session,
            change,
            "delete zone "
                + name
                + " with "
                + Integer.toUnsignedString(zone.getRecordCount())
                + " records?");
      } else if (!change.dryRun) {
        Confirmation.ask(session, change, "delete zone " + name + "?");
      }
      DeleteZoneResponse answer = session.ask(() -> session.zones().deleteZone(request.build()));
      return Changes.tell(
          session, change, answer, answer.getOutcome(), name, "zone " + name + " deleted");
    }
  }

  /** {@code flashdns zone undelete}. */
  @Command(
      name = "undelete",
      header = "Brings back a deleted zone.",
      description = "The zone comes back as it was, under its former name.%n",
      footer = {"  flashdns zone undelete example.org"})
  static final class Undelete extends ClientCommand {
    @Mixin private ZoneArgument target = new ZoneArgument();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Override
    int run(Session session) throws Exception {
      UndeleteZoneRequest request =
          UndeleteZoneRequest.newBuilder()
              .setName(ZoneNames.name(target.zone, target.view))
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      UndeleteZoneResponse answer = session.ask(() -> session.zones().undeleteZone(request));
      String name = ZoneNames.apex(request.getName());
      return Changes.tell(
          session, change, answer, answer.getOutcome(), name, "zone " + name + " is back");
    }
  }
}
