package io.flashdns.management.tenancy;

import com.google.protobuf.Timestamp;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.proto.v1.NameGrant;
import io.flashdns.proto.v1.Token;
import io.flashdns.proto.v1.ZoneTransfer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Removes what has ended long enough ago: names that are no longer held, offers of zones, tokens
 * and policies, former secrets. Once an hour; a thousand documents in one change. One thread.
 */
final class Sweep {
  /** How long what has ended can still be looked at. */
  private static final Duration SHOWN = Duration.ofDays(30);

  private static final long HOUR_NANOS = TimeUnit.HOURS.toNanos(1);
  private static final int PAGE = 1_000;

  private final ZoneStore store;
  private final TenancyConfig config;
  private long last = System.nanoTime() - HOUR_NANOS;

  Sweep(ZoneStore store, TenancyConfig config) {
    this.store = store;
    this.config = config;
  }

  /** What becomes of one document; adds nothing to keep it. */
  @FunctionalInterface
  private interface Rule {
    void look(
        io.flashdns.core.store.ContentView view,
        Document document,
        Instant now,
        List<DocumentEdit> edits)
        throws StoreException;
  }

  void runWhenDue() throws StoreException, InterruptedException {
    if (System.nanoTime() - last >= HOUR_NANOS) {
      last = System.nanoTime();
      run();
    }
  }

  void run() throws StoreException, InterruptedException {
    sweep(
        Keys.HELD,
        (_, document, now, edits) -> {
          NameGrant held = Documents.parsed(document, NameGrant.parser());
          if (isOver(held.getCreateTime(), config.nameHold(), now)) {
            edits.add(DocumentEdit.remove(document.key()));
          }
        });
    sweep(
        Keys.TRANSFERS,
        (view, document, now, edits) -> {
          ZoneTransfer transfer = Documents.parsed(document, ZoneTransfer.parser());
          if (isOver(transfer.getExpireTime(), SHOWN, now)) {
            Transfers.remove(view, transfer, edits);
          }
        });
    sweep(
        Keys.SECRETS,
        (_, document, now, edits) -> {
          Token secret = Documents.parsed(document, Token.parser());
          if (secret.hasExpireTime() && isOver(secret.getExpireTime(), Duration.ZERO, now)) {
            edits.add(DocumentEdit.remove(document.key()));
            edits.add(
                DocumentEdit.remove(
                    Keys.secretsOf(secret.getId()) + Documents.lastPart(document.key())));
          }
        });
    sweep(
        Keys.TOKENS,
        (view, document, now, edits) -> {
          Token token = Documents.parsed(document, Token.parser());
          if (isOver(token.getExpireTime(), SHOWN, now)) {
            Tokens.remove(view, token, edits);
          }
        });
  }

  private static boolean isOver(Timestamp end, Duration after, Instant now) {
    return !now.isBefore(Tokens.instant(end).plus(after));
  }

  private void sweep(String prefix, Rule rule) throws StoreException, InterruptedException {
    String[] place = {""};
    boolean[] more = {true};
    while (more[0]) {
      String from = place[0];
      var _ =
          store.commit(
              new ChangeSet(
                  "",
                  "local:upkeep",
                  "",
                  "",
                  false,
                  List.of(),
                  (view, _, now) -> {
                    List<DocumentEdit> edits = new ArrayList<>();
                    List<Document> page = view.documents(prefix, from, PAGE);
                    for (Document document : page) {
                      rule.look(view, document, now, edits);
                      place[0] = document.key();
                    }
                    more[0] = page.size() == PAGE;
                    return new Effects(Documents.lastOf(edits), List.of(), Octets.EMPTY);
                  }));
    }
  }
}
