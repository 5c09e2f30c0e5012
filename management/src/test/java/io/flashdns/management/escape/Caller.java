package io.flashdns.management.escape;

import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.ScopeKind;

/**
 * Who calls.
 *
 * @param name for the report
 * @param secret what it shows; empty for nothing
 * @param role its only role; ROLE_UNSPECIFIED for none
 * @param scope how far that reaches
 * @param home whose it is
 * @param narrowed what its token is narrowed to
 * @param dead true when its credentials no longer count
 * @param suspended true when its project may not change anything
 */
record Caller(
    String name,
    String secret,
    Role role,
    ScopeKind scope,
    Place home,
    Narrowing narrowed,
    boolean dead,
    boolean suspended) {
  /** What a token is narrowed to. */
  enum Narrowing {
    NOTHING,
    /** One zone. */
    ZONE,
    /** Some names of records. */
    NAMES
  }

  static Caller of(String name, String secret, Role role, ScopeKind scope, Place home) {
    return new Caller(name, secret, role, scope, home, Narrowing.NOTHING, false, false);
  }

  Caller narrowed(Narrowing to) {
    return new Caller(name, secret, role, scope, home, to, dead, suspended);
  }

  Caller asDead() {
    return new Caller(name, secret, role, scope, home, narrowed, true, suspended);
  }

  Caller asSuspended() {
    return new Caller(name, secret, role, scope, home, narrowed, dead, true);
  }

  @Override
  public String toString() {
    return name;
  }
}
