package dev.octet.bench.subject;

import dev.octet.DataType;
import dev.octet.bench.foreign.Mkl;
import dev.octet.harness.report.Rounds;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.BenchOp;
import dev.octet.harness.shape.Form;
import dev.octet.harness.shape.MatMulShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.Stream;

/**
 * Intel MKL: products to S32. Its left operand is unsigned where matrices are row-major, so that signed rows
 * come to it as U8 with 128 added and the offset -128; that they are made so is not timed. With weights
 * packed or as they are, whichever is faster here.
 */
final class MklSubject extends ArenaSubject {
  /** To see which is faster, in turns. */
  private static final int TRIES = 7;
  private static final double SECONDS = 0.5;

  static MklSubject open(BenchCase benchCase, Inputs.Weights range) {
    Form form = benchCase.form();
    if (benchCase.op() != BenchOp.MATMUL || !form.source().isByte() || form.weights() != DataType.S8
        || form.destination() != DataType.S32) {
      throw new UnsupportedOperationException(
          "MKL multiplies bytes to s32 alone, got " + benchCase.op() + " " + form);
    }
    Mkl mkl = Mkl.here();
    MklSubject subject = new MklSubject();
    try {
      subject.prepare(benchCase, new Inputs(benchCase, range), mkl);
      return subject;
    } catch (RuntimeException | Error e) {
      subject.close();
      throw e;
    }
  }

  private void prepare(BenchCase benchCase, Inputs inputs, Mkl mkl) {
    MatMulShape shape = (MatMulShape) benchCase.shape();
    MemorySegment output = inputs.destination(arena);
    MemorySegment source = inputs.source(arena, 0);
    boolean signed = benchCase.form().source() == DataType.S8;
    if (signed) {
      for (long i = 0; i < source.byteSize(); i++) {
        source.set(ValueLayout.JAVA_BYTE, i, (byte) (source.get(ValueLayout.JAVA_BYTE, i) + 128));
      }
    }
    MemorySegment weights = inputs.weights(arena);
    List<Mkl.Product> both = Stream.of(false, true)
        .map(packed -> mkl.new Product(shape.m(), shape.k(), shape.n(), source, signed ? -128 : 0, weights,
            output, benchCase.threads(), packed, arena))
        .toList();
    Rounds rounds = Rounds.run(both.stream().<Runnable>map(one -> one::run).toList(), 0, TRIES, SECONDS,
        System::nanoTime);
    Mkl.Product faster = both.get(rounds.medianMicros(0) < rounds.medianMicros(1) ? 0 : 1);
    ready(mkl.description() + (faster.isPacked() ? ", weights packed" : ", weights plain")
        + (signed ? ", rows made unsigned beforehand" : ""), output, faster::run);
  }
}
