package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.U8;

import dev.octet.DataType;
import dev.octet.Shape;
import dev.octet.op.DynamicConv2d;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.function.IntSupplier;

/** A convolution of float images. */
final class DynamicConv2dCase implements OpCase {
  /**
   * The convolution that is left when the images are quantized; with their integers, scales and zero points.
   */
  final Conv2dCase integers;
  /** {@code [batch][height][width][channels]}. */
  final Tensor x;

  private DynamicConv2dCase(Conv2dCase integers, Tensor x) {
    this.integers = integers;
    this.x = x;
  }

  /** Random data and scales; no bias, no clamp. */
  static DynamicConv2dCase random(Dice dice, DataType weights, Conv2dCase.Connection connection,
      boolean perImage, IntSupplier channels, int maxSide) {
    Conv2dCase.Kind kind = new Conv2dCase.Kind(U8, weights, F32, connection,
        dice.pick(MatMulCase.WeightZeroPoints.values()),
        perImage ? Conv2dCase.Input.PER_IMAGE : Conv2dCase.Input.AT_RUN);
    Conv2dCase c = Conv2dCase.random(dice, kind, channels, maxSide);
    long[] dims = {c.batch(), c.height(), c.width(), c.inChannels()};
    Tensor x = Tensor.zeros(F32, dims);
    long image = x.elements() / c.batch();
    for (int b = 0; b < c.batch(); b++) {
      Tensor one = dice.fillReal(Tensor.zeros(F32, image));
      MemorySegment.copy(one.data(), 0, x.data(), 4L * b * image, 4 * image);
    }
    long together = x.elements() / c.inputScales.length;
    for (int i = 0; i < c.inputScales.length; i++) {
      DynamicRange range = DynamicRange.of(x, (long) i * together, together);
      c.inputScales[i] = range.scale();
      c.inputZeroPoints[i] = range.zeroPoint();
      for (long e = (long) i * together; e < (i + 1L) * together; e++) {
        c.x.set(e, range.quantize(x.real(e)));
      }
    }
    return new DynamicConv2dCase(c, x);
  }

  /** Bias and clamp, each or not. */
  DynamicConv2dCase randomExtras(Dice dice) {
    integers.randomExtras(dice);
    integers.bias = null;
    return this;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    WindowSizes window = integers.window;
    DynamicConv2d.Builder builder = subject.octet().dynamicConv2d()
        .weights(integers.weights(memory), integers.layout).groups(integers.groups)
        .stride(window.strideHeight(), window.strideWidth())
        .dilation(window.dilationHeight(), window.dilationWidth())
        .padding(window.top(), window.left(), window.bottom(), window.right());
    if (integers.clamped()) {
      builder.clamp(integers.min, integers.max);
    }
    if (integers.floatBias != null) {
      builder.bias(integers.floatBias);
    }
    if (integers.kind.scale() == Conv2dCase.Input.PER_IMAGE) {
      builder.perImage();
    }
    try (DynamicConv2d op = subject.check(builder.prepare())) {
      Tensor from = x.copyTo(memory);
      Shape shape = op.outputShape(x.shape());
      Tensor y = new Tensor(F32, shape, Operands.memory(memory, F32.bytes(shape.elements())));
      op.run(from.data(), y.data(), integers.batch(), integers.height(), integers.width());
      return Map.of("y", y);
    }
  }

  @Override
  public Map<String, Tensor> law() {
    return integers.law();
  }

  @Override
  public String describe() {
    return "dynamic " + integers.describe();
  }

  @Override
  public String explain(String result, long index) {
    return integers.explain(result, index);
  }
}
