package dev.octet.cli;

import dev.octet.BlockFormat;
import dev.octet.quantize.LayerScheme;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.WeightScheme;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.TypeConversionException;

/** The schemes by the names of the command line. */
enum Scheme {
  INT8_DYNAMIC("int8-dynamic"), INT8_STATIC("int8-static"), INT8_WEIGHT_ONLY(
      "int8-weight-only"), INT4_DYNAMIC(
          "int4-dynamic"), INT4_STATIC("int4-static"), INT4_WEIGHT_ONLY("int4-weight-only"), Q4_0(
              BlockFormat.Q4_0), Q8_0(BlockFormat.Q8_0), Q4_K(
                  BlockFormat.Q4_K), Q6_K(BlockFormat.Q6_K), MXFP4(BlockFormat.MXFP4);

  private final String label;
  private final BlockFormat blocks;

  Scheme(String label) {
    this.label = label;
    this.blocks = null;
  }

  Scheme(BlockFormat blocks) {
    this.label = blocks.name().toLowerCase(Locale.ROOT);
    this.blocks = blocks;
  }

  /** What tensors of a GGUF file become; null of the schemes for other files. */
  BlockFormat blocks() {
    return blocks;
  }

  /** The schemes of blocks. */
  static List<Scheme> ofBlocks() {
    return Stream.of(values()).filter(scheme -> scheme.blocks != null).toList();
  }

  private QuantizationScheme preset() {
    return switch (this) {
      case INT8_DYNAMIC -> QuantizationScheme.int8Dynamic();
      case INT8_STATIC -> QuantizationScheme.int8Static();
      case INT8_WEIGHT_ONLY -> QuantizationScheme.int8WeightOnly();
      case INT4_DYNAMIC -> QuantizationScheme.int4Dynamic();
      case INT4_STATIC -> QuantizationScheme.int4Static();
      case INT4_WEIGHT_ONLY -> QuantizationScheme.int4WeightOnly();
      case Q4_0, Q8_0, Q4_K, Q6_K, MXFP4 ->
        throw new IllegalStateException(this + " is a scheme of blocks, of GGUF files alone");
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
    return blocks == null && preset().layer("").orElseThrow().weights().orElseThrow().groupSize() != 0;
  }

  /** Whether activations have scales from calibration. */
  boolean needsCalibration() {
    return blocks == null && preset().layer("").orElseThrow().needsCalibration();
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
