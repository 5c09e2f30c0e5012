package io.flashdns.plugins.acl;

import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Query;
import java.util.BitSet;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/**
 * A rule without its networks, which {@link RuleTable} has looked at already. Immutable once made.
 */
final class CompiledRule {
  static final int ALL_OPCODES = 0xffff;

  /** Its place in the list, from 0. */
  final int number;

  final AclRule.Action action;

  /** Of its counter in the family by rule and action. */
  final int slot;

  private final int opcodes;
  private final @Nullable EnumSet<Protocol> protocols;
  private final @Nullable BitSet types;
  private final @Nullable BitSet views;

  /**
   * A rule of bit sets.
   *
   * @param opcodes a bit for each opcode
   * @param protocols null for all
   * @param types by number, null for all
   * @param views by number, null for all
   */
  CompiledRule(
      int number,
      AclRule.Action action,
      int opcodes,
      @Nullable EnumSet<Protocol> protocols,
      @Nullable BitSet types,
      @Nullable BitSet views) {
    this.number = number;
    this.action = action;
    this.slot =
        3 * number
            + switch (action) {
              case ALLOW -> 0;
              case REFUSE -> 1;
              case DROP -> 2;
            };
    this.opcodes = opcodes;
    this.protocols = protocols;
    this.types = types;
    this.views = views;
  }

  /** True when a message fits, as far as the gate can see: all but the view. */
  boolean fits(Query query) {
    return ((opcodes >>> query.opcode()) & 1) != 0
        && (protocols == null || protocols.contains(query.protocol()))
        && (types == null || (query.isWellFormed() && types.get(query.type())));
  }

  /** True when it asks for the view. */
  boolean needsView() {
    return views != null;
  }

  /** True when the view is one of its own. */
  boolean fitsView(int view) {
    return views == null || views.get(view);
  }

  /** True when every message fits. */
  boolean fitsAll() {
    return opcodes == ALL_OPCODES && protocols == null && types == null && views == null;
  }
}
