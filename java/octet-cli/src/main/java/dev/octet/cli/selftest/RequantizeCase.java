package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.Requantize;
import java.util.List;

/** Accumulators to 8 bits. */
final class RequantizeCase extends OpCase<Requantize> {
  private final int rows;
  private final int channels;
  private final int[] x;
  private final float[] scales;
  /** Or null. */
  private final int[] bias;
  private final DataType type;
  private final Quantization output;
  /** Or null. */
  private final Clamp clamp;

  RequantizeCase(Dice dice) {
    this.rows = dice.oneIn(24) ? 0 : dice.size(60);
    int width = dice.size(300);
    this.bias = dice.oneIn(2) ? dice.accumulators(width) : null;
    this.scales = dice.scales(dice.oneIn(4) ? 1 : width);
    this.channels = bias == null ? scales.length : width;
    this.x = dice.accumulators(rows * channels);
    this.type = dice.byteType();
    float about = scales[0] * (1 << dice.between(0, 20));
    this.output = Quantization.perTensor(Epilogue.outputScale(dice, about, scales[0]),
        dice.zeroPoint(type));
    this.clamp = Clamp.random(dice, output.scale(0));
    dice.prune(scales);
  }

  @Override
  Requantize prepare(Octet octet, Memory memory) {
    Requantize.Builder builder = octet.requantize().scales(scales).output(type, output);
    if (bias != null) {
      builder.bias(bias);
    }
    if (clamp != null) {
      clamp.apply(builder::clamp);
    }
    return builder.prepare();
  }

  @Override
  List<Output> run(Requantize op, Memory memory) {
    Output y = memory.result("y", type, Shape.of(rows, channels));
    op.run(memory.of(x), y.data(), rows);
    return List.of(y);
  }

  @Override
  public String toString() {
    return "requantize [" + rows + ", " + channels + "] with " + scales.length + " scales"
        + (Weights.isPruned(scales) ? Weights.PRUNED : "") + ", bias "
        + (bias == null ? "none" : "S32") + ", to " + type + " " + output
        + (clamp == null ? "" : ", " + clamp);
  }
}
