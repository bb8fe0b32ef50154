package dev.octet.testing;

import static dev.octet.DataType.S32;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.op.Requantize;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.function.IntSupplier;

/** A requantize of S32 accumulators. */
final class RequantizeCase implements OpCase {
  final DataType type;
  final int rows;
  final int channels;
  final Tensor x;
  /** One, or one a channel. */
  final float[] scales;
  /** Or null. */
  int[] bias;
  final float outputScale;
  final int outputZeroPoint;
  float min = Float.NEGATIVE_INFINITY;
  float max = Float.POSITIVE_INFINITY;

  RequantizeCase(DataType type, Tensor x, float[] scales, float outputScale, int outputZeroPoint) {
    this.type = type;
    this.x = x;
    this.rows = x.shape().intDim(0);
    this.channels = x.shape().intDim(1);
    this.scales = scales;
    this.outputScale = outputScale;
    this.outputZeroPoint = outputZeroPoint;
  }

  /** Without bias and clamp. */
  static RequantizeCase random(Dice dice, IntSupplier size) {
    DataType type = dice.pick(DataType.U8, DataType.S8);
    // The op learns the number of channels from scales or bias: a single scale means one channel.
    Tensor x = dice.fill(Tensor.zeros(S32, size.getAsInt(), size.getAsInt()));
    float[] scales = new float[x.shape().intDim(1)];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = dice.scale();
    }
    long largest = 1;
    for (long i = 0; i < x.elements(); i++) {
      largest = Math.max(largest, Math.abs((long) x.get(i)));
    }
    float scale = scales[0] * largest / dice.pick(100f, 300f, 3000f);
    RequantizeCase c = new RequantizeCase(type, x, scales,
        dice.outputScale(scale, scales[0]), dice.zeroPoint(type));
    dice.prune(scales);
    return c;
  }

  /** With bias and clamp, each or not. */
  RequantizeCase randomExtras(Dice dice) {
    if (dice.oneIn(2)) {
      bias = dice.biases(channels);
    }
    if (dice.oneIn(2)) {
      min = dice.between(-150, 0) * outputScale;
      max = min + dice.between(0, 200) * outputScale;
    }
    return this;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    Requantize.Builder builder = subject.octet().requantize().scales(scales)
        .output(type, Quantization.perTensor(outputScale, outputZeroPoint));
    if (bias != null) {
      builder.bias(bias);
    }
    if (min != Float.NEGATIVE_INFINITY) {
      builder.clamp(min, max);
    }
    Tensor from = x.copyTo(memory);
    Tensor y = Operands.result(memory, type, rows, channels, 0);
    try (Requantize op = subject.check(builder.prepare())) {
      op.run(from.data(), y.data(), rows);
    }
    return Map.of("y", y);
  }

  @Override
  public Map<String, Tensor> law() {
    Law.Output output = new Law.Output(type, outputScale, outputZeroPoint, min, max);
    Tensor y = Tensor.zeros(type, rows, channels);
    for (int i = 0; i < y.elements(); i++) {
      int channel = i % channels;
      output.store(y, i, x.get(i), scales[scales.length == 1 ? 0 : channel], false, 1,
          bias == null ? 0 : bias[channel], null);
    }
    return Map.of("y", y);
  }

  @Override
  public String describe() {
    return "requantize S32 to " + type + " " + x.shape() + ", output scale " + outputScale + " zero point "
        + outputZeroPoint + ", bias " + (bias == null ? "none" : "S32") + ", clamp " + min + " to " + max;
  }

  @Override
  public String explain(String result, long index) {
    int channel = (int) (index % channels);
    return "row " + index / channels + ", channel " + channel + ": accumulator " + x.get(index) + ", bias "
        + (bias == null ? "none" : bias[channel]) + ", scale " + scales[scales.length == 1 ? 0 : channel];
  }
}
