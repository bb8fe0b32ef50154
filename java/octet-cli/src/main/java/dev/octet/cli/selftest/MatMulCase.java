package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.MatMul;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** 8-bit rows times fixed weights: types, layouts, scales per row, zero points, bias, clamp, gaps. */
final class MatMulCase extends OpCase<MatMul> {
  private final int m;
  private final int k;
  private final int n;
  private final int xStride;
  private final int yStride;
  private final DataType input;
  private final byte[] x;
  /** One scale and zero point, or null: one a row, at run. */
  private final Quantization fixed;
  private final float[] rowScales;
  /** Or null: all 0. */
  private final int[] rowZeroPoints;
  private final Weights weights;
  private final Epilogue epilogue;
  private final Bias bias;
  private final boolean packed;

  /** Packed: the weights come from a file that the engine wrote and mapped. */
  MatMulCase(Dice dice, boolean packed) {
    int[] sizes = dice.sizes(3, 1 << 21);
    this.m = dice.oneIn(24) ? 0 : sizes[0];
    this.k = sizes[1];
    this.n = sizes[2];
    this.xStride = k + (dice.oneIn(2) ? 0 : dice.between(1, 70));
    this.yStride = n + (dice.oneIn(2) ? 0 : dice.between(1, 70));
    this.input = dice.byteType();
    this.x = dice.integers(input, (long) m * k);
    this.fixed = dice.oneIn(2) ? Quantization.perTensor(dice.scale(), dice.zeroPoint(input)) : null;
    this.rowScales = dice.scales(m);
    this.rowZeroPoints = dice.oneIn(2) ? null : dice.zeroPoints(input, m);
    this.weights = Weights.perChannel(dice, dice.byteType(), k, n);
    float inputScale = fixed != null ? fixed.scale(0) : m > 0 ? rowScales[0] : 1;
    float product = inputScale * Weights.unit(weights.tensor().quantization());
    this.epilogue = Epilogue.random(dice, product, k);
    boolean realBias = fixed != null || epilogue.type() == DataType.F32;
    this.bias = Bias.random(dice, n, realBias ? product : 0).fitting(weights.tensor().quantization(),
        epilogue.type());
    this.packed = packed;
  }

  @Override
  MatMul prepare(Octet octet, Memory memory) {
    MatMul.Builder builder = builder(octet);
    if (packed) {
      return PackedFile.of(octet, weights, memory, file -> builder.weights(file).prepare());
    }
    return builder.weights(weights.in(memory), weights.layout()).prepare();
  }

  /** SCALAR packs nothing. */
  @Override
  MatMul prepareReference(Octet scalar, Memory memory) {
    return builder(scalar).weights(weights.in(memory), weights.layout()).prepare();
  }

  private MatMul.Builder builder(Octet octet) {
    MatMul.Builder builder = octet.matMul();
    if (fixed != null) {
      builder.input(input, fixed);
    } else {
      builder.inputPerRow(input);
    }
    bias.apply(builder::bias, builder::bias);
    epilogue.apply(builder::output, builder::outputS32, builder::outputF32, builder::clamp);
    return builder;
  }

  @Override
  List<Output> run(MatMul op, Memory memory) {
    MemorySegment rows = memory.rows(MemorySegment.ofArray(x), k, xStride);
    Output y = memory.result("y", epilogue.type(), Shape.of(m, yStride));
    if (fixed != null) {
      op.run(rows, xStride, y.data(), yStride, m);
    } else {
      op.run(rows, xStride, memory.of(rowScales), rowZeroPoints == null ? null : memory.of(rowZeroPoints),
          y.data(), yStride, m);
    }
    return List.of(y);
  }

  @Override
  public String toString() {
    return "matMul " + m + " x " + k + " x " + n + ", rows " + xStride + " and " + yStride + " apart, "
        + input
        + " "
        + (fixed != null
            ? fixed
            : "per row" + (rowZeroPoints == null ? "" : " with zero points"))
        + ", " + weights + (packed ? " from a file" : "") + ", " + bias + ", " + epilogue;
  }
}
