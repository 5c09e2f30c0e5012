package io.flashdns.core.engine;

import io.flashdns.core.plugin.Plugin;

/** A started plugin and its name in the configuration. */
record NamedPlugin(String name, Plugin plugin) {}
