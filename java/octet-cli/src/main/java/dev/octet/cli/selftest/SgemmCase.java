package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.BatchArguments;
import dev.octet.op.Sgemm;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Products of floats: the right operand fixed or of the run, transposed or not, with gaps. */
final class SgemmCase extends OpCase<Sgemm> {
  private final int batch;
  private final int m;
  private final int k;
  private final int n;
  private final boolean fixed;
  private final boolean transposed;
  private final boolean biased;
  private final int stride;
  private final float[] left;
  private final float[] right;
  private final float[] bias;

  SgemmCase(Dice dice) {
    this.fixed = dice.oneIn(2);
    this.batch = dice.oneIn(24) ? 0 : fixed ? 1 : dice.between(1, 4);
    int[] sizes = dice.sizes(3, 1 << 19);
    this.m = dice.oneIn(24) ? 0 : sizes[0];
    this.k = sizes[1];
    this.n = sizes[2];
    this.transposed = dice.oneIn(2);
    this.biased = fixed && dice.oneIn(2);
    this.stride = n + (dice.oneIn(2) ? 0 : dice.between(1, 70));
    this.left = dice.reals(batch * m, k);
    this.right = dice.reals(fixed ? k : batch * k, n);
    this.bias = dice.reals(1, n);
  }

  @Override
  Sgemm prepare(Octet octet, Memory memory) {
    Sgemm.Builder builder = transposed ? octet.sgemm().rightTransposed() : octet.sgemm();
    if (fixed) {
      builder.weights(MemorySegment.ofArray(right), k, n,
          transposed ? WeightLayout.OUT_IN : WeightLayout.IN_OUT);
    }
    return (biased ? builder.bias(bias) : builder).prepare();
  }

  @Override
  List<Output> run(Sgemm op, Memory memory) {
    Output out = memory.result("out", DataType.F32, Shape.of(batch, m, stride));
    BatchArguments arguments = new BatchArguments().sizes(batch, m, k, n).left(memory.of(left))
        .out(out.data())
        .outStrides((long) m * stride, stride);
    op.run(fixed ? arguments : arguments.right(memory.of(right)));
    return List.of(out);
  }

  @Override
  public String toString() {
    return "sgemm " + batch + " of " + m + " x " + k + " x " + n + (fixed ? ", fixed right" : "")
        + (transposed ? ", transposed" : "") + (biased ? ", bias" : "") + ", out " + stride + " apart";
  }
}
