package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.Activation;
import dev.octet.op.Lookup;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A function of 8-bit values, or their requantization to other 8-bit values. */
final class LookupCase extends OpCase<Lookup> {
  private final int n;
  private final DataType from;
  private final DataType to;
  private final Quantization input;
  private final Quantization output;
  private final byte[] x;
  /** Null: requantize. */
  private final Activation activation;
  private final boolean inPlace;

  LookupCase(Dice dice) {
    this.n = dice.oneIn(24) ? 0 : dice.size(20_000);
    this.from = dice.byteType();
    this.to = dice.byteType();
    float scale = dice.scale();
    this.input = Quantization.perTensor(scale, dice.zeroPoint(from));
    this.output = Quantization.perTensor(dice.scaleNear(scale), dice.zeroPoint(to));
    this.x = dice.integers(from, n);
    this.activation = dice.oneIn(4) ? null : dice.pick(Activation.values());
    this.inPlace = dice.oneIn(2);
  }

  @Override
  Lookup prepare(Octet octet, Memory memory) {
    return activation == null
        ? octet.requantize(from, input, to, output)
        : octet.lookup(from, input, to, output, activation);
  }

  @Override
  List<Output> run(Lookup op, Memory memory) {
    Output y = memory.result("y", to, Shape.of(n));
    op.run(inPlace ? y.data().copyFrom(MemorySegment.ofArray(x)) : memory.of(x), y.data(), n);
    return List.of(y);
  }

  @Override
  public String toString() {
    return "lookup " + (activation == null ? "requantize" : activation) + " " + n + " " + from + " " + input
        + " to " + to + " " + output + (inPlace ? ", in place" : "");
  }
}
