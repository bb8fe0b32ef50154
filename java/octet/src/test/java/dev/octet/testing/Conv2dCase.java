package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.Conv2d;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;

/** A convolution of NHWC images. */
final class Conv2dCase implements OpCase {
  /** How channels meet. */
  enum Connection {
    /** One group. */
    DENSE,
    /** Several groups of several channels. */
    GROUPED,
    /** A group for each input channel, one or more outputs each. */
    DEPTHWISE
  }

  /** How the scale and zero point of the images come. */
  enum Input {
    /** Known when preparing. */
    FIXED,
    /** At run time, one of all images. */
    AT_RUN,
    /** At run time, one of each image. */
    PER_IMAGE
  }

  /** What is fixed before sizes and data. */
  record Kind(DataType input, DataType weights, DataType output, Connection connection,
      MatMulCase.WeightZeroPoints zeroPoints, Input scale) {
    /** With a scale that is known when preparing. */
    Kind(DataType input, DataType weights, DataType output, Connection connection,
        MatMulCase.WeightZeroPoints zeroPoints) {
      this(input, weights, output, connection, zeroPoints, Input.FIXED);
    }

    Set<Feature> needs() {
      Set<Feature> needs = EnumSet.of(Feature.valueOf("CONV_" + input + "_" + weights),
          Feature.valueOf("CONV_" + connection));
      switch (zeroPoints) {
        case NONE -> {
        }
        case PER_TENSOR -> needs.add(Feature.CONV_WEIGHT_ZERO_POINT);
        case PER_COLUMN -> needs.add(Feature.CONV_WEIGHT_ZERO_POINTS);
      }
      if (scale != Input.FIXED) {
        needs.add(Feature.CONV_INPUT_AT_RUN);
      }
      return needs;
    }

    Kind fixed() {
      return new Kind(input, weights, output, connection, zeroPoints);
    }

    static Kind random(Dice dice, EngineProfile profile, DataType... outputs) {
      return dice.until(kind -> profile.offers(kind.needs()),
          () -> new Kind(dice.pick(U8, S8), dice.pick(U8, S8),
              dice.pick(outputs), dice.pick(Connection.values()),
              dice.pick(MatMulCase.WeightZeroPoints.values()), dice.pick(Input.values())));
    }
  }

  final Kind kind;
  final int groups;
  /** {@code [batch][height][width][channels]}. */
  final Tensor x;
  /** {@code [O][H][W][I]}. */
  final Tensor w;
  final WindowSizes window;
  WeightLayout layout = WeightLayout.OHWI;
  /** One, or one an image. */
  final float[] inputScales;
  final int[] inputZeroPoints;
  /** One, or one an output channel. */
  float[] weightScales = {1};
  int[] weightZeroPoints = new int[1];
  float outputScale = 1;
  int outputZeroPoint;
  /** Or null. */
  int[] bias;
  /** Or null. */
  float[] floatBias;
  float min = Float.NEGATIVE_INFINITY;
  float max = Float.POSITIVE_INFINITY;

  /** With data to be filled. */
  Conv2dCase(Kind kind, int batch, int height, int width, int inPerGroup, int outPerGroup, int groups,
      WindowSizes window) {
    this.kind = kind;
    this.groups = groups;
    this.window = window;
    this.inputScales = new float[kind.scale() == Input.PER_IMAGE ? batch : 1];
    Arrays.fill(inputScales, 1);
    this.inputZeroPoints = new int[inputScales.length];
    this.x = Tensor.zeros(kind.input(), batch, height, width, (long) inPerGroup * groups);
    this.w = Tensor.zeros(kind.weights(), (long) outPerGroup * groups, window.kernelHeight(),
        window.kernelWidth(),
        inPerGroup);
  }

  /** Random data, scales and zero points; no bias, no clamp. */
  static Conv2dCase random(Dice dice, Kind kind, IntSupplier channels, int maxSide) {
    WindowSizes window = WindowSizes.random(dice, dice.oneIn(8) ? 7 : 3);
    int in = channels.getAsInt();
    int out = channels.getAsInt();
    int groups = 1;
    if (kind.connection() == Connection.GROUPED) {
      groups = dice.between(2, 5);
      in = Math.ceilDiv(in, groups);
      out = Math.ceilDiv(out, groups);
    } else if (kind.connection() == Connection.DEPTHWISE) {
      groups = in;
      in = 1;
      out = dice.oneIn(2) ? 1 : dice.between(1, 4);
    }
    Conv2dCase c = new Conv2dCase(kind, dice.between(1, 2), window.height(dice, maxSide),
        window.width(dice, maxSide), in, out, groups, window);
    dice.fill(c.x);
    dice.fill(c.w);
    for (int i = 0; i < c.inputScales.length; i++) {
      c.inputScales[i] = dice.scale();
      c.inputZeroPoints[i] = dice.zeroPoint(kind.input());
    }
    boolean perChannel = kind.zeroPoints() == MatMulCase.WeightZeroPoints.PER_COLUMN || dice.oneIn(2);
    c.weightScales = new float[perChannel ? c.outChannels() : 1];
    c.weightZeroPoints = new int[c.weightScales.length];
    int zeroPoint = kind.zeroPoints() == MatMulCase.WeightZeroPoints.NONE
        ? 0
        : dice.zeroPoint(kind.weights());
    for (int i = 0; i < c.weightScales.length; i++) {
      c.weightScales[i] = dice.scale();
      c.weightZeroPoints[i] = kind.zeroPoints() == MatMulCase.WeightZeroPoints.PER_COLUMN
          ? dice.zeroPoint(kind.weights())
          : zeroPoint;
    }
    c.layout = dice.pick(WeightLayout.OHWI, WeightLayout.OIHW, WeightLayout.HWIO);
    c.randomOutput(dice);
    dice.prune(c.weightScales);
    return c;
  }

  /** Bias and clamp, each or not. */
  Conv2dCase randomExtras(Dice dice) {
    if (dice.oneIn(3)) {
      bias = dice.biases(outChannels());
    } else if (dice.oneIn(2) && (kind.scale() == Input.FIXED || kind.output() == F32)) {
      floatBias = dice.reals(outChannels());
      for (int o = 0; o < floatBias.length && kind.output() != F32; o++) {
        // No integer times 0 is another bias.
        floatBias[o] = weightScales[weightScales.length == 1 ? 0 : o] == 0 ? 0 : floatBias[o];
      }
    }
    if (kind.output() != S32 && dice.oneIn(2)) {
      float step = kind.output() == F32 ? 1 : outputScale;
      min = dice.between(-150, 0) * step;
      max = min + dice.between(0, 200) * step;
    }
    return this;
  }

  private void randomOutput(Dice dice) {
    if (!kind.output().isByte()) {
      return;
    }
    float largest = 1e-6f;
    for (int i = 0; i < 16; i++) {
      int o = dice.between(0, outChannels() - 1);
      int image = dice.between(0, batch() - 1);
      int sum = accumulator(image, dice.between(0, outHeight() - 1), dice.between(0, outWidth() - 1), o);
      largest = Math.max(largest, Math.abs(sum * (inputScale(image) * weightScale(o))));
    }
    outputScale = dice.outputScale(largest / dice.pick(60f, 130f, 400f), inputScale(0) * weightScales[0]);
    outputZeroPoint = dice.zeroPoint(kind.output());
  }

  int batch() {
    return x.shape().intDim(0);
  }

  int height() {
    return x.shape().intDim(1);
  }

  int width() {
    return x.shape().intDim(2);
  }

  int inChannels() {
    return x.shape().intDim(3);
  }

  int outChannels() {
    return w.shape().intDim(0);
  }

  int outHeight() {
    return window.outHeight(height());
  }

  int outWidth() {
    return window.outWidth(width());
  }

  float inputScale(int image) {
    return inputScales[inputScales.length == 1 ? 0 : image];
  }

  int inputZeroPoint(int image) {
    return inputZeroPoints[inputZeroPoints.length == 1 ? 0 : image];
  }

  float weightScale(int o) {
    return weightScales[weightScales.length == 1 ? 0 : o];
  }

  int weightZeroPoint(int o) {
    return weightZeroPoints[weightZeroPoints.length == 1 ? 0 : o];
  }

  /** The sum of products without bias; padded taps add nothing. */
  int accumulator(int b, int oy, int ox, int o) {
    int in = w.shape().intDim(3);
    int first = o / (outChannels() / groups) * in;
    int sum = 0;
    for (int ky = 0; ky < window.kernelHeight(); ky++) {
      long y = (long) oy * window.strideHeight() - window.top() + (long) ky * window.dilationHeight();
      for (int kx = 0; kx < window.kernelWidth(); kx++) {
        long column = (long) ox * window.strideWidth() - window.left() + (long) kx * window.dilationWidth();
        if (y < 0 || y >= height() || column < 0 || column >= width()) {
          continue;
        }
        long pixel = (((long) b * height() + y) * width() + column) * inChannels() + first;
        long tap = (((long) o * window.kernelHeight() + ky) * window.kernelWidth() + kx) * in;
        for (int i = 0; i < in; i++) {
          sum += (x.get(pixel + i) - inputZeroPoint(b)) * (w.get(tap + i) - weightZeroPoint(o));
        }
      }
    }
    return sum;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    try (Conv2d op = subject.check(prepare(subject, memory))) {
      Tensor from = x.copyTo(memory);
      Shape shape = op.outputShape(x.shape());
      Tensor y = new Tensor(kind.output(), shape,
          Operands.memory(memory, kind.output().bytes(shape.elements())));
      if (kind.scale() == Input.FIXED) {
        op.run(from.data(), y.data(), batch(), height(), width());
      } else {
        boolean symmetric = Arrays.stream(inputZeroPoints).allMatch(zeroPoint -> zeroPoint == 0);
        op.run(from.data(), Tensor.floats(inputScales).copyTo(memory).data(),
            symmetric ? null : Tensor.integers(S32, inputZeroPoints).copyTo(memory).data(), y.data(), batch(),
            height(), width());
      }
      return Map.of("y", y);
    }
  }

  /** Prepares the op. */
  Conv2d prepare(Subject subject, SegmentAllocator memory) {
    Conv2d.Builder builder = subject.octet().conv2d().weights(weights(memory), layout).groups(groups)
        .stride(window.strideHeight(), window.strideWidth())
        .dilation(window.dilationHeight(), window.dilationWidth())
        .padding(window.top(), window.left(), window.bottom(), window.right());
    if (clamped()) {
      builder.clamp(min, max);
    }
    switch (kind.scale()) {
      case FIXED -> builder.input(kind.input(), Quantization.perTensor(inputScales[0], inputZeroPoints[0]));
      case AT_RUN -> builder.inputAtRun(kind.input());
      case PER_IMAGE -> builder.inputPerImage(kind.input());
    }
    if (bias != null) {
      builder.bias(bias);
    }
    if (floatBias != null) {
      builder.bias(floatBias);
    }
    switch (kind.output()) {
      case S32 -> builder.outputS32();
      case F32 -> builder.outputF32();
      default -> builder.output(kind.output(), Quantization.perTensor(outputScale, outputZeroPoint));
    }
    return builder.prepare();
  }

  /** The weights in their layout. */
  QTensor weights(SegmentAllocator memory) {
    Tensor stored = switch (layout) {
      case OIHW -> Operands.channelsFirst(w);
      case HWIO -> Operands.outputsLast(w);
      default -> w;
    };
    stored = stored.copyTo(memory);
    Quantization quantization = weightScales.length == 1
        ? Quantization.perTensor(weightScales[0], weightZeroPoints[0])
        : Quantization.perChannel(layout == WeightLayout.HWIO ? 3 : 0, weightScales, weightZeroPoints);
    return QTensor.of(kind.weights(), stored.shape(), quantization, stored.data());
  }

  boolean clamped() {
    return min != Float.NEGATIVE_INFINITY || max != Float.POSITIVE_INFINITY;
  }

  @Override
  public Map<String, Tensor> law() {
    Law.Output output = new Law.Output(kind.output(), outputScale, outputZeroPoint, min, max);
    Tensor y = Tensor.zeros(kind.output(), batch(), outHeight(), outWidth(), outChannels());
    for (int i = 0; i < y.elements(); i++) {
      int o = i % outChannels();
      int pixel = i / outChannels();
      int row = pixel / outWidth();
      int accumulator = accumulator(row / outHeight(), row % outHeight(), pixel % outWidth(), o);
      output.store(y, i, accumulator, inputScale(row / outHeight()), kind.scale() != Input.FIXED,
          weightScale(o), bias == null ? 0 : bias[o],
          floatBias == null ? null : floatBias[o]);
    }
    return Map.of("y", y);
  }

  @Override
  public String describe() {
    return "conv2d " + kind + ", " + x.shape() + " with " + layout + " of OHWI " + w.shape() + " in " + groups
        + " groups, " + window + ", input scales " + Arrays.toString(inputScales) + " zero points "
        + Arrays.toString(inputZeroPoints)
        + ", weight scales " + weightScales.length + ", output scale " + outputScale + " zero point "
        + outputZeroPoint + ", bias " + (bias != null ? "S32" : floatBias != null ? "F32" : "none")
        + ", clamp "
        + min + " to " + max;
  }

  @Override
  public String explain(String result, long index) {
    int o = (int) (index % outChannels());
    int ox = (int) (index / outChannels() % outWidth());
    int oy = (int) (index / outChannels() / outWidth() % outHeight());
    int b = (int) (index / outChannels() / outWidth() / outHeight());
    return "image " + b + ", row " + oy + ", column " + ox + ", channel " + o + ": accumulator "
        + accumulator(b, oy, ox, o)
        + (bias != null ? ", bias " + bias[o] : floatBias != null ? ", bias " + floatBias[o] : "")
        + ", weight scale "
        + weightScale(o) + " zero point " + weightZeroPoint(o);
  }
}
