package io.flashdns.management.tenancy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Keys of the documents that tenancy lives in, and of what nodes share besides. All values are
 * messages of the contract.
 *
 * <pre>
 * org/ORG                                       Organisation
 * prj/ORG/PRJ                                   Project
 * gone/org/ORG, gone/prj/ORG/PRJ                the same, deleted: its id is never given again
 * quota/ORG, quota/ORG/PRJ                      GetQuotasResponse: the limits that were set
 * use/ORG, use/ORG/PRJ                          GetQuotasResponse: zones and records in use
 * policy/ID                                     Policy
 * in/policy/ORG/PRJ/PRINCIPAL/ROLE              Policy with its id: one for each in a scope
 * token/ID                                      Token
 * in/token/ORG/PRJ/ID                           Token with id and expiry
 * secret/HASH                                   Token with its id and how long the secret is good
 * of/token/ID/HASH                              Token with id, and when the secret was made and ends
 * used/ID                                       Token with when it was used last
 * grant/ID                                      NameGrant
 * name/VIEW/NAME/ORG/PRJ/GRANTER                NameGrant, found by what it grants to whom
 * in/grant/ORG/PRJ/ID                           NameGrant with its id, for both sides
 * held/VIEW/NAME                                NameGrant: granter is who had the name until create_time
 * move/ID                                       ZoneTransfer
 * key/ID                                        Token whose id is the hash of the transfer's key
 * of/zone/ZONE                                  ZoneTransfer with its id: the living offer of a zone
 * in/move/ORG/PRJ/ID                            ZoneTransfer with its id, for both sides
 * settings/SECTION                              Settings: a section of the configuration of all nodes
 * </pre>
 *
 * <p>{@code -} stands for all projects of an organisation, and for the platform: no id begins so. A
 * NAME is its labels from the root down, each in hexadecimal with a dot behind, so that what lies
 * below a name begins with its key. A HASH is SHA-256 in hexadecimal.
 */
public final class Keys {
  /** Before the ids of organisations. */
  public static final String ORGANISATIONS = "org/";

  /** Before organisations and projects. */
  public static final String PROJECTS = "prj/";

  /** Before the ids of policies. */
  public static final String POLICIES = "policy/";

  /** Before the ids of tokens. */
  public static final String TOKENS = "token/";

  /** Before the ids of grants. */
  public static final String GRANTS = "grant/";

  /** Before the ids of transfers. */
  public static final String TRANSFERS = "move/";

  /** Before the sections of the configuration that stand in the store. */
  public static final String SETTINGS = "settings/";

  static final String QUOTAS = "quota/";
  static final String SECRETS = "secret/";
  static final String HELD = "held/";
  static final String USED = "used/";

  private static final int MAX_ID_CHARS = 63;
  private static final String WHOLE = "-";

  private Keys() {}

  /** True for what an organisation or a project may be called. */
  public static boolean isId(String id) {
    if (id.isEmpty() || id.length() > MAX_ID_CHARS || id.endsWith("-")) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean letter = c >= 'a' && c <= 'z';
      if (!letter && (i == 0 || (c != '-' && (c < '0' || c > '9')))) {
        return false;
      }
    }
    return true;
  }

  /** True for what an id that the server gave may look like. */
  public static boolean isGivenId(String id) {
    if (id.isEmpty() || id.length() > MAX_ID_CHARS) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
        return false;
      }
    }
    return true;
  }

  /** An organisation. */
  public static String organisation(String id) {
    return ORGANISATIONS + id;
  }

  /** A project. */
  public static String project(ZoneOwner project) {
    return PROJECTS + tenant(project);
  }

  /** Before the projects of an organisation. */
  public static String projectsOf(String organisation) {
    return PROJECTS + organisation + "/";
  }

  /** An organisation that was deleted. */
  public static String goneOrganisation(String id) {
    return "gone/org/" + id;
  }

  /** A project that was deleted. */
  public static String goneProject(ZoneOwner project) {
    return "gone/prj/" + tenant(project);
  }

  /** Limits of an organisation. */
  public static String quotas(String organisation) {
    return QUOTAS + organisation;
  }

  /** Limits of a project. */
  public static String quotas(ZoneOwner project) {
    return QUOTAS + tenant(project);
  }

  /** What an organisation uses. */
  public static String usage(String organisation) {
    return "use/" + organisation;
  }

  /** What a project uses. */
  public static String usage(ZoneOwner project) {
    return "use/" + tenant(project);
  }

  /** A policy. */
  public static String policy(String id) {
    return POLICIES + id;
  }

  /** Before what stands in a scope. */
  public static String in(String kind, Scope scope) {
    return in(kind, scope.getProject().getOrganisation(), scope.getProject().getProject());
  }

  /** Before what stands in a project, in an organisation itself, or in the platform itself. */
  public static String in(String kind, String organisation, String project) {
    return "in/"
        + kind
        + "/"
        + (organisation.isEmpty() ? WHOLE : organisation)
        + "/"
        + (project.isEmpty() ? WHOLE : project)
        + "/";
  }

  /** Before what stands in a project. */
  public static String in(String kind, ZoneOwner project) {
    return in(kind, project.organisation(), project.project());
  }

  /** Before what stands in an organisation or in one of its projects. */
  public static String inAll(String kind, String organisation) {
    return "in/" + kind + "/" + organisation + "/";
  }

  /** The one policy that gives a principal a role in a scope. */
  public static String policyFor(Scope scope, String principal, Role role) {
    return in("policy", scope) + hash(principal) + "/" + role.getNumber();
  }

  /** A token. */
  public static String token(String id) {
    return TOKENS + id;
  }

  /** A secret, by its hash. */
  public static String secret(String hash) {
    return SECRETS + hash;
  }

  /** Before the hashes of a token's secrets. */
  public static String secretsOf(String token) {
    return "of/token/" + token + "/";
  }

  /** When a token was used. */
  public static String used(String token) {
    return USED + token;
  }

  /** A grant. */
  public static String grant(String id) {
    return GRANTS + id;
  }

  /** The grant of exactly this name to a project by an organisation. */
  public static String granted(ZoneKey name, ZoneOwner grantee, String granter) {
    return granted(name.view(), name.apex()) + "/" + tenant(grantee) + "/" + granter;
  }

  /** Before the grants of names at or below a name. */
  static String granted(String view, DomainName name) {
    return "name/" + view(view) + "/" + name(name);
  }

  /** A name that is held. */
  public static String held(ZoneKey name) {
    return held(name.view(), name.apex());
  }

  /** A name that is held; before those below it. */
  static String held(String view, DomainName name) {
    return HELD + view(view) + "/" + name(name);
  }

  /** A transfer. */
  public static String transfer(String id) {
    return TRANSFERS + id;
  }

  /** The hash of a transfer's key. */
  public static String transferKey(String id) {
    return "key/" + id;
  }

  /** The living offer of a zone. */
  public static String offerOf(ZoneId zone) {
    return "of/zone/" + zone;
  }

  /** A section of the configuration. */
  public static String settings(String section) {
    return SETTINGS + section;
  }

  /** A name as text that sorts as names do, near enough: what lies below a name follows it. */
  public static String sortable(DomainName name) {
    return name(name);
  }

  /** SHA-256 of a text in hexadecimal. */
  public static String hash(String text) {
    return hash(text.getBytes(StandardCharsets.UTF_8));
  }

  /** SHA-256 in hexadecimal. */
  public static String hash(byte[] octets) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(octets));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String tenant(ZoneOwner project) {
    return project.organisation() + "/" + project.project();
  }

  /** A view's name as it is when it is a simple word, else its hash. */
  private static String view(String view) {
    for (int i = 0; i < view.length(); i++) {
      char c = view.charAt(i);
      if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') {
        return "~" + hash(view);
      }
    }
    return view;
  }

  private static String name(DomainName name) {
    byte[] wire = name.folded().wire();
    StringBuilder key = new StringBuilder(2 * wire.length);
    int[] labels = new int[name.labels()];
    int count = 0;
    for (int at = 0; wire[at] != 0; at += 1 + wire[at]) {
      labels[count++] = at;
    }
    HexFormat hex = HexFormat.of();
    while (count > 0) {
      int at = labels[--count];
      key.append(hex.formatHex(wire, at + 1, at + 1 + wire[at])).append('.');
    }
    return key.toString();
  }
}
