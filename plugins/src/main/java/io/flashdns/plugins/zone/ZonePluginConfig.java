package io.flashdns.plugins.zone;

/** Configuration of the zone plugin: it has no keys. */
public record ZonePluginConfig() {
  /** What is taken when nothing is said. */
  public static ZonePluginConfig defaults() {
    return new ZonePluginConfig();
  }
}
