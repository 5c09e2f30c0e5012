package io.flashdns.management.tenancy;

import java.security.SecureRandom;
import java.time.Instant;

/** Ids and keys that the server gives. Safe for all threads. */
public final class Ids {
  private static final String DIGITS = "0123456789abcdefghijklmnopqrstuv";
  private static final int DIGIT_BITS = 5;
  private static final int TIME_DIGITS = 10;
  private static final int RANDOM_DIGITS = 12;
  private static final int KEY_DIGITS = 52;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ids() {}

  /** An id that sorts behind those given earlier, to the millisecond: 22 letters and digits. */
  public static String next(Instant now) {
    StringBuilder id = new StringBuilder(TIME_DIGITS + RANDOM_DIGITS);
    long time = now.toEpochMilli();
    for (int i = TIME_DIGITS - 1; i >= 0; i--) {
      id.append(DIGITS.charAt((int) (time >>> (DIGIT_BITS * i)) & (DIGITS.length() - 1)));
    }
    return random(id, RANDOM_DIGITS).toString();
  }

  /** A key that nobody guesses: 52 letters and digits, 260 random bits. */
  static String key() {
    return random(new StringBuilder(KEY_DIGITS), KEY_DIGITS).toString();
  }

  private static StringBuilder random(StringBuilder to, int digits) {
    for (int i = 0; i < digits; i++) {
      to.append(DIGITS.charAt(RANDOM.nextInt(DIGITS.length())));
    }
    return to;
  }
}
