package io.flashdns.plugins.acl;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.plugin.Network;
import io.flashdns.core.plugin.Protocol;
import java.util.List;
import java.util.Optional;

/**
 * One rule of an access list. It matches a message that fits all its conditions; a condition that
 * is absent fits every message.
 *
 * @param action what is done with a message that matches; required
 * @param networks the source address lies in one of these; IPv6 networks hold no IPv4 address, not
 *     even {@code ::/0}
 * @param views the query is answered from one of these views, named as in the configuration, {@code
 *     public} for everybody's; fits no message that is not answered from zones
 * @param opcodes the opcode is one of these
 * @param protocols the message came by one of these
 * @param types the type asked for is one of these: mnemonics, or {@code TYPE} and a number; fits no
 *     message whose question cannot be read
 */
public record AclRule(
    Action action,
    Optional<List<Network>> networks,
    Optional<List<String>> views,
    Optional<List<OpcodeGroup>> opcodes,
    Optional<List<Protocol>> protocols,
    Optional<List<String>> types) {
  /** What is done with a message. */
  public enum Action {
    /** It goes on to the next plugin. */
    ALLOW,
    /** It is answered REFUSED, with the extended error Prohibited (RFC 8914 §4.19). */
    REFUSE,
    /** It gets no answer. */
    DROP
  }

  /** Opcodes by what is done with them. */
  public enum OpcodeGroup {
    QUERY,
    NOTIFY,
    UPDATE,
    /** All others. */
    OTHER
  }

  /** Most networks of one rule. */
  static final int MAX_NETWORKS = 1_000_000;

  /** Refuses conditions that nothing can fit, and types that are none. */
  public AclRule {
    networks = named("networks", networks);
    views = named("views", views);
    opcodes = named("opcodes", opcodes);
    protocols = named("protocols", protocols);
    types = named("types", types);
    if (networks.isPresent() && networks.get().size() > MAX_NETWORKS) {
      throw new IllegalArgumentException(
          "networks must be at most " + MAX_NETWORKS + ": divide them among several rules");
    }
    if (views.isPresent() && opcodes.isPresent() && !opcodes.get().contains(OpcodeGroup.QUERY)) {
      throw new IllegalArgumentException(
          "views need the opcode query, for nothing else has a view: remove views or opcodes");
    }
    for (String view : views.orElse(List.of())) {
      if (view.isEmpty() || view.length() > 200) {
        throw new IllegalArgumentException(
            "views must have names of 1 to 200 characters, not '" + view + "'");
      }
    }
    for (String type : types.orElse(List.of())) {
      try {
        int _ = RecordType.parse(type);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("types must be record types: " + e.getMessage(), e);
      }
    }
  }

  /** A rule that matches every message. */
  public static AclRule of(Action action) {
    return new AclRule(
        action,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The same for these sources. */
  public AclRule withNetworks(List<Network> sources) {
    return new AclRule(action, Optional.of(sources), views, opcodes, protocols, types);
  }

  /** The same for these views. */
  public AclRule withViews(String... names) {
    return new AclRule(action, networks, Optional.of(List.of(names)), opcodes, protocols, types);
  }

  /** The same for these opcodes. */
  public AclRule withOpcodes(OpcodeGroup... groups) {
    return new AclRule(action, networks, views, Optional.of(List.of(groups)), protocols, types);
  }

  /** The same for these protocols. */
  public AclRule withProtocols(Protocol... by) {
    return new AclRule(action, networks, views, opcodes, Optional.of(List.of(by)), types);
  }

  /** The same for these types. */
  public AclRule withTypes(String... mnemonics) {
    return new AclRule(
        action, networks, views, opcodes, protocols, Optional.of(List.of(mnemonics)));
  }

  private static <T> Optional<List<T>> named(String name, Optional<List<T>> values) {
    if (values.isPresent() && values.get().isEmpty()) {
      throw new IllegalArgumentException(
          name + " must have at least one value: remove the key to match all");
    }
    return values.map(List::copyOf);
  }
}
