package io.flashdns.management.client;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What every list takes. */
final class ListOptions {
  @Option(
      names = "--filter",
      paramLabel = "FILTER",
      description =
          "Comparisons of the API joined by AND: 'labels.team = \"web\" AND revision > 100'.")
  String filter = "";

  @Option(
      names = "--order",
      paramLabel = "FIELD",
      description = "Field to order by, with ' desc' for the other direction.")
  String order = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      converter = Limit.class,
      description = "At most so many. Default: all.")
  int limit;

  /** 0, which means all, and more. */
  static final class Limit implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      try {
        int limit = Integer.parseInt(text);
        if (limit >= 0) {
          return limit;
        }
      } catch (NumberFormatException _) {
        // Told below.
      }
      throw new TypeConversionException("must be a number from 0, not '" + text + "'");
    }
  }
}
