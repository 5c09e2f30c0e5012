package io.flashdns.management.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Login by an OpenID Connect issuer on any device with a browser (RFC 8628), and the renewal of
 * what came of it by its refresh token (RFC 6749 §6). Issuers are spoken to by TLS; in plain text
 * on loopback addresses alone.
 */
final class DeviceLogin implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** So long before its end a token is renewed. */
  private static final Duration MARGIN = Duration.ofSeconds(30);

  private static final int MAX_ANSWER_CHARS = 1 << 20;
  private static final String DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

  private final String issuer;
  private final String clientId;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

  DeviceLogin(String issuer, String clientId) throws ClientException {
    this.issuer = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    this.clientId = clientId;
    checked(this.issuer);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  /** The token of a context, renewed and written down first where it is about to expire. */
  static String accessToken(Console console, String name, Context context) throws ClientException {
    String token = context.get(Context.ACCESS_TOKEN);
    String expires = context.get(Context.ACCESS_EXPIRES);
    if (token != null
        && (expires == null || Instant.now().plus(MARGIN).isBefore(Instant.parse(expires)))) {
      return token;
    }
    String issuer = context.get(Context.ISSUER);
    String clientId = context.get(Context.CLIENT_ID);
    String refresh = context.get(Context.REFRESH_TOKEN);
    if (issuer == null || clientId == null || refresh == null) {
      throw expired(name);
    }
    try (DeviceLogin login = new DeviceLogin(issuer, clientId)) {
      Map<String, Value> answer =
          login.token(Map.of("grant_type", "refresh_token", "refresh_token", refresh));
      if (answer.containsKey("error")) {
        throw expired(name);
      }
      Context renewed = taken(context, answer);
      ClientConfig.read(console).with(name, renewed).write(console);
      return String.valueOf(renewed.get(Context.ACCESS_TOKEN));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw ClientException.failed("was interrupted");
    }
  }

  private static ClientException expired(String name) {
    return new ClientException(
        ExitStatus.DENIED,
        "the login of context '" + name + "' has expired: log in again by 'flashdns login'");
  }

  /** Asks the user to go to the issuer with a code, and waits until he did. */
  Context login(Console console, Context context, String scope)
      throws ClientException, InterruptedException {
    Map<String, String> wish = new LinkedHashMap<>();
    wish.put("client_id", clientId);
    wish.put("scope", scope);
    Map<String, Value> code = post(endpoint("device_authorization_endpoint"), wish);
    refuse(code);
    String complete = text(code, "verification_uri_complete");
    console
        .err()
        .println(
            "Open "
                + Printable.text(text(code, "verification_uri"))
                + " and enter the code "
                + Printable.text(text(code, "user_code"))
                + (complete.isEmpty() ? "" : "\nor open " + Printable.text(complete)));
    console.err().flush();
    long intervalSeconds = Math.max(1, (long) number(code, "interval", 5));
    Instant end = Instant.now().plusSeconds((long) number(code, "expires_in", 600));
    while (Instant.now().isBefore(end)) {
      Thread.sleep(Duration.ofSeconds(intervalSeconds));
      Map<String, Value> answer =
          token(Map.of("grant_type", DEVICE_GRANT, "device_code", text(code, "device_code")));
      switch (text(answer, "error")) {
        case "" -> {
          return taken(
              context.with(Context.ISSUER, issuer).with(Context.CLIENT_ID, clientId), answer);
        }
        case "authorization_pending" -> {}
        case "slow_down" -> intervalSeconds += 5;
        case "access_denied" ->
            throw new ClientException(ExitStatus.DENIED, "the login was refused at " + issuer);
        default -> refuse(answer);
      }
    }
    throw new ClientException(ExitStatus.UNAVAILABLE, "nobody entered the code in time");
  }

  private static Context taken(Context context, Map<String, Value> answer) throws ClientException {
    String access = text(answer, "access_token");
    String id = text(answer, "id_token");
    // The server checks signatures, so it needs a JWT: some issuers have that in the id token
    // alone.
    String token = access.chars().filter(c -> c == '.').count() == 2 || id.isEmpty() ? access : id;
    if (token.isEmpty()) {
      throw ClientException.failed("the issuer gave no token");
    }
    double seconds = number(answer, "expires_in", 0);
    Context taken =
        context
            .with(Context.ACCESS_TOKEN, token)
            .with(
                Context.ACCESS_EXPIRES,
                seconds > 0
                    ? Instant.ofEpochSecond(Instant.now().getEpochSecond() + (long) seconds)
                        .toString()
                    : null);
    String refresh = text(answer, "refresh_token");
    return refresh.isEmpty() ? taken : taken.with(Context.REFRESH_TOKEN, refresh);
  }

  private Map<String, Value> token(Map<String, String> form)
      throws ClientException, InterruptedException {
    Map<String, String> whole = new LinkedHashMap<>(form);
    whole.put("client_id", clientId);
    return post(endpoint("token_endpoint"), whole);
  }

  /** From the issuer's description of itself (OpenID Connect Discovery 1.0). */
  private URI endpoint(String name) throws ClientException, InterruptedException {
    Map<String, Value> description =
        send(HttpRequest.newBuilder(checked(issuer + "/.well-known/openid-configuration")));
    String said = text(description, "issuer");
    if (!said.equals(issuer) && !said.equals(issuer + "/")) {
      throw ClientException.failed(issuer + " says that it is another issuer: '" + said + "'");
    }
    String endpoint = text(description, name);
    if (endpoint.isEmpty()) {
      throw ClientException.failed(
          issuer + " has no " + name + ": it knows no login by device; use a token");
    }
    return checked(endpoint);
  }

  private Map<String, Value> post(URI uri, Map<String, String> form)
      throws ClientException, InterruptedException {
    String body =
        form.entrySet().stream()
            .map(field -> field.getKey() + "=" + encoded(field.getValue()))
            .collect(Collectors.joining("&"));
    return send(
        HttpRequest.newBuilder(uri)
            .header("content-type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private Map<String, Value> send(HttpRequest.Builder request)
      throws ClientException, InterruptedException {
    String body;
    int status;
    try {
      HttpResponse<String> answer =
          http.send(
              request.header("accept", "application/json").timeout(PATIENCE).build(),
              HttpResponse.BodyHandlers.ofString());
      body = answer.body();
      status = answer.statusCode();
    } catch (IOException e) {
      throw new ClientException(
          ExitStatus.UNAVAILABLE,
          "cannot reach " + issuer + ": " + (e.getMessage() == null ? e : e.getMessage()));
    }
    Struct.Builder json = Struct.newBuilder();
    try {
      if (body.length() > MAX_ANSWER_CHARS) {
        throw new InvalidProtocolBufferException("too long");
      }
      JsonFormat.parser().merge(body, json);
    } catch (InvalidProtocolBufferException _) {
      throw ClientException.failed(issuer + " answered with status " + status + " and no JSON");
    }
    return json.getFieldsMap();
  }

  private void refuse(Map<String, Value> answer) throws ClientException {
    String error = text(answer, "error");
    if (!error.isEmpty()) {
      String more = text(answer, "error_description");
      throw new ClientException(
          ExitStatus.DENIED,
          issuer + " refused: " + error + (more.isEmpty() ? "" : " (" + more + ")"));
    }
  }

  private static URI checked(String text) throws ClientException {
    try {
      URI uri = URI.create(text);
      String host = uri.getHost();
      if (host != null
          && ("https".equals(uri.getScheme())
              || ("http".equals(uri.getScheme())
                  && Endpoint.isLoopback(host.replaceAll("[\\[\\]]", ""))))) {
        return uri;
      }
    } catch (IllegalArgumentException _) {
      // Said below.
    }
    throw ClientException.usage("'" + text + "' must be an https:// URL");
  }

  private static String text(Map<String, Value> json, String key) {
    Value value = json.get(key);
    return value == null ? "" : value.getStringValue();
  }

  private static double number(Map<String, Value> json, String key, double otherwise) {
    @Nullable Value value = json.get(key);
    return value != null && value.hasNumberValue() ? value.getNumberValue() : otherwise;
  }
}
