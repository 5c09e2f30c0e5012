package io.flashdns.management.api;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Message;
import io.flashdns.management.identity.Principal;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.Permission;
import io.grpc.Context;
import java.net.InetSocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One call: who makes it, what that may do, and what the audit log is to say of it. It goes with
 * the gRPC context. One thread at a time.
 */
public final class Call {
  private static final Context.Key<Call> KEY = Context.key("flashdns-call");

  private final MethodDescriptor method;
  private final Permission permission;
  private final Rights rights;
  private final InetSocketAddress source;
  private final Instant time;
  private @Nullable Message request;
  private @Nullable AuditEntry entry;
  private volatile boolean journaled;

  /**
   * A call whose caller was recognised.
   *
   * @param permission what its method declares
   * @param source where it comes from
   */
  public Call(
      MethodDescriptor method,
      Permission permission,
      Rights rights,
      InetSocketAddress source,
      Instant time) {
    this.method = method;
    this.permission = permission;
    this.rights = rights;
    this.source = source;
    this.time = time;
  }

  /** The call that this thread serves. */
  public static Call current() {
    Call call = KEY.get();
    if (call == null) {
      throw new IllegalStateException("no call is served here");
    }
    return call;
  }

  /** The context in which this call is served. */
  public Context in(Context context) {
    return context.withValue(KEY, this);
  }

  /** Which. */
  public MethodDescriptor method() {
    return method;
  }

  /** What it takes. */
  public Permission permission() {
    return permission;
  }

  /** Who calls. */
  public Principal principal() {
    return rights.principal();
  }

  /** What the caller may do. */
  public Rights rights() {
    return rights;
  }

  /** Address and port, as text. */
  public String where() {
    String host = source.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + source.getPort();
  }

  /** When it came. */
  public Instant time() {
    return time;
  }

  /** Notes what was asked, for the audit log; streams note their first message. */
  public void asked(Message message) {
    if (request == null) {
      request = message;
    }
  }

  /** What was asked; null before it is known. */
  public @Nullable Message request() {
    return request;
  }

  /** Notes that the audit log has its entry, written with the change. */
  void journaled() {
    journaled = true;
  }

  /** True when the audit log has its entry. */
  public boolean isJournaled() {
    return journaled;
  }

  /** Notes what the entry of a call that changes nothing is to name: its zones and its project. */
  void concerns(AuditEntry about) {
    AuditEntry.Builder named = entry().addAllZones(about.getZonesList());
    if (about.hasProject()) {
      named.setProject(about.getProject());
    }
    entry = named.build();
  }

  /** An entry of the audit log with what is known of the call by itself; see {@link Audit}. */
  public AuditEntry.Builder entry() {
    AuditEntry known = entry;
    if (known == null) {
      known = Audit.entry(this).build();
      entry = known;
    }
    return known.toBuilder();
  }
}
