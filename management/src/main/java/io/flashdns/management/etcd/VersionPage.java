package io.flashdns.management.etcd;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a member of etcd says of its version by HTTP, on the port of its clients. Newer releases
 * tell it by a call to root alone, and a node should not be root; this they tell everybody who may
 * connect.
 */
final class VersionPage {
  private static final int MAX_BYTES = 4_096;
  private static final Pattern VERSION = Pattern.compile("\"etcdserver\":\\s*\"([^\"]{1,64})\"");

  private final Optional<EtcdConfig.EtcdTls> tls;

  VersionPage(Optional<EtcdConfig.EtcdTls> tls) {
    this.tls = tls;
  }

  /**
   * Asks a member, no longer than a call takes.
   *
   * @param url of the member
   * @throws IOException when it does not answer, or says no version
   */
  String ask(String url) throws IOException, InterruptedException {
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Etcd.CALL);
    if (tls.isPresent()) {
      builder.sslContext(Etcd.sslContext(tls.get()));
    }
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/version")).timeout(Etcd.CALL).build();
    try (HttpClient client = builder.build()) {
      HttpResponse<String> reply =
          client.send(
              request,
              HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), MAX_BYTES));
      Matcher matcher = VERSION.matcher(reply.body());
      if (reply.statusCode() != 200 || !matcher.find()) {
        throw new IOException(request.uri() + " says no version: status " + reply.statusCode());
      }
      return matcher.group(1);
    }
  }
}
