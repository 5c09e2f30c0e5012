package io.flashdns.management.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;

/**
 * Prints answers in the form that was asked for. JSON is the JSON form of protobuf, a list is an
 * array; YAML is the same as YAML.
 */
final class Printer {
  private static final JsonFormat.Printer JSON = JsonFormat.printer();

  private final Console console;
  private final ConnectionOptions options;
  private final PrintStream out;

  Printer(Console console, ConnectionOptions options) {
    this.console = console;
    this.options = options;
    this.out = console.out();
  }

  OutputForm form() {
    return options.form;
  }

  /** Whether answers go to programs whole. */
  boolean isStructured() {
    return options.form == OutputForm.json || options.form == OutputForm.yaml;
  }

  PrintStream out() {
    return out;
  }

  boolean isQuiet() {
    return options.quiet;
  }

  /** A line for people about what was done; not with {@code --quiet}, and not in other forms. */
  void line(String text) {
    if (!options.quiet && options.form == OutputForm.table) {
      out.println(Printable.text(text));
    }
  }

  /** A line for people about what to look at, beside what was asked for. */
  void note(String text) {
    if (!options.quiet) {
      console.err().println(Printable.text(text));
    }
  }

  /** A message as JSON or YAML. */
  void message(Message message) {
    String json = json(message, false);
    out.print(options.form == OutputForm.yaml ? yaml(json) : json + "\n");
  }

  /** What is no message of the API, as JSON or YAML: maps, lists, texts and truth values. */
  void plain(Object value) {
    boolean isYaml = options.form == OutputForm.yaml;
    String text =
        new Dump(
                DumpSettings.builder()
                    .setDefaultFlowStyle(isYaml ? FlowStyle.BLOCK : FlowStyle.FLOW)
                    .setDefaultScalarStyle(
                        isYaml ? ScalarStyle.PLAIN : ScalarStyle.JSON_SCALAR_STYLE)
                    .setWidth(Integer.MAX_VALUE)
                    .build())
            .dumpToString(value);
    out.print(text);
  }

  /** A message as JSON on one line. */
  void jsonLine(Message message) {
    out.println(json(message, true));
    out.flush();
  }

  /**
   * Things in a row.
   *
   * @param name what stands for one of them with {@code -o name}
   */
  <M extends Message> void list(
      Iterable<M> things, List<Column<M>> columns, Function<M, String> name) {
    switch (options.form) {
      case json -> {
        boolean first = true;
        for (M thing : things) {
          out.print(first ? "[" : ",");
          out.print(json(thing, false));
          first = false;
        }
        out.println(first ? "[]" : "]");
      }
      case yaml -> {
        boolean any = false;
        for (M thing : things) {
          any = true;
          out.print(yaml("[" + json(thing, false) + "]"));
        }
        out.print(any ? "" : "[]\n");
      }
      case name -> {
        for (M thing : things) {
          out.println(Printable.text(name.apply(thing)));
        }
      }
      case table -> {
        Table table = table(columns);
        for (M thing : things) {
          String[] cells = new String[columns.size()];
          for (int i = 0; i < cells.length; i++) {
            cells[i] = columns.get(i).text().apply(thing);
          }
          table.row(cells);
        }
        table.flush();
      }
    }
  }

  /** An empty table. */
  Table table(List<? extends Column<?>> columns) {
    return new Table(out, columns, !options.noHeaders, console.width());
  }

  /**
   * One thing.
   *
   * @param fields for people: what to say of it, line by line; lines without a value are left out
   */
  void one(Message thing, Map<String, String> fields, String name) {
    switch (options.form) {
      case json, yaml -> message(thing);
      case name -> out.println(Printable.text(name));
      case table -> {
        int width = 0;
        for (Map.Entry<String, String> field : fields.entrySet()) {
          width = field.getValue().isEmpty() ? width : Math.max(width, field.getKey().length());
        }
        for (Map.Entry<String, String> field : fields.entrySet()) {
          if (!field.getValue().isEmpty()) {
            String pad = " ".repeat(width - field.getKey().length() + 2);
            out.println(field.getKey() + pad + Printable.text(field.getValue()));
          }
        }
      }
    }
  }

  private static String json(Message message, boolean oneLine) {
    try {
      return (oneLine ? JSON.omittingInsignificantWhitespace() : JSON).print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String yaml(String json) {
    Object value = new Load(LoadSettings.builder().build()).loadFromString(json);
    return new Dump(
            DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setIndicatorIndent(0)
                .build())
        .dumpToString(value);
  }
}
