package io.flashdns.management.tenancy;

import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Decision;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.identity.TokenSecrets;
import io.flashdns.proto.v1.AuditDecision;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.AuthenticationMethod;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.Policy;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.Token;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first to call: where nobody could manage the platform, a token is made that can, and its
 * secret is put into a file that only the server's user can read.
 *
 * <p>Whoever has lost the secrets of all who could is let in again by an empty file of that name:
 * the next start makes another token. Only the server's user can put it there, who could change the
 * store as well.
 */
public final class FirstAdmin {
  /** Name of the file in the data folder. */
  public static final String FILE = "admin-token";

  private static final Logger log = LoggerFactory.getLogger(FirstAdmin.class);
  private static final Duration LIFETIME = Duration.ofDays(366);
  private static final String NAME = "local:start";

  private FirstAdmin() {}

  /**
   * Makes the token, unless a policy or a token lets somebody manage the platform, or when an empty
   * file asks for it. The file is written before the token: whatever happens between, the next
   * start makes it good.
   *
   * @param dataFolder takes the file {@value #FILE}
   * @throws IOException when the file cannot be written; a sentence with the file and a remedy
   */
  public static void ensure(ZoneStore store, Path dataFolder, InstantSource clock)
      throws StoreException, InterruptedException, IOException {
    Instant now = clock.instant();
    Path file = dataFolder.resolve(FILE);
    boolean asked = isEmpty(file);
    try (StoreSnapshot snapshot = store.snapshot()) {
      if (!asked && hasAdmin(snapshot, now, "")) {
        return;
      }
    }
    String secret = TokenSecrets.make();
    try {
      write(file, secret);
    } catch (IOException e) {
      throw new IOException(
          "the first admin's token cannot be written to %s (%s): let the user %s write a file of this name there, and start again"
              .formatted(
                  file,
                  e instanceof FileSystemException told && told.getReason() != null
                      ? told.getReason()
                      : e.getClass().getSimpleName(),
                  System.getProperty("user.name")),
          e);
    }
    Token token =
        Token.newBuilder()
            .setId(Ids.next(now))
            .setDisplayName("first admin")
            .setScope(Scope.newBuilder().setKind(ScopeKind.SCOPE_KIND_PLATFORM))
            .setRole(Role.ROLE_ADMIN)
            .setCreator(NAME)
            .setCreateTime(Timestamps.fromMillis(now.toEpochMilli()))
            .setExpireTime(Timestamps.fromMillis(now.plus(LIFETIME).toEpochMilli()))
            .build();
    List<DocumentEdit> edits = new ArrayList<>();
    Tokens.put(token, edits);
    Tokens.putSecret(token, HexFormat.of().formatHex(TokenSecrets.hash(secret)), now, edits);
    AuditEntry entry =
        AuditEntry.newBuilder()
            .setTime(Timestamps.fromMillis(now.toEpochMilli()))
            .setPrincipal(NAME)
            .setMethod(AuthenticationMethod.AUTHENTICATION_METHOD_LOCAL)
            .setCall("/flashdns.v1.AccessService/CreateToken")
            .setPermission(Permission.PERMISSION_TOKENS_WRITE)
            .setDecision(AuditDecision.AUDIT_DECISION_ALLOWED)
            .setAfterJson(JsonFormat.printer().omittingInsignificantWhitespace().print(token))
            .build();
    Effects effects = new Effects(edits, List.of(Octets.of(entry.toByteArray())), Octets.EMPTY);
    Decision unlessThereIsOne =
        (view, _, _) -> !asked && hasAdmin(view, now, "") ? Effects.NONE : effects;
    CommitResult made =
        store.commit(new ChangeSet("", NAME, "", "", false, List.of(), unlessThereIsOne));
    if (!made.changed()) {
      // Another node of the store was first: it has the file.
      Files.delete(file);
      return;
    }
    log.info(
        "{}: the secret of a token that can is in {}",
        asked
            ? "an empty file asked for a token that can manage the platform"
            : "nobody could manage the platform",
        file);
  }

  private static boolean isEmpty(Path file) throws IOException {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) == 0;
  }

  /**
   * True when a policy or a token that holds now makes somebody an admin of the platform, by a role
   * that is not narrowed.
   *
   * @param except the id of a policy that does not count
   */
  public static boolean hasAdmin(ContentView view, Instant now, String except)
      throws StoreException {
    boolean[] found = {false};
    Documents.each(
        view,
        Keys.in("policy", "", ""),
        "",
        document -> {
          String id = Documents.parsed(document, Policy.parser()).getId();
          Policy policy = Documents.read(view, Keys.policy(id), Policy.parser());
          found[0] =
              policy != null
                  && !id.equals(except)
                  && policy.getRole() == Role.ROLE_ADMIN
                  && policy.getRulesCount() == 0
                  && (!policy.hasExpireTime()
                      || now.isBefore(Tokens.instant(policy.getExpireTime())));
          return !found[0];
        });
    if (found[0]) {
      return true;
    }
    Documents.each(
        view,
        Keys.in("token", "", ""),
        "",
        document -> {
          String id = Documents.parsed(document, Token.parser()).getId();
          Token token = Documents.read(view, Keys.token(id), Token.parser());
          found[0] =
              token != null
                  && token.getRole() == Role.ROLE_ADMIN
                  && token.getRulesCount() == 0
                  && Tokens.isValid(token, now);
          return !found[0];
        });
    return found[0];
  }

  /**
   * The file is there whole or not at all, and readable by its owner alone from its first octet.
   */
  private static void write(Path file, String secret) throws IOException {
    Path fresh = file.resolveSibling(FILE + ".new");
    Files.deleteIfExists(fresh);
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (FileChannel channel =
        FileChannel.open(
            fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly)) {
      ByteBuffer octets = ByteBuffer.wrap((secret + "\n").getBytes(StandardCharsets.US_ASCII));
      while (octets.hasRemaining()) {
        int _ = channel.write(octets);
      }
      channel.force(true);
    }
    Path _ =
        Files.move(
            fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel folder =
        FileChannel.open(file.toAbsolutePath().resolveSibling("."), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }
}
