package io.flashdns.management.tenancy;

import com.google.protobuf.util.Timestamps;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.DocumentEvent;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.identity.Principal;
import io.flashdns.proto.v1.AuthenticationMethod;
import io.flashdns.proto.v1.IdentityGrant;
import io.flashdns.proto.v1.Policy;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What principals may do: what their credentials say, and what the policies in the store add. The
 * policies are kept in memory and follow the store. Safe for all threads.
 */
public final class Access {
  private static final int MAX_READY = 10_000;

  private final InstantSource clock;

  /** Policies by whom they are for. */
  private final ConcurrentHashMap<String, List<Held>> policies = new ConcurrentHashMap<>();

  /** Whom each policy is for, by its key. */
  private final ConcurrentHashMap<String, String> principals = new ConcurrentHashMap<>();

  /** Grants of credentials, made ready. */
  private final ConcurrentHashMap<IdentityGrant, Grant> ready = new ConcurrentHashMap<>();

  Access(InstantSource clock) {
    this.clock = clock;
  }

  /** One policy; what it gives is null when that is nothing. */
  private record Held(String key, @Nullable Grant grant, @Nullable Instant expires) {
    boolean isGood(Instant now) {
      return expires == null || now.isBefore(expires);
    }
  }

  /** What a principal may do now. */
  public Rights rightsOf(Principal principal) {
    List<Grant> grants = new ArrayList<>(principal.grants().size() + 2);
    for (IdentityGrant given : principal.grants()) {
      Grant grant = ready(given);
      if (grant != null) {
        grants.add(grant);
      }
    }
    if (principal.method() != AuthenticationMethod.AUTHENTICATION_METHOD_TOKEN) {
      Instant now = clock.instant();
      add(principal.name(), now, grants);
      for (String group : principal.groups()) {
        add(group, now, grants);
      }
    }
    return new GrantedRights(principal, grants);
  }

  /**
   * The operator on the machine, who may do everything.
   *
   * @param name behind {@code local:}
   */
  public static Rights local(String name) {
    IdentityGrant all =
        IdentityGrant.newBuilder()
            .setScope(Scope.newBuilder().setKind(ScopeKind.SCOPE_KIND_PLATFORM))
            .setRole(Role.ROLE_ADMIN)
            .build();
    Grant grant = Grant.of(all);
    if (grant == null) {
      throw new IllegalStateException("an admin of the platform may do nothing");
    }
    return new GrantedRights(
        new Principal(
            "local:" + name,
            AuthenticationMethod.AUTHENTICATION_METHOD_LOCAL,
            "",
            List.of(),
            List.of(all),
            null),
        List.of(grant));
  }

  /** True for what a rule of access may name records by. */
  public static boolean isNamePattern(String text) {
    return NamePattern.parse(text) != null;
  }

  /** True when every name that fits the one pattern fits the other. */
  public static boolean isWithinPattern(String text, String wider) {
    NamePattern pattern = NamePattern.parse(text);
    NamePattern other = NamePattern.parse(wider);
    return pattern != null && other != null && other.covers(pattern);
  }

  private void add(String name, Instant now, List<Grant> grants) {
    for (Held held : policies.getOrDefault(name, List.of())) {
      Grant grant = held.grant;
      if (grant != null && held.isGood(now)) {
        grants.add(grant);
      }
    }
  }

  private @Nullable Grant ready(IdentityGrant given) {
    Grant known = ready.get(given);
    if (known != null) {
      return known;
    }
    Grant grant = Grant.of(given);
    if (grant != null) {
      if (ready.size() >= MAX_READY) {
        ready.clear();
      }
      ready.put(given, grant);
    }
    return grant;
  }

  /** Takes over all policies; the follower's thread alone. */
  void load(ContentView view) throws StoreException {
    java.util.Set<String> found = new java.util.HashSet<>();
    Documents.each(
        view,
        Keys.POLICIES,
        "",
        document -> {
          found.add(document.key());
          put(document.key(), document.value());
          return true;
        });
    for (String key : List.copyOf(principals.keySet())) {
      if (!found.contains(key)) {
        remove(key);
      }
    }
  }

  /** Takes over a change; the follower's thread alone. */
  void apply(DocumentEvent event) throws StoreException {
    if (!event.key().startsWith(Keys.POLICIES)) {
      return;
    }
    Octets after = event.after();
    if (after == null) {
      remove(event.key());
    } else {
      put(event.key(), after);
    }
  }

  private void put(String key, Octets value) throws StoreException {
    Policy policy = Documents.parsed(key, value, Policy.parser());
    Grant grant =
        Grant.of(
            IdentityGrant.newBuilder()
                .setScope(policy.getScope())
                .setRole(policy.getRole())
                .addAllRules(policy.getRulesList())
                .build());
    Instant expires =
        policy.hasExpireTime()
            ? Instant.ofEpochMilli(Timestamps.toMillis(policy.getExpireTime()))
            : null;
    Held held = new Held(key, grant, expires);
    String former = principals.put(key, policy.getPrincipal());
    if (former != null && !former.equals(policy.getPrincipal())) {
      drop(former, key);
    }
    policies.compute(
        policy.getPrincipal(),
        (_, list) -> {
          List<Held> next = new ArrayList<>(list == null ? List.of() : list);
          next.removeIf(other -> other.key.equals(key));
          next.add(held);
          return List.copyOf(next);
        });
  }

  private void remove(String key) {
    String principal = principals.remove(key);
    if (principal != null) {
      drop(principal, key);
    }
  }

  private void drop(String principal, String key) {
    policies.computeIfPresent(
        principal,
        (_, list) -> {
          List<Held> next = list.stream().filter(held -> !held.key.equals(key)).toList();
          return next.isEmpty() ? null : next;
        });
  }
}
