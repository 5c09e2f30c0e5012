package io.flashdns.management.identity;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files by which this server shows another one who it is: authorities, certificate, key and
 * password. They are looked at before they are used, so that a mistake is told by file and remedy
 * and not by a handshake that fails. Safe for all threads.
 */
public final class ClientFiles {
  private ClientFiles() {}

  /**
   * Reads certificates and key.
   *
   * @param authorities of the server that is spoken to
   * @param certificate to be shown to it; null for none, with {@code key}
   * @param reader who is spoken to, for people
   * @return what can be used and should not be, a sentence each with the file and a remedy
   * @throws IOException when a file cannot be used, with the file and a remedy
   */
  public static List<String> checkTls(
      Path authorities, @Nullable Path certificate, @Nullable Path key, String reader)
      throws IOException {
    var _ = PemFiles.certificates(authorities);
    if (certificate == null || key == null) {
      return List.of();
    }
    X509Certificate[] chain = PemFiles.certificates(certificate);
    var _ = PemFiles.keyOf(key, chain, certificate, "this server's");
    return PemFiles.doubts(certificate, chain, key, reader, Instant.now());
  }

  /**
   * Whether others may come to know a password.
   *
   * @return what can be used and should not be, a sentence each with the file and a remedy
   */
  public static List<String> checkPassword(Path file) {
    List<String> doubts = new ArrayList<>();
    String exposure = PemFiles.exposure(file, "a password");
    if (exposure != null) {
      doubts.add(exposure);
    }
    return doubts;
  }

  /**
   * The password in the first line of a file, without the space around it.
   *
   * @throws IOException when there is none, with the file and a remedy
   */
  public static String password(Path file) throws IOException {
    String text;
    try {
      if (Files.isDirectory(file)) {
        throw new IOException(file + " is a folder: name the file with the password");
      }
      if (Files.size(file) > PemFiles.MAX_BYTES) {
        throw new IOException(file + " is longer than 1 MiB: no file of a password is");
      }
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new IOException(file + " does not exist: name the file with the password", e);
    } catch (AccessDeniedException e) {
      throw new IOException(
          file
              + " may not be read by the user of this server, "
              + System.getProperty("user.name")
              + ": let it, by chown or chmod",
          e);
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is no text in UTF-8: write the password anew", e);
    }
    String password = text.lines().findFirst().orElse("").strip();
    if (password.isEmpty()) {
      throw new IOException(file + " has no password: it must stand in the first line");
    }
    return password;
  }
}
