package io.flashdns.management.api;

import com.google.protobuf.util.Timestamps;
import io.flashdns.proto.v1.AccessServiceGrpc.AccessServiceImplBase;
import io.flashdns.proto.v1.CreatePolicyRequest;
import io.flashdns.proto.v1.CreatePolicyResponse;
import io.flashdns.proto.v1.CreateTokenRequest;
import io.flashdns.proto.v1.CreateTokenResponse;
import io.flashdns.proto.v1.DeletePolicyRequest;
import io.flashdns.proto.v1.DeletePolicyResponse;
import io.flashdns.proto.v1.DeleteTokenRequest;
import io.flashdns.proto.v1.DeleteTokenResponse;
import io.flashdns.proto.v1.GetIdentityRequest;
import io.flashdns.proto.v1.GetIdentityResponse;
import io.flashdns.proto.v1.GetPolicyRequest;
import io.flashdns.proto.v1.GetPolicyResponse;
import io.flashdns.proto.v1.GetTokenRequest;
import io.flashdns.proto.v1.GetTokenResponse;
import io.flashdns.proto.v1.Identity;
import io.flashdns.proto.v1.ListPoliciesRequest;
import io.flashdns.proto.v1.ListPoliciesResponse;
import io.flashdns.proto.v1.ListTokensRequest;
import io.flashdns.proto.v1.ListTokensResponse;
import io.flashdns.proto.v1.RotateTokenRequest;
import io.flashdns.proto.v1.RotateTokenResponse;
import io.flashdns.proto.v1.UpdatePolicyRequest;
import io.flashdns.proto.v1.UpdatePolicyResponse;
import io.flashdns.proto.v1.UpdateTokenRequest;
import io.flashdns.proto.v1.UpdateTokenResponse;
import io.grpc.stub.StreamObserver;
import java.time.Instant;

/** The calls of {@code AccessService}. */
final class AccessCalls extends AccessServiceImplBase {
  private final TokenWork tokens;
  private final PolicyWork policies;

  AccessCalls(DocumentCalls documents) {
    this.tokens = new TokenWork(documents);
    this.policies = new PolicyWork(documents);
  }

  @Override
  public void getIdentity(GetIdentityRequest request, StreamObserver<GetIdentityResponse> caller) {
    Answers.send(caller, () -> identity(Call.current()));
  }

  private static GetIdentityResponse identity(Call call) {
    var principal = call.principal();
    Identity.Builder identity =
        Identity.newBuilder()
            .setPrincipal(principal.name())
            .setMethod(principal.method())
            .setDisplayName(principal.displayName())
            .addAllGrants(call.rights().grants());
    Instant expires = principal.expires();
    if (expires != null) {
      identity.setExpireTime(Timestamps.fromMillis(expires.toEpochMilli()));
    }
    return GetIdentityResponse.newBuilder().setIdentity(identity).build();
  }

  @Override
  public void createToken(CreateTokenRequest request, StreamObserver<CreateTokenResponse> caller) {
    Answers.send(caller, () -> tokens.create(Call.current(), request));
  }

  @Override
  public void getToken(GetTokenRequest request, StreamObserver<GetTokenResponse> caller) {
    Answers.send(caller, () -> tokens.get(Call.current(), request));
  }

  @Override
  public void listTokens(ListTokensRequest request, StreamObserver<ListTokensResponse> caller) {
    Answers.send(caller, () -> tokens.list(Call.current(), request));
  }

  @Override
  public void updateToken(UpdateTokenRequest request, StreamObserver<UpdateTokenResponse> caller) {
    Answers.send(caller, () -> tokens.update(Call.current(), request));
  }

  @Override
  public void rotateToken(RotateTokenRequest request, StreamObserver<RotateTokenResponse> caller) {
    Answers.send(caller, () -> tokens.rotate(Call.current(), request));
  }

  @Override
  public void deleteToken(DeleteTokenRequest request, StreamObserver<DeleteTokenResponse> caller) {
    Answers.send(caller, () -> tokens.delete(Call.current(), request));
  }

  @Override
  public void createPolicy(
      CreatePolicyRequest request, StreamObserver<CreatePolicyResponse> caller) {
    Answers.send(caller, () -> policies.create(Call.current(), request));
  }

  @Override
  public void getPolicy(GetPolicyRequest request, StreamObserver<GetPolicyResponse> caller) {
    Answers.send(caller, () -> policies.get(Call.current(), request));
  }

  @Override
  public void listPolicies(
      ListPoliciesRequest request, StreamObserver<ListPoliciesResponse> caller) {
    Answers.send(caller, () -> policies.list(Call.current(), request));
  }

  @Override
  public void updatePolicy(
      UpdatePolicyRequest request, StreamObserver<UpdatePolicyResponse> caller) {
    Answers.send(caller, () -> policies.update(Call.current(), request));
  }

  @Override
  public void deletePolicy(
      DeletePolicyRequest request, StreamObserver<DeletePolicyResponse> caller) {
    Answers.send(caller, () -> policies.delete(Call.current(), request));
  }
}
