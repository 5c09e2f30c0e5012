package io.flashdns.management.tenancy;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.identity.KnownToken;
import io.flashdns.management.identity.TokenLookup;
import io.flashdns.proto.v1.IdentityGrant;
import io.flashdns.proto.v1.Token;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * API tokens in the store: found by their secrets, with when they were used last. Safe for all
 * threads.
 */
public final class Tokens implements TokenLookup {
  private static final Logger log = LoggerFactory.getLogger(Tokens.class);

  /** Uses that are written at once. */
  private static final int BATCH = 1_000;

  private final ZoneStore store;
  private final InstantSource clock;
  private final Remembered<Known> tokens = new Remembered<>(document -> known(document.value()));
  private final ConcurrentHashMap<String, Instant> used = new ConcurrentHashMap<>();

  Tokens(ZoneStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  private record Known(Token message, IdentityGrant grant) {}

  private static Known known(Octets value) throws StoreException {
    Token token = Documents.parsed(Keys.TOKENS, value, Token.parser());
    return new Known(
        token,
        IdentityGrant.newBuilder()
            .setScope(token.getScope())
            .setRole(token.getRole())
            .addAllRules(token.getRulesList())
            .build());
  }

  @Override
  public @Nullable KnownToken byHash(byte[] sha256, InetSocketAddress source) {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return find(snapshot, HexFormat.of().formatHex(sha256));
    } catch (StoreException e) {
      log.warn("no API token can be looked up: {}", e.getMessage());
      return null;
    }
  }

  private @Nullable KnownToken find(ContentView view, String hash) throws StoreException {
    Token secret = Documents.read(view, Keys.secret(hash), Token.parser());
    if (secret == null) {
      return null;
    }
    Known known = tokens.read(view, Keys.token(secret.getId()));
    if (known == null || hasGoneUnused(view, known.message)) {
      return null;
    }
    Instant expires = instant(known.message.getExpireTime());
    if (secret.hasExpireTime() && instant(secret.getExpireTime()).isBefore(expires)) {
      expires = instant(secret.getExpireTime());
    }
    return new KnownToken(
        known.message.getId(),
        known.message.getDisplayName(),
        known.grant,
        known.message.getSourceNetworksList(),
        expires);
  }

  /** True when a token ended because nobody used it. */
  private boolean hasGoneUnused(ContentView view, Token token) throws StoreException {
    if (!token.hasMaxUnused()) {
      return false;
    }
    Instant last = instant(token.getCreateTime());
    Timestamp stored = useTime(view, token.getId());
    if (stored != null && instant(stored).isAfter(last)) {
      last = instant(stored);
    }
    Instant noted = used.get(token.getId());
    if (noted != null && noted.isAfter(last)) {
      last = noted;
    }
    // Uses are noted to the minute: nobody loses what is left of one.
    Instant ends =
        last.plusMillis(Durations.toMillis(token.getMaxUnused())).plus(1, ChronoUnit.MINUTES);
    return !clock.instant().isBefore(ends);
  }

  @Override
  public void accepted(KnownToken token) {
    Instant minute = clock.instant().truncatedTo(ChronoUnit.MINUTES);
    Instant noted = used.get(token.id());
    if (noted == null || noted.isBefore(minute)) {
      used.put(token.id(), minute);
    }
  }

  /** When a token was used last, as far as that is written; null when it was not. */
  public static @Nullable Timestamp useTime(ContentView view, String id) throws StoreException {
    Token stored = Documents.read(view, Keys.used(id), Token.parser());
    return stored == null || !stored.hasUseTime() ? null : stored.getUseTime();
  }

  /** True when a token may be used at this time. */
  public static boolean isValid(Token token, Instant now) {
    return now.isBefore(instant(token.getExpireTime()));
  }

  /**
   * How many tokens can be used.
   *
   * @param prefix of the keys that say what stands in a scope
   */
  public static long countValid(ContentView view, String prefix, Instant now)
      throws StoreException {
    long[] count = {0};
    Documents.each(
        view,
        prefix,
        "",
        document -> {
          if (isValid(Documents.parsed(document, Token.parser()), now)) {
            count[0]++;
          }
          return true;
        });
    return count[0];
  }

  /**
   * Removes a token with all that belongs to it.
   *
   * @param edits takes what is to be written
   */
  public static void remove(ContentView view, Token token, List<DocumentEdit> edits)
      throws StoreException {
    edits.add(DocumentEdit.remove(Keys.token(token.getId())));
    edits.add(DocumentEdit.remove(Keys.in("token", token.getScope()) + token.getId()));
    edits.add(DocumentEdit.remove(Keys.used(token.getId())));
    Documents.each(
        view,
        Keys.secretsOf(token.getId()),
        "",
        document -> {
          edits.add(DocumentEdit.remove(Keys.secret(Documents.lastPart(document.key()))));
          edits.add(DocumentEdit.remove(document.key()));
          return true;
        });
  }

  /** Writes a token, and that it is in its scope. */
  public static void put(Token token, List<DocumentEdit> edits) {
    edits.add(Documents.put(Keys.token(token.getId()), token));
    edits.add(
        Documents.put(
            Keys.in("token", token.getScope()) + token.getId(),
            Token.newBuilder().setId(token.getId()).setExpireTime(token.getExpireTime()).build()));
  }

  /**
   * Writes a secret.
   *
   * @param hash SHA-256 in hexadecimal
   * @param now when it is made
   */
  public static void putSecret(Token token, String hash, Instant now, List<DocumentEdit> edits) {
    edits.add(Documents.put(Keys.secret(hash), Token.newBuilder().setId(token.getId()).build()));
    edits.add(
        Documents.put(
            Keys.secretsOf(token.getId()) + hash,
            Token.newBuilder()
                .setId(token.getId())
                .setCreateTime(Timestamps.fromMillis(now.toEpochMilli()))
                .setExpireTime(token.getExpireTime())
                .build()));
  }

  /**
   * Ends the secrets that a token has: the newest one when the overlap is over, all others at once.
   *
   * @return how long the token was to live when the newest one was made
   */
  public static Duration retire(
      ContentView view, Token token, Duration overlap, Instant now, List<DocumentEdit> edits)
      throws StoreException {
    List<Document> secrets = new ArrayList<>();
    Documents.each(
        view,
        Keys.secretsOf(token.getId()),
        "",
        document -> {
          secrets.add(document);
          return true;
        });
    String newest = "";
    Token made = null;
    for (Document document : secrets) {
      Token one = Documents.parsed(document, Token.parser());
      if (made == null || Timestamps.compare(made.getCreateTime(), one.getCreateTime()) < 0) {
        newest = document.key();
        made = one;
      }
    }
    for (Document document : secrets) {
      String hash = Documents.lastPart(document.key());
      if (document.key().equals(newest) && !overlap.isZero()) {
        edits.add(
            Documents.put(
                Keys.secret(hash),
                Token.newBuilder()
                    .setId(token.getId())
                    .setExpireTime(Timestamps.fromMillis(now.plus(overlap).toEpochMilli()))
                    .build()));
      } else {
        edits.add(DocumentEdit.remove(Keys.secret(hash)));
        edits.add(DocumentEdit.remove(document.key()));
      }
    }
    Token from = made == null ? token : made;
    return Duration.between(instant(from.getCreateTime()), instant(from.getExpireTime()));
  }

  /** Writes down which tokens were used since the last time. */
  void writeUses() throws StoreException, InterruptedException {
    List<Map.Entry<String, Instant>> entries = new ArrayList<>(used.entrySet());
    for (int from = 0; from < entries.size(); from += BATCH) {
      var batch = entries.subList(from, Math.min(entries.size(), from + BATCH));
      var _ =
          store.commit(
              new ChangeSet(
                  "",
                  "local:tokens",
                  "",
                  "",
                  false,
                  List.of(),
                  (view, _, _) -> new Effects(uses(view, batch), List.of(), Octets.EMPTY)));
      for (var entry : batch) {
        used.remove(entry.getKey(), entry.getValue());
      }
    }
  }

  private static List<DocumentEdit> uses(ContentView view, List<Map.Entry<String, Instant>> batch)
      throws StoreException {
    List<DocumentEdit> edits = new ArrayList<>();
    for (var entry : batch) {
      Timestamp known = useTime(view, entry.getKey());
      Timestamp use = Timestamps.fromMillis(entry.getValue().toEpochMilli());
      if (view.document(Keys.token(entry.getKey())) != null
          && (known == null || Timestamps.compare(known, use) < 0)) {
        edits.add(
            Documents.put(Keys.used(entry.getKey()), Token.newBuilder().setUseTime(use).build()));
      }
    }
    return edits;
  }

  static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }
}
