package io.flashdns.management.message;

/** Paths of fields in a request, as violations name them. */
public final class Paths {
  private Paths() {}

  /** A field of the message at {@code path}, which is empty for the request itself. */
  static String in(String path, String field) {
    return path.isEmpty() ? field : path + "." + field;
  }

  /** Another field of the message that the field at {@code path} is in. */
  public static String beside(String path, String field) {
    return path.substring(0, path.lastIndexOf('.') + 1) + field;
  }

  /** An element of the list at {@code path}. */
  static String at(String path, int index) {
    return path + "[" + index + "]";
  }
}
