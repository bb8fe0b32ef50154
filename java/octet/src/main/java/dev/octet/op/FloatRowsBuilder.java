package dev.octet.op;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.WeightLayout;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.OutputSpec;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Weights, float bias and clamp of the builders of products with float rows. */
final class FloatRowsBuilder {
  private final OutputBuilder output = new OutputBuilder();
  private final BiasBuilder bias = new BiasBuilder();
  private @Nullable MatrixWeights weights;

  FloatRowsBuilder() {
    output.raw(DataType.F32);
  }

  void weights(QTensor weights, WeightLayout layout) {
    Objects.requireNonNull(weights, "weights");
    check(weights.type(), weights.quantization());
    this.weights = MatrixWeights.of(weights, layout);
  }

  void weights(PackedWeights weights) {
    MatrixWeights packed = Objects.requireNonNull(weights, "weights").opened();
    check(packed.type(), packed.quantization());
    this.weights = packed;
  }

  private static void check(DataType type, Quantization quantization) {
    if (quantization.granularity() != Granularity.PER_GROUP) {
      if (type != DataType.S8) {
        throw new IllegalArgumentException("weights: expected S8 with scales per tensor or per channel, got "
            + type + (type.isByte()
                ? "; matMul takes U8 weights"
                : "; 4-bit weights need scales per group of 32, 64 or 128 along K"));
      }
    } else {
      if (type == DataType.U8) {
        throw new IllegalArgumentException("weights: expected S8, S4 or U4 with scales per group, got U8");
      }
      int size = quantization.groupSize();
      if (size != 32 && size != 64 && size != 128) {
        throw new IllegalArgumentException(
            "weights: expected groups of 32, 64 or 128, got groups of " + size);
      }
    }
  }

  void bias(float[] bias) {
    this.bias.floats(bias);
  }

  void clamp(float min, float max) {
    output.clamp(min, max);
  }

  FloatMatMulSpec spec() {
    if (weights == null) {
      throw new IllegalArgumentException("weights: not given");
    }
    OutputSpec clamp = output.spec();
    return new FloatMatMulSpec(weights, bias.floatsFor(weights.n(), output), clamp.min(), clamp.max());
  }
}
