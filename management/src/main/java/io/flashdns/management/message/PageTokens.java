package io.flashdns.management.message;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of pages: where a walk over a list goes on. Nobody but this server can make one, and it
 * goes with the request, but for the size of pages, and with the principal that it was given to.
 * Safe for all threads.
 *
 * <pre>
 * token      base64url of: version 8 | expiry, seconds since 1970 64 | digest of the request 128 | position | seal 128
 * seal       HMAC-SHA256 over all before it and the principal, cut
 * </pre>
 */
public final class PageTokens {
  /** Entries of a page where a request does not say. */
  public static final int DEFAULT_SIZE = 100;

  /** Most entries of a page. */
  public static final int MAX_SIZE = 1_000;

  /** Longest position, in octets. */
  public static final int MAX_POSITION_BYTES = 4_096;

  private static final Duration VALID = Duration.ofHours(24);
  private static final int VERSION = 1;
  private static final int DIGEST_BYTES = 16;
  private static final int SEAL_BYTES = 16;
  private static final int HEAD_BYTES = 1 + Long.BYTES + DIGEST_BYTES;
  private static final int MAX_CHARS = 2 * (HEAD_BYTES + MAX_POSITION_BYTES + SEAL_BYTES);
  private static final String FIELD = "page_token";
  private static final String WRONG =
      "this token does not go with this list, or is older than 24 hours: begin with an empty one";

  private final SecretKeySpec key;
  private final InstantSource clock;

  /**
   * Sealed with a key.
   *
   * @param key 32 octets that nobody else knows; the same at every node and after every start, or
   *     walks break off
   */
  public PageTokens(byte[] key, InstantSource clock) {
    this.key = new SecretKeySpec(key, "HmacSHA256");
    this.clock = clock;
  }

  /**
   * The size of a page that a request asks for.
   *
   * @throws CallException when it is negative
   */
  public static int pageSize(int requested) {
    if (requested < 0) {
      throw CallException.invalid(
          "page_size", "it is " + requested + ": from 0, which means 100, to 1000");
    }
    return requested == 0 ? DEFAULT_SIZE : Math.min(requested, MAX_SIZE);
  }

  /**
   * Where the walk of a request goes on; null at its beginning.
   *
   * @param request with its fields page_token and page_size
   * @throws CallException when the token does not go with the request
   */
  public byte @Nullable [] position(Message request, String principal) {
    String text = text(request);
    if (text.isEmpty()) {
      return null;
    }
    byte[] token = decoded(text);
    if (token.length < HEAD_BYTES + SEAL_BYTES) {
      throw wrong();
    }
    int end = token.length - SEAL_BYTES;
    byte[] seal = seal(token, end, principal);
    if (!MessageDigest.isEqual(seal, Arrays.copyOfRange(token, end, token.length))) {
      throw wrong();
    }
    ByteBuffer head = ByteBuffer.wrap(token);
    boolean known = head.get() == VERSION;
    boolean valid = head.getLong() > clock.instant().getEpochSecond();
    byte[] digest = new byte[DIGEST_BYTES];
    head.get(digest);
    if (!known || !valid || !Arrays.equals(digest, digest(request))) {
      throw wrong();
    }
    return Arrays.copyOfRange(token, HEAD_BYTES, end);
  }

  /** The token with which the walk of a request goes on at a position. */
  public String token(Message request, String principal, byte[] position) {
    if (position.length > MAX_POSITION_BYTES) {
      throw new IllegalArgumentException(
          "a position of " + position.length + " octets: at most " + MAX_POSITION_BYTES);
    }
    ByteBuffer token = ByteBuffer.allocate(HEAD_BYTES + position.length + SEAL_BYTES);
    token
        .put((byte) VERSION)
        .putLong(clock.instant().plus(VALID).getEpochSecond())
        .put(digest(request))
        .put(position);
    token.put(seal(token.array(), token.position(), principal));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token.array());
  }

  private byte[] seal(byte[] token, int length, String principal) {
    try {
      Mac mac = Mac.getInstance(key.getAlgorithm());
      mac.init(key);
      // The length too, so that no octet can be taken for one of the principal.
      mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, length));
      mac.update(token, 0, length);
      mac.update(principal.getBytes(StandardCharsets.UTF_8));
      return Arrays.copyOf(mac.doFinal(), SEAL_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC-SHA256", e);
    }
  }

  private static byte[] digest(Message request) {
    Message.Builder rest = request.toBuilder();
    for (FieldDescriptor field : request.getDescriptorForType().getFields()) {
      if (field.getName().equals(FIELD) || field.getName().equals("page_size")) {
        rest.clearField(field);
      }
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(request.getDescriptorForType().getFullName().getBytes(StandardCharsets.UTF_8));
      digest.update(Serialized.octets(rest.build()));
      return Arrays.copyOf(digest.digest(), DIGEST_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String text(Message request) {
    FieldDescriptor field = request.getDescriptorForType().findFieldByName(FIELD);
    if (field == null) {
      throw new IllegalArgumentException("this request is not of a list");
    }
    return (String) request.getField(field);
  }

  private static byte[] decoded(String text) {
    if (text.length() > MAX_CHARS) {
      throw wrong();
    }
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException _) {
      throw wrong();
    }
  }

  private static CallException wrong() {
    return CallException.invalid(FIELD, WRONG);
  }
}
