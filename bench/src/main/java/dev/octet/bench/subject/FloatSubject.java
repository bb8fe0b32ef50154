package dev.octet.bench.subject;

import dev.octet.WeightLayout;
import dev.octet.engine.Window;
import dev.octet.harness.shape.BatchShape;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.ConvShape;
import dev.octet.harness.shape.MatMulShape;
import dev.octet.harness.shape.PoolShape;
import dev.octet.harness.shape.RowsShape;
import dev.octet.internal.parallel.CallerOnly;
import dev.octet.internal.parallel.Team;
import dev.octet.internal.parallel.Workers;
import dev.octet.onednn.FloatConv2d;
import dev.octet.onednn.FloatMatMul;
import java.lang.foreign.MemorySegment;

/**
 * oneDNN in FP32, through the bindings of engine ONEDNN: what int8 has to beat. Weights packed, no epilogue.
 */
final class FloatSubject extends ArenaSubject {
  private final Workers workers;
  private final MemorySegment output;
  private AutoCloseable product;

  private FloatSubject(BenchCase benchCase, Inputs inputs) {
    this.workers = benchCase.threads() == 1 ? new CallerOnly() : new Team(benchCase.threads());
    this.output = inputs.destination(arena);
  }

  static FloatSubject open(BenchCase benchCase, Inputs.Weights range) {
    Inputs inputs = new Inputs(benchCase, range);
    FloatSubject subject = new FloatSubject(benchCase, inputs);
    try {
      switch (benchCase.shape()) {
        case MatMulShape shape -> subject.matMul(shape, inputs);
        case ConvShape shape -> subject.conv(shape, inputs);
        case BatchShape _,PoolShape _,RowsShape _ -> throw new UnsupportedOperationException(
            "no " + benchCase.op() + " in FP32 on " + benchCase.shape());
      }
      return subject;
    } catch (RuntimeException | Error e) {
      subject.close();
      throw e;
    }
  }

  private void matMul(MatMulShape shape, Inputs inputs) {
    FloatMatMul prepared = new FloatMatMul(workers, inputs.weights(arena), WeightLayout.IN_OUT, shape.k(),
        shape.n(), null,
        shape.m());
    MemorySegment x = inputs.source(arena, 0);
    this.product = prepared;
    ready(prepared.kernel(), output, () -> prepared.run(x, output, shape.m()));
  }

  private void conv(ConvShape shape, Inputs inputs) {
    Window window = new Window(shape.kernel(), shape.kernel(), shape.stride(), shape.stride(),
        shape.dilation(),
        shape.dilation(), shape.padding(), shape.padding(), shape.padding(), shape.padding());
    FloatConv2d prepared = new FloatConv2d(workers, inputs.weights(arena), WeightLayout.OHWI,
        shape.outChannels(),
        shape.channelsPerGroup(), shape.groups(), window, null, shape.height(), shape.width());
    MemorySegment x = inputs.source(arena, 0);
    this.product = prepared;
    ready(prepared.kernel(), output,
        () -> prepared.run(x, output, shape.batch(), shape.height(), shape.width()));
  }

  @Override
  public void close() {
    try {
      if (product != null) {
        product.close();
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      workers.close();
      super.close();
    }
  }
}
