package io.flashdns.management.client;

import com.google.protobuf.FieldMask;
import com.google.protobuf.Message;
import io.flashdns.proto.v1.CreateOrganisationRequest;
import io.flashdns.proto.v1.CreateOrganisationResponse;
import io.flashdns.proto.v1.CreateProjectRequest;
import io.flashdns.proto.v1.CreateProjectResponse;
import io.flashdns.proto.v1.DeleteOrganisationRequest;
import io.flashdns.proto.v1.DeleteOrganisationResponse;
import io.flashdns.proto.v1.DeleteProjectRequest;
import io.flashdns.proto.v1.DeleteProjectResponse;
import io.flashdns.proto.v1.GetOrganisationRequest;
import io.flashdns.proto.v1.GetProjectRequest;
import io.flashdns.proto.v1.ListOrganisationsRequest;
import io.flashdns.proto.v1.ListOrganisationsResponse;
import io.flashdns.proto.v1.ListProjectsRequest;
import io.flashdns.proto.v1.ListProjectsResponse;
import io.flashdns.proto.v1.Organisation;
import io.flashdns.proto.v1.Outcome;
import io.flashdns.proto.v1.Project;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Suspension;
import io.flashdns.proto.v1.UpdateOrganisationRequest;
import io.flashdns.proto.v1.UpdateOrganisationResponse;
import io.flashdns.proto.v1.UpdateProjectRequest;
import io.flashdns.proto.v1.UpdateProjectResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flashdns tenant}. */
@Command(
    name = "tenant",
    header = "Tenants: organisations, their projects, quotas, grants of names.",
    description = {
      "ORG means an organisation and ORG/PROJECT a project of it; what is done is the same for"
          + " both.%n"
    },
    footer = {
      "  flashdns tenant create acme",
      "  flashdns tenant create acme/web",
      "  flashdns tenant quota acme/web zones=500",
    },
    subcommands = {
      TenantCommand.Create.class,
      TenantCommand.Listing.class,
      TenantCommand.Get.class,
      TenantCommand.Update.class,
      TenantCommand.Delete.class,
      TenantStateCommands.Suspend.class,
      TenantStateCommands.Resume.class,
      TenantStateCommands.Quotas.class,
      GrantCommands.Create.class,
      GrantCommands.Listing.class,
      GrantCommands.Delete.class
    })
final class TenantCommand {
  private TenantCommand() {}

  /** The tenant that a command is about. */
  static final class Target {
    @Parameters(
        index = "0",
        paramLabel = "ORG[/PROJECT]",
        description = "An organisation, or a project of one.")
    String text = "";

    ProjectName name() throws ClientException {
      return ZoneNames.tenant(text);
    }
  }

  /** What a tenant is called and marked with. */
  static final class Marks {
    @Option(
        names = "--display-name",
        paramLabel = "TEXT",
        description = "What people call it. Default: the id.")
    @Nullable String displayName;

    @Option(
        names = "--label",
        paramLabel = "KEY=VALUE",
        description = "A mark for people and tools; may be repeated.")
    Map<String, String> labels = new LinkedHashMap<>();

    private String text() {
      return displayName == null ? "" : displayName;
    }

    Organisation organisation(ProjectName name) {
      return Organisation.newBuilder()
          .setId(name.getOrganisation())
          .setDisplayName(text())
          .putAllLabels(labels)
          .build();
    }

    Project project(ProjectName name) {
      return Project.newBuilder().setName(name).setDisplayName(text()).putAllLabels(labels).build();
    }
  }

  /** Tells of a change of a tenant. */
  static int tell(
      Session session,
      ChangeOptions change,
      Message answer,
      Outcome outcome,
      Target target,
      String done)
      throws ClientException, InterruptedException {
    String kind = target.text.indexOf('/') < 0 ? "organisation " : "project ";
    return Changes.tell(
        session, change, answer, outcome, target.text, kind + target.text + " " + done);
  }

  /** {@code flashdns tenant create}. */
  @Command(
      name = "create",
      header = "Creates an organisation or a project.",
      description = "Ids are never given again: a-z, 0-9 and hyphens, a letter first.%n",
      footer = {"  flashdns tenant create acme", "  flashdns tenant create acme/web"})
  static final class Create extends ClientCommand {
    @Mixin private Target target = new Target();
    @Mixin private Marks marks = new Marks();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Override
    int run(Session session) throws Exception {
      ProjectName name = target.name();
      if (name.getProject().isEmpty()) {
        CreateOrganisationRequest request =
            CreateOrganisationRequest.newBuilder()
                .setOrganisation(marks.organisation(name))
                .setValidateOnly(change.dryRun)
                .setRequestId(change.requestId())
                .build();
        CreateOrganisationResponse answer =
            session.ask(() -> session.tenants().createOrganisation(request));
        return tell(session, change, answer, answer.getOutcome(), target, "created");
      }
      CreateProjectRequest request =
          CreateProjectRequest.newBuilder()
              .setProject(marks.project(name))
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      CreateProjectResponse answer = session.ask(() -> session.tenants().createProject(request));
      return tell(session, change, answer, answer.getOutcome(), target, "created");
    }

    @Override
    String argumentOf(String path) {
      return path.endsWith(".id") || path.contains("name.") ? "ORG[/PROJECT]" : "";
    }
  }

  /** {@code flashdns tenant list}. */
  @Command(
      name = "list",
      aliases = "ls",
      header = "Lists organisations, or the projects of one.",
      description = "Those that you may see.%n",
      footer = {
        "  flashdns tenant list",
        "  flashdns tenant list acme",
        "  flashdns tenant list --projects",
      })
  static final class Listing extends ClientCommand {
    @Mixin private ListOptions list = new ListOptions();

    @Parameters(
        arity = "0..1",
        paramLabel = "ORG",
        description = "The organisation whose projects are listed.")
    private @Nullable String organisation;

    @Option(names = "--projects", description = "List the projects of all organisations.")
    private boolean projects;

    @Override
    int run(Session session) {
      if (organisation == null && !projects) {
        session.printer().list(organisations(session), COLUMNS, Organisation::getId);
      } else {
        session
            .printer()
            .list(
                projects(session),
                PROJECT_COLUMNS,
                project -> ZoneNames.project(project.getName()));
      }
      return ExitStatus.OK;
    }

    private Pages<Organisation> organisations(Session session) {
      return new Pages<>(
          list.limit,
          (size, token) -> {
            ListOrganisationsRequest request =
                ListOrganisationsRequest.newBuilder()
                    .setPageSize(size)
                    .setPageToken(token)
                    .setFilter(list.filter)
                    .setOrderBy(list.order)
                    .build();
            ListOrganisationsResponse page =
                session.ask(() -> session.tenants().listOrganisations(request));
            return new Pages.Page<>(page.getOrganisationsList(), page.getNextPageToken());
          });
    }

    private Pages<Project> projects(Session session) {
      String filter = new Filters().text("organisation", organisation).part(list.filter).text();
      return new Pages<>(
          list.limit,
          (size, token) -> {
            ListProjectsRequest request =
                ListProjectsRequest.newBuilder()
                    .setPageSize(size)
                    .setPageToken(token)
                    .setFilter(filter)
                    .setOrderBy(list.order)
                    .build();
            ListProjectsResponse page = session.ask(() -> session.tenants().listProjects(request));
            return new Pages.Page<>(page.getProjectsList(), page.getNextPageToken());
          });
    }

    private static final List<Column<Organisation>> COLUMNS =
        List.of(
            Column.of("ORGANISATION", Organisation::getId),
            Column.wide("NAME", Organisation::getDisplayName),
            Column.of("STATE", it -> it.hasSuspension() ? "suspended" : "active"),
            Column.of("CREATED", it -> ZoneText.time(it.getCreateTime())),
            Column.wide("LABELS", it -> Labels.text(it.getLabelsMap())));

    private static final List<Column<Project>> PROJECT_COLUMNS =
        List.of(
            Column.of("PROJECT", it -> ZoneNames.project(it.getName())),
            Column.wide("NAME", Project::getDisplayName),
            Column.of("STATE", it -> it.hasSuspension() ? "suspended" : "active"),
            Column.of("CREATED", it -> ZoneText.time(it.getCreateTime())),
            Column.wide("LABELS", it -> Labels.text(it.getLabelsMap())));
  }

  /** {@code flashdns tenant get}. */
  @Command(
      name = "get",
      aliases = "show",
      header = "Shows an organisation or a project.",
      description = "Quotas have a command of their own: 'flashdns tenant quota'.%n",
      footer = {"  flashdns tenant get acme/web"})
  static final class Get extends ClientCommand {
    @Mixin private Target target = new Target();

    @Override
    int run(Session session) throws Exception {
      ProjectName name = target.name();
      Map<String, String> fields = new LinkedHashMap<>();
      if (name.getProject().isEmpty()) {
        GetOrganisationRequest request =
            GetOrganisationRequest.newBuilder().setOrganisation(name.getOrganisation()).build();
        Organisation it =
            session.ask(() -> session.tenants().getOrganisation(request)).getOrganisation();
        fields.put("organisation", it.getId());
        fields.put("name", it.getDisplayName());
        fields.put("labels", Labels.text(it.getLabelsMap()));
        fields.put("suspended", it.hasSuspension() ? suspension(it.getSuspension()) : "");
        fields.put("created", ZoneText.time(it.getCreateTime()));
        fields.put("changed", ZoneText.time(it.getUpdateTime()));
        fields.put("etag", it.getEtag());
        session.printer().one(it, fields, it.getId());
      } else {
        GetProjectRequest request = GetProjectRequest.newBuilder().setProject(name).build();
        Project it = session.ask(() -> session.tenants().getProject(request)).getProject();
        fields.put("project", ZoneNames.project(it.getName()));
        fields.put("name", it.getDisplayName());
        fields.put("labels", Labels.text(it.getLabelsMap()));
        fields.put("suspended", it.hasSuspension() ? suspension(it.getSuspension()) : "");
        fields.put("created", ZoneText.time(it.getCreateTime()));
        fields.put("changed", ZoneText.time(it.getUpdateTime()));
        fields.put("etag", it.getEtag());
        session.printer().one(it, fields, ZoneNames.project(it.getName()));
      }
      return ExitStatus.OK;
    }

    private static String suspension(Suspension suspension) {
      return "since " + ZoneText.time(suspension.getTime()) + ": " + suspension.getReason();
    }
  }

  /** {@code flashdns tenant update}. */
  @Command(
      name = "update",
      aliases = "set",
      header = "Changes what a tenant is called and marked with.",
      description = "Labels that are given take the place of all that are there.%n",
      footer = {"  flashdns tenant update acme --display-name 'Acme Ltd'"})
  static final class Update extends ClientCommand {
    @Mixin private Target target = new Target();
    @Mixin private Marks marks = new Marks();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Override
    int run(Session session) throws Exception {
      ProjectName name = target.name();
      List<String> paths = new ArrayList<>();
      if (marks.displayName != null) {
        paths.add("display_name");
      }
      if (!marks.labels.isEmpty()) {
        paths.add("labels");
      }
      if (paths.isEmpty()) {
        throw ClientException.usage("what is to be changed? Give --display-name or --label");
      }
      FieldMask mask = FieldMask.newBuilder().addAllPaths(paths).build();
      if (name.getProject().isEmpty()) {
        UpdateOrganisationRequest request =
            UpdateOrganisationRequest.newBuilder()
                .setOrganisation(marks.organisation(name))
                .setUpdateMask(mask)
                .setValidateOnly(change.dryRun)
                .setRequestId(change.requestId())
                .build();
        UpdateOrganisationResponse answer =
            session.ask(() -> session.tenants().updateOrganisation(request));
        return tell(session, change, answer, answer.getOutcome(), target, "changed");
      }
      UpdateProjectRequest request =
          UpdateProjectRequest.newBuilder()
              .setProject(marks.project(name))
              .setUpdateMask(mask)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      UpdateProjectResponse answer = session.ask(() -> session.tenants().updateProject(request));
      return tell(session, change, answer, answer.getOutcome(), target, "changed");
    }
  }

  /** {@code flashdns tenant delete}. */
  @Command(
      name = "delete",
      aliases = "rm",
      header = "Deletes an empty organisation or project.",
      description = "Its tokens and policies go with it. Asks first.%n",
      footer = {"  flashdns tenant delete acme/web"})
  static final class Delete extends ClientCommand {
    @Mixin private Target target = new Target();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Override
    int run(Session session) throws Exception {
      ProjectName name = target.name();
      if (!change.dryRun) {
        Confirmation.ask(
            session, change, "delete " + target.text + " with its tokens and policies?");
      }
      if (name.getProject().isEmpty()) {
        DeleteOrganisationRequest request =
            DeleteOrganisationRequest.newBuilder()
                .setOrganisation(name.getOrganisation())
                .setValidateOnly(change.dryRun)
                .setRequestId(change.requestId())
                .build();
        DeleteOrganisationResponse answer =
            session.ask(() -> session.tenants().deleteOrganisation(request));
        return tell(session, change, answer, answer.getOutcome(), target, "deleted");
      }
      DeleteProjectRequest request =
          DeleteProjectRequest.newBuilder()
              .setProject(name)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      DeleteProjectResponse answer = session.ask(() -> session.tenants().deleteProject(request));
      return tell(session, change, answer, answer.getOutcome(), target, "deleted");
    }
  }
}
