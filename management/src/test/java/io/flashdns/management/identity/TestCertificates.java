package io.flashdns.management.identity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * An authority and the certificates it gives out, made by the JDK's keytool when they are asked
 * for.
 */
public final class TestCertificates {
  private static final String PASSWORD = "changeit";

  private final Path store;
  private final Path folder;
  private int made;

  /** A new authority, its files below {@code folder}. */
  public TestCertificates(Path folder, String name) throws Exception {
    this.folder = folder;
    this.store = folder.resolve(name + ".p12");
    run("ca", "-dname", "CN=" + name, "-ext", "bc:critical=ca:true", "-keyalg", "EC");
  }

  /** A certificate with its key, and the files where they are as PEM. */
  public record Made(X509Certificate certificate, PrivateKey key, Path pem, Path keyPem) {}

  /** A PEM file with the certificate of the authority. */
  public Path authority() throws Exception {
    Path file = store.resolveSibling(store.getFileName() + ".pem");
    Files.writeString(file, pem(entry("ca").certificate()));
    return file;
  }

  /** A server certificate for localhost and 127.0.0.1. */
  public Made server(String name) throws Exception {
    return issue(name, "san=dns:localhost,ip:127.0.0.1", "-keyalg", "EC");
  }

  /**
   * A client certificate with these alternative names: {@code uri:spiffe://a/b,dns:c,email:d@e}.
   */
  public Made client(String name, String alternativeNames) throws Exception {
    return issue(name, "san=" + alternativeNames, "-keyalg", "EC");
  }

  /** Any certificate. */
  public Made issue(String name, String extension, String... more) throws Exception {
    String alias = "c" + ++made;
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("-dname", "CN=" + name, "-signer", "ca"));
    if (!extension.isEmpty()) {
      arguments.addAll(List.of("-ext", extension));
    }
    arguments.addAll(Arrays.asList(more));
    run(alias, arguments.toArray(new String[0]));
    Entry entry = entry(alias);
    Path pem = folder.resolve(store.getFileName() + "-" + alias + ".crt");
    Path keyPem = folder.resolve(store.getFileName() + "-" + alias + ".key");
    Files.writeString(pem, pem(entry.certificate()));
    Files.writeString(keyPem, pem(entry.key()));
    return new Made(entry.certificate(), entry.key(), pem, keyPem);
  }

  /** A key as PEM. */
  static String pem(PrivateKey key) {
    return pem("PRIVATE KEY", key.getEncoded());
  }

  private record Entry(X509Certificate certificate, PrivateKey key) {}

  private Entry entry(String alias) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    Certificate certificate = keys.getCertificate(alias);
    return new Entry(
        (X509Certificate) certificate, (PrivateKey) keys.getKey(alias, PASSWORD.toCharArray()));
  }

  private void run(String alias, String... more) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-Xshare:auto",
                "-genkeypair",
                "-alias",
                alias,
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
    command.addAll(Arrays.asList(more));
    if (command.stream().noneMatch("-validity"::equals)) {
      command.addAll(List.of("-validity", "30", "-startdate", "-1d"));
    }
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException(command + ": " + said);
    }
  }

  private static String pem(X509Certificate certificate) throws GeneralSecurityException {
    return pem("CERTIFICATE", certificate.getEncoded());
  }

  private static String pem(String label, byte[] octets) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(octets)
        + "\n-----END "
        + label
        + "-----\n";
  }
}
