package io.flashdns.management.api;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.ImportZoneRequest;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Entries of the audit log: made here, read by {@code AuditService}. */
final class Audit {
  /** Longest request in an entry, in characters. */
  private static final int MAX_REQUEST_CHARS = 16 << 10;

  private static final String NODE = Nodes.hostName();
  private static final List<String> SECRETS = List.of("key", "secret");
  private static final JsonFormat.Printer JSON =
      JsonFormat.printer().omittingInsignificantWhitespace();

  private Audit() {}

  /** What is known of a call by itself. */
  static AuditEntry.Builder entry(Call call) {
    AuditEntry.Builder entry =
        AuditEntry.newBuilder()
            .setTime(Timestamps.fromMillis(call.time().toEpochMilli()))
            .setPrincipal(call.principal().name())
            .setMethod(call.principal().method())
            .setSourceAddress(call.where())
            .setCall("/" + call.method().getService().getFullName() + "/" + call.method().getName())
            .setPermission(call.permission())
            .setNode(NODE);
    Message request = call.request();
    if (request != null) {
      entry.setRequestJson(json(request));
      Message asked = asked(request);
      entry.setValidateOnly(flag(asked, "validate_only"));
      entry.setRequestId(text(asked, "request_id"));
    }
    return entry;
  }

  /** A message as JSON on one line, cut to a bound, without secrets; empty for none. */
  static String json(@Nullable Message message) {
    if (message == null) {
      return "";
    }
    Bounded text = new Bounded();
    try {
      JSON.appendTo(withoutSecrets(message), text);
    } catch (IOException _) {
      // The bound: what is there says enough.
    }
    return text.toString();
  }

  /** Fields that are shown once to one caller, and never kept. */
  private static Message withoutSecrets(Message message) {
    Message.Builder shown = null;
    for (String name : SECRETS) {
      FieldDescriptor field = message.getDescriptorForType().findFieldByName(name);
      if (field != null && field.getJavaType() == FieldDescriptor.JavaType.STRING) {
        shown = shown == null ? message.toBuilder() : shown;
        shown.clearField(field);
      }
    }
    return shown == null ? message : shown.build();
  }

  /** Takes text up to a bound, so that a large request costs no more than what is kept of it. */
  private static final class Bounded implements Appendable {
    private final StringBuilder text = new StringBuilder();

    @Override
    public Appendable append(CharSequence more) throws IOException {
      return append(more, 0, more.length());
    }

    @Override
    public Appendable append(CharSequence more, int start, int end) throws IOException {
      int room = MAX_REQUEST_CHARS - text.length();
      text.append(more, start, Math.min(end, start + room));
      if (end - start > room) {
        throw new IOException("enough");
      }
      return this;
    }

    @Override
    public Appendable append(char more) throws IOException {
      return append(String.valueOf(more));
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }

  /** What a request asks for: the first one of an import has it in a message of its own. */
  private static Message asked(Message request) {
    return request instanceof ImportZoneRequest first ? first.getStart() : request;
  }

  private static boolean flag(Message request, String name) {
    var field = request.getDescriptorForType().findFieldByName(name);
    return field != null && Boolean.TRUE.equals(request.getField(field));
  }

  private static String text(Message request, String name) {
    var field = request.getDescriptorForType().findFieldByName(name);
    return field == null ? "" : String.valueOf(request.getField(field));
  }
}
