package io.flashdns.management.api;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.flashdns.management.message.Note;
import io.flashdns.management.message.Violations;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.ProjectName;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Bounds of what tenants are called, and what the audit log says of documents. */
final class TenantTexts {
  private static final int MAX_NAME_BYTES = 255;
  private static final int MAX_REASON_BYTES = 1_024;

  private TenantTexts() {}

  static void id(String id, String path, Violations violations) {
    if (!Keys.isId(id)) {
      violations.add(
          path,
          "an id has 1 to 63 characters of a-z, 0-9 and '-', begins with a letter and does not end"
              + " with '-'");
    }
  }

  static void displayName(String name, String path, Violations violations) {
    int octets = name.getBytes(StandardCharsets.UTF_8).length;
    if (octets > MAX_NAME_BYTES) {
      violations.add(
          path, "it has " + octets + " octets: at most " + MAX_NAME_BYTES + " are allowed");
    }
  }

  static void labels(Map<String, String> labels, String path, Violations violations) {
    Note.checkLabels(labels, path, violations);
  }

  static void reason(String reason) {
    Violations violations = new Violations();
    int octets = reason.getBytes(StandardCharsets.UTF_8).length;
    if (reason.isBlank()) {
      violations.add("reason", "a reason is required: say to the tenant why, and what to do");
    } else if (octets > MAX_REASON_BYTES) {
      violations.add(
          "reason", "it has " + octets + " octets: at most " + MAX_REASON_BYTES + " are allowed");
    }
    violations.throwIfAny();
  }

  static Timestamp time(Instant now) {
    return Timestamps.fromMillis(now.toEpochMilli());
  }

  static AuditEntry.Builder audit(
      ProjectName tenant, @Nullable Message before, @Nullable Message after) {
    AuditEntry.Builder entry =
        AuditEntry.newBuilder().setBeforeJson(Audit.json(before)).setAfterJson(Audit.json(after));
    if (!tenant.getOrganisation().isEmpty()) {
      entry.setProject(tenant);
    }
    return entry;
  }

  static ProjectName organisation(String id) {
    return ProjectName.newBuilder().setOrganisation(id).build();
  }
}
