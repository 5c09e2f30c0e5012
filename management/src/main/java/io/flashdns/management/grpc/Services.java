package io.flashdns.management.grpc;

import com.google.protobuf.Message;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoUtils;
import java.util.ArrayList;
import java.util.List;

/** Services whose requests are read with a bound on their depth. */
final class Services {
  private Services() {}

  /** Binds them. */
  static List<ServerServiceDefinition> bound(
      List<? extends BindableService> services, RequestReader.Form form) {
    List<ServerServiceDefinition> bound = new ArrayList<>();
    for (BindableService service : services) {
      bound.add(bound(service.bindService(), form));
    }
    return bound;
  }

  private static ServerServiceDefinition bound(
      ServerServiceDefinition service, RequestReader.Form form) {
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
            .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
      ServerMethodDefinition<?, ?> bound = bound(method, form);
      descriptor.addMethod(bound.getMethodDescriptor());
      methods.add(bound);
    }
    ServerServiceDefinition.Builder definition =
        ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(definition::addMethod);
    return definition.build();
  }

  /**
   * A request that cannot be read is handed to the interceptor in place of a message, and no
   * further: {@link GuardedCall} sees to that, so that the cast holds.
   */
  @SuppressWarnings("unchecked")
  private static <A> ServerMethodDefinition<Object, A> bound(
      ServerMethodDefinition<?, A> method, RequestReader.Form form) {
    MethodDescriptor<?, A> old = method.getMethodDescriptor();
    MethodDescriptor<Object, A> descriptor =
        old.toBuilder(
                new RequestReader(prototype(old.getRequestMarshaller()), form),
                old.getResponseMarshaller())
            .build();
    return ServerMethodDefinition.create(
        descriptor, (io.grpc.ServerCallHandler<Object, A>) method.getServerCallHandler());
  }

  /** An empty message of the kind that a marshaller knows. */
  static Message prototype(MethodDescriptor.Marshaller<?> marshaller) {
    if (marshaller instanceof MethodDescriptor.PrototypeMarshaller<?> known
        && known.getMessagePrototype() instanceof Message message) {
      return message;
    }
    throw new IllegalArgumentException("only services of protobuf can be served");
  }

  /** How the door for JSON calls a method: with octets, for a message. */
  static MethodDescriptor<byte[], Message> fromOctets(MethodDescriptor<?, ?> method) {
    return MethodDescriptor.<byte[], Message>newBuilder()
        .setType(method.getType())
        .setFullMethodName(method.getFullMethodName())
        .setRequestMarshaller(new OctetMarshaller())
        .setResponseMarshaller(ProtoUtils.marshaller(prototype(method.getResponseMarshaller())))
        .build();
  }

  /** Octets as they are. */
  private static final class OctetMarshaller implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public java.io.InputStream stream(byte[] value) {
      return new java.io.ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(java.io.InputStream stream) {
      throw new UnsupportedOperationException("the client does not read requests");
    }
  }
}
