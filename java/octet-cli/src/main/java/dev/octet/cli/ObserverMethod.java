package dev.octet.cli;

import dev.octet.quantize.CalibrationMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * How calibration finds a range, as the command line names it.
 *
 * @param text its name, with what was typed after the colon
 * @param method what it means
 */
record ObserverMethod(String text, CalibrationMethod method) {
  static final ObserverMethod MIN_MAX = new ObserverMethod("min-max", CalibrationMethod.minMax());
  /** The usual share of numbers that a range holds. */
  private static final double PERCENT = 99.99;

  /** The names, for completion and help. */
  private enum Name {
    MIN_MAX, MOVING_AVERAGE, PERCENTILE, ENTROPY, MSE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** The names. */
  static final class Names extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Names() {
      for (Name name : Name.values()) {
        add(name.toString());
      }
    }
  }

  /** From {@code NAME} or {@code NAME:PARAMETER}. */
  static final class Converter implements ITypeConverter<ObserverMethod> {
    @Override
    public ObserverMethod convert(String text) {
      int colon = text.indexOf(':');
      String label = colon < 0 ? text : text.substring(0, colon);
      String parameter = colon < 0 ? null : text.substring(colon + 1);
      for (Name name : Name.values()) {
        if (name.toString().equalsIgnoreCase(label)) {
          return new ObserverMethod(colon < 0 ? name.toString() : name + ":" + parameter,
              method(name, parameter));
        }
      }
      throw new TypeConversionException(
          "expected one of " + Arrays.toString(Name.values()) + ", got " + text);
    }

    private static CalibrationMethod method(Name name, String parameter) {
      return switch (name) {
        case MOVING_AVERAGE -> parameter == null
            ? CalibrationMethod.movingAverage()
            : checked(name, () -> new CalibrationMethod.MovingAverage(Double.parseDouble(parameter)));
        case PERCENTILE -> checked(name,
            () -> CalibrationMethod.percentile(parameter == null ? PERCENT : Double.parseDouble(parameter)));
        case MIN_MAX -> without(name, parameter, CalibrationMethod.minMax());
        case ENTROPY -> without(name, parameter, CalibrationMethod.entropy());
        case MSE -> without(name, parameter, CalibrationMethod.meanSquaredError());
      };
    }

    private static CalibrationMethod checked(Name name,
        Supplier<CalibrationMethod> method) {
      try {
        return method.get();
      } catch (IllegalArgumentException e) { // no number, or out of range
        throw new TypeConversionException(name + ": " + e.getMessage());
      }
    }

    private static CalibrationMethod without(Name name, String parameter, CalibrationMethod method) {
      if (parameter != null) {
        throw new TypeConversionException(name + " takes no parameter, got " + parameter);
      }
      return method;
    }
  }
}
