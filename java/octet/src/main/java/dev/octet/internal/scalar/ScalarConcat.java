package dev.octet.internal.scalar;

import dev.octet.engine.ActivationSpec;
import dev.octet.engine.ConcatKernel;
import dev.octet.engine.ConcatSpec;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Locale;

/** The law of concat: each input dequantized, then quantized to the output's parameters. */
final class ScalarConcat implements ConcatKernel {
  private final ConcatSpec spec;

  ScalarConcat(ConcatSpec spec) {
    this.spec = spec;
  }

  @Override
  public String name() {
    return ("scalar:concat_" + spec.output().type()).toLowerCase(Locale.ROOT);
  }

  @Override
  public void run(List<MemorySegment> inputs, long[] lengths, MemorySegment dst, long outer) {
    OutputSpec output = spec.output();
    long to = 0;
    for (long o = 0; o < outer; o++) {
      for (int input = 0; input < inputs.size(); input++) {
        ActivationSpec from = spec.inputs().get(input);
        for (long i = 0; i < lengths[input]; i++) {
          int q = ScalarOutput.load(inputs.get(input), from.type(), o * lengths[input] + i);
          float real = Numbers.dequantize(q, from.scale(), from.zeroPoint());
          int result = Numbers.quantize(real, output.scale(), output.zeroPoint(), output.type());
          dst.set(ValueLayout.JAVA_BYTE, to, (byte) result);
          to++;
        }
      }
    }
  }
}
