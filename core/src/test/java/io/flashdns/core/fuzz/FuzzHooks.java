package io.flashdns.core.fuzz;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.ExtendedError;
import io.flashdns.core.dns.Opcode;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Shaper;
import io.flashdns.core.plugin.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Hooks that do to replies what the SPI lets them: options of many lengths, extended errors with a
 * text, turned addresses, withheld replies. What they do depends on the message alone.
 */
final class FuzzHooks implements PluginFactory<FuzzHooks.Config> {
  static final int FIRST_OPTION = 65_001;
  static final int SECOND_OPTION = 65_002;
  static final int MAX_TEXT_BYTES = 200;

  private static final int CLIENT_COOKIE_BYTES = 8;
  private static final byte[] DATA = new byte[1_100];
  private static final byte[] TEXT = "x".repeat(MAX_TEXT_BYTES).getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NO_TEXT = {};

  /** Nothing to say. */
  record Config() {}

  @Override
  public String name() {
    return "fuzz";
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
    return _ ->
        List.of(
            (Gate) FuzzHooks::admit,
            (Router) FuzzHooks::route,
            (Shaper) FuzzHooks::shape,
            (Observer) (_, response, _) -> response.addOption(SECOND_OPTION, DATA, 0, 1));
  }

  private static int id(Query query) {
    return Wire.u16(query.message(), Wire.ID);
  }

  private static Verdict admit(Query query, Response response) {
    int cookie = query.optionOffset(EdnsOption.COOKIE);
    if (cookie >= 0 && query.optionLength(cookie) >= CLIENT_COOKIE_BYTES) {
      response.addOption(EdnsOption.COOKIE, query.message(), cookie, CLIENT_COOKIE_BYTES);
      if ((id(query) & 0x8000) != 0) {
        query.proveSource();
      }
    }
    int id = id(query);
    if ((id & 3) == 0) {
      // No octet of the length is a capital letter, which the judge would read as a small one.
      response.addOption(FIRST_OPTION, DATA, id & 7, (id >>> 6) & ~0x40);
    }
    return Verdict.CONTINUE;
  }

  private static Verdict route(Query query, Response response) {
    int id = id(query);
    if ((id & 0x30) == 0x10) {
      // A view without zones: the public ones lie under it.
      query.view(id);
    }
    if ((id & 0xc0) == 0x40) {
      response.extendedError(ExtendedError.OTHER, (id & 0x100) == 0 ? TEXT : NO_TEXT);
    }
    return Verdict.CONTINUE;
  }

  private static Verdict shape(Query query, Response response) {
    boolean answer = response.rcode() == Rcode.NOERROR || response.rcode() == Rcode.NXDOMAIN;
    if (!answer || query.opcode() != Opcode.QUERY) {
      return Verdict.CONTINUE;
    }
    int id = id(query);
    response.rotateAddresses(id - 0x8000);
    response.addOption(SECOND_OPTION, DATA, 0, id & 0x3f);
    if ((id & 0x1f) == 7) {
      response.withhold();
    }
    return Verdict.CONTINUE;
  }
}
