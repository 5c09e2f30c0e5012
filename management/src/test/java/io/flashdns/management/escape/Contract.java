package io.flashdns.management.escape;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.flashdns.proto.v1.AccessServiceGrpc;
import io.flashdns.proto.v1.AnnotationsProto;
import io.flashdns.proto.v1.AuditServiceGrpc;
import io.flashdns.proto.v1.ChangeServiceGrpc;
import io.flashdns.proto.v1.Holders;
import io.flashdns.proto.v1.NodeServiceGrpc;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.RecordServiceGrpc;
import io.flashdns.proto.v1.Resource;
import io.flashdns.proto.v1.SettingsServiceGrpc;
import io.flashdns.proto.v1.TenantServiceGrpc;
import io.flashdns.proto.v1.ZoneServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the descriptors of the contract say, read from nothing else. */
final class Contract {
  /**
   * A method.
   *
   * @param descriptor as in the contract
   * @param call as it is called
   * @param permission what it takes
   * @param paths the fields of its request that name things
   */
  record Method(
      com.google.protobuf.Descriptors.MethodDescriptor descriptor,
      MethodDescriptor<Message, Message> call,
      Permission permission,
      List<Path> paths) {
    /** As in {@code ZoneService/GetZone}. */
    String name() {
      return descriptor.getService().getName() + "/" + descriptor.getName();
    }

    boolean isUnary() {
      return call.getType() == MethodDescriptor.MethodType.UNARY;
    }

    boolean mutates() {
      return descriptor.getOptions().getIdempotencyLevel()
          != com.google.protobuf.DescriptorProtos.MethodOptions.IdempotencyLevel.NO_SIDE_EFFECTS;
    }

    Message.Builder request() {
      return Doors.prototype(call.getRequestMarshaller()).newBuilderForType();
    }
  }

  /**
   * A field that names a thing, somewhere in a request.
   *
   * @param fields from the request to it
   * @param kind of the thing
   */
  record Path(List<FieldDescriptor> fields, Resource kind) {
    FieldDescriptor last() {
      return fields.getLast();
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      for (FieldDescriptor field : fields) {
        text.append(text.isEmpty() ? "" : ".").append(field.getName());
      }
      return text.toString();
    }
  }

  /** All methods by their names. */
  final Map<String, Method> methods = new LinkedHashMap<>();

  /** All services by their full names. */
  final Set<String> services = new HashSet<>();

  Contract() {
    // The audit log first: what is asked later stands in it.
    for (io.grpc.ServiceDescriptor service :
        List.of(
            AuditServiceGrpc.getServiceDescriptor(),
            ZoneServiceGrpc.getServiceDescriptor(),
            RecordServiceGrpc.getServiceDescriptor(),
            ChangeServiceGrpc.getServiceDescriptor(),
            TenantServiceGrpc.getServiceDescriptor(),
            AccessServiceGrpc.getServiceDescriptor(),
            NodeServiceGrpc.getServiceDescriptor(),
            SettingsServiceGrpc.getServiceDescriptor())) {
      services.add(service.getName());
      for (MethodDescriptor<?, ?> method : service.getMethods()) {
        add(method);
      }
    }
  }

  @SuppressWarnings("unchecked") // every message is a Message
  private void add(MethodDescriptor<?, ?> call) {
    ProtoMethodDescriptorSupplier schema =
        (ProtoMethodDescriptorSupplier) call.getSchemaDescriptor();
    if (schema == null) {
      throw new IllegalStateException(call.getFullMethodName() + " has no schema");
    }
    com.google.protobuf.Descriptors.MethodDescriptor method = schema.getMethodDescriptor();
    List<Path> paths = new ArrayList<>();
    walk(method.getInputType(), List.of(), new HashSet<>(), paths);
    Method made =
        new Method(
            method,
            (MethodDescriptor<Message, Message>) (MethodDescriptor<?, ?>) call,
            method.getOptions().getExtension(AnnotationsProto.permission),
            List.copyOf(paths));
    methods.put(made.name(), made);
  }

  private static void walk(
      Descriptor message, List<FieldDescriptor> above, Set<Descriptor> seen, List<Path> paths) {
    if (!seen.add(message)) {
      return;
    }
    for (FieldDescriptor field : message.getFields()) {
      List<FieldDescriptor> fields = new ArrayList<>(above);
      fields.add(field);
      Resource kind = field.getOptions().getExtension(AnnotationsProto.resource);
      if (kind != Resource.RESOURCE_UNSPECIFIED) {
        paths.add(new Path(List.copyOf(fields), kind));
      }
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField()) {
        walk(field.getMessageType(), fields, seen, paths);
      }
    }
    seen.remove(message);
  }

  /** Who holds a permission. */
  static Holders holders(Permission permission) {
    EnumValueDescriptor value = permission.getValueDescriptor();
    return value.getOptions().getExtension(AnnotationsProto.holders);
  }
}
