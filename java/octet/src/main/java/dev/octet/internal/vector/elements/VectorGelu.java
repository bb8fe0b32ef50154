package dev.octet.internal.vector.elements;

import dev.octet.GeluForm;
import dev.octet.engine.GeluKernel;
import dev.octet.internal.call.FloatRowsCall;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.loops.FunctionLoops;
import java.lang.foreign.MemorySegment;

/** GELU: rows of one element. */
public final class VectorGelu extends VectorFloatRows implements GeluKernel {
  private final GeluForm form;

  public VectorGelu(Workers workers, GeluForm form) {
    super(workers);
    this.form = form;
  }

  @Override
  public String name() {
    return Form.name(form == GeluForm.ERF ? "gelu_f32" : "gelu_tanh_f32");
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, long count) {
    rows(src, null, false, dst, count, 1);
  }

  @Override
  void rows(FloatRowsCall call, State state, FunctionLoops loops, long first, long rows) {
    for (long at = first; at < first + rows; at += PIECE) {
      int count = (int) Math.min(PIECE, first + rows - at);
      load(call.src, at, state.x, count);
      if (form == GeluForm.ERF) {
        loops.gelu(state.x, count);
      } else {
        loops.geluTanh(state.x, count);
      }
      store(state.x, call.dst, at, count);
    }
  }
}
