package io.flashdns.management.client;

import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.Ttl;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The data of a record as arguments: each is what stands behind the type in a zone file. */
final class DataArguments {
  private static final int MAX_STRING_OCTETS = 255;

  @Mixin RecordArgument target = new RecordArgument();

  @Parameters(
      index = "2..*",
      arity = "1..*",
      paramLabel = "DATA",
      description = {
        "Data as a zone file has them, one argument each: '10 mail.example.org.'. Names in them are"
            + " absolute. Text for TXT may go without quotes: it is one string then, cut where it"
            + " must be."
      })
  List<String> data = new ArrayList<>();

  @Option(
      names = "--ttl",
      paramLabel = "TIME",
      converter = TimeText.Seconds.class,
      description =
          "How long resolvers may keep the record: 300, 5m, 1h. Default: what it has, else 1h.")
  @Nullable Integer ttlSeconds;

  /** The record without its name. */
  Record.Builder record() throws ClientException {
    Record.Builder record = Record.newBuilder().setTypeValue(RecordTypes.parse(target.type));
    for (String datum : data) {
      record.addData(RecordData.newBuilder().setText(text(datum, record.getType())));
    }
    if (ttlSeconds != null) {
      record.setTtl(Ttl.newBuilder().setSeconds(ttlSeconds));
    }
    return record;
  }

  /** A datum for the API: text of TXT gets its quotes where it has none. */
  static String text(String datum, RecordType type) {
    boolean isPlain =
        type == RecordType.RECORD_TYPE_TXT && !datum.startsWith("\"") && !datum.startsWith("\\#");
    return isPlain ? quoted(datum) : datum;
  }

  /** As strings of at most 255 octets, which readers put together again. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    int octets = 0;
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      if (octets == MAX_STRING_OCTETS) {
        quoted.append("\" \"");
        octets = 0;
      }
      octets++;
      int b = Byte.toUnsignedInt(octet);
      if (b == '"' || b == '\\') {
        quoted.append('\\').append((char) b);
      } else if (b >= ' ' && b < 127) {
        quoted.append((char) b);
      } else {
        quoted.append("\\%03d".formatted(b));
      }
    }
    return quoted.append('"').toString();
  }
}
