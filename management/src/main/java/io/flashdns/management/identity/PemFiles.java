package io.flashdns.management.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads certificates and keys as PEM (RFC 7468). Each complaint names the file and a remedy. */
final class PemFiles {
  /** No file of certificates or keys that is meant has so much. */
  static final int MAX_BYTES = 1 << 20;

  private static final String CERTIFICATE = "CERTIFICATE";
  private static final String KEY = "PRIVATE KEY";
  private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "Ed25519");

  private static final int GROUP_READ = 0040;
  private static final int OTHERS_READ = 0004;

  private PemFiles() {}

  /** All certificates of a file, in its order; at least one. */
  static X509Certificate[] certificates(Path file) throws IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (byte[] block : blocks(file, CERTIFICATE)) {
        certificates.add(
            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block)));
      }
    } catch (CertificateException e) {
      throw new IOException(
          file + " has a certificate that cannot be read: write it anew from its source", e);
    }
    if (certificates.isEmpty()) {
      throw new IOException(
          file + " has no certificate: it must hold -----BEGIN CERTIFICATE----- and what follows");
    }
    return certificates.toArray(new X509Certificate[0]);
  }

  /** The private key of a file. */
  static PrivateKey key(Path file) throws IOException {
    List<byte[]> blocks = blocks(file, KEY);
    if (blocks.size() != 1) {
      throw new IOException(
          file
              + (blocks.isEmpty() ? " has no private key" : " has several private keys")
              + " in PKCS #8 without a password: make it with"
              + " openssl pkcs8 -topk8 -nodes -in OLD -out NEW");
    }
    PKCS8EncodedKeySpec encoded = new PKCS8EncodedKeySpec(blocks.getFirst());
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
      } catch (InvalidKeySpecException _) {
        // One of the others, perhaps.
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(algorithm + " is part of every JDK", e);
      }
    }
    throw new IOException(
        file + " has a private key of a kind that is not known here: make one of RSA, EC, Ed25519");
  }

  /** The private key of a file, which is that of a chain's first certificate. */
  static PrivateKey keyOf(Path file, X509Certificate[] chain, Path certificate, String whose)
      throws IOException {
    PrivateKey key = key(file);
    if (!isPair(chain[0].getPublicKey(), key)) {
      throw new IOException(
          file
              + " is not the key of the first certificate in "
              + certificate
              + ": name the key that it was made for, and put "
              + whose
              + " own certificate first");
    }
    return key;
  }

  /** What a certificate and its key can be shown with and should not be, a sentence each. */
  static List<String> doubts(
      Path certificate, X509Certificate[] chain, Path key, String readers, Instant now) {
    List<String> doubts = new ArrayList<>();
    Instant begins = chain[0].getNotBefore().toInstant();
    Instant ends = chain[0].getNotAfter().toInstant();
    if (ends.isBefore(now)) {
      doubts.add(
          "certificate %s ended at %s: %s will refuse it, put a new one there"
              .formatted(certificate, ends, readers));
    } else if (begins.isAfter(now)) {
      doubts.add(
          "certificate %s begins at %s: %s will refuse it until then, look at the clock"
              .formatted(certificate, begins, readers));
    }
    String exposure = exposure(key);
    if (exposure != null) {
      doubts.add(exposure);
    }
    return doubts;
  }

  /** True when the two belong together. */
  static boolean isPair(PublicKey open, PrivateKey secret) {
    String algorithm =
        switch (secret.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "Ed25519";
        };
    byte[] text = "a pair?".getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(secret);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(open);
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private static List<byte[]> blocks(Path file, String label) throws IOException {
    String begin = "-----BEGIN " + label + "-----";
    String end = "-----END " + label + "-----";
    String text = text(file);
    List<byte[]> blocks = new ArrayList<>();
    int at = text.indexOf(begin);
    while (at >= 0) {
      int from = at + begin.length();
      int to = text.indexOf(end, from);
      if (to < 0) {
        throw new IOException(file + " ends in the middle: " + end + " is missing");
      }
      try {
        blocks.add(Base64.getMimeDecoder().decode(text.substring(from, to)));
      } catch (IllegalArgumentException e) {
        throw new IOException(file + " is no PEM: what stands in it is not base64", e);
      }
      at = text.indexOf(begin, to);
    }
    return blocks;
  }

  private static String text(Path file) throws IOException {
    BasicFileAttributes kind;
    String text;
    try {
      kind = Files.readAttributes(file, BasicFileAttributes.class);
      text =
          kind.isRegularFile() && kind.size() <= MAX_BYTES
              ? Files.readString(file, StandardCharsets.ISO_8859_1)
              : "";
    } catch (NoSuchFileException e) {
      throw new IOException(file + " does not exist: name the PEM file, or write it", e);
    } catch (AccessDeniedException e) {
      throw new IOException(
          file
              + " may not be read by the user of this server, "
              + System.getProperty("user.name")
              + ": let it, by chown or chmod",
          e);
    } catch (IOException e) {
      throw new IOException(file + " cannot be read (" + e.getMessage() + "): write it anew", e);
    }
    if (!kind.isRegularFile()) {
      throw new IOException(
          file + " is " + (kind.isDirectory() ? "a folder" : "no file") + ": name the PEM file");
    }
    if (kind.size() > MAX_BYTES) {
      throw new IOException(file + " is longer than 1 MiB: no file of certificates is");
    }
    return text;
  }

  /**
   * Why others may come to know the key in a file, and what to do about it; null when they may not.
   * A group may read it when the file is not ours: that is how a key is lent to a server.
   */
  static @Nullable String exposure(Path key) {
    return exposure(key, "a private key");
  }

  /** The same of a file with another secret. */
  static @Nullable String exposure(Path key, String secret) {
    int mode;
    boolean ours;
    try {
      var seen = Files.readAttributes(key, "unix:mode,uid");
      mode = (int) seen.getOrDefault("mode", 0);
      // Our own process folder belongs to the user that we run as.
      ours =
          Files.getAttribute(Path.of("/proc/self"), "unix:uid")
              .equals(seen.getOrDefault("uid", -1));
    } catch (IOException _) {
      // Whoever reads the key says what is wrong with the file.
      return null;
    }
    if ((mode & OTHERS_READ) == 0 && !(ours && (mode & GROUP_READ) != 0)) {
      return null;
    }
    return "%s has %s that others on this machine may read (mode %04o): run chmod %s on it"
        .formatted(key, secret, mode & 0777, ours ? "600" : "o-rwx");
  }
}
