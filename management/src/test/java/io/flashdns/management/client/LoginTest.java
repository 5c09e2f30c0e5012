package io.flashdns.management.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.flashdns.management.operations.HttpLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoginTest {
  static {
    HttpLimits.set();
  }

  @TempDir Path folder;
  private TestApi api;
  private Cli cli;
  private HttpServer issuer;
  private final List<String> forms = new CopyOnWriteArrayList<>();
  private int expiresSeconds = 3600;

  @BeforeEach
  void start() throws IOException {
    api = new TestApi();
    cli = new Cli(folder);
    issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    String url = url();
    issuer.createContext(
        "/.well-known/openid-configuration",
        exchange ->
            answer(
                exchange,
                200,
                """
                {"issuer": "%s", "token_endpoint": "%s/token",
                 "device_authorization_endpoint": "%s/device"}
                """
                    .formatted(url, url, url)));
    issuer.createContext(
        "/device",
        exchange ->
            answer(
                exchange,
                200,
                """
                {"device_code": "dc", "user_code": "ABCD-EFGH", "verification_uri": "%s/go",
                 "expires_in": 60, "interval": 1}
                """
                    .formatted(url)));
    issuer.createContext("/token", this::token);
    issuer.start();
  }

  private String url() {
    return "http://127.0.0.1:" + issuer.getAddress().getPort();
  }

  private void token(HttpExchange exchange) throws IOException {
    String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    forms.add(form);
    boolean isFirst = forms.size() == 1;
    if (isFirst && form.contains("device_code")) {
      answer(exchange, 400, "{\"error\": \"authorization_pending\"}");
    } else {
      answer(
          exchange,
          200,
          "{\"access_token\": \"a.b.%d\", \"refresh_token\": \"r%d\", \"expires_in\": %d}"
              .formatted(forms.size(), forms.size(), expiresSeconds));
    }
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @AfterEach
  void stop() {
    api.close();
    issuer.stop(0);
  }

  private Path config() {
    return folder.resolve("config/flashdns/config.yaml");
  }

  @Test
  void tokenIsTriedOutAndKeptForOneselfAlone() throws IOException {
    cli.input = "s3cret\n";

    Cli.Result result = cli.run("login", "--server", api.address(), "--context", "prod");

    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .isEqualTo("logged in as token:t1 at " + api.address() + ", kept in context 'prod'\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config())))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config().getParent())))
        .isEqualTo("rwx------");
    cli.run("zone", "list");
    assertThat(api.authorizations).containsExactly("Bearer s3cret", "Bearer s3cret");
  }

  @Test
  void tokenThatIsNotTakenIsNotKept() {
    cli.input = "wrong\n";

    Cli.Result result = cli.run("login", "--server", api.address());

    assertThat(result.status()).isEqualTo(ExitStatus.DENIED);
    assertThat(config()).doesNotExist();
  }

  @Test
  void deviceLoginPollsUntilTheUserWasThere() {
    Cli.Result result =
        cli.run("login", "--server", api.address(), "--issuer", url(), "--client-id", "cli");

    assertThat(result.status()).isZero();
    assertThat(result.err()).isEqualTo("Open " + url() + "/go and enter the code ABCD-EFGH\n");
    assertThat(forms).hasSize(2).allMatch(form -> form.contains("client_id=cli"));
    assertThat(api.authorizations).containsExactly("Bearer a.b.2");
  }

  @Test
  void loginIsRenewedWhenItIsAboutToExpire() {
    expiresSeconds = 5;
    cli.run("login", "--server", api.address(), "--issuer", url());
    expiresSeconds = 3600;
    forms.removeIf(form -> form.contains("refresh_token"));
    int before = forms.size();

    cli.run("zone", "list");
    cli.run("zone", "list");

    assertThat(forms).hasSize(before + 1);
    assertThat(forms.getLast()).contains("grant_type=refresh_token");
    assertThat(config()).content().contains("access-token: a.b." + forms.size());
  }

  @Test
  void issuersInPlainTextAreRefusedOffThisMachine() {
    Cli.Result result =
        cli.run("login", "--server", api.address(), "--issuer", "http://id.example.org");

    assertThat(result.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(result.err()).contains("must be an https:// URL");
  }

  @Test
  void logoutForgetsSecretsAndKeepsTheContext() throws IOException {
    cli.input = "s3cret\n";
    cli.run("login", "--server", api.address(), "--context", "prod");

    cli.run("logout");

    assertThat(Files.readString(config())).doesNotContain("s3cret").contains("server: ");
  }

  @Test
  void newUserOnTheMachineNeedsNoLogin() throws IOException {
    cli.home = Files.createDirectories(folder.resolve("home"));
    Files.createDirectories(cli.home.resolve("data"));
    Files.writeString(cli.home.resolve("data/admin-token"), "first\n");

    cli.run("zone", "list", "--server", api.address());

    assertThat(api.authorizations).containsExactly("Bearer first");
  }

  @Test
  void tokenOfAContextDoesNotGoToAnotherServer() {
    cli.input = "s3cret\n";
    cli.run("login", "--server", api.address(), "--context", "prod");
    api.authorizations.clear();

    cli.run("zone", "list", "--server", api.address());

    assertThat(api.authorizations).containsExactly("");
  }

  @Test
  void contextsAreListedUsedAndDeleted() {
    cli.run("context", "set", "one", "--server", "127.0.0.1:1");
    cli.run("context", "set", "two", "--server", "dns.example.org:443");

    assertThat(cli.run("context", "list").out())
        .isEqualTo(
            """
               NAME  SERVER               LOGIN
            *  one   127.0.0.1:1          none
               two   dns.example.org:443  none
            """);
    cli.run("context", "use", "two");
    assertThat(cli.run("context", "list", "-o", "json").out())
        .contains("\"name\": \"two\"", "\"inUse\": true");
    cli.run("context", "delete", "two");
    assertThat(cli.run("context", "list", "-o", "name").out()).isEqualTo("one\n");
    assertThat(cli.run("context", "use", "ona").err())
        .contains("there is no context 'ona'; did you mean 'one'?");
  }

  @Test
  void configurationThatOthersMayReadIsAWarning() throws IOException {
    cli.run("context", "set", "one", "--server", api.address());
    Files.setPosixFilePermissions(config(), PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(cli.run("zone", "list").err()).contains("chmod 600");
  }
}
