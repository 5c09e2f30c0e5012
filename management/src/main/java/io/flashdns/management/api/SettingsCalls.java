package io.flashdns.management.api;

import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Filter;
import io.flashdns.management.message.Order;
import io.flashdns.management.message.Violations;
import io.flashdns.management.tenancy.Documents;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.proto.v1.DeleteSettingsRequest;
import io.flashdns.proto.v1.DeleteSettingsResponse;
import io.flashdns.proto.v1.GetSettingsRequest;
import io.flashdns.proto.v1.GetSettingsResponse;
import io.flashdns.proto.v1.ListSettingsRequest;
import io.flashdns.proto.v1.ListSettingsResponse;
import io.flashdns.proto.v1.Outcome;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Settings;
import io.flashdns.proto.v1.SettingsServiceGrpc.SettingsServiceImplBase;
import io.flashdns.proto.v1.UpdateSettingsRequest;
import io.flashdns.proto.v1.UpdateSettingsResponse;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The calls of {@code SettingsService}: for those who run the platform. */
final class SettingsCalls extends SettingsServiceImplBase {
  private static final String KIND = "section";
  private static final String SECTION = "section";
  private static final String YAML = "yaml";

  /** What audit log and answers can hold besides the rest. */
  private static final int MAX_YAML_BYTES = 256 << 10;

  private static final Filter.Fields FIELDS =
      Filter.fields().text(SECTION).text("updater").time("update_time").build();

  private final DocumentCalls documents;
  private final SharedSections sections;

  SettingsCalls(DocumentCalls documents, SharedSections sections) {
    this.documents = documents;
    this.sections = sections;
  }

  @Override
  public void getSettings(GetSettingsRequest request, StreamObserver<GetSettingsResponse> caller) {
    Answers.send(
        caller,
        () -> {
          permitted();
          return documents.read(
              view ->
                  GetSettingsResponse.newBuilder()
                      .setSettings(shown(there(view, request.getSection())))
                      .build());
        });
  }

  @Override
  public void listSettings(
      ListSettingsRequest request, StreamObserver<ListSettingsResponse> caller) {
    Answers.send(caller, () -> list(permitted(), request));
  }

  @Override
  public void updateSettings(
      UpdateSettingsRequest request, StreamObserver<UpdateSettingsResponse> caller) {
    Answers.send(caller, () -> update(permitted(), request));
  }

  @Override
  public void deleteSettings(
      DeleteSettingsRequest request, StreamObserver<DeleteSettingsResponse> caller) {
    Answers.send(caller, () -> delete(permitted(), request));
  }

  private static Call permitted() {
    Call call = Call.current();
    Guard.platform(call, call.permission());
    return call;
  }

  private ListSettingsResponse list(Call call, ListSettingsRequest request) throws StoreException {
    Filter filter = Filter.parse(request.getFilter(), FIELDS);
    Order order = Order.parse(request.getOrderBy(), Order.by(SECTION), SECTION, "update_time");
    boolean byTime = order.field().equals("update_time");
    var page =
        documents.<Settings>list(
            call,
            request,
            request.getPageSize(),
            order,
            _ -> DocumentCalls.Where.all(Keys.SETTINGS),
            (_, document) -> {
              Settings found = read(document);
              return filter.matches(field -> value(found, field)) ? shown(found) : null;
            },
            found ->
                byTime
                    ? DocumentCalls.key(found.getUpdateTime(), found.getSection())
                    : found.getSection());
    return ListSettingsResponse.newBuilder()
        .addAllSettings(page.entries())
        .setNextPageToken(page.nextPageToken())
        .build();
  }

  private UpdateSettingsResponse update(Call call, UpdateSettingsRequest request)
      throws StoreException, InterruptedException {
    String section = request.getSection();
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        UpdateSettingsResponse.getDefaultInstance(),
        () -> check(section, request.getYaml()),
        (view, plan, now, outcome) -> {
          Settings before = find(view, section);
          require(request.getEtag(), before, section);
          Settings after =
              before != null && before.getYaml().equals(request.getYaml())
                  ? before
                  : given(call, request, now);
          boolean changes = !after.equals(before);
          UpdateSettingsResponse answer =
              UpdateSettingsResponse.newBuilder()
                  .setSettings(shown(after))
                  .setOutcome(made(outcome, plan, changes))
                  .build();
          return new Committer.Written<>(
              answer,
              changes ? List.of(Documents.put(Keys.settings(section), after)) : List.of(),
              TenantTexts.audit(ProjectName.getDefaultInstance(), before, after));
        });
  }

  private static Settings given(Call call, UpdateSettingsRequest request, Instant now) {
    return Settings.newBuilder()
        .setSection(request.getSection())
        .setYaml(request.getYaml())
        .setUpdater(call.principal().name())
        .setUpdateTime(TenantTexts.time(now))
        .build();
  }

  private DeleteSettingsResponse delete(Call call, DeleteSettingsRequest request)
      throws StoreException, InterruptedException {
    String section = request.getSection();
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        DeleteSettingsResponse.getDefaultInstance(),
        () -> {},
        (view, plan, _, outcome) -> {
          Settings before = there(view, section);
          require(request.getEtag(), before, section);
          return new Committer.Written<>(
              DeleteSettingsResponse.newBuilder().setOutcome(made(outcome, plan, true)).build(),
              List.of(DocumentEdit.remove(Keys.settings(section))),
              TenantTexts.audit(ProjectName.getDefaultInstance(), before, null));
        });
  }

  /** With the revision that can be waited for: unlike other documents, these are served. */
  private static Outcome.Builder made(Outcome.Builder outcome, Plan plan, boolean changes) {
    return outcome.setChanged(changes).setRevision(changes ? plan.revision() : plan.revision() - 1);
  }

  private void check(String section, String yaml) {
    Violations violations = new Violations();
    if (!sections.names().contains(section)) {
      violations.add(
          SECTION,
          "this cannot be shared: give one of "
              + String.join(", ", sections.names())
              + "; all else is said in each node's file");
      violations.throwIfAny();
    }
    int octets = yaml.getBytes(StandardCharsets.UTF_8).length;
    if (yaml.isBlank()) {
      violations.add(
          YAML,
          "a text is required: what stands below '"
              + section
              + ":' in a configuration file, or {} for the defaults");
    } else if (octets > MAX_YAML_BYTES) {
      violations.add(
          YAML, "it has " + octets + " octets: at most " + MAX_YAML_BYTES + " are allowed");
    } else {
      sections.check(section, yaml, YAML, violations);
    }
    violations.throwIfAny();
    if (!sections.isConfigured(section)) {
      throw CallException.precondition(
          "PLUGIN_NOT_CONFIGURED",
          "plugin " + section,
          "nothing would come of it: the configuration file of this node does not name the plugin '"
              + section
              + "'; name it there under plugins, on every node, and reload");
    }
  }

  private static Settings there(ContentView view, String section) throws StoreException {
    Settings found = find(view, section);
    if (found == null) {
      throw CallException.notFound(KIND, section);
    }
    return found;
  }

  private static @Nullable Settings find(ContentView view, String section) throws StoreException {
    Document document = isName(section) ? view.document(Keys.settings(section)) : null;
    return document == null ? null : read(document);
  }

  /** What cannot be read is a section without a text, so that it can be replaced or taken away. */
  private static Settings read(Document document) {
    String section = document.key().substring(Keys.SETTINGS.length());
    try {
      return Documents.parsed(document, Settings.parser()).toBuilder().setSection(section).build();
    } catch (StoreException _) {
      return Settings.newBuilder().setSection(section).build();
    }
  }

  private static boolean isName(String section) {
    return section.matches("[a-z][a-z0-9-]{0,62}");
  }

  private static void require(String etag, @Nullable Settings stored, String section) {
    if (!etag.isEmpty() && (stored == null || !etag.equals(Documents.etag(stored)))) {
      throw CallException.aborted(KIND, section);
    }
  }

  private static Settings shown(Settings stored) {
    return stored.toBuilder().setEtag(Documents.etag(stored)).build();
  }

  private static @Nullable Object value(Settings one, String field) {
    return switch (field) {
      case SECTION -> one.getSection();
      case "updater" -> one.getUpdater();
      case "update_time" ->
          one.hasUpdateTime() ? Instant.ofEpochSecond(one.getUpdateTime().getSeconds()) : null;
      default -> null;
    };
  }
}
