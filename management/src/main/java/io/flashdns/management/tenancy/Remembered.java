package io.flashdns.management.tenancy;

import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.StoreException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What was read of documents, so that it is read once for each of their versions. Safe for all
 * threads.
 *
 * @param <T> what is made of a document; immutable
 */
final class Remembered<T> {
  private static final int MAX_ENTRIES = 100_000;

  private final Reader<T> reader;
  private final ConcurrentHashMap<String, Entry<T>> entries = new ConcurrentHashMap<>();

  Remembered(Reader<T> reader) {
    this.reader = reader;
  }

  /** Makes something of a document. */
  @FunctionalInterface
  interface Reader<T> {
    T read(Document document) throws StoreException;
  }

  private record Entry<T>(Document document, T value) {}

  /** What the document under a key says; null when there is none. */
  @Nullable T read(ContentView view, String key) throws StoreException {
    Document document = view.document(key);
    if (document == null) {
      return null;
    }
    Entry<T> known = entries.get(key);
    if (known != null
        && known.document.revision() == document.revision()
        && known.document.value().equals(document.value())) {
      return known.value;
    }
    T value = reader.read(document);
    if (entries.size() >= MAX_ENTRIES) {
      entries.clear();
    }
    entries.put(key, new Entry<>(document, value));
    return value;
  }
}
