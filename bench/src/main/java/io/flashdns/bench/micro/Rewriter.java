package io.flashdns.bench.micro;

import io.flashdns.core.answer.AuthoritativeAnswerer;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.zone.Zone;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes answers without looking for them: notes what the real answerer writes, by the message's
 * id, and makes the same calls of the engine's {@link Response} again. For one zone and one worker.
 */
final class Rewriter implements PluginFactory<Rewriter.Config> {
  /** What is done with a message. */
  enum Mode {
    /** The real answerer answers, and what it writes is noted. */
    NOTE,
    /** What was noted is written. */
    WRITE,
    /** What was noted is found and not written: the reply has a question alone. */
    LEAVE_OUT
  }

  /** It has no keys. */
  record Config() {}

  private record Written(Section section, int node, int rrset, int ownerOffset) {}

  private final Zone zone;
  private final boolean[] authoritative;
  private final Written[][] rrsets;
  private Mode mode = Mode.NOTE;

  /**
   * A plugin that answers for one zone.
   *
   * @param ids messages have ids below this
   */
  Rewriter(Zone zone, int ids) {
    this.zone = zone;
    this.authoritative = new boolean[ids];
    this.rrsets = new Written[ids][0];
  }

  void mode(Mode next) {
    mode = next;
  }

  @Override
  public String name() {
    return "rewriter";
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
    return worker -> {
      AuthoritativeAnswerer real = new AuthoritativeAnswerer(worker.hash());
      return List.of((Answerer) (query, response) -> answer(real, query, response));
    };
  }

  private Verdict answer(AuthoritativeAnswerer real, Query query, Response response) {
    if (query.zone() != zone) {
      return Verdict.CONTINUE;
    }
    int id = Wire.u16(query.message(), Wire.ID);
    if (mode == Mode.NOTE) {
      return note(real, query, response, id);
    }
    response.authoritative(authoritative[id]);
    Written[] answer = rrsets[id];
    if (mode == Mode.WRITE) {
      for (Written part : answer) {
        if (!response.addRrset(part.section, zone, part.node, part.rrset, part.ownerOffset)) {
          response.truncate();
        }
      }
    }
    return Verdict.RESPOND;
  }

  private Verdict note(AuthoritativeAnswerer real, Query query, Response response, int id) {
    List<Written> noted = new ArrayList<>();
    Response watched =
        (Response)
            Proxy.newProxyInstance(
                Response.class.getClassLoader(),
                new Class<?>[] {Response.class},
                (_, method, arguments) -> {
                  switch (method.getName()) {
                    case "authoritative" -> authoritative[id] = (boolean) arguments[0];
                    case "addRrset" ->
                        noted.add(
                            new Written(
                                (Section) arguments[0],
                                (int) arguments[2],
                                (int) arguments[3],
                                (int) arguments[4]));
                    case "addRecord", "truncate" ->
                        throw new IllegalStateException("an answer that cannot be written again");
                    default -> {}
                  }
                  return method.invoke(response, arguments);
                });
    Verdict verdict = real.answer(query, watched);
    rrsets[id] = noted.toArray(Written[]::new);
    return verdict;
  }
}
