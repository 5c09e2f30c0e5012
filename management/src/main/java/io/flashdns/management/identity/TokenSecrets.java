package io.flashdns.management.identity;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.zip.CRC32;

/**
 * The secrets of API tokens: {@code fdns_}, 43 letters and digits that carry 256 random bits, and 6
 * that are a CRC-32 of what stands before. Programs that look for secrets in the wrong places find
 * them by {@code fdns_[0-9A-Za-z]{49}} and by the sum, and a slip of the pen is told from a token
 * that ended, without a look into the store.
 *
 * <p>Only the SHA-256 of a secret is ever kept. That is enough for 256 random bits, for which there
 * is no dictionary. Safe for all threads.
 */
public final class TokenSecrets {
  /** What every secret begins with. */
  public static final String PREFIX = "fdns_";

  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final BigInteger BASE = BigInteger.valueOf(DIGITS.length());
  private static final int RANDOM_OCTETS = 32;

  /** 62^43 is a little more than 2^256. */
  private static final int RANDOM_DIGITS = 43;

  private static final int SUM_DIGITS = 6;

  /** Characters of a secret. */
  public static final int LENGTH = PREFIX.length() + RANDOM_DIGITS + SUM_DIGITS;

  private static final SecureRandom RANDOM = new SecureRandom();

  private TokenSecrets() {}

  /** A new one: printable ASCII, {@link #LENGTH} characters. To be told to its owner, once. */
  public static String make() {
    byte[] octets = new byte[RANDOM_OCTETS];
    RANDOM.nextBytes(octets);
    String open = PREFIX + digits(new BigInteger(1, octets), RANDOM_DIGITS);
    return open + sum(open);
  }

  /** What is kept of a secret, and what it is found by: its SHA-256, 32 octets. */
  public static byte[] hash(String secret) {
    return sha256().digest(secret.getBytes(StandardCharsets.UTF_8));
  }

  /** True when it may be a secret of ours: the form is right, and so is the sum. Costs the same. */
  public static boolean isPlausible(String text) {
    if (text.length() != LENGTH || !text.startsWith(PREFIX)) {
      return false;
    }
    int strange = 0;
    for (int i = PREFIX.length(); i < LENGTH; i++) {
      strange |= DIGITS.indexOf(text.charAt(i)) >> 31;
    }
    String open = text.substring(0, LENGTH - SUM_DIGITS);
    return strange == 0 && sum(open).equals(text.substring(LENGTH - SUM_DIGITS));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is part of every JDK", e);
    }
  }

  private static String sum(String open) {
    CRC32 crc = new CRC32();
    crc.update(open.getBytes(StandardCharsets.UTF_8));
    return digits(BigInteger.valueOf(crc.getValue()), SUM_DIGITS);
  }

  private static String digits(BigInteger number, int count) {
    char[] text = new char[count];
    BigInteger rest = number;
    for (int i = count - 1; i >= 0; i--) {
      BigInteger[] parts = rest.divideAndRemainder(BASE);
      text[i] = DIGITS.charAt(parts[1].intValue());
      rest = parts[0];
    }
    return new String(text);
  }
}
