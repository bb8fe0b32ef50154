package dev.octet.cli;

import dev.octet.quantize.LayerScheme;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.WeightScheme;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.TypeConversionException;

/** The schemes by the names of the command line. */
enum Scheme {
  INT8_DYNAMIC("int8-dynamic"), INT8_STATIC("int8-static"), INT8_WEIGHT_ONLY(
      "int8-weight-only"), INT4_DYNAMIC(
          "int4-dynamic"), INT4_STATIC("int4-static"), INT4_WEIGHT_ONLY("int4-weight-only");

  private final String label;

  Scheme(String label) {
    this.label = label;
  }

  private QuantizationScheme preset() {
    return switch (this) {
      case INT8_DYNAMIC -> QuantizationScheme.int8Dynamic();
      case INT8_STATIC -> QuantizationScheme.int8Static();
      case INT8_WEIGHT_ONLY -> QuantizationScheme.int8WeightOnly();
      case INT4_DYNAMIC -> QuantizationScheme.int4Dynamic();
      case INT4_STATIC -> QuantizationScheme.int4Static();
      case INT4_WEIGHT_ONLY -> QuantizationScheme.int4WeightOnly();
    };
  }

  /**
   * The scheme of every layer.
   *
   * @param groupSize instead of the preset's, where it {@link #hasGroups}; 0 for the preset's
   */
  QuantizationScheme scheme(int groupSize) {
    QuantizationScheme scheme = preset();
    if (groupSize == 0) {
      return scheme;
    }
    LayerScheme layer = scheme.layer("").orElseThrow();
    WeightScheme weights = layer.weights().orElseThrow();
    return QuantizationScheme.of(new LayerScheme(
        Optional.of(WeightScheme.perGroup(weights.type(), groupSize, weights.symmetric())),
        layer.activations()));
  }

  /** Whether weights share scales in groups. */
  boolean hasGroups() {
    return preset().layer("").orElseThrow().weights().orElseThrow().groupSize() != 0;
  }

  /** Whether activations have scales from calibration. */
  boolean needsCalibration() {
    return preset().layer("").orElseThrow().needsCalibration();
  }

  @Override
  public String toString() {
    return label;
  }

  /** From the command line. */
  static Scheme of(String text) {
    for (Scheme scheme : values()) {
      if (scheme.label.equalsIgnoreCase(text)) {
        return scheme;
      }
    }
    throw new TypeConversionException(
        "expected one of " + Arrays.toString(values()) + ", got " + text);
  }
}
