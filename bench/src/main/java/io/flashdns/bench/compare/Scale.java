package io.flashdns.bench.compare;

import java.util.ArrayList;
import java.util.List;

/**
 * An axis: values to pixels, and where its ticks are.
 *
 * @param low value at {@code from}
 * @param high value at {@code to}
 * @param from pixel
 * @param to pixel; less than {@code from} for an axis that goes up
 * @param isLog whether equal factors take equal room
 */
record Scale(double low, double high, double from, double to, boolean isLog) {
  private static final double[] STEPS = {1, 2, 5, 10};

  /** From 0 to a round number that is no less than the highest value. */
  static Scale linear(double highest, double from, double to, int ticks) {
    double step = step(highest > 0 ? highest : 1, ticks);
    double high = Math.ceil((highest > 0 ? highest : 1) / step - 1e-9) * step;
    return new Scale(0, high, from, to, false);
  }

  /** From power to power of ten; for values above 0. */
  static Scale log(double lowest, double highest, double from, double to) {
    double low = Math.pow(10, Math.floor(Math.log10(lowest) + 1e-9));
    double high = Math.pow(10, Math.ceil(Math.log10(highest) - 1e-9));
    return new Scale(low, high <= low ? low * 10 : high, from, to, true);
  }

  private static double step(double highest, int ticks) {
    double rough = highest / ticks;
    double unit = Math.pow(10, Math.floor(Math.log10(rough)));
    for (double step : STEPS) {
      if (step * unit >= rough * (1 - 1e-9)) {
        return step * unit;
      }
    }
    return 10 * unit;
  }

  /** The pixel of a value; one beyond the ends is moved there. */
  double at(double value) {
    double place =
        isLog
            ? (Math.log10(Math.max(value, low)) - Math.log10(low))
                / (Math.log10(high) - Math.log10(low))
            : (value - low) / (high - low);
    return from + (to - from) * Math.clamp(place, 0, 1);
  }

  /** Values with a line and a label. */
  List<Double> ticks(int most) {
    List<Double> ticks = new ArrayList<>();
    if (isLog) {
      for (double tick = low; tick <= high * 1.000001; tick *= 10) {
        ticks.add(tick);
      }
      return ticks;
    }
    double step = step(high, most);
    for (int i = 0; i * step <= high * 1.000001; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** A tick as it is written: short, with k and M. */
  static String text(double value) {
    double size = Math.abs(value);
    if (size >= 1e6) {
      return trimmed(value / 1e6) + " M";
    }
    return size >= 1e4 ? trimmed(value / 1e3) + " k" : trimmed(value);
  }

  private static String trimmed(double value) {
    String text = String.format(java.util.Locale.ROOT, "%.3f", value);
    return text.replaceFirst("\\.?0+$", "");
  }
}
