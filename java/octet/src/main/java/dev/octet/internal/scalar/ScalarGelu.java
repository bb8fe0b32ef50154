package dev.octet.internal.scalar;

import dev.octet.GeluForm;
import dev.octet.engine.FloatLaw;
import dev.octet.engine.GeluKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The law of GELU. */
final class ScalarGelu implements GeluKernel {
  private final GeluForm form;

  ScalarGelu(GeluForm form) {
    this.form = form;
  }

  @Override
  public String name() {
    return form == GeluForm.ERF ? "scalar:gelu_f32" : "scalar:gelu_tanh_f32";
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, long count) {
    for (long i = 0; i < count; i++) {
      float x = src.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i);
      float y = form == GeluForm.ERF ? FloatLaw.gelu(x) : FloatLaw.geluTanh(x);
      dst.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i, y);
    }
  }
}
