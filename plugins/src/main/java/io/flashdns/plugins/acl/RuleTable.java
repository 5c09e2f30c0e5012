package io.flashdns.plugins.acl;

import io.flashdns.core.dns.Opcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.plugin.Network;
import io.flashdns.core.plugin.NetworkTable;
import io.flashdns.core.zone.Views;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An access list, turned inside out: which rules can match an address, in their order.
 *
 * <p>All networks of all rules go into one {@link NetworkTable}. The longest network that holds an
 * address lies inside every other one that holds it, so it alone tells which rules match the
 * source; those lists are made beforehand, and rules behind one that matches everything are left
 * away. A query costs one look-up, however many rules and networks there are, and the tests of the
 * few rules that are left. Each list ends with a rule that matches everything, the last one being
 * {@code otherwise}.
 *
 * <p>Immutable; safe for all threads; allocates nothing when asked.
 */
final class RuleTable {
  private static final int IPV4_BITS = 96;

  private final NetworkTable sources;
  private final CompiledRule[][] lists;
  private final CompiledRule[] elsewhere;
  private final boolean needsView;

  /** Compiles a list; view names that are new get numbers. */
  RuleTable(AclPluginConfig config, Views views) {
    List<AclRule> rules = config.rules();
    CompiledRule[] compiled = new CompiledRule[rules.size() + 1];
    boolean anyView = false;
    Map<Network, BitSet> named = new HashMap<>();
    BitSet ofAll = new BitSet();
    for (int i = 0; i < rules.size(); i++) {
      AclRule rule = rules.get(i);
      compiled[i] = compile(i, rule, views);
      anyView |= rule.views().isPresent();
      if (rule.networks().isPresent()) {
        for (Network network : rule.networks().get()) {
          named.computeIfAbsent(network, _ -> new BitSet()).set(i);
        }
      } else {
        ofAll.set(i);
      }
    }
    int last = rules.size();
    compiled[last] = compile(last, AclRule.of(config.otherwise()), views);
    ofAll.set(last);
    needsView = anyView;
    elsewhere = list(ofAll, compiled);
    List<CompiledRule[]> made = new ArrayList<>();
    sources = NetworkTable.of(entries(named, ofAll, compiled, made));
    lists = made.toArray(CompiledRule[][]::new);
  }

  /** Each network with the number of its list of rules; equal lists are made once. */
  private static List<Map.Entry<Network, Integer>> entries(
      Map<Network, BitSet> named,
      BitSet ofAll,
      CompiledRule[] compiled,
      List<CompiledRule[]> made) {
    TreeSet<Integer> prefixes = new TreeSet<>();
    named.keySet().forEach(network -> prefixes.add(network.prefixBits()));
    Map<BitSet, Integer> numbers = new HashMap<>();
    List<Map.Entry<Network, Integer>> entries = new ArrayList<>(named.size());
    for (Network network : named.keySet()) {
      BitSet matching = (BitSet) ofAll.clone();
      for (int bits : prefixes.headSet(network.prefixBits(), true)) {
        BitSet ofWider =
            network.isIpv4() && bits < IPV4_BITS ? null : named.get(widened(network, bits));
        if (ofWider != null) {
          matching.or(ofWider);
        }
      }
      int number =
          numbers.computeIfAbsent(
              matching,
              rules -> {
                made.add(list(rules, compiled));
                return made.size() - 1;
              });
      entries.add(Map.entry(network, number));
    }
    return entries;
  }

  private static Network widened(Network network, int bits) {
    long hiMask = bits == 0 ? 0 : bits >= 64 ? -1L : -1L << (64 - bits);
    long loMask = bits <= 64 ? 0 : -1L << (128 - bits);
    return new Network(network.hi() & hiMask, network.lo() & loMask, bits);
  }

  /** The rules of a set in their order, up to the first that matches everything. */
  private static CompiledRule[] list(BitSet rules, CompiledRule[] compiled) {
    List<CompiledRule> list = new ArrayList<>();
    for (int i = rules.nextSetBit(0); i >= 0; i = rules.nextSetBit(i + 1)) {
      list.add(compiled[i]);
      if (compiled[i].fitsAll()) {
        break;
      }
    }
    return list.toArray(CompiledRule[]::new);
  }

  private static CompiledRule compile(int number, AclRule rule, Views views) {
    return new CompiledRule(
        number,
        rule.action(),
        rule.opcodes().map(RuleTable::opcodes).orElse(CompiledRule.ALL_OPCODES),
        rule.protocols().map(EnumSet::copyOf).orElse(null),
        types(rule),
        views(rule, views));
  }

  private static int opcodes(List<AclRule.OpcodeGroup> groups) {
    int named = (1 << Opcode.QUERY) | (1 << Opcode.NOTIFY) | (1 << Opcode.UPDATE);
    int bits = 0;
    for (AclRule.OpcodeGroup group : groups) {
      bits |=
          switch (group) {
            case QUERY -> 1 << Opcode.QUERY;
            case NOTIFY -> 1 << Opcode.NOTIFY;
            case UPDATE -> 1 << Opcode.UPDATE;
            case OTHER -> CompiledRule.ALL_OPCODES & ~named;
          };
    }
    return bits;
  }

  private static @Nullable BitSet types(AclRule rule) {
    if (rule.types().isEmpty()) {
      return null;
    }
    BitSet bits = new BitSet();
    rule.types().get().forEach(type -> bits.set(RecordType.parse(type)));
    return bits;
  }

  private static @Nullable BitSet views(AclRule rule, Views views) {
    if (rule.views().isEmpty()) {
      return null;
    }
    BitSet bits = new BitSet();
    rule.views().get().forEach(view -> bits.set(views.number(view)));
    return bits;
  }

  /** True when a rule asks for the view. */
  boolean needsView() {
    return needsView;
  }

  /** The rules that can match an address, in their order; not to be changed. */
  CompiledRule[] rulesFor(long hi, long lo) {
    int list = sources.find(hi, lo);
    return list == NetworkTable.NONE ? elsewhere : lists[list];
  }
}
