package dev.octet.op;

import dev.octet.BlockTensor;
import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.WeightLayout;
import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.BlockWeights;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.OutputSpec;
import dev.octet.engine.PackableWeights;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Weights, float bias and clamp of the builders of products with float rows. */
final class FloatRowsBuilder {
  private final boolean quantizes;
  private final OutputBuilder output = new OutputBuilder();
  private final BiasBuilder bias = new BiasBuilder();
  private @Nullable PackableWeights weights;

  /**
   * Creates a builder.
   *
   * @param quantizes whether the op quantizes rows
   */
  FloatRowsBuilder(boolean quantizes) {
    this.quantizes = quantizes;
    output.raw(DataType.F32);
  }

  void weights(QTensor weights, WeightLayout layout) {
    Objects.requireNonNull(weights, "weights");
    check(weights.type(), weights.quantization());
    this.weights = MatrixWeights.of(weights, layout);
  }

  void weights(BlockTensor weights) {
    this.weights = BlockWeights.of(weights);
  }

  boolean hasBlocks() {
    return weights instanceof BlockWeights;
  }

  void weights(PackedWeights weights) {
    PackableWeights packed = Objects.requireNonNull(weights, "weights").opened();
    if (packed instanceof MatrixWeights matrix) {
      check(matrix.type(), matrix.quantization());
    }
    this.weights = packed;
  }

  private void check(DataType type, Quantization quantization) {
    if (quantization.granularity() != Granularity.PER_GROUP) {
      if (type != DataType.S8 && !(quantizes && type == DataType.U8)) {
        throw new IllegalArgumentException("weights: expected S8 " + (quantizes ? "or U8 " : "")
            + "with scales per tensor or per channel, got " + type
            + (type.isByte()
                ? "; matMul and dynamicMatMul take U8 weights"
                : "; 4-bit weights need scales per group of 16, 32, 64, 128 or 256 along K"));
      }
    } else {
      if (type == DataType.U8) {
        throw new IllegalArgumentException("weights: expected S8, S4 or U4 with scales per group, got U8");
      }
      int size = quantization.groupSize();
      if (size < 16 || size > 256 || Integer.bitCount(size) != 1) {
        throw new IllegalArgumentException(
            "weights: expected groups of 16, 32, 64, 128 or 256, got groups of " + size);
      }
    }
  }

  void bias(float[] bias) {
    this.bias.floats(bias);
  }

  void clamp(float min, float max) {
    output.clamp(min, max);
  }

  /**
   * Returns the spec of a product with weights of a QTensor.
   *
   * @param perTensor whether all rows are quantized by one range
   * @throws IllegalArgumentException if a required setting is missing or settings do not fit each other
   */
  FloatMatMulSpec spec(boolean perTensor) {
    if (!(weights instanceof MatrixWeights matrix)) {
      throw new IllegalArgumentException("weights: not given");
    }
    if (perTensor && matrix.quantization().granularity() == Granularity.PER_GROUP) {
      throw new IllegalArgumentException(
          "perTensor: expected weights with scales per tensor or per channel, got "
              + matrix.quantization() + "; with groups each group of a row has a scale");
    }
    OutputSpec clamp = output.spec();
    return new FloatMatMulSpec(matrix, bias.floatsFor(matrix.n(), output), clamp.min(), clamp.max(),
        perTensor);
  }

  /**
   * Returns the spec of a product with weights in a block format.
   *
   * @param perTensor whether all rows are quantized by one range
   * @throws IllegalArgumentException if settings do not fit each other
   */
  BlockMatMulSpec blockSpec(boolean perTensor) {
    BlockWeights blocks = (BlockWeights) weights;
    if (perTensor) {
      throw new IllegalArgumentException(
          "perTensor: expected weights with scales per tensor or per channel, got "
              + blocks.format() + " blocks; with them each 32 elements of a row have a scale");
    }
    OutputSpec clamp = output.spec();
    return new BlockMatMulSpec(blocks, bias.floatsFor(blocks.n(), output), clamp.min(), clamp.max());
  }
}
