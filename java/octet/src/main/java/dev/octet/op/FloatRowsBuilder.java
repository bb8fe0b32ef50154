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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Weights, float bias and clamp of the builders of products with float rows. */
final class FloatRowsBuilder {
  private final boolean quantizes;
  private final OutputBuilder output = new OutputBuilder();
  private final BiasBuilder bias = new BiasBuilder();
  private @Nullable MatrixWeights weights;
  /** Empty unless the weights are in block formats. */
  private List<BlockWeights> blocks = List.of();

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
    set(MatrixWeights.of(weights, layout));
  }

  void weights(BlockTensor weights) {
    set(List.of(BlockWeights.of("weights", weights)));
  }

  /** Sets several weights that share their rows. */
  void weights(BlockTensor first, BlockTensor second, BlockTensor... more) {
    set(joined(first, second, Objects.requireNonNull(more, "more"), BlockWeights::of));
  }

  boolean hasBlocks() {
    return !blocks.isEmpty();
  }

  void weights(PackedWeights weights) {
    switch (Objects.requireNonNull(weights, "weights").opened()) {
      case BlockWeights packed -> set(List.of(packed));
      case MatrixWeights packed -> {
        check(packed.type(), packed.quantization());
        set(packed);
      }
    }
  }

  /** Sets several packed weights that share their rows. */
  void weights(PackedWeights first, PackedWeights second, PackedWeights... more) {
    set(joined(first, second, Objects.requireNonNull(more, "more"), FloatRowsBuilder::packedBlocks));
  }

  private static BlockWeights packedBlocks(String operand, PackedWeights weights) {
    if (Objects.requireNonNull(weights, operand).opened() instanceof BlockWeights packed) {
      return packed;
    }
    throw new IllegalArgumentException(operand + ": expected weights in a block format, got "
        + weights.type() + " " + weights.matrix().quantization()
        + "; only weights in block formats share their rows");
  }

  private static <T> List<BlockWeights> joined(T first, T second, T[] more,
      BiFunction<String, T, BlockWeights> weights) {
    List<BlockWeights> parts = new ArrayList<>();
    for (int i = 0; i < more.length + 2; i++) {
      parts.add(weights.apply("weights[" + i + "]", i == 0 ? first : i == 1 ? second : more[i - 2]));
    }
    BlockWeights.checkShared(parts);
    return parts;
  }

  private void set(MatrixWeights matrix) {
    this.weights = matrix;
    this.blocks = List.of();
  }

  private void set(List<BlockWeights> parts) {
    this.weights = null;
    this.blocks = parts;
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
      if (!Quantization.isGroupSizeOfProducts(quantization.groupSize())) {
        throw new IllegalArgumentException(
            "weights: expected groups of 16, 32, 64, 128 or 256, got groups of " + quantization.groupSize());
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
    MatrixWeights matrix = weights;
    if (matrix == null) {
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
   * Returns the spec of a product with weights in block formats.
   *
   * @param perTensor whether all rows are quantized by one range
   * @throws IllegalArgumentException if settings do not fit each other
   */
  BlockMatMulSpec blockSpec(boolean perTensor) {
    if (perTensor) {
      throw new IllegalArgumentException(
          "perTensor: expected weights with scales per tensor or per channel, got "
              + blocks.getFirst().format() + " blocks; with them each 32 elements of a row have a scale");
    }
    OutputSpec clamp = output.spec();
    int n = blocks.stream().mapToInt(BlockWeights::n).sum();
    return new BlockMatMulSpec(blocks, bias.floatsFor(n, output), clamp.min(), clamp.max());
  }
}
