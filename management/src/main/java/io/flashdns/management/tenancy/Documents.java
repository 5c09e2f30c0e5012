package io.flashdns.management.tenancy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Messages as documents of a store. */
public final class Documents {
  /** Documents that are read at once. */
  private static final int PAGE = 1_000;

  private static final int ETAG_CHARS = 16;

  private Documents() {}

  /** Takes documents one by one. */
  @FunctionalInterface
  public interface Each {
    /** False to be given no more. */
    boolean take(Document document) throws StoreException;
  }

  /** The message under a key; null when there is none. */
  public static <M extends MessageLite> @Nullable M read(
      ContentView view, String key, Parser<M> parser) throws StoreException {
    Document document = view.document(key);
    return document == null ? null : parsed(document, parser);
  }

  /** The message in a document. */
  public static <M extends MessageLite> M parsed(Document document, Parser<M> parser)
      throws StoreException {
    return parsed(document.key(), document.value(), parser);
  }

  static <M extends MessageLite> M parsed(String key, Octets value, Parser<M> parser)
      throws StoreException {
    try {
      return parser.parseFrom(value.array());
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException.Damaged("the document " + key + " cannot be read", e);
    }
  }

  /** Writes a message. */
  public static DocumentEdit put(String key, MessageLite message) {
    return DocumentEdit.put(key, Octets.of(message.toByteArray()));
  }

  /**
   * All documents whose keys begin so, in the order of their keys, also when they are many.
   *
   * @param after only keys above it; empty for all
   */
  public static void each(ContentView view, String prefix, String after, Each each)
      throws StoreException {
    String last = after;
    while (true) {
      var page = view.documents(prefix, last, PAGE);
      for (Document document : page) {
        if (!each.take(document)) {
          return;
        }
        last = document.key();
      }
      if (page.size() < PAGE) {
        return;
      }
    }
  }

  /** Removes all documents whose keys begin so. */
  public static void removeAll(ContentView view, String prefix, Consumer<DocumentEdit> edits)
      throws StoreException {
    each(
        view,
        prefix,
        "",
        document -> {
          edits.accept(DocumentEdit.remove(document.key()));
          return true;
        });
  }

  /** The same edits with the last one for each key alone. */
  public static List<DocumentEdit> lastOf(List<DocumentEdit> edits) {
    Map<String, DocumentEdit> last = new LinkedHashMap<>();
    for (DocumentEdit edit : edits) {
      last.put(edit.key(), edit);
    }
    return List.copyOf(last.values());
  }

  /** The version of a message as it is stored, which has none itself. */
  public static String etag(Message stored) {
    return Keys.hash(stored.toByteArray()).substring(0, ETAG_CHARS);
  }

  /** The last part of a key. */
  static String lastPart(String key) {
    return key.substring(key.lastIndexOf('/') + 1);
  }
}
