package io.flashdns.management.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.flashdns.management.identity.ClientFiles;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/**
 * Calls of etcd, each with a deadline, no write made twice by the library. Safe for all threads.
 *
 * <p>The library's own call waits without end while no member can be reached; so the deadline is
 * set beneath it, where the call itself ends, and once more around its future.
 */
final class Etcd implements AutoCloseable {
  /** What one call may take, unless its caller has less time. */
  static final Duration CALL = Duration.ofMillis(1_500);

  private static final int MAX_INBOUND_BYTES = 64 << 20;
  private static final Duration KEEPALIVE = Duration.ofSeconds(10);
  private static final Duration KEEPALIVE_TIMEOUT = Duration.ofSeconds(2);

  private final String scheme;
  private final VersionPage versionPage;
  private final ClientBuilder builder;
  private volatile Client client;
  private boolean closed;

  private Etcd(String scheme, VersionPage versionPage, ClientBuilder builder) {
    this.scheme = scheme;
    this.versionPage = versionPage;
    this.builder = builder;
    this.client = builder.build();
  }

  /**
   * Begins anew with fresh connections: those of a library that could not connect wait longer and
   * longer, up to two minutes, before they try again. Calls and watches under way fail.
   */
  synchronized void renew() {
    if (!closed) {
      Client old = client;
      client = builder.copy().build();
      old.close();
    }
  }

  /**
   * Makes a client; asks nothing of etcd yet.
   *
   * @throws IOException when a file of the configuration cannot be used; the message says which
   */
  static Etcd of(EtcdConfig config) throws IOException {
    var _ = config.checkFiles();
    String scheme = config.tls().isPresent() ? "https://" : "http://";
    List<URI> members = new ArrayList<>();
    for (String endpoint : config.endpoints()) {
      members.add(URI.create(scheme + endpoint));
    }
    ClientBuilder builder =
        Client.builder()
            .endpoints(members)
            .interceptors(List.of(new Deadlines()))
            .maxInboundMessageSize(MAX_INBOUND_BYTES)
            .keepaliveTime(KEEPALIVE)
            .keepaliveTimeout(KEEPALIVE_TIMEOUT)
            // etcd takes pings without calls for an attack; a node always has its watches.
            .keepaliveWithoutCalls(false)
            .connectTimeout(Duration.ofSeconds(1))
            .retryMaxAttempts(1)
            .waitForReady(false);
    if (config.user().isPresent() && config.passwordFile().isPresent()) {
      builder
          .user(SharedKeys.bytes(config.user().get()))
          .password(SharedKeys.bytes(ClientFiles.password(config.passwordFile().get())));
    }
    if (config.tls().isPresent()) {
      EtcdConfig.EtcdTls tls = config.tls().get();
      builder.sslContext(
          context -> {
            context.trustManager(tls.authorities().toFile());
            if (tls.certificate().isPresent() && tls.key().isPresent()) {
              context.keyManager(tls.certificate().get().toFile(), tls.key().get().toFile());
            }
          });
    }
    try {
      return new Etcd(scheme, new VersionPage(config.tls()), builder);
    } catch (RuntimeException e) {
      throw new IOException("etcd " + config.url() + " cannot be used: " + e.getMessage(), e);
    }
  }

  /** The same certificates for who speaks to a member without the library. */
  static SSLContext sslContext(EtcdConfig.EtcdTls tls) throws IOException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .trustManager(tls.authorities().toFile());
    if (tls.certificate().isPresent() && tls.key().isPresent()) {
      builder.keyManager(tls.certificate().get().toFile(), tls.key().get().toFile());
    }
    return ((JdkSslContext) builder.build()).context();
  }

  /** Gives calls that have one reply the deadline that they lack. */
  private static final class Deadlines implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      boolean isUnary = method.getType() == MethodDescriptor.MethodType.UNARY;
      return next.newCall(
          method,
          isUnary && options.getDeadline() == null
              ? options.withDeadlineAfter(CALL.toMillis(), TimeUnit.MILLISECONDS)
              : options);
    }
  }

  /** The value of one key, or of all that begin so, as the option says. */
  GetResponse get(ByteSequence key, GetOption option) throws EtcdFault, InterruptedException {
    return await(client.getKVClient().get(key, option), CALL);
  }

  /** The value of one key, in a shorter time than others have. */
  GetResponse get(ByteSequence key, Duration timeout) throws EtcdFault, InterruptedException {
    return await(client.getKVClient().get(key), least(timeout));
  }

  void put(ByteSequence key, ByteSequence value, long lease)
      throws EtcdFault, InterruptedException {
    PutOption option =
        lease == 0 ? PutOption.DEFAULT : PutOption.builder().withLeaseId(lease).build();
    var _ = await(client.getKVClient().put(key, value, option), CALL);
  }

  /** Writes a value, in a shorter time than others have. */
  void put(ByteSequence key, ByteSequence value, Duration timeout)
      throws EtcdFault, InterruptedException {
    var _ = await(client.getKVClient().put(key, value), least(timeout));
  }

  private static Duration least(Duration timeout) {
    return timeout.compareTo(CALL) < 0 ? timeout : CALL;
  }

  /** Begins a write; its deadline is the library's. */
  CompletableFuture<?> putLater(ByteSequence key, ByteSequence value) {
    return client.getKVClient().put(key, value);
  }

  /** Waits for what was begun. */
  void finish(CompletableFuture<?> begun) throws EtcdFault, InterruptedException {
    var _ = await(begun, CALL.multipliedBy(4));
  }

  /** Removes all keys from one up to another, without that. */
  void delete(ByteSequence from, ByteSequence to) throws EtcdFault, InterruptedException {
    DeleteOption option = DeleteOption.builder().withRange(to).build();
    var _ = await(client.getKVClient().delete(from, option), CALL);
  }

  /** One transaction. */
  TxnResponse transact(List<Cmp> conditions, List<Op> then, List<Op> otherwise, Duration timeout)
      throws EtcdFault, InterruptedException {
    return await(
        client
            .getKVClient()
            .txn()
            .If(conditions.toArray(Cmp[]::new))
            .Then(then.toArray(Op[]::new))
            .Else(otherwise.toArray(Op[]::new))
            .commit(),
        least(timeout));
  }

  /** A lease, by its id. */
  long grant(Duration life) throws EtcdFault, InterruptedException {
    return await(client.getLeaseClient().grant(life.toSeconds()), CALL).getID();
  }

  /** Prolongs a lease; what is left of it in seconds, 0 when it is gone. */
  long keepAlive(long lease) throws EtcdFault, InterruptedException {
    return await(client.getLeaseClient().keepAliveOnce(lease), CALL).getTTL();
  }

  void revoke(long lease) throws EtcdFault, InterruptedException {
    var _ = await(client.getLeaseClient().revoke(lease), CALL);
  }

  /** Forgets what was overwritten before a revision of etcd. */
  void compact(long revision) throws EtcdFault, InterruptedException {
    var _ = await(client.getKVClient().compact(revision), CALL);
  }

  /** The version of a member, by its HOST:PORT. */
  String version(String endpoint) throws EtcdFault, InterruptedException {
    try {
      return await(client.getMaintenanceClient().statusMember(scheme + endpoint), CALL)
          .getVersion();
    } catch (EtcdFault e) {
      if (!e.isRefusal()) {
        throw e;
      }
      // Newer releases tell it in this way to root alone.
      try {
        return versionPage.ask(scheme + endpoint);
      } catch (IOException failed) {
        throw EtcdFault.of(failed);
      }
    }
  }

  /** Whether a member, by its HOST:PORT, leads the others. */
  boolean leads(String endpoint) throws EtcdFault, InterruptedException {
    var status = await(client.getMaintenanceClient().statusMember(scheme + endpoint), CALL);
    return status.getLeader() == status.getHeader().getMemberId();
  }

  /** Begins to watch; the listener hears of everything, and of the end. */
  Watch.Watcher watch(ByteSequence key, WatchOption option, Watch.Listener listener) {
    return client.getWatchClient().watch(key, option, listener);
  }

  private static <T> T await(CompletableFuture<T> future, Duration timeout)
      throws EtcdFault, InterruptedException {
    try {
      return future.get(timeout.toMillis() + 100, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      future.cancel(true);
      throw EtcdFault.of(e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    client.close();
  }
}
