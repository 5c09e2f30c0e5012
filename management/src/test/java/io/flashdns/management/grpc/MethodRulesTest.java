package io.flashdns.management.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import io.flashdns.management.grpc.MethodRule.Access;
import io.flashdns.proto.v1.Permission;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is asked of a call, method by method. */
final class MethodRulesTest {
  private static List<MethodRule> all() {
    List<MethodRule> rules = new ArrayList<>();
    for (FileDescriptor file : OpenApi.FILES) {
      for (var service : file.getServices()) {
        for (MethodDescriptor method : service.getMethods()) {
          rules.add(MethodRules.rule(method, ApiLimits.defaults()));
        }
      }
    }
    return rules;
  }

  @Test
  void everyMethodOfTheContractDeclaresItsPermission() {
    assertThat(all())
        .hasSizeGreaterThanOrEqualTo(60)
        .allSatisfy(
            rule -> {
              assertThat(rule.permission()).isNotEqualTo(Permission.PERMISSION_UNSPECIFIED);
              assertThat(rule.access()).isIn(Access.PERMITTED, Access.RECOGNISED);
              assertThat(rule.access() == Access.RECOGNISED)
                  .isEqualTo(rule.permission() == Permission.PERMISSION_IDENTIFIED);
            });
  }

  @Test
  void everyMethodThatChangesSomethingCanBeTriedAndRepeated() {
    assertThat(all())
        .filteredOn(rule -> rule.mutates() && rule.isUnary())
        .allSatisfy(
            rule ->
                assertThat(rule.method().getInputType().getFields())
                    .extracting(field -> field.getName())
                    .contains("validate_only", "request_id"));
  }

  @Test
  void methodWithoutAPermissionIsRefused() throws Exception {
    FileDescriptor file =
        FileDescriptor.buildFrom(
            FileDescriptorProto.newBuilder()
                .setName("flashdns/v1/open.proto")
                .setPackage("flashdns.v1")
                .setSyntax("proto3")
                .addMessageType(DescriptorProto.newBuilder().setName("Nothing"))
                .addService(
                    ServiceDescriptorProto.newBuilder()
                        .setName("OpenService")
                        .addMethod(
                            MethodDescriptorProto.newBuilder()
                                .setName("Get")
                                .setInputType(".flashdns.v1.Nothing")
                                .setOutputType(".flashdns.v1.Nothing")))
                .build(),
            new FileDescriptor[0]);
    assertThatThrownBy(
            () ->
                MethodRules.rule(
                    file.getServices().getFirst().getMethods().getFirst(), ApiLimits.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "flashdns.v1.OpenService/Get declares no permission: give it the option (permission)");
  }

  @Test
  void serviceOfSomebodyElseIsRefused() {
    assertThatThrownBy(
            () ->
                MethodRules.rule(
                    io.grpc.channelz.v1.ChannelzProto.getDescriptor()
                        .getServices()
                        .getFirst()
                        .getMethods()
                        .getFirst(),
                    ApiLimits.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("declares no permission");
  }
}
