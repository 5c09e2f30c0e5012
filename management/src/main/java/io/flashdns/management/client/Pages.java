package io.flashdns.management.client;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Walks a list of the API page by page, as far as it is read.
 *
 * @param <M> an entry
 */
final class Pages<M> implements Iterable<M> {
  /** Entries on a page. */
  static final int SIZE = 1000;

  /**
   * Fetches pages.
   *
   * @param <M> an entry
   */
  interface Source<M> {
    Page<M> page(int size, String token) throws InterruptedException;
  }

  /**
   * A page.
   *
   * @param next empty on the last one
   */
  record Page<M>(List<M> entries, String next) {}

  private final Source<M> source;
  private long wanted;
  private Iterator<M> entries = List.<M>of().iterator();
  private String token = "";
  private boolean isLast;

  /**
   * Begins.
   *
   * @param limit so many entries at most; 0 for all
   */
  Pages(long limit, Source<M> source) {
    this.source = source;
    this.wanted = limit == 0 ? Long.MAX_VALUE : limit;
  }

  /** Goes on where the last one was left. */
  @Override
  public Iterator<M> iterator() {
    return new Walk();
  }

  private boolean fetch() {
    while (wanted > 0 && !entries.hasNext() && !isLast) {
      try {
        Page<M> page = source.page((int) Math.min(SIZE, wanted), token);
        entries = page.entries().iterator();
        token = page.next();
        isLast = token.isEmpty();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        throw new Failures.Carrier(ClientException.failed("was interrupted"));
      }
    }
    return wanted > 0 && entries.hasNext();
  }

  private final class Walk implements Iterator<M> {
    @Override
    public boolean hasNext() {
      return fetch();
    }

    @Override
    public M next() {
      if (!fetch()) {
        throw new NoSuchElementException();
      }
      wanted--;
      return entries.next();
    }
  }
}
