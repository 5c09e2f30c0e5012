package io.flashdns.management.api;

import io.flashdns.proto.v1.CreateNameGrantRequest;
import io.flashdns.proto.v1.CreateNameGrantResponse;
import io.flashdns.proto.v1.CreateOrganisationRequest;
import io.flashdns.proto.v1.CreateOrganisationResponse;
import io.flashdns.proto.v1.CreateProjectRequest;
import io.flashdns.proto.v1.CreateProjectResponse;
import io.flashdns.proto.v1.DeleteNameGrantRequest;
import io.flashdns.proto.v1.DeleteNameGrantResponse;
import io.flashdns.proto.v1.DeleteOrganisationRequest;
import io.flashdns.proto.v1.DeleteOrganisationResponse;
import io.flashdns.proto.v1.DeleteProjectRequest;
import io.flashdns.proto.v1.DeleteProjectResponse;
import io.flashdns.proto.v1.GetOrganisationRequest;
import io.flashdns.proto.v1.GetOrganisationResponse;
import io.flashdns.proto.v1.GetProjectRequest;
import io.flashdns.proto.v1.GetProjectResponse;
import io.flashdns.proto.v1.GetQuotasRequest;
import io.flashdns.proto.v1.GetQuotasResponse;
import io.flashdns.proto.v1.ListNameGrantsRequest;
import io.flashdns.proto.v1.ListNameGrantsResponse;
import io.flashdns.proto.v1.ListOrganisationsRequest;
import io.flashdns.proto.v1.ListOrganisationsResponse;
import io.flashdns.proto.v1.ListProjectsRequest;
import io.flashdns.proto.v1.ListProjectsResponse;
import io.flashdns.proto.v1.ResumeOrganisationRequest;
import io.flashdns.proto.v1.ResumeOrganisationResponse;
import io.flashdns.proto.v1.ResumeProjectRequest;
import io.flashdns.proto.v1.ResumeProjectResponse;
import io.flashdns.proto.v1.SuspendOrganisationRequest;
import io.flashdns.proto.v1.SuspendOrganisationResponse;
import io.flashdns.proto.v1.SuspendProjectRequest;
import io.flashdns.proto.v1.SuspendProjectResponse;
import io.flashdns.proto.v1.TenantServiceGrpc.TenantServiceImplBase;
import io.flashdns.proto.v1.UpdateOrganisationQuotasRequest;
import io.flashdns.proto.v1.UpdateOrganisationQuotasResponse;
import io.flashdns.proto.v1.UpdateOrganisationRequest;
import io.flashdns.proto.v1.UpdateOrganisationResponse;
import io.flashdns.proto.v1.UpdateProjectQuotasRequest;
import io.flashdns.proto.v1.UpdateProjectQuotasResponse;
import io.flashdns.proto.v1.UpdateProjectRequest;
import io.flashdns.proto.v1.UpdateProjectResponse;
import io.grpc.stub.StreamObserver;

/** The calls of {@code TenantService}. */
final class TenantCalls extends TenantServiceImplBase {
  private final OrganisationWork organisations;
  private final ProjectWork projects;
  private final QuotaWork quotas;
  private final GrantWork grants;

  TenantCalls(DocumentCalls documents) {
    this.organisations = new OrganisationWork(documents);
    this.projects = new ProjectWork(documents);
    this.quotas = new QuotaWork(documents);
    this.grants = new GrantWork(documents);
  }

  @Override
  public void createOrganisation(
      CreateOrganisationRequest request, StreamObserver<CreateOrganisationResponse> caller) {
    Answers.send(caller, () -> organisations.create(Call.current(), request));
  }

  @Override
  public void getOrganisation(
      GetOrganisationRequest request, StreamObserver<GetOrganisationResponse> caller) {
    Answers.send(caller, () -> organisations.get(Call.current(), request));
  }

  @Override
  public void listOrganisations(
      ListOrganisationsRequest request, StreamObserver<ListOrganisationsResponse> caller) {
    Answers.send(caller, () -> organisations.list(Call.current(), request));
  }

  @Override
  public void updateOrganisation(
      UpdateOrganisationRequest request, StreamObserver<UpdateOrganisationResponse> caller) {
    Answers.send(caller, () -> organisations.update(Call.current(), request));
  }

  @Override
  public void deleteOrganisation(
      DeleteOrganisationRequest request, StreamObserver<DeleteOrganisationResponse> caller) {
    Answers.send(caller, () -> organisations.delete(Call.current(), request));
  }

  @Override
  public void suspendOrganisation(
      SuspendOrganisationRequest request, StreamObserver<SuspendOrganisationResponse> caller) {
    Answers.send(caller, () -> organisations.suspend(Call.current(), request));
  }

  @Override
  public void resumeOrganisation(
      ResumeOrganisationRequest request, StreamObserver<ResumeOrganisationResponse> caller) {
    Answers.send(caller, () -> organisations.resume(Call.current(), request));
  }

  @Override
  public void createProject(
      CreateProjectRequest request, StreamObserver<CreateProjectResponse> caller) {
    Answers.send(caller, () -> projects.create(Call.current(), request));
  }

  @Override
  public void getProject(GetProjectRequest request, StreamObserver<GetProjectResponse> caller) {
    Answers.send(caller, () -> projects.get(Call.current(), request));
  }

  @Override
  public void listProjects(
      ListProjectsRequest request, StreamObserver<ListProjectsResponse> caller) {
    Answers.send(caller, () -> projects.list(Call.current(), request));
  }

  @Override
  public void updateProject(
      UpdateProjectRequest request, StreamObserver<UpdateProjectResponse> caller) {
    Answers.send(caller, () -> projects.update(Call.current(), request));
  }

  @Override
  public void deleteProject(
      DeleteProjectRequest request, StreamObserver<DeleteProjectResponse> caller) {
    Answers.send(caller, () -> projects.delete(Call.current(), request));
  }

  @Override
  public void suspendProject(
      SuspendProjectRequest request, StreamObserver<SuspendProjectResponse> caller) {
    Answers.send(caller, () -> projects.suspend(Call.current(), request));
  }

  @Override
  public void resumeProject(
      ResumeProjectRequest request, StreamObserver<ResumeProjectResponse> caller) {
    Answers.send(caller, () -> projects.resume(Call.current(), request));
  }

  @Override
  public void getQuotas(GetQuotasRequest request, StreamObserver<GetQuotasResponse> caller) {
    Answers.send(caller, () -> quotas.get(Call.current(), request));
  }

  @Override
  public void updateOrganisationQuotas(
      UpdateOrganisationQuotasRequest request,
      StreamObserver<UpdateOrganisationQuotasResponse> caller) {
    Answers.send(caller, () -> quotas.update(Call.current(), request));
  }

  @Override
  public void updateProjectQuotas(
      UpdateProjectQuotasRequest request, StreamObserver<UpdateProjectQuotasResponse> caller) {
    Answers.send(caller, () -> quotas.update(Call.current(), request));
  }

  @Override
  public void createNameGrant(
      CreateNameGrantRequest request, StreamObserver<CreateNameGrantResponse> caller) {
    Answers.send(caller, () -> grants.create(Call.current(), request));
  }

  @Override
  public void listNameGrants(
      ListNameGrantsRequest request, StreamObserver<ListNameGrantsResponse> caller) {
    Answers.send(caller, () -> grants.list(Call.current(), request));
  }

  @Override
  public void deleteNameGrant(
      DeleteNameGrantRequest request, StreamObserver<DeleteNameGrantResponse> caller) {
    Answers.send(caller, () -> grants.delete(Call.current(), request));
  }
}
