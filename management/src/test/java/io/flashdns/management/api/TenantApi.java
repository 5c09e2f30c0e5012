package io.flashdns.management.api;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.identity.Principal;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.PageTokens;
import io.flashdns.management.message.Violations;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.StoreConfig;
import io.flashdns.management.tenancy.Access;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.management.tenancy.Tenancy;
import io.flashdns.management.tenancy.TenancyConfig;
import io.flashdns.proto.v1.AccessServiceProto;
import io.flashdns.proto.v1.AnnotationsProto;
import io.flashdns.proto.v1.AuditProto;
import io.flashdns.proto.v1.AuthenticationMethod;
import io.flashdns.proto.v1.CreateOrganisationRequest;
import io.flashdns.proto.v1.CreatePolicyRequest;
import io.flashdns.proto.v1.CreateProjectRequest;
import io.flashdns.proto.v1.Organisation;
import io.flashdns.proto.v1.Policy;
import io.flashdns.proto.v1.Project;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.SettingsProto;
import io.flashdns.proto.v1.TenantServiceProto;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The services about tenants and settings over a store, and callers of theirs. */
final class TenantApi implements AutoCloseable {
  final ZoneStore store;
  final Tenancy tenancy;
  final TenantCalls tenants;
  final AccessCalls access;
  final AuditCalls audit;
  final SettingsCalls settings;
  final Rights operator = Access.local("test");

  TenantApi() throws Exception {
    store = EmbeddedStore.inMemory(StoreConfig.defaults());
    tenancy = Tenancy.open(store, TenancyConfig.defaults(), InstantSource.system());
    PageTokens tokens = new PageTokens(new byte[32], InstantSource.system());
    DocumentCalls documents =
        new DocumentCalls(store, new Committer(store, tenancy.rules()), tenancy, tokens);
    tenants = new TenantCalls(documents);
    access = new AccessCalls(documents);
    audit = new AuditCalls(store, tokens);
    settings = new SettingsCalls(documents, new Sections());
  }

  /** Takes texts without the word "wrong"; nobody has configured acl. */
  private static final class Sections implements SharedSections {
    @Override
    public List<String> names() {
      return List.of("acl", "ratelimit");
    }

    @Override
    public void check(String section, String yaml, String path, Violations violations) {
      if (yaml.contains("wrong")) {
        violations.add(path, "line 1, column 1: it is wrong");
      }
    }

    @Override
    public boolean isConfigured(String section) {
      return section.equals("ratelimit");
    }
  }

  /** The answer of a call. */
  <Q extends Message, A> A call(Rights rights, BiConsumer<Q, StreamObserver<A>> service, Q request)
      throws Exception {
    MethodDescriptor method = method(request);
    Call call =
        new Call(
            method,
            method.getOptions().getExtension(AnnotationsProto.permission),
            rights,
            new InetSocketAddress("192.0.2.7", 4711),
            InstantSource.system().instant());
    call.asked(request);
    Got<A> got = new Got<>();
    call.in(Context.ROOT).run(() -> service.accept(request, got));
    return got.answer();
  }

  private static MethodDescriptor method(Message request) {
    String name = request.getDescriptorForType().getName().replaceAll("Request$", "");
    for (ServiceDescriptor service :
        List.of(
            TenantServiceProto.getDescriptor().getServices().getFirst(),
            AccessServiceProto.getDescriptor().getServices().getFirst(),
            AuditProto.getDescriptor().getServices().getFirst(),
            SettingsProto.getDescriptor().getServices().getFirst())) {
      MethodDescriptor method = service.findMethodByName(name);
      if (method != null) {
        return method;
      }
    }
    throw new AssertionError("no method takes " + name);
  }

  private static final class Got<A> implements StreamObserver<A> {
    private @Nullable A answer;
    private boolean complete;

    @Override
    public void onNext(A value) {
      answer = value;
    }

    @Override
    public void onError(Throwable thrown) {
      throw new AssertionError(thrown);
    }

    @Override
    public void onCompleted() {
      complete = true;
    }

    A answer() {
      A got = answer;
      if (got == null || !complete) {
        throw new AssertionError("the call has not ended");
      }
      return got;
    }
  }

  /** Makes the organisation and the project. */
  void project(String organisation, String project) throws Exception {
    try {
      organisation(organisation);
    } catch (CallException e) {
      if (e.status().getCode() != com.google.rpc.Code.ALREADY_EXISTS.getNumber()) {
        throw e;
      }
    }
    var _ =
        call(
            operator,
            tenants::createProject,
            CreateProjectRequest.newBuilder()
                .setProject(Project.newBuilder().setName(name(organisation, project)))
                .build());
  }

  void organisation(String id) throws Exception {
    var _ =
        call(
            operator,
            tenants::createOrganisation,
            CreateOrganisationRequest.newBuilder()
                .setOrganisation(Organisation.newBuilder().setId(id))
                .build());
  }

  /** Somebody with a role, by a policy. */
  Rights with(String subject, Role role, Scope scope) throws Exception {
    var _ =
        call(
            operator,
            access::createPolicy,
            CreatePolicyRequest.newBuilder()
                .setPolicy(
                    Policy.newBuilder()
                        .setPrincipal("oidc:https://issuer.example#" + subject)
                        .setScope(scope)
                        .setRole(role))
                .build());
    return somebody(subject);
  }

  /** What somebody may do now. */
  Rights somebody(String subject) {
    return tenancy
        .access()
        .rightsOf(
            new Principal(
                "oidc:https://issuer.example#" + subject,
                AuthenticationMethod.AUTHENTICATION_METHOD_OIDC,
                subject,
                List.of(),
                List.of(),
                null));
  }

  static ProjectName name(String organisation, String project) {
    return ProjectName.newBuilder().setOrganisation(organisation).setProject(project).build();
  }

  static Scope in(String organisation, String project) {
    return Scope.newBuilder()
        .setKind(
            project.isEmpty() ? ScopeKind.SCOPE_KIND_ORGANISATION : ScopeKind.SCOPE_KIND_PROJECT)
        .setProject(name(organisation, project))
        .build();
  }

  static Scope platform() {
    return Scope.newBuilder().setKind(ScopeKind.SCOPE_KIND_PLATFORM).build();
  }

  static String reason(CallException thrown) throws Exception {
    for (var detail : thrown.status().getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        return detail.unpack(ErrorInfo.class).getReason();
      }
    }
    return "";
  }

  @Override
  public void close() {
    tenancy.close();
    store.close();
  }
}
