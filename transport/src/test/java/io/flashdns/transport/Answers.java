package io.flashdns.transport;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.plugin.WorkerContext;
import java.util.List;

/**
 * An engine that answers everything, so that tests see what the transport told it.
 *
 * <p>The answer to a question is one record of type {@link #TYPE}. Its data says which worker and
 * which listener were asked, and from where; when the type asked for is N above {@link #TYPE}, N
 * octets follow. A name whose first label is {@code drop} gets no reply.
 */
final class Answers implements PluginFactory<Answers.Config> {
  static final int TYPE = 0xff00 - 40_000;

  /** Octets of the data before the filling: worker, listener, source address, source port. */
  static final int DATA_BYTES = 1 + 1 + 16 + 2;

  /** Octets of a record before its data: a pointer as owner, and the fixed part. */
  static final int RECORD_BYTES = 2 + Wire.RECORD_FIXED_BYTES;

  record Config() {}

  static Engine engine() {
    return new Engine(
        EngineConfig.of(new NameHash(7)),
        List.of(new PluginBinding<>(new Answers(), new Config())));
  }

  @Override
  public String name() {
    return "answers";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<Config> configType() {
    return Config.class;
  }

  @Override
  public Plugin create(Config config, PluginContext context) {
    return (WorkerContext worker) -> List.of(new Everything(worker.index()));
  }

  private static final class Everything implements Router {
    private final byte[] data = new byte[Wire.MAX_MESSAGE_BYTES];

    Everything(int worker) {
      data[0] = (byte) worker;
    }

    @Override
    public Verdict route(Query query, Response response) {
      if (asksFor(query, "drop")) {
        return Verdict.DROP;
      }
      response.authoritative(query.isSourceProven());
      data[1] = (byte) query.listener();
      Wire.put64(data, 2, query.sourceHi());
      Wire.put64(data, 10, query.sourceLo());
      Wire.put16(data, 18, query.sourcePort());
      int filling = query.type() >= TYPE ? query.type() - TYPE : 0;
      if (asksFor(query, "full")) {
        filling = response.limit() - response.length() - RECORD_BYTES - DATA_BYTES;
      }
      if (!response.addRecord(
          Section.ANSWER, Response.QUESTION_NAME, TYPE, 60, data, 0, DATA_BYTES + filling)) {
        response.truncate();
      }
      return Verdict.RESPOND;
    }

    private static boolean asksFor(Query query, String label) {
      byte[] message = query.message();
      if (message[Wire.HEADER_BYTES] != label.length()) {
        return false;
      }
      for (int i = 0; i < label.length(); i++) {
        if (message[Wire.HEADER_BYTES + 1 + i] != label.charAt(i)) {
          return false;
        }
      }
      return true;
    }
  }
}
