package io.flashdns.management.api;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.PageTokens;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.management.tenancy.Tenancy;
import io.grpc.BindableService;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** All services of the API over one store. */
public final class Api {
  private static final int DOCUMENTS_A_READ = 500;

  private Api() {}

  /**
   * The services.
   *
   * @param nodes who serves the zones
   * @param sections what may be said of the configuration that nodes share
   * @param tokenKey secret of the tokens of pages, the same on every node
   * @param defaults what a new zone gets at its apex
   * @param hash the hash of names that the server's images have
   */
  public static List<BindableService> services(
      ZoneStore store,
      Tenancy tenancy,
      Nodes nodes,
      SharedSections sections,
      byte[] tokenKey,
      ApexDefaults defaults,
      NameHash hash,
      InstantSource clock) {
    PageTokens tokens = new PageTokens(tokenKey, clock);
    Committer committer = new Committer(store, tenancy.rules());
    Committer imports = new Committer(store, tenancy.rules().forImports());
    ZoneLook look =
        new ZoneLook(
            store,
            nodes,
            owner -> tenancy.standing().isSuspended(owner.organisation(), owner.project()));
    DocumentCalls documents = new DocumentCalls(store, committer, tenancy, tokens);
    ZoneChanges changes = new ZoneChanges(store, committer, look, defaults);
    HistoryReads history = new HistoryReads(store, tokens);
    ChangeStreams streams = new ChangeStreams(store, tenancy.access()::rightsOf, clock);
    return List.of(
        new ZoneCalls(
            store,
            committer,
            imports,
            tokens,
            look,
            changes,
            history,
            Api::projectsOf,
            hash,
            clock),
        new RecordCalls(store, committer, tokens, changes, look),
        new ChangeCalls(store, history, nodes, streams),
        new NodeCalls(store, nodes, tokens),
        new TenantCalls(documents),
        new AccessCalls(documents),
        new SettingsCalls(documents, sections),
        new AuditCalls(store, tokens));
  }

  /** The projects of an organisation. */
  private static List<ZoneOwner> projectsOf(StoreSnapshot snapshot, String organisation)
      throws StoreException {
    List<ZoneOwner> projects = new ArrayList<>();
    String prefix = Keys.projectsOf(organisation);
    String after = "";
    List<Document> page;
    do {
      page = snapshot.documents(prefix, after, DOCUMENTS_A_READ);
      for (Document one : page) {
        after = one.key();
        projects.add(new ZoneOwner(organisation, after.substring(prefix.length())));
      }
    } while (page.size() == DOCUMENTS_A_READ);
    return projects;
  }
}
