package dev.octet.cli.selftest;

import dev.octet.op.AveragePool;
import dev.octet.op.BatchMatMul;
import dev.octet.op.Binary;
import dev.octet.op.Concat;
import dev.octet.op.Conv2d;
import dev.octet.op.Conv3d;
import dev.octet.op.ConvTranspose2d;
import dev.octet.op.Dequantize;
import dev.octet.op.DynamicConv2d;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.DynamicQuantize;
import dev.octet.op.Gelu;
import dev.octet.op.GlobalAveragePool;
import dev.octet.op.LayerNorm;
import dev.octet.op.Lookup;
import dev.octet.op.MatMul;
import dev.octet.op.MaxPool;
import dev.octet.op.PackedWeights;
import dev.octet.op.Pad;
import dev.octet.op.Quantize;
import dev.octet.op.Requantize;
import dev.octet.op.Resize;
import dev.octet.op.Sgemm;
import dev.octet.op.Softmax;
import dev.octet.op.TransposeImages;
import dev.octet.op.WeightOnlyMatMul;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Every op, and how to make a random case of it. */
enum TestedOp {
  MATMUL(MatMul.class), DYNAMIC_MATMUL(DynamicMatMul.class), WEIGHT_ONLY_MATMUL(WeightOnlyMatMul.class),
  /** Weights that go through a file. */
  PACKED_WEIGHTS(PackedWeights.class), BATCH_MATMUL(BatchMatMul.class), CONV2D(Conv2d.class), DYNAMIC_CONV2D(
      DynamicConv2d.class), CONV_TRANSPOSE2D(ConvTranspose2d.class), CONV3D(Conv3d.class), MAX_POOL(
          MaxPool.class), AVERAGE_POOL(
              AveragePool.class), GLOBAL_AVERAGE_POOL(GlobalAveragePool.class), CONCAT(
                  Concat.class), BINARY(Binary.class), LOOKUP(Lookup.class), QUANTIZE(
                      Quantize.class), DEQUANTIZE(
                          Dequantize.class), REQUANTIZE(
                              Requantize.class), DYNAMIC_QUANTIZE(DynamicQuantize.class), TRANSPOSE_IMAGES(
                                  TransposeImages.class), PAD(Pad.class), RESIZE(Resize.class), SOFTMAX(
                                      Softmax.class), LAYER_NORM(
                                          LayerNorm.class), SGEMM(Sgemm.class), GELU(Gelu.class);

  private final Class<?> type;

  TestedOp(Class<?> type) {
    this.type = type;
  }

  /** The class of the op, as people name it. */
  String title() {
    return type.getSimpleName();
  }

  Class<?> type() {
    return type;
  }

  Dice dice(long seed, int index) {
    return new Dice(seed, title(), index);
  }

  /** A random case. */
  OpCase<?> random(Dice dice) {
    return switch (this) {
      case MATMUL -> new MatMulCase(dice, false);
      case DYNAMIC_MATMUL -> dice.oneIn(3) ? new BlockMatMulCase(dice) : new DynamicMatMulCase(dice, false);
      case WEIGHT_ONLY_MATMUL -> dice.oneIn(3)
          ? new BlockWeightOnlyCase(dice)
          : new WeightOnlyMatMulCase(dice);
      case PACKED_WEIGHTS -> dice.oneIn(2) ? new MatMulCase(dice, true) : new DynamicMatMulCase(dice, true);
      case BATCH_MATMUL -> new BatchMatMulCase(dice);
      case CONV2D -> new Conv2dCase(dice);
      case DYNAMIC_CONV2D -> new DynamicConv2dCase(dice);
      case CONV_TRANSPOSE2D -> new ConvTranspose2dCase(dice);
      case CONV3D -> new Conv3dCase(dice);
      case MAX_POOL -> new PoolCase(dice, PoolCase.Kind.MAX);
      case AVERAGE_POOL -> new PoolCase(dice, PoolCase.Kind.AVERAGE);
      case GLOBAL_AVERAGE_POOL -> new PoolCase(dice, PoolCase.Kind.GLOBAL_AVERAGE);
      case CONCAT -> new ConcatCase(dice);
      case BINARY -> new BinaryCase(dice);
      case LOOKUP -> new LookupCase(dice);
      case QUANTIZE -> new QuantizeCase(dice);
      case DEQUANTIZE -> new DequantizeCase(dice);
      case REQUANTIZE -> new RequantizeCase(dice);
      case DYNAMIC_QUANTIZE -> new DynamicQuantizeCase(dice);
      case TRANSPOSE_IMAGES -> new TransposeCase(dice);
      case PAD -> new PadCase(dice);
      case RESIZE -> new ResizeCase(dice);
      case SOFTMAX -> new SoftmaxCase(dice);
      case LAYER_NORM -> new LayerNormCase(dice);
      case SGEMM -> new SgemmCase(dice);
      case GELU -> new GeluCase(dice);
    };
  }

  /**
   * The op with a title, in upper or lower case.
   *
   * @throws IllegalArgumentException if there is none; the message lists all
   */
  static TestedOp titled(String title) {
    return Arrays.stream(values()).filter(op -> op.title().equalsIgnoreCase(title)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("unknown op \"" + title + "\", expected one of "
            + Arrays.stream(values()).map(TestedOp::title).collect(Collectors.joining(", "))));
  }
}
