package io.flashdns.management.client;

import io.flashdns.proto.v1.AuditDecision;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.ListAuditEntriesRequest;
import io.flashdns.proto.v1.ListAuditEntriesResponse;
import io.flashdns.proto.v1.ZoneDiff;
import io.grpc.Status;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flashdns audit}. */
@Command(
    name = "audit",
    header = "Reads the audit log.",
    description = {
      "Every call that changed something or was denied: who, from where, what, with which result."
          + " The newest first.%n"
    },
    footer = {
      "  flashdns audit --limit 20",
      "  flashdns audit --zone example.org --since 7d",
      "  flashdns audit --denied --since 1h -o json",
    })
final class AuditCommand extends ClientCommand {
  private static final List<Column<AuditEntry>> COLUMNS =
      List.of(
          Column.of("TIME", entry -> ZoneText.time(entry.getTime())),
          Column.wide("WHO", entry -> entry.getPrincipal().isEmpty() ? "-" : entry.getPrincipal()),
          Column.of("FROM", AuditEntry::getSourceAddress),
          Column.of(
              "CALL", entry -> entry.getCall().substring(entry.getCall().lastIndexOf('/') + 1)),
          Column.of("RESULT", AuditCommand::result),
          Column.wide("ABOUT", AuditCommand::about));

  @Mixin private ListOptions list = new ListOptions();

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Since so long ago (7d), or since then (2026-01-31).")
  private @Nullable String since;

  @Option(names = "--principal", paramLabel = "WHO", description = "Calls of this principal.")
  private @Nullable String principal;

  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      description = "Calls about this zone, by name or id:ID.")
  private @Nullable String zone;

  @Option(
      names = "--project",
      paramLabel = "ORG[/PROJECT]",
      description = "Calls about this organisation or project.")
  private @Nullable String project;

  @Option(names = "--denied", description = "Calls that were denied.")
  private boolean denied;

  @Override
  int run(Session session) throws ClientException {
    String filter =
        new Filters()
            .since(since)
            .text("principal", principal)
            .text("zone", zone())
            .tenant(project)
            .part(denied ? "decision != allowed" : null)
            .part(list.filter)
            .text();
    Pages<AuditEntry> entries =
        new Pages<>(
            list.limit,
            (size, token) -> {
              ListAuditEntriesRequest request =
                  ListAuditEntriesRequest.newBuilder()
                      .setPageSize(size)
                      .setPageToken(token)
                      .setFilter(filter)
                      .setOrderBy(list.order)
                      .build();
              ListAuditEntriesResponse page =
                  session.ask(() -> session.audit().listAuditEntries(request));
              return new Pages.Page<>(page.getEntriesList(), page.getNextPageToken());
            });
    session.printer().list(entries, COLUMNS, AuditEntry::getId);
    return ExitStatus.OK;
  }

  private @Nullable String zone() throws ClientException {
    if (zone == null) {
      return null;
    }
    return zone.startsWith("id:") ? zone.substring(3) : DomainName.absolute(zone);
  }

  private static String result(AuditEntry entry) {
    if (entry.getDecision() != AuditDecision.AUDIT_DECISION_ALLOWED) {
      return ZoneText.word(entry.getDecision(), "AUDIT_DECISION_");
    }
    if (entry.getStatusCode() != 0) {
      return Status.fromCodeValue(entry.getStatusCode()).getCode().name();
    }
    return entry.getValidateOnly() ? "ok (dry run)" : "ok";
  }

  private static String about(AuditEntry entry) {
    String zones =
        entry.getZonesList().stream()
            .map(ZoneDiff::getName)
            .map(ZoneNames::apex)
            .collect(Collectors.joining(", "));
    String about =
        zones.isEmpty() && entry.hasProject() ? ZoneNames.project(entry.getProject()) : zones;
    return entry.getStatusMessage().isEmpty()
        ? about
        : about + (about.isEmpty() ? "" : ": ") + entry.getStatusMessage();
  }
}
