package com.example.maintenance;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Counts;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.zone.Zone;

/** Answers A, AAAA and TXT of the names under maintenance; all else is left to the zone. */
final class MaintenanceAnswerer implements Answerer {
  private final Notices notices;
  private final Counts counts;
  private final int answered;

  MaintenanceAnswerer(Notices notices, Counts counts, int answered) {
    this.notices = notices;
    this.counts = counts;
    this.answered = answered;
  }

  @Override
  public Verdict answer(Query query, Response response) {
    Zone zone = query.zone();
    // What a signed zone says must be signed too, which is beyond this plugin.
    if (zone == null || zone.isSigned() || !notices.contain(query.name())) {
      return Verdict.CONTINUE;
    }
    return switch (query.type()) {
      case RecordType.A -> answer(query, response, zone, notices.ipv4(), 0);
      case RecordType.AAAA -> answer(query, response, zone, notices.ipv6(), 1);
      case RecordType.TXT -> answer(query, response, zone, notices.text(), 2);
      default -> Verdict.CONTINUE;
    };
  }

  private Verdict answer(Query query, Response response, Zone zone, byte[][] records, int label) {
    response.authoritative(true);
    boolean fits = true;
    for (byte[] data : records) {
      fits &=
          response.addRecord(
              Section.ANSWER,
              Response.QUESTION_NAME,
              query.type(),
              notices.ttlSeconds(),
              data,
              0,
              data.length);
    }
    if (records.length == 0) { // the name is there, this type of it is not (RFC 2308)
      fits =
          response.addRrset(
              Section.AUTHORITY, zone, zone.apexNode(), zone.negativeSoa(), Response.OWN_NAME);
    }
    if (!fits) {
      response.truncate();
    }
    counts.increment(answered + label);
    return Verdict.RESPOND;
  }
}
