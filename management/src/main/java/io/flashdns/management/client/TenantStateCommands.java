package io.flashdns.management.client;

import io.flashdns.proto.v1.GetQuotasRequest;
import io.flashdns.proto.v1.GetQuotasResponse;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Quota;
import io.flashdns.proto.v1.QuotaKind;
import io.flashdns.proto.v1.ResumeOrganisationRequest;
import io.flashdns.proto.v1.ResumeOrganisationResponse;
import io.flashdns.proto.v1.ResumeProjectRequest;
import io.flashdns.proto.v1.ResumeProjectResponse;
import io.flashdns.proto.v1.SuspendOrganisationRequest;
import io.flashdns.proto.v1.SuspendOrganisationResponse;
import io.flashdns.proto.v1.SuspendProjectRequest;
import io.flashdns.proto.v1.SuspendProjectResponse;
import io.flashdns.proto.v1.UpdateOrganisationQuotasRequest;
import io.flashdns.proto.v1.UpdateOrganisationQuotasResponse;
import io.flashdns.proto.v1.UpdateProjectQuotasRequest;
import io.flashdns.proto.v1.UpdateProjectQuotasResponse;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a tenant may use, and whether it may at all. */
final class TenantStateCommands {
  private static final String INHERIT = "inherit";

  private TenantStateCommands() {}

  /** {@code flashdns tenant suspend}. */
  @Command(
      name = "suspend",
      header = "Suspends an organisation or a project.",
      description = {
        "Its zones answer nothing (REFUSED) and its changes are refused, until it is resumed. Asks"
            + " first.%n"
      },
      footer = {"  flashdns tenant suspend acme --reason 'invoice 4711 is open; call +1 555 0100'"})
  static final class Suspend extends ClientCommand {
    @Mixin private TenantCommand.Target target = new TenantCommand.Target();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Option(
        names = "--reason",
        required = true,
        paramLabel = "TEXT",
        description = "Why, and what to do: the tenant reads it. Required.")
    private String reason = "";

    @Override
    int run(Session session) throws Exception {
      ProjectName name = target.name();
      if (!change.dryRun) {
        Confirmation.ask(
            session, change, "suspend " + target.text + ", so that its zones answer nothing?");
      }
      if (name.getProject().isEmpty()) {
        SuspendOrganisationRequest request =
            SuspendOrganisationRequest.newBuilder()
                .setOrganisation(name.getOrganisation())
                .setReason(reason)
                .setValidateOnly(change.dryRun)
                .setRequestId(change.requestId())
                .build();
        SuspendOrganisationResponse answer =
            session.ask(() -> session.tenants().suspendOrganisation(request));
        return TenantCommand.tell(
            session, change, answer, answer.getOutcome(), target, "suspended");
      }
      SuspendProjectRequest request =
          SuspendProjectRequest.newBuilder()
              .setProject(name)
              .setReason(reason)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      SuspendProjectResponse answer = session.ask(() -> session.tenants().suspendProject(request));
      return TenantCommand.tell(session, change, answer, answer.getOutcome(), target, "suspended");
    }
  }

  /** {@code flashdns tenant resume}. */
  @Command(
      name = "resume",
      header = "Lifts the suspension of an organisation or a project.",
      description = "One that is not suspended is no error.%n",
      footer = {"  flashdns tenant resume acme"})
  static final class Resume extends ClientCommand {
    @Mixin private TenantCommand.Target target = new TenantCommand.Target();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Override
    int run(Session session) throws Exception {
      ProjectName name = target.name();
      if (name.getProject().isEmpty()) {
        ResumeOrganisationRequest request =
            ResumeOrganisationRequest.newBuilder()
                .setOrganisation(name.getOrganisation())
                .setValidateOnly(change.dryRun)
                .setRequestId(change.requestId())
                .build();
        ResumeOrganisationResponse answer =
            session.ask(() -> session.tenants().resumeOrganisation(request));
        return TenantCommand.tell(session, change, answer, answer.getOutcome(), target, "resumed");
      }
      ResumeProjectRequest request =
          ResumeProjectRequest.newBuilder()
              .setProject(name)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      ResumeProjectResponse answer = session.ask(() -> session.tenants().resumeProject(request));
      return TenantCommand.tell(session, change, answer, answer.getOutcome(), target, "resumed");
    }
  }

  /** {@code flashdns tenant quota}. */
  @Command(
      name = "quota",
      aliases = "quotas",
      header = "Shows or sets the quotas of an organisation or a project.",
      description = {
        "Kinds are zones, records-per-zone, records, records-per-rrset, rrset-bytes,"
            + " changes-per-second, queries-per-second and tokens. KIND=inherit goes back to what"
            + " holds above.%n"
      },
      footer = {
        "  flashdns tenant quota acme/web",
        "  flashdns tenant quota acme/web zones=500 queries-per-second=inherit",
      })
  static final class Quotas extends ClientCommand {
    private static final List<Column<Quota>> COLUMNS =
        List.of(
            Column.of("QUOTA", quota -> QuotaKinds.name(quota.getKind())),
            Column.number("USED", quota -> Long.toUnsignedString(quota.getUsed())),
            Column.number("LIMIT", quota -> Long.toUnsignedString(quota.getLimit())),
            Column.of("SET", quota -> quota.getInherited() ? "inherited" : "here"));

    @Mixin private TenantCommand.Target target = new TenantCommand.Target();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(
        index = "1..*",
        paramLabel = "KIND=LIMIT",
        description = "What to set; without any, quotas are shown.")
    private List<String> wishes = new ArrayList<>();

    @Override
    int run(Session session) throws Exception {
      ProjectName name = target.name();
      if (wishes.isEmpty()) {
        GetQuotasRequest request = GetQuotasRequest.newBuilder().setTenant(name).build();
        GetQuotasResponse answer = session.ask(() -> session.tenants().getQuotas(request));
        show(session, answer.getQuotasList());
        return ExitStatus.OK;
      }
      List<Quota> quotas = new ArrayList<>();
      List<QuotaKind> inherit = new ArrayList<>();
      for (String wish : wishes) {
        read(wish, quotas, inherit);
      }
      if (name.getProject().isEmpty()) {
        UpdateOrganisationQuotasRequest request =
            UpdateOrganisationQuotasRequest.newBuilder()
                .setOrganisation(name.getOrganisation())
                .addAllQuotas(quotas)
                .addAllInherit(inherit)
                .setValidateOnly(change.dryRun)
                .setRequestId(change.requestId())
                .build();
        UpdateOrganisationQuotasResponse answer =
            session.ask(() -> session.tenants().updateOrganisationQuotas(request));
        return TenantCommand.tell(
            session, change, answer, answer.getOutcome(), target, "has new quotas");
      }
      UpdateProjectQuotasRequest request =
          UpdateProjectQuotasRequest.newBuilder()
              .setProject(name)
              .addAllQuotas(quotas)
              .addAllInherit(inherit)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      UpdateProjectQuotasResponse answer =
          session.ask(() -> session.tenants().updateProjectQuotas(request));
      return TenantCommand.tell(
          session, change, answer, answer.getOutcome(), target, "has new quotas");
    }

    private static void read(String wish, List<Quota> quotas, List<QuotaKind> inherit)
        throws ClientException {
      int equals = wish.indexOf('=');
      if (equals < 0) {
        throw ClientException.usage(
            "a quota is set by KIND=LIMIT, such as zones=500, not '" + wish + "'");
      }
      QuotaKind kind = QuotaKinds.parse(wish.substring(0, equals));
      String limit = wish.substring(equals + 1);
      if (limit.equals(INHERIT)) {
        inherit.add(kind);
        return;
      }
      try {
        quotas.add(
            Quota.newBuilder().setKind(kind).setLimit(Long.parseUnsignedLong(limit)).build());
      } catch (NumberFormatException _) {
        throw ClientException.usage(wish + ": the limit must be a whole number or 'inherit'");
      }
    }

    private static void show(Session session, List<Quota> quotas) {
      session.printer().list(quotas, COLUMNS, quota -> QuotaKinds.name(quota.getKind()));
    }
  }
}
