package io.flashdns.core.store;

import org.jspecify.annotations.Nullable;

/**
 * What is done to one document. A value that is there already changes nothing.
 *
 * @param key see {@link Document}
 * @param value null to remove it; one that is not there is no error
 */
public record DocumentEdit(String key, @Nullable Octets value) {
  public DocumentEdit {
    if (key.isEmpty() || key.length() > Document.MAX_KEY_CHARS) {
      throw new IllegalArgumentException(
          "the key of a document has 1 to " + Document.MAX_KEY_CHARS + " characters");
    }
    for (int i = 0; i < key.length(); i++) {
      if (key.charAt(i) <= ' ' || key.charAt(i) > '~') {
        throw new IllegalArgumentException("the key of a document is printable ASCII");
      }
    }
    if (value != null && value.length() > Document.MAX_VALUE_BYTES) {
      throw new IllegalArgumentException(
          "a document has at most " + Document.MAX_VALUE_BYTES + " octets, not " + value.length());
    }
  }

  /** Writes a document. */
  public static DocumentEdit put(String key, Octets value) {
    return new DocumentEdit(key, value);
  }

  /** Removes one. */
  public static DocumentEdit remove(String key) {
    return new DocumentEdit(key, null);
  }
}
