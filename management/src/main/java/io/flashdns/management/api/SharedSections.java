package io.flashdns.management.api;

import io.flashdns.management.message.Violations;
import java.util.List;

/**
 * Sections of the configuration that may stand in the store, for all nodes, instead of in each
 * node's file: what may be written there. Safe for all threads.
 */
public interface SharedSections {
  /** Their names, sorted. */
  List<String> names();

  /**
   * Checks the text of a section as a configuration file is checked.
   *
   * @param section one of {@link #names}
   * @param path of the field that holds it
   * @param violations takes what is wrong, with its line
   */
  void check(String section, String yaml, String path, Violations violations);

  /**
   * Whether the configuration file of this node names the plugin whose section it is: else nothing
   * would come of it here.
   */
  boolean isConfigured(String section);
}
