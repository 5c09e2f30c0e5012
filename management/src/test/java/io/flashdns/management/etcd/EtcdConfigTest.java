package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where the shared store is, as an operator may write it, and what is said when it is not there.
 */
final class EtcdConfigTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "\"\"; is no store: write etcd://",
        "mysql://x; 'mysql://x' is no store: write etcd://",
        "http://127.0.0.1:2379; is no store: write etcd://",
        "ETCD://127.0.0.1:2379; is no store: write etcd://",
        "etcd://; '' is no endpoint of etcd: write HOST:PORT",
        "etcd://host; 'host' is no endpoint of etcd: write HOST:PORT",
        "etcd://h:99999; 'h:99999' is no endpoint of etcd",
        "etcd://h:0; 'h:0' is no endpoint of etcd",
        "etcd://h:1,; '' is no endpoint of etcd",
        "etcd://[zz]:1; '[zz]:1' is no endpoint of etcd",
        "etcd://[:::]:2379; '[:::]' is neither an address nor a name of a host",
        "etcd://h_x:2379; 'h_x' is neither an address nor a name of a host",
        "etcd://300.1.1.1:2379; '300.1.1.1' is neither an address nor a name of a host",
        "etcd://-:2379; '-' is neither an address nor a name of a host",
        "etcd://u:secret@h:1; user and password stand in the configuration",
        "etcd://h:1,i:1,H:1; the endpoint H:1 is named twice",
        "etcd://a:1/b c; prefix must be / or words between /",
        "etcd://a:1//; prefix must be / or words between /",
        "etcd://a:1/b//c; prefix must be / or words between /",
        "etcd://a:1/?x=1; prefix must be / or words between /",
      })
  void urlThatIsNoneIsRefusedWithAReason(String url, String sentence) {
    assertThatThrownBy(() -> EtcdConfig.defaults().at(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence)
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "etcd://10.0.0.1:2379",
        "etcd://[::1]:2379/dns/",
        "etcd://a.example:1,b.example:1/a/b-c/d_e.f/",
        "etcd://localhost:2379/"
      })
  void whatIsTakenTheLibraryTakes(String url) throws Exception {
    EtcdConfig config = EtcdConfig.defaults().at(url);
    assertThat(config.url()).startsWith(url);
    Etcd.of(config).close();
  }

  @Test
  void emptyUserAndHalvesOfPairsAreRefused() {
    assertThatThrownBy(() -> with(Optional.of(" "), Optional.of(Path.of("p"))))
        .hasMessageContaining("user must not be empty");
    assertThatThrownBy(() -> with(Optional.of("u"), Optional.empty()))
        .hasMessage("give both of user and passwordFile, or none");
    assertThatThrownBy(
            () ->
                new EtcdConfig.EtcdTls(
                    Path.of("ca"), Optional.of(Path.of("cert")), Optional.empty()))
        .hasMessage("give both of certificate and key, or none");
  }

  private static EtcdConfig with(Optional<String> user, Optional<Path> password) {
    return new EtcdConfig(
        List.of("h:1"),
        "/",
        user,
        password,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "UNAVAILABLE; io exception; it cannot be reached",
        "UNAVAILABLE; Network closed for unknown reason; see whether it speaks TLS",
        "UNAVAILABLE; Connection closed while performing TLS negotiation; whether it speaks TLS at",
        "INTERNAL; http2 exception; what answers there is no etcd",
        "UNAUTHENTICATED; ''; it does not take the user and password: correct them",
        "INVALID_ARGUMENT; etcdserver: user name is empty; it asks for a user: give etcd.user",
        "PERMISSION_DENIED; etcdserver: permission denied; grant that",
        "RESOURCE_EXHAUSTED; etcdserver: mvcc: database space exceeded; etcdctl alarm disarm",
        "RESOURCE_EXHAUSTED; etcdserver: too many requests; RESOURCE_EXHAUSTED etcdserver: too",
      })
  void faultsSayWhatToDo(Status.Code code, String description, String sentence) {
    assertThat(fault(code.toStatus().withDescription(description)))
        .hasMessageContaining(sentence)
        .hasMessageNotContaining("no space left (etcdserver: too many");
  }

  @Test
  void faultOfTlsOrOfANameIsFoundBeneathTheLibrarys() {
    Status down = Status.UNAVAILABLE.withDescription("io exception");
    assertThat(fault(down.withCause(new SSLHandshakeException("unknown authority"))))
        .hasMessageContaining("TLS with it does not come about (unknown authority)")
        .hasMessageContaining("etcd.tls");
    assertThat(fault(down.withCause(new RuntimeException(new UnknownHostException("h")))))
        .hasMessageContaining("the name of its host is not known");
  }

  private static EtcdFault fault(Status status) {
    return EtcdFault.of(new ExecutionException(status.asRuntimeException()));
  }

  @Test
  void refusalOfChangesLastsUntilOneIsTaken() {
    Contact contact = new Contact();
    contact.refused(
        fault(
            Status.RESOURCE_EXHAUSTED.withDescription(
                "etcdserver: mvcc: database space exceeded")));
    contact.answered();
    assertThat(contact.awayReason()).as("it answers, and takes none").contains("no space left");
    assertThat(contact.unreachable()).isEmpty();
    assertThat(contact.takeTry()).as("it was tried just now").isFalse();
    contact.accepted();
    assertThat(contact.awayReason()).isEmpty();
    contact.failed(fault(Status.UNAVAILABLE));
    assertThat(contact.awayReason()).contains("it cannot be reached");
    assertThat(contact.cause()).isEqualTo("it cannot be reached");
    contact.answered();
    assertThat(contact.awayReason()).isEmpty();
    assertThat(contact.cause()).isEmpty();
  }
}
