package io.flashdns.management.grpc;

import com.google.protobuf.DescriptorProtos.MethodOptions.IdempotencyLevel;
import com.google.protobuf.Descriptors.MethodDescriptor;
import io.flashdns.management.grpc.MethodRule.Access;
import io.flashdns.proto.v1.AnnotationsProto;
import io.flashdns.proto.v1.Permission;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules of all methods that are served, as they are declared. A method of FlashDNS without a
 * permission, or a service that is not known here, keeps the server from starting: nothing is
 * served by an oversight.
 */
final class MethodRules {
  /** Services of others and who may call them. */
  private static final Map<String, Access> FOREIGN =
      Map.of(
          "grpc.health.v1.Health", Access.OPEN,
          "grpc.reflection.v1.ServerReflection", Access.RECOGNISED);

  private static final String OURS = "flashdns.v1.";
  private static final String WATCH = "flashdns.v1.ChangeService/WatchChanges";
  private static final String WAIT = "flashdns.v1.ChangeService/WaitForChange";
  private static final String HEALTH_WATCH = "grpc.health.v1.Health/Watch";

  private final Map<String, MethodRule> byPath;

  private MethodRules(Map<String, MethodRule> byPath) {
    this.byPath = Map.copyOf(byPath);
  }

  /**
   * The rules of services.
   *
   * @throws IllegalArgumentException when a method declares no permission
   */
  static MethodRules of(Collection<ServerServiceDefinition> services, ApiLimits limits) {
    Map<String, MethodRule> byPath = new HashMap<>();
    for (ServerServiceDefinition service : services) {
      for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
        var grpc = method.getMethodDescriptor();
        if (!(grpc.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema)) {
          throw new IllegalArgumentException(
              grpc.getFullMethodName() + " says nothing of its permission: it cannot be served");
        }
        byPath.put(grpc.getFullMethodName(), rule(schema.getMethodDescriptor(), limits));
      }
    }
    return new MethodRules(byPath);
  }

  /** The rule of one method, or the reason why there is none. */
  static MethodRule rule(MethodDescriptor method, ApiLimits limits) {
    String service = method.getService().getFullName();
    String path = service + "/" + method.getName();
    Access access = FOREIGN.get(service);
    Permission permission = Permission.PERMISSION_UNSPECIFIED;
    if (access == null) {
      permission = method.getOptions().getExtension(AnnotationsProto.permission);
      if (!service.startsWith(OURS)
          || permission == Permission.PERMISSION_UNSPECIFIED
          || permission == Permission.UNRECOGNIZED) {
        throw new IllegalArgumentException(
            path + " declares no permission: give it the option (permission)");
      }
      access =
          permission == Permission.PERMISSION_IDENTIFIED ? Access.RECOGNISED : Access.PERMITTED;
    }
    boolean mutates =
        service.startsWith(OURS)
            && method.getOptions().getIdempotencyLevel() != IdempotencyLevel.NO_SIDE_EFFECTS;
    boolean endless = path.equals(WATCH) || path.equals(HEALTH_WATCH);
    return new MethodRule(
        path, method, access, permission, mutates, deadline(method, path, limits), endless);
  }

  private static Duration deadline(MethodDescriptor method, String path, ApiLimits limits) {
    return switch (path) {
      case WATCH, HEALTH_WATCH -> limits.watchDeadline();
      // Waits itself for as long as a stream may last, and has something to say then.
      case WAIT -> limits.streamDeadline().plus(limits.deadline());
      default ->
          method.isClientStreaming() || method.isServerStreaming()
              ? limits.streamDeadline()
              : limits.deadline();
    };
  }

  /** The rule of a method; null when nothing of that name is served. */
  @Nullable MethodRule of(String path) {
    return byPath.get(path);
  }

  /** All of them. */
  Collection<MethodRule> all() {
    return byPath.values();
  }
}
