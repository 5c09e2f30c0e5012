package io.flashdns.management.tenancy;

import com.google.protobuf.util.Timestamps;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.proto.v1.NameGrant;
import io.flashdns.proto.v1.Organisation;
import io.flashdns.proto.v1.Policy;
import io.flashdns.proto.v1.Project;
import io.flashdns.proto.v1.Token;
import java.time.Instant;
import java.util.List;

/** What goes with a tenant when it is deleted. */
public final class Removal {
  private Removal() {}

  /** An organisation that has no projects, with its tokens, policies and quotas. */
  public static void organisation(
      ContentView view, Organisation organisation, Instant now, List<DocumentEdit> edits)
      throws StoreException {
    String id = organisation.getId();
    edits.add(DocumentEdit.remove(Keys.organisation(id)));
    edits.add(
        Documents.put(
            Keys.goneOrganisation(id),
            Organisation.newBuilder()
                .setId(id)
                .setUpdateTime(Timestamps.fromMillis(now.toEpochMilli()))
                .build()));
    edits.add(DocumentEdit.remove(Keys.quotas(id)));
    edits.add(DocumentEdit.remove(Keys.usage(id)));
    tokens(view, Keys.in("token", id, ""), edits);
    policies(view, Keys.in("policy", id, ""), edits);
  }

  /** A project that has no zones, with its tokens, policies, quotas, and grants of both sides. */
  public static void project(
      ContentView view, Project project, Instant now, List<DocumentEdit> edits)
      throws StoreException {
    ZoneOwner owner =
        new ZoneOwner(project.getName().getOrganisation(), project.getName().getProject());
    edits.add(DocumentEdit.remove(Keys.project(owner)));
    edits.add(
        Documents.put(
            Keys.goneProject(owner),
            Project.newBuilder()
                .setName(project.getName())
                .setUpdateTime(Timestamps.fromMillis(now.toEpochMilli()))
                .build()));
    edits.add(DocumentEdit.remove(Keys.quotas(owner)));
    edits.add(DocumentEdit.remove(Keys.usage(owner)));
    tokens(view, Keys.in("token", owner), edits);
    policies(view, Keys.in("policy", owner), edits);
    Documents.each(
        view,
        Keys.in("grant", owner),
        "",
        document -> {
          NameGrant grant =
              Documents.read(
                  view, Keys.grant(Documents.lastPart(document.key())), NameGrant.parser());
          if (grant != null) {
            GrantsOfZone.remove(grant, edits);
          }
          return true;
        });
  }

  private static void tokens(ContentView view, String prefix, List<DocumentEdit> edits)
      throws StoreException {
    Documents.each(
        view,
        prefix,
        "",
        document -> {
          Token token =
              Documents.read(view, Keys.token(Documents.lastPart(document.key())), Token.parser());
          if (token != null) {
            Tokens.remove(view, token, edits);
          }
          return true;
        });
  }

  private static void policies(ContentView view, String prefix, List<DocumentEdit> edits)
      throws StoreException {
    Documents.each(
        view,
        prefix,
        "",
        document -> {
          Policy policy = Documents.parsed(document, Policy.parser());
          edits.add(DocumentEdit.remove(Keys.policy(policy.getId())));
          edits.add(DocumentEdit.remove(document.key()));
          return true;
        });
  }
}
