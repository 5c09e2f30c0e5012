package io.flashdns.management.grpc;

import com.google.protobuf.Descriptors.MethodDescriptor;
import io.flashdns.proto.v1.Permission;
import java.time.Duration;

/**
 * What is asked of a call of one method before it is served.
 *
 * @param path as in HTTP, without the leading slash: {@code flashdns.v1.ZoneService/GetZone}
 * @param method as declared
 * @param access who may call it
 * @param permission what it declares; nothing but for {@link Access#PERMITTED}
 * @param mutates whether it may change something
 * @param deadline longest time of a call
 * @param endless whether it only ends when somebody ends it
 */
record MethodRule(
    String path,
    MethodDescriptor method,
    Access access,
    Permission permission,
    boolean mutates,
    Duration deadline,
    boolean endless) {
  /** Who may call. */
  enum Access {
    /** Everybody; the answer has no data. */
    OPEN,
    /** Whoever is recognised. */
    RECOGNISED,
    /** Who holds the permission somewhere. */
    PERMITTED
  }

  /** True for one request and one answer, which is what JSON over HTTP can say. */
  boolean isUnary() {
    return !method.isClientStreaming() && !method.isServerStreaming();
  }
}
