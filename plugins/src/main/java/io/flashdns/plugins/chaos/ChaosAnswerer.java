package io.flashdns.plugins.chaos;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Counts;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.plugin.WorkerContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Answers TXT and ANY of class CH for the names whose text is configured. Everything else is left
 * to others, which in class CH means REFUSED.
 */
final class ChaosAnswerer implements Answerer {
  /** What tells servers apart must not come from a cache. */
  private static final int TTL_SECONDS = 0;

  /** A name, the data of its TXT record, and the counter of its answers. */
  private static final class Told {
    private final NameKey name;
    private final byte[] data;
    private final int counter;

    Told(NameKey name, byte[] data, int counter) {
      this.name = name;
      this.data = data;
      this.counter = counter;
    }
  }

  private final Told[] told;
  private final Counts counts;

  ChaosAnswerer(ChaosPluginConfig config, WorkerContext worker, int answers) {
    List<Told> all = new ArrayList<>();
    add(all, "version.bind.", config.version(), answers, worker.hash());
    add(all, "version.server.", config.version(), answers, worker.hash());
    add(all, "id.server.", config.id(), answers + 1, worker.hash());
    add(all, "hostname.bind.", config.id(), answers + 1, worker.hash());
    this.told = all.toArray(Told[]::new);
    this.counts = worker.counts();
  }

  private static void add(
      List<Told> all, String name, Optional<String> text, int counter, NameHash hash) {
    if (text.isPresent()) {
      NameKey key = new NameKey(hash);
      key.set(DomainName.parse(name).wire(), 0);
      all.add(new Told(key, characterString(text.get()), counter));
    }
  }

  private static byte[] characterString(String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    byte[] data = new byte[1 + octets.length];
    data[0] = (byte) octets.length;
    System.arraycopy(octets, 0, data, 1, octets.length);
    return data;
  }

  @Override
  public Verdict answer(Query query, Response response) {
    return query.recordClass() == RecordClass.CH ? tell(query, response) : Verdict.CONTINUE;
  }

  private Verdict tell(Query query, Response response) {
    int type = query.type();
    if (type != RecordType.TXT && type != RecordType.ANY) {
      return Verdict.CONTINUE;
    }
    for (Told one : told) {
      if (isSame(one.name, query.name())) {
        response.authoritative(true);
        if (!response.addRecord(
            Section.ANSWER,
            Response.QUESTION_NAME,
            RecordType.TXT,
            TTL_SECONDS,
            one.data,
            0,
            one.data.length)) {
          response.truncate();
        }
        counts.increment(one.counter);
        return Verdict.RESPOND;
      }
    }
    return Verdict.CONTINUE;
  }

  private static boolean isSame(NameKey one, NameKey other) {
    return one.suffixHash(0) == other.suffixHash(0)
        && Arrays.equals(one.folded(), 0, one.length(), other.folded(), 0, other.length());
  }
}
