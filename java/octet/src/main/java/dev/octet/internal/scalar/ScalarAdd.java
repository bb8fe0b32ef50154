package dev.octet.internal.scalar;

import dev.octet.engine.AddKernel;
import dev.octet.engine.AddSpec;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/**
 * The law of add. Everything that does not depend on the elements is folded into one constant, which holds
 * the output's zero point too.
 */
final class ScalarAdd implements AddKernel {
  private final AddSpec spec;
  private final float leftFactor;
  private final float rightFactor;
  private final float fixed;

  ScalarAdd(AddSpec spec) {
    this.spec = spec;
    this.leftFactor = spec.leftFactor();
    this.rightFactor = spec.rightFactor();
    this.fixed = spec.fixed();
  }

  @Override
  public String name() {
    return ("scalar:add_" + spec.output().type()).toLowerCase(Locale.ROOT);
  }

  @Override
  public void run(MemorySegment left, MemorySegment right, MemorySegment dst, long count) {
    OutputSpec output = spec.output();
    for (long i = 0; i < count; i++) {
      int a = ScalarOutput.load(left, spec.left().type(), i);
      int b = ScalarOutput.load(right, spec.right().type(), i);
      float t = Math.fma(leftFactor, a, Math.fma(rightFactor, b, fixed));
      dst.set(ValueLayout.JAVA_BYTE, i, (byte) Numbers.round(t, 0, output.lo(), output.hi()));
    }
  }
}
