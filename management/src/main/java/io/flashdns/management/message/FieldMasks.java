package io.flashdns.management.message;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Message;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Which fields an update is about. */
public final class FieldMasks {
  private FieldMasks() {}

  /**
   * The fields to change: those of the mask, or without one those that are set.
   *
   * @param hasMask true when the request has a mask
   * @param message what the fields are to be
   * @param allowed names of fields that may be changed
   * @param path of the mask in the request
   */
  public static SortedSet<String> fields(
      boolean hasMask,
      FieldMask mask,
      Message message,
      Set<String> allowed,
      String path,
      Violations violations) {
    SortedSet<String> fields = new TreeSet<>();
    if (!hasMask) {
      for (FieldDescriptor field : message.getAllFields().keySet()) {
        if (allowed.contains(field.getName())) {
          fields.add(field.getName());
        }
      }
      return fields;
    }
    if (mask.getPathsCount() == 0) {
      violations.add(
          Paths.in(path, "paths"), "the mask is empty: name a field, or leave the mask out");
    }
    for (int i = 0; i < mask.getPathsCount(); i++) {
      String name = mask.getPaths(i);
      if (allowed.contains(name)) {
        fields.add(name);
      } else {
        boolean known = message.getDescriptorForType().findFieldByName(name) != null;
        violations.add(
            Paths.at(Paths.in(path, "paths"), i),
            (known
                    ? Texts.shown(name) + " is fixed or output only"
                    : "there is no field " + Texts.shown(name))
                + ": name some of "
                + String.join(", ", new TreeSet<>(allowed)));
      }
    }
    return fields;
  }
}
