package io.flashdns.management.api;

import com.google.protobuf.Message;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Order;
import io.flashdns.management.message.Page;
import io.flashdns.management.message.PageTokens;
import io.flashdns.management.tenancy.Documents;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.management.tenancy.Tenancy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What all calls about documents have in common: change, read, list. Safe for all threads. */
final class DocumentCalls {
  private final ZoneStore store;
  private final Committer committer;
  private final Tenancy tenancy;
  private final PageTokens tokens;

  DocumentCalls(ZoneStore store, Committer committer, Tenancy tenancy, PageTokens tokens) {
    this.store = store;
    this.committer = committer;
    this.tenancy = tenancy;
    this.tokens = tokens;
  }

  Tenancy tenancy() {
    return tenancy;
  }

  ZoneStore store() {
    return store;
  }

  /**
   * Makes a change, or gives the first answer to a request that is known.
   *
   * @param check looks at the request before anything is read
   */
  <R extends Message> R change(
      Call call,
      String requestId,
      boolean validateOnly,
      R prototype,
      Runnable check,
      Committer.Work<R> work)
      throws StoreException, InterruptedException {
    R known = committer.known(call, requestId, prototype);
    if (known != null) {
      return known;
    }
    check.run();
    R answer =
        committer.commit(
            call, Committer.Asked.ofDocuments(requestId, validateOnly), work, prototype);
    if (!validateOnly) {
      tenancy.settle();
    }
    return answer;
  }

  /** Reads a snapshot. */
  @FunctionalInterface
  interface Reading<R> {
    R read(StoreSnapshot snapshot) throws StoreException;
  }

  <R> R read(Reading<R> reading) throws StoreException {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return reading.read(snapshot);
    }
  }

  /** Makes an entry of a list of a document; null when it is not to be listed. */
  @FunctionalInterface
  interface Entry<M> {
    @Nullable M of(StoreSnapshot snapshot, Document document) throws StoreException;
  }

  /**
   * What a list walks over.
   *
   * @param prefixes all documents whose keys begin so
   * @param keys and these
   */
  record Where(List<String> prefixes, List<String> keys) {
    static Where all(String prefix) {
      return new Where(List.of(prefix), List.of());
    }

    /**
     * As much of what is kept by tenant as somebody reaches.
     *
     * @param all before the keys of all of it
     */
    static Where within(Rights.Reach reach, String all, String kind) {
      if (reach.everywhere()) {
        return all(all);
      }
      List<String> prefixes = new ArrayList<>();
      reach.organisations().forEach(one -> prefixes.add(Keys.inAll(kind, one)));
      reach.projects().forEach(one -> prefixes.add(Keys.in(kind, one)));
      return new Where(prefixes, List.of());
    }
  }

  /** A page of a list. */
  record Listed<M>(List<M> entries, String nextPageToken) {}

  /**
   * A page of a list. Looks at everything there is; keeps no more than a page.
   *
   * @param request with page_size and page_token
   * @param key what the list is ordered by; no two entries have the same
   */
  <M extends Message> Listed<M> list(
      Call call,
      Message request,
      int pageSize,
      Order order,
      Function<StoreSnapshot, Where> where,
      Entry<M> entry,
      Function<M, String> key)
      throws StoreException {
    String who = call.principal().name();
    int size = PageTokens.pageSize(pageSize);
    byte[] position = tokens.position(request, who);
    String after = position == null ? null : new String(position, StandardCharsets.UTF_8);
    NavigableMap<String, M> first = new TreeMap<>();
    Documents.Each[] each = new Documents.Each[1];
    try (StoreSnapshot snapshot = store.snapshot()) {
      each[0] =
          document -> {
            M found = entry.of(snapshot, document);
            if (found != null) {
              keep(first, key.apply(found), found, after, order.descending(), size);
            }
            return true;
          };
      Where there = where.apply(snapshot);
      for (String prefix : there.prefixes()) {
        Documents.each(snapshot, prefix, "", each[0]);
      }
      for (String one : there.keys()) {
        Document document = snapshot.document(one);
        if (document != null) {
          boolean _ = each[0].take(document);
        }
      }
    }
    Page<M> page = new Page<>(size);
    String last = "";
    for (Map.Entry<String, M> one :
        (order.descending() ? first.descendingMap() : first).entrySet()) {
      if (!page.add(one.getValue())) {
        return new Listed<>(
            page.entries(), tokens.token(request, who, last.getBytes(StandardCharsets.UTF_8)));
      }
      last = one.getKey();
    }
    return new Listed<>(page.entries(), "");
  }

  private static <M> void keep(
      NavigableMap<String, M> first,
      String key,
      M found,
      @Nullable String after,
      boolean descending,
      int size) {
    if (after != null && (descending ? key.compareTo(after) >= 0 : key.compareTo(after) <= 0)) {
      return;
    }
    first.put(key, found);
    if (first.size() > size + 1) {
      var _ = descending ? first.pollFirstEntry() : first.pollLastEntry();
    }
  }

  /** A time as a part of what a list is ordered by. */
  static String key(com.google.protobuf.Timestamp time, String id) {
    return String.format(Locale.ROOT, "%012d%09d/%s", time.getSeconds(), time.getNanos(), id);
  }

  /** Refuses a change of something that is at another version than the caller has seen. */
  static void require(String etag, String otherEtag, Message stored, String kind, String name) {
    String asked = etag.isEmpty() ? otherEtag : etag;
    if (!asked.isEmpty() && !asked.equals(Documents.etag(stored))) {
      throw CallException.aborted(kind, name);
    }
  }
}
