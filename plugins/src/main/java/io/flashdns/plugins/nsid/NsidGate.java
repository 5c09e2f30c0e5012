package io.flashdns.plugins.nsid;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.plugin.Counts;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Verdict;

/**
 * Adds the NSID option for who asks with one, whatever the answer will be. What the asker's option
 * holds means nothing (RFC 5001 §2.1 has it empty).
 */
final class NsidGate implements Gate {
  private final byte[] id;
  private final Counts counts;
  private final int told;

  NsidGate(byte[] id, Counts counts, int told) {
    this.id = id;
    this.counts = counts;
    this.told = told;
  }

  @Override
  public Verdict admit(Query query, Response response) {
    if (query.optionOffset(EdnsOption.NSID) >= 0
        && response.addOption(EdnsOption.NSID, id, 0, id.length)) {
      counts.increment(told);
    }
    return Verdict.CONTINUE;
  }
}
