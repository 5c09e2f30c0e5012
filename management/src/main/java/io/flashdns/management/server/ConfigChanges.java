package io.flashdns.management.server;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Which keys differ between two configurations. */
final class ConfigChanges {
  private ConfigChanges() {}

  /** Paths of the keys whose values differ, in the order of the records' components. */
  static List<String> between(Record before, Record after) {
    List<String> keys = new ArrayList<>();
    collect(before, after, "", keys);
    return keys;
  }

  private static void collect(Record before, Record after, String path, List<String> keys) {
    for (RecordComponent component : before.getClass().getRecordComponents()) {
      Object old = ConfigBinder.read(component, before);
      Object now = ConfigBinder.read(component, after);
      String key = path + ConfigText.key(component.getName());
      if (old instanceof Record oldRecord
          && now instanceof Record nowRecord
          && !(old instanceof Pipeline)) {
        collect(oldRecord, nowRecord, key + ".", keys);
      } else if (!Objects.equals(old, now)) {
        keys.add(key);
      }
    }
  }
}
