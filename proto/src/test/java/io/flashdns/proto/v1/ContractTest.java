package io.flashdns.proto.v1;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.MethodOptions.IdempotencyLevel;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the contract promises for every call, and no linter knows: see annotations.proto. */
class ContractTest {
  private static final Path SOURCES = Path.of("src/main/proto/flashdns/v1");

  private final List<FileDescriptor> files = files();
  private final List<MethodDescriptor> methods =
      files.stream()
          .flatMap(file -> file.getServices().stream())
          .flatMap(service -> service.getMethods().stream())
          .toList();

  @Test
  void everyMethodDeclaresItsPermission() {
    assertThat(methods).isNotEmpty();
    assertThat(methods)
        .allSatisfy(
            method ->
                assertThat(method.getOptions().getExtension(AnnotationsProto.permission))
                    .as(method.getFullName())
                    .isNotIn(Permission.PERMISSION_UNSPECIFIED, Permission.UNRECOGNIZED));
  }

  @Test
  void everyPermissionSaysWhoHoldsIt() {
    for (EnumValueDescriptor value : Permission.getDescriptor().getValues()) {
      Holders holders = value.getOptions().getExtension(AnnotationsProto.holders);
      if (value.getNumber() == Permission.PERMISSION_UNSPECIFIED_VALUE) {
        assertThat(holders).isEqualTo(Holders.getDefaultInstance());
        continue;
      }
      assertThat(holders.getScope())
          .as(value.getName())
          .isNotEqualTo(ScopeKind.SCOPE_KIND_UNSPECIFIED);
      assertThat(holders.getRolesList())
          .as(value.getName())
          .doesNotContain(Role.ROLE_UNSPECIFIED)
          .doesNotHaveDuplicates();
      assertThat(holders.getRolesList().isEmpty())
          .as(value.getName() + " is held without a role")
          .isEqualTo(value.getNumber() == Permission.PERMISSION_IDENTIFIED_VALUE);
    }
  }

  @Test
  void everyPermissionOpensSomething() {
    Set<Permission> used = new LinkedHashSet<>();
    for (MethodDescriptor method : methods) {
      used.add(method.getOptions().getExtension(AnnotationsProto.permission));
    }
    assertThat(used)
        .containsAll(
            Stream.of(Permission.values())
                .filter(each -> each != Permission.PERMISSION_UNSPECIFIED)
                .filter(each -> each != Permission.UNRECOGNIZED)
                .toList());
  }

  @Test
  void auditorsAndViewersHoldNoPermissionThatChangesAnything() {
    for (MethodDescriptor method : methods) {
      if (!isRead(method)) {
        Permission permission = method.getOptions().getExtension(AnnotationsProto.permission);
        assertThat(
                permission
                    .getValueDescriptor()
                    .getOptions()
                    .getExtension(AnnotationsProto.holders)
                    .getRolesList())
            .as(method.getFullName())
            .isNotEmpty()
            .doesNotContain(Role.ROLE_VIEWER, Role.ROLE_AUDITOR);
      }
    }
  }

  @Test
  void everyMutationCanBeTriedAndRepeated() {
    for (MethodDescriptor method : methods) {
      if (isRead(method)) {
        continue;
      }
      Descriptor request =
          method.isClientStreaming() ? ImportZoneStart.getDescriptor() : method.getInputType();
      Descriptor response =
          method.isClientStreaming() ? ImportResult.getDescriptor() : method.getOutputType();
      assertField(request, "validate_only", FieldDescriptor.Type.BOOL);
      assertField(request, "request_id", FieldDescriptor.Type.STRING);
      assertField(response, "outcome", FieldDescriptor.Type.MESSAGE);
      assertThat(response.findFieldByName("outcome").getMessageType())
          .isEqualTo(Outcome.getDescriptor());
    }
  }

  @Test
  void readsHaveNothingToTryOrToRepeat() {
    for (MethodDescriptor method : methods) {
      if (isRead(method)) {
        assertThat(method.getInputType().findFieldByName("validate_only"))
            .as(method.getFullName() + " changes something, or should not take validate_only")
            .isNull();
        assertThat(method.getInputType().findFieldByName("request_id"))
            .as(method.getFullName())
            .isNull();
      }
    }
  }

  @Test
  void everyListIsPagedFilteredAndOrdered() {
    for (MethodDescriptor method : methods) {
      if (method.getName().startsWith("List")) {
        assertThat(isRead(method)).as(method.getFullName()).isTrue();
        assertField(method.getInputType(), "page_size", FieldDescriptor.Type.INT32);
        assertField(method.getInputType(), "page_token", FieldDescriptor.Type.STRING);
        assertField(method.getInputType(), "filter", FieldDescriptor.Type.STRING);
        assertField(method.getInputType(), "order_by", FieldDescriptor.Type.STRING);
        assertField(method.getOutputType(), "next_page_token", FieldDescriptor.Type.STRING);
        assertThat(method.getOutputType().getFields().stream().filter(FieldDescriptor::isRepeated))
            .as(method.getFullName() + " lists one kind of thing")
            .hasSize(1);
      }
    }
  }

  @Test
  void everyFieldThatNamesAZoneOrRecordSaysSo() {
    int found = 0;
    for (Descriptor message : asked()) {
      for (FieldDescriptor field : message.getFields()) {
        if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
          continue;
        }
        Resource wanted =
            switch (field.getMessageType().getName()) {
              case "ZoneRef" -> Resource.RESOURCE_ZONE;
              case "RecordId" -> Resource.RESOURCE_RECORD;
              default -> Resource.RESOURCE_UNSPECIFIED;
            };
        if (wanted != Resource.RESOURCE_UNSPECIFIED) {
          found++;
          assertThat(field.getOptions().getExtension(AnnotationsProto.resource))
              .as(field.getFullName())
              .isEqualTo(wanted);
        }
      }
    }
    assertThat(found).isGreaterThan(15);
  }

  @Test
  void numbersAreDense() {
    for (FileDescriptor file : files) {
      for (Descriptor message : file.getMessageTypes()) {
        List<Integer> numbers =
            new ArrayList<>(
                message.getFields().stream().map(FieldDescriptor::getNumber).sorted().toList());
        message
            .toProto()
            .getReservedRangeList()
            .forEach(
                range -> {
                  for (int each = range.getStart(); each < range.getEnd(); each++) {
                    numbers.add(each);
                  }
                });
        numbers.sort(null);
        for (int i = 0; i < numbers.size(); i++) {
          assertThat(numbers.get(i)).as(message.getFullName()).isEqualTo(i + 1);
        }
      }
      for (EnumDescriptor type : file.getEnumTypes()) {
        // The numbers of record types are IANA's.
        if (!type.equals(RecordType.getDescriptor())) {
          for (int i = 0; i < type.getValues().size(); i++) {
            assertThat(type.getValues().get(i).getNumber()).as(type.getFullName()).isEqualTo(i);
          }
        }
      }
    }
  }

  /** Generators of 2018, which distributions still ship, stop at the keyword in proto3. */
  @Test
  void noFieldNeedsTheKeywordOptional() {
    for (FileDescriptor file : files) {
      for (Descriptor message : file.getMessageTypes()) {
        for (FieldDescriptor field : message.getFields()) {
          assertThat(field.toProto().getProto3Optional()).as(field.getFullName()).isFalse();
        }
      }
    }
  }

  /** The messages that requests are made of. */
  private Set<Descriptor> asked() {
    Set<Descriptor> found = new LinkedHashSet<>();
    List<Descriptor> open =
        new ArrayList<>(methods.stream().map(MethodDescriptor::getInputType).toList());
    while (!open.isEmpty()) {
      Descriptor message = open.removeLast();
      if (found.add(message)) {
        for (FieldDescriptor field : message.getFields()) {
          if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            open.add(field.getMessageType());
          }
        }
      }
    }
    return found;
  }

  private static boolean isRead(MethodDescriptor method) {
    return method.getOptions().getIdempotencyLevel() == IdempotencyLevel.NO_SIDE_EFFECTS;
  }

  private static void assertField(Descriptor message, String name, FieldDescriptor.Type type) {
    FieldDescriptor field = message.findFieldByName(name);
    assertThat(field).as(message.getFullName() + " has " + name).isNotNull();
    assertThat(field.getType()).as(field.getFullName()).isEqualTo(type);
    assertThat(field.isRepeated()).as(field.getFullName()).isFalse();
  }

  /** All files of the contract, by what is in the folder: a new one cannot be forgotten here. */
  private static List<FileDescriptor> files() {
    try (Stream<Path> sources = Files.list(SOURCES)) {
      List<FileDescriptor> files = new ArrayList<>();
      for (Path source : sources.sorted().toList()) {
        String stem = source.getFileName().toString().replace(".proto", "");
        String outer =
            Arrays.stream(stem.split("_"))
                .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
                .collect(joining("", "io.flashdns.proto.v1.", "Proto"));
        files.add((FileDescriptor) Class.forName(outer).getMethod("getDescriptor").invoke(null));
      }
      return files;
    } catch (IOException | ReflectiveOperationException e) {
      throw new AssertionError("every file has an outer class of its name: " + e, e);
    }
  }
}
