package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import java.util.Arrays;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What convolutions of every kind have in common: types, scales, zero points, bias, output. */
abstract class ConvolutionCase implements OpCase {
  /** What is fixed before sizes and data. */
  record Kind(DataType input, DataType weights, DataType output, MatMulCase.WeightZeroPoints zeroPoints) {
    static Kind random(Dice dice, DataType... outputs) {
      return new Kind(dice.pick(U8, S8), dice.pick(U8, S8), dice.pick(outputs),
          dice.pick(MatMulCase.WeightZeroPoints.values()));
    }
  }

  final Kind kind;
  final int groups;
  float inputScale = 1;
  int inputZeroPoint;
  /** One, or some that groups of output channels share, or one an output channel. */
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

  ConvolutionCase(Kind kind, int groups) {
    this.kind = kind;
    this.groups = groups;
  }

  /** The shape of the output, channels last. */
  abstract Shape outShape();

  /**
   * The sum of products without bias.
   *
   * @param pixel of the output, counted through all images
   * @param o the output channel
   */
  abstract int accumulator(long pixel, int o);

  final int outChannels() {
    return outShape().intDim(outShape().rank() - 1);
  }

  final float weightScale(int o) {
    return weightScales[o % weightScales.length];
  }

  final int weightZeroPoint(int o) {
    return weightZeroPoints[o % weightZeroPoints.length];
  }

  /** Random scales, zero points and output; no bias, no clamp. */
  final void randomNumbers(Dice dice, int scales) {
    inputScale = dice.scale();
    inputZeroPoint = dice.zeroPoint(kind.input());
    boolean perChannel = kind.zeroPoints() == MatMulCase.WeightZeroPoints.PER_COLUMN || dice.oneIn(2);
    weightScales = new float[perChannel ? scales : 1];
    weightZeroPoints = new int[weightScales.length];
    int zeroPoint = kind.zeroPoints() == MatMulCase.WeightZeroPoints.NONE
        ? 0
        : dice.zeroPoint(kind.weights());
    for (int i = 0; i < weightScales.length; i++) {
      weightScales[i] = dice.scale();
      weightZeroPoints[i] = kind.zeroPoints() == MatMulCase.WeightZeroPoints.PER_COLUMN
          ? dice.zeroPoint(kind.weights())
          : zeroPoint;
    }
    if (kind.output().isByte()) {
      float largest = 1e-6f;
      for (int i = 0; i < 16; i++) {
        int o = dice.between(0, outChannels() - 1);
        int sum = accumulator(dice.between(0, (int) (outShape().elements() / outChannels()) - 1), o);
        largest = Math.max(largest, Math.abs(sum * (inputScale * weightScale(o))));
      }
      outputScale = dice.outputScale(largest / dice.pick(60f, 130f, 400f), inputScale * weightScales[0]);
      outputZeroPoint = dice.zeroPoint(kind.output());
    }
    dice.prune(weightScales);
  }

  /** Bias and clamp, each or not. */
  final ConvolutionCase randomExtras(Dice dice) {
    if (dice.oneIn(3)) {
      bias = dice.biases(outChannels());
    } else if (dice.oneIn(2)) {
      floatBias = dice.reals(outChannels());
      for (int o = 0; o < floatBias.length && kind.output() != F32; o++) {
        // No integer times 0 is another bias.
        floatBias[o] = weightScale(o) == 0 ? 0 : floatBias[o];
      }
    }
    if (kind.output() != S32 && dice.oneIn(2)) {
      float step = kind.output() == F32 ? 1 : outputScale;
      min = dice.between(-150, 0) * step;
      max = min + dice.between(0, 200) * step;
    }
    return this;
  }

  final Quantization inputQuantization() {
    return Quantization.perTensor(inputScale, inputZeroPoint);
  }

  /** Scales and zero points of the weights, on an axis where there are several. */
  final Quantization weightQuantization(int axis) {
    return weightScales.length == 1
        ? Quantization.perTensor(weightScales[0], weightZeroPoints[0])
        : Quantization.perChannel(axis, weightScales, weightZeroPoints);
  }

  /** Tells a builder, by its methods. */
  final void output(Consumer<int[]> integers, Consumer<float[]> floats, Runnable s32, Runnable f32,
      BiConsumer<DataType, Quantization> bytes, BiConsumer<Float, Float> clamp) {
    if (bias != null) {
      integers.accept(bias);
    }
    if (floatBias != null) {
      floats.accept(floatBias);
    }
    switch (kind.output()) {
      case S32 -> s32.run();
      case F32 -> f32.run();
      default -> bytes.accept(kind.output(), Quantization.perTensor(outputScale, outputZeroPoint));
    }
    if (min != Float.NEGATIVE_INFINITY || max != Float.POSITIVE_INFINITY) {
      clamp.accept(min, max);
    }
  }

  @Override
  public final Map<String, Tensor> law() {
    Law.Output output = new Law.Output(kind.output(), outputScale, outputZeroPoint, min, max);
    Tensor y = Tensor.zeros(kind.output(), outShape().toArray());
    for (int i = 0; i < y.elements(); i++) {
      int o = i % outChannels();
      output.store(y, i, accumulator(i / outChannels(), o), inputScale, false, weightScale(o),
          bias == null ? 0 : bias[o], floatBias == null ? null : floatBias[o]);
    }
    return Map.of("y", y);
  }

  /** The parameters that every kind has. */
  final String numbers() {
    return kind + ", " + groups + " groups, input scale " + inputScale + " zero point " + inputZeroPoint
        + ", weight scales " + weightScales.length + ", output scale " + outputScale + " zero point "
        + outputZeroPoint + ", bias " + (bias != null ? "S32" : floatBias != null ? "F32" : "none")
        + ", clamp " + min + " to " + max;
  }

  @Override
  public final String explain(String result, long index) {
    int o = (int) (index % outChannels());
    long rest = index / outChannels();
    long[] place = new long[outShape().rank() - 1];
    for (int axis = place.length - 1; axis >= 0; axis--) {
      place[axis] = rest % outShape().dim(axis);
      rest /= outShape().dim(axis);
    }
    return "pixel " + Arrays.toString(place) + " of " + outShape() + ", channel " + o + ": accumulator "
        + accumulator(index / outChannels(), o)
        + (bias != null ? ", bias " + bias[o] : floatBias != null ? ", bias " + floatBias[o] : "")
        + ", weight scale " + weightScale(o) + " zero point " + weightZeroPoint(o);
  }
}
