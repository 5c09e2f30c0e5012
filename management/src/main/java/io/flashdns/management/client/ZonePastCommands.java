package io.flashdns.management.client;

import io.flashdns.proto.v1.Change;
import io.flashdns.proto.v1.DiffZoneRequest;
import io.flashdns.proto.v1.DiffZoneResponse;
import io.flashdns.proto.v1.ImportResult;
import io.flashdns.proto.v1.ListZoneHistoryRequest;
import io.flashdns.proto.v1.ListZoneHistoryResponse;
import io.flashdns.proto.v1.RecordDiff;
import io.flashdns.proto.v1.RollbackZoneRequest;
import io.flashdns.proto.v1.RollbackZoneResponse;
import io.flashdns.proto.v1.ZoneDiff;
import io.flashdns.proto.v1.ZoneRef;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a zone was, and how it becomes that again. */
final class ZonePastCommands {
  private ZonePastCommands() {}

  /** {@code flashdns diff}. */
  @Command(
      name = "diff",
      header = "Shows what differs in a zone.",
      description = {
        "Between two revisions, or between the zone as it is and a zone file: then '+' is what the"
            + " file would bring. Without --from and FILE: what the last change did.%n"
      },
      footer = {
        "  flashdns diff example.org",
        "  flashdns diff example.org --from 1200 --to 1300",
        "  flashdns diff example.org example.org.zone --exit-code || echo drifted",
      })
  static final class Diff extends ClientCommand {
    @Mixin private ZoneArgument target = new ZoneArgument();

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "FILE",
        description = "Zone file to compare with; - for standard input.")
    private @Nullable Path file;

    @Option(names = "--from", paramLabel = "REVISION", description = "The state to begin with.")
    private @Nullable Long from;

    @Option(
        names = "--to",
        paramLabel = "REVISION",
        description = "The state to end with. Default: now.")
    private long to;

    @Option(names = "--exit-code", description = "End with status 7 when there are differences.")
    private boolean exitCode;

    @Override
    int run(Session session) throws ClientException, IOException, InterruptedException {
      boolean differ = file == null ? between(session) : withFile(session, file);
      return differ && exitCode ? ExitStatus.DIFFERENT : ExitStatus.OK;
    }

    private boolean withFile(Session session, Path compared)
        throws ClientException, IOException, InterruptedException {
      if (from != null || to != 0) {
        throw ClientException.usage(
            "a file is compared with the zone as it is: leave out --from and --to");
      }
      ZoneImporter importer = new ZoneImporter(session, new ChangeOptions());
      ImportResult result =
          importer.send(
              new ZoneImporter.Wish()
                  .force(true)
                  .into(ZoneNames.ref(target.zone, target.view), target.zone),
              importer.source(compared),
              true,
              "");
      if (session.printer().isStructured()) {
        session.printer().message(result);
      } else {
        result.getOutcome().getZonesList().forEach(new Differences(session)::print);
      }
      return result.getOutcome().getChanged();
    }

    private boolean between(Session session) throws ClientException, InterruptedException {
      ZoneRef zone = ZoneNames.ref(target.zone, target.view);
      long first = from == null ? beforeLast(session, zone) : from;
      Differences differences = new Differences(session);
      List<RecordDiff> all = new ArrayList<>();
      String token = "";
      long end = to;
      do {
        DiffZoneRequest request =
            DiffZoneRequest.newBuilder()
                .setZone(zone)
                .setFromRevision(first)
                .setToRevision(end)
                .setPageSize(Pages.SIZE)
                .setPageToken(token)
                .build();
        DiffZoneResponse page = session.ask(() -> session.zones().diffZone(request));
        boolean isFirst = token.isEmpty();
        token = page.getNextPageToken();
        if (session.printer().isStructured()) {
          all.addAll(page.getDiff().getRecordsList());
          if (token.isEmpty()) {
            ZoneDiff whole = page.getDiff().toBuilder().clearRecords().addAllRecords(all).build();
            session.printer().message(whole);
          }
        } else {
          if (isFirst && Differences.isAny(page.getDiff())) {
            differences.header(page.getDiff());
          }
          differences.records(page.getDiff());
        }
        if (token.isEmpty()) {
          return Differences.isAny(page.getDiff()) || !all.isEmpty();
        }
      } while (true);
    }

    private long beforeLast(Session session, ZoneRef zone) throws InterruptedException {
      ListZoneHistoryRequest request =
          ListZoneHistoryRequest.newBuilder()
              .setZone(zone)
              .setPageSize(1)
              .setFilter(to == 0 ? "" : "revision <= " + Long.toUnsignedString(to))
              .build();
      ListZoneHistoryResponse history = session.ask(() -> session.zones().listZoneHistory(request));
      return history.getChangesCount() == 0 ? 0 : history.getChanges(0).getRevision() - 1;
    }
  }

  /** {@code flashdns history}. */
  @Command(
      name = "history",
      header = "Lists the changes of a zone.",
      description = "The newest first. A deleted zone is named by id:ID.%n",
      footer = {
        "  flashdns history example.org --limit 20",
        "  flashdns history example.org --since 2d --filter 'name = \"www.*\"'",
      })
  static final class History extends ClientCommand {
    @Mixin private ZoneArgument target = new ZoneArgument();
    @Mixin private ListOptions list = new ListOptions();

    @Option(
        names = "--since",
        paramLabel = "TIME",
        description = "Since so long ago (2d), or since then (2026-01-31).")
    private @Nullable String since;

    @Option(names = "--records", description = "Show the records that differ, too.")
    private boolean records;

    @Override
    int run(Session session) throws ClientException {
      ZoneRef zone = ZoneNames.ref(target.zone, target.view);
      String filter = new Filters().since(since).part(list.filter).text();
      boolean[] compacted = new boolean[1];
      Pages<Change> changes =
          new Pages<>(
              list.limit,
              (size, token) -> {
                ListZoneHistoryRequest request =
                    ListZoneHistoryRequest.newBuilder()
                        .setZone(zone)
                        .setPageSize(size)
                        .setPageToken(token)
                        .setFilter(filter)
                        .setOrderBy(list.order)
                        .setIncludeRecords(records)
                        .build();
                ListZoneHistoryResponse page =
                    session.ask(() -> session.zones().listZoneHistory(request));
                compacted[0] = page.getNextPageToken().isEmpty() && page.getCompacted();
                return new Pages.Page<>(page.getChangesList(), page.getNextPageToken());
              });
      if (records && session.printer().form() == OutputForm.table) {
        long count = 0;
        for (Change change : changes) {
          count++;
          session.printer().out().println(ChangeText.line(change));
          change.getZonesList().forEach(new Differences(session)::print);
        }
        if (count == 0) {
          session.printer().note("no changes are kept");
        }
      } else {
        session
            .printer()
            .list(
                changes, ChangeText.COLUMNS, change -> Long.toUnsignedString(change.getRevision()));
      }
      if (compacted[0]) {
        session.printer().note("older changes are no longer kept");
      }
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns rollback}. */
  @Command(
      name = "rollback",
      header = "Makes a zone what it was at an earlier revision.",
      description = {
        "As a new change, with a serial that goes forward; settings stay. Shows the differences,"
            + " then asks.%n"
      },
      footer = {
        "  flashdns rollback example.org 1200",
        "  flashdns rollback example.org 1200 --dry-run",
      })
  static final class Rollback extends ClientCommand {
    @Mixin private ZoneArgument target = new ZoneArgument();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(
        index = "1",
        paramLabel = "REVISION",
        description =
            "The revision whose content the zone is to have again: see 'flashdns history'.")
    private long revision;

    @Option(
        names = "--force",
        description =
            "Pass the change guard: more than half of the names go, or the serial goes back.")
    private boolean force;

    @Override
    int run(Session session) throws ClientException, IOException, InterruptedException {
      RollbackZoneRequest.Builder request =
          RollbackZoneRequest.newBuilder()
              .setZone(ZoneNames.ref(target.zone, target.view))
              .setRevision(revision)
              .setForce(force);
      if (!change.dryRun && !change.yes) {
        RollbackZoneResponse would = ask(session, request.setValidateOnly(true).build());
        if (session.printer().form() == OutputForm.table) {
          new Differences(session).print(would.getOutcome());
        }
        if (would.getOutcome().getChanged()) {
          Confirmation.ask(
              session,
              change,
              "roll " + target.zone + " back to revision " + Long.toUnsignedString(revision) + "?");
        }
      }
      request.setValidateOnly(change.dryRun).setRequestId(change.requestId());
      RollbackZoneResponse answer = ask(session, request.build());
      return Changes.tell(
          session,
          change,
          answer,
          answer.getOutcome(),
          target.zone,
          "zone " + target.zone + " rolled back to revision " + Long.toUnsignedString(revision));
    }

    private static RollbackZoneResponse ask(Session session, RollbackZoneRequest request)
        throws InterruptedException {
      return session.ask(() -> session.zones().rollbackZone(request));
    }

    @Override
    String argumentOf(String path) {
      return path.equals("revision") ? "REVISION" : "";
    }
  }
}
