package dev.octet.internal.scalar;

import dev.octet.DataType;
import dev.octet.engine.BinaryKernel;
import dev.octet.engine.BinaryLaw;
import dev.octet.engine.BinarySpec;
import dev.octet.engine.PairLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/** The law of the binary ops, element by element. */
final class ScalarBinary implements BinaryKernel {
  private final BinaryLaw law;
  private final DataType type;

  ScalarBinary(BinarySpec spec) {
    this.law = spec.law();
    this.type = spec.type();
  }

  @Override
  public String name() {
    return ("scalar:" + law.op() + "_" + type).toLowerCase(Locale.ROOT);
  }

  @Override
  public void run(MemorySegment left, MemorySegment right, MemorySegment dst, long count) {
    for (long i = 0; i < count; i++) {
      element(left, i, right, i, dst, i);
    }
  }

  @Override
  public void run(MemorySegment left, MemorySegment right, MemorySegment dst, PairLayout layout) {
    long to = 0;
    for (long part = 0; part < layout.parts(); part++) {
      for (long row = 0; row < layout.rows(); row++) {
        long a = layout.leftPart(part) + row * layout.leftRow();
        long b = layout.rightPart(part) + row * layout.rightRow();
        for (long column = 0; column < layout.columns(); column++) {
          element(left, a + column * layout.leftStep(), right, b + column * layout.rightStep(), dst, to++);
        }
      }
    }
  }

  private void element(MemorySegment left, long a, MemorySegment right, long b, MemorySegment dst, long to) {
    int y = law.result(ScalarOutput.load(left, type, a), ScalarOutput.load(right, type, b));
    dst.set(ValueLayout.JAVA_BYTE, to, (byte) y);
  }
}
