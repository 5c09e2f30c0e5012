package io.flashdns.management.api;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import com.google.rpc.Code;
import io.flashdns.core.plugin.Network;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Violations;
import io.flashdns.management.tenancy.Access;
import io.flashdns.management.tenancy.Documents;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.proto.v1.AccessRule;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Token;
import io.flashdns.proto.v1.TokenPreset;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What tokens may say, and the ready-made ones. */
final class TokenForms {
  private static final String CHALLENGES = "_acme-challenge.*";
  private static final int MAX_NETWORKS = 100;
  private static final Duration MAX_LIFE = Duration.ofDays(366);
  private static final String TOKEN_PRINCIPAL = "token:";

  private TokenForms() {}

  /** The token with the role and the rules of a preset. */
  static Token preset(TokenPreset preset, Token given, Violations violations) {
    return switch (preset) {
      case TOKEN_PRESET_UNSPECIFIED -> given;
      case TOKEN_PRESET_ACME_CHALLENGE -> challenges(given, violations);
      case UNRECOGNIZED -> {
        violations.add("preset", "there is no such preset: name one of TokenPreset, or none");
        yield given;
      }
    };
  }

  private static Token challenges(Token given, Violations violations) {
    if (given.getRole() != Role.ROLE_UNSPECIFIED) {
      violations.add("token.role", "the preset sets the role: leave it out");
    }
    if (given.getRulesCount() > 1) {
      violations.add("token.rules", "the preset sets the rules: give at most one to narrow it");
    }
    AccessRule narrow =
        given.getRulesCount() == 0 ? AccessRule.getDefaultInstance() : given.getRules(0);
    if (narrow.getTypesCount() > 0 || narrow.getPermissionsCount() > 0) {
      violations.add(
          "token.rules[0]", "the preset sets types and permissions: give zones and names alone");
    }
    List<String> names = new ArrayList<>(narrow.getNamesList());
    for (int i = 0; i < names.size(); i++) {
      if (!Access.isWithinPattern(names.get(i), CHALLENGES)) {
        violations.add(
            "token.rules[0].names[" + i + "]",
            "the preset is for names that begin with _acme-challenge: give such a one");
      }
    }
    if (names.isEmpty()) {
      names.add(CHALLENGES);
    }
    return given.toBuilder()
        .setRole(Role.ROLE_EDITOR)
        .clearRules()
        .addRules(
            AccessRule.newBuilder()
                .addAllZones(narrow.getZonesList())
                .addAllNames(names)
                .addTypes(RecordType.RECORD_TYPE_TXT)
                .addPermissions(Permission.PERMISSION_RECORDS_READ)
                .addPermissions(Permission.PERMISSION_RECORDS_WRITE))
        .addRules(
            AccessRule.newBuilder()
                .addAllZones(narrow.getZonesList())
                .addPermissions(Permission.PERMISSION_ZONES_READ)
                .addPermissions(Permission.PERMISSION_CHANGES_READ))
        .build();
  }

  static void check(Token token, Instant now, Violations violations) {
    if (token.getDisplayName().isBlank()) {
      violations.add("token.display_name", "a name is required: say what the token is for");
    }
    TenantTexts.displayName(token.getDisplayName(), "token.display_name", violations);
    AccessChecks.role(token.getRole(), "token.role", violations);
    AccessChecks.rules(token.getRulesList(), "token.rules", violations);
    if (token.getSourceNetworksCount() > MAX_NETWORKS) {
      violations.add(
          "token.source_networks",
          "there are "
              + token.getSourceNetworksCount()
              + " networks: at most "
              + MAX_NETWORKS
              + " are allowed");
    }
    for (int i = 0; i < Math.min(MAX_NETWORKS, token.getSourceNetworksCount()); i++) {
      try {
        var _ = Network.parse(token.getSourceNetworks(i));
      } catch (IllegalArgumentException e) {
        violations.add("token.source_networks[" + i + "]", String.valueOf(e.getMessage()));
      }
    }
    if (token.hasExpireTime()) {
      expiry(token.getExpireTime(), "token.expire_time", now, violations);
    }
    if (token.hasMaxUnused()
        && (!Durations.isValid(token.getMaxUnused())
            || token.getMaxUnused().getSeconds() < Duration.ofHours(1).toSeconds())) {
      violations.add("token.max_unused", "it must be an hour at least: 3600s");
    }
  }

  static void expiry(Timestamp expires, String path, Instant now, Violations violations) {
    boolean sound =
        Timestamps.isValid(expires)
            && Instant.ofEpochSecond(expires.getSeconds()).isAfter(now)
            && !Instant.ofEpochSecond(expires.getSeconds()).isAfter(now.plus(MAX_LIFE));
    if (!sound) {
      violations.add(path, "a token ends at a time to come, at most 366 days away");
    }
  }

  /** A token that may be used from some networks alone makes no token that others may use. */
  static void requireNetworks(Call call, ContentView view, Token made) throws StoreException {
    String principal = call.principal().name();
    if (!principal.startsWith(TOKEN_PRINCIPAL)) {
      return;
    }
    String id = principal.substring(TOKEN_PRINCIPAL.length());
    Token own = Keys.isGivenId(id) ? Documents.read(view, Keys.token(id), Token.parser()) : null;
    if (own == null || own.getSourceNetworksCount() == 0) {
      return;
    }
    List<Network> networks = own.getSourceNetworksList().stream().map(Network::parse).toList();
    boolean within = made.getSourceNetworksCount() > 0;
    for (String text : made.getSourceNetworksList()) {
      Network network = Network.parse(text);
      within &=
          networks.stream()
              .anyMatch(
                  mine ->
                      mine.prefixBits() <= network.prefixBits()
                          && mine.contains(network.hi(), network.lo()));
    }
    if (!within) {
      throw CallException.of(
          Code.PERMISSION_DENIED,
          "your token may be used from some networks alone: give the new one networks within them",
          CallException.reason("MORE_THAN_OWN"));
    }
  }
}
