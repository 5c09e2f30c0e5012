package io.flashdns.plugins.acl;

import java.util.List;

/**
 * Configuration of the acl plugin.
 *
 * @param rules in the order in which they are tried, at most 1,000; the first one that matches
 *     decides; default none
 * @param otherwise what is done when no rule matches; default {@code allow}
 */
public record AclPluginConfig(List<AclRule> rules, AclRule.Action otherwise) {
  /** Most rules of a list. */
  static final int MAX_RULES = 1_000;

  /** Refuses lists that are too long. */
  public AclPluginConfig {
    rules = List.copyOf(rules);
    if (rules.size() > MAX_RULES) {
      throw new IllegalArgumentException(
          "rules must be at most " + MAX_RULES + ", not " + rules.size());
    }
  }

  /** No rules: everything is allowed. */
  public static AclPluginConfig defaults() {
    return new AclPluginConfig(List.of(), AclRule.Action.ALLOW);
  }
}
