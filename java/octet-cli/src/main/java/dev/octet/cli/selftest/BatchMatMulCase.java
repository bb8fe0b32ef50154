package dev.octet.cli.selftest;

import static dev.octet.DataType.S32;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.BatchArguments;
import dev.octet.op.BatchMatMul;
import dev.octet.op.BatchOperand;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Products of two run-time operands: repeated or not, transposed or not, with gaps, scales of the run. */
final class BatchMatMulCase extends OpCase<BatchMatMul> {
  /** One operand. */
  private static final class Side {
    final DataType type;
    /** Stored operands: one for each product, or one for all. */
    final int count;
    final int rows;
    final int columns;
    final int stride;
    final byte[] data;
    /** One scale and zero point, or null: those of the run. */
    final Quantization fixed;
    final float[] scales;
    /** Or null: all 0. */
    final int[] zeroPoints;

    Side(Dice dice, int batch, int rows, int columns, int parameters) {
      this.type = dice.byteType();
      this.count = dice.oneIn(4) ? 1 : batch;
      this.rows = rows;
      this.columns = columns;
      this.stride = columns + (dice.oneIn(2) ? 0 : dice.between(1, 70));
      this.data = dice.integers(type, (long) count * rows * columns);
      this.fixed = dice.oneIn(2) ? Quantization.perTensor(dice.scale(), dice.zeroPoint(type)) : null;
      this.scales = dice.scales(count * parameters);
      this.zeroPoints = dice.oneIn(2) ? null : dice.zeroPoints(type, count * parameters);
    }

    float scale() {
      return fixed != null ? fixed.scale(0) : scales.length == 0 ? 1 : scales[0];
    }

    /** From one stored operand to the next; 0 where there is one for all. */
    long step() {
      return count == 1 ? 0 : (long) rows * stride;
    }

    BatchOperand in(Memory memory, DataType output) {
      MemorySegment placed = memory.rows(MemorySegment.ofArray(data), columns, stride);
      if (fixed != null) {
        return BatchOperand.of(placed);
      }
      return BatchOperand.of(placed, output == S32 ? null : memory.of(scales),
          zeroPoints == null ? null : memory.of(zeroPoints));
    }

    @Override
    public String toString() {
      return count + " " + type + " [" + rows + ", " + columns + "] " + stride + " apart "
          + (fixed != null
              ? fixed
              : "with scales" + (zeroPoints == null ? "" : " and zero points") + " of the run");
    }
  }

  private final int batch;
  private final int m;
  private final int k;
  private final int n;
  private final int stride;
  private final boolean transposed;
  private final Side left;
  private final Side right;
  private final Epilogue epilogue;

  BatchMatMulCase(Dice dice) {
    this.batch = dice.oneIn(24) ? 0 : dice.between(1, 4);
    int[] sizes = dice.sizes(3, 1 << 19);
    this.m = dice.oneIn(24) ? 0 : sizes[0];
    this.k = sizes[1];
    this.n = sizes[2];
    this.stride = n + (dice.oneIn(2) ? 0 : dice.between(1, 70));
    this.transposed = dice.oneIn(2);
    this.left = new Side(dice, batch, m, k, m);
    this.right = new Side(dice, batch, transposed ? n : k, transposed ? k : n, n);
    this.epilogue = Epilogue.random(dice, left.scale() * right.scale(), k);
  }

  @Override
  BatchMatMul prepare(Octet octet, Memory memory) {
    BatchMatMul.Builder builder = octet.batchMatMul();
    if (left.fixed != null) {
      builder.left(left.type, left.fixed);
    } else {
      builder.left(left.type);
    }
    if (right.fixed != null) {
      builder.right(right.type, right.fixed);
    } else {
      builder.right(right.type);
    }
    if (transposed) {
      builder.rightTransposed();
    }
    epilogue.apply(builder::output, builder::outputS32, builder::outputF32, builder::clamp);
    return builder.prepare();
  }

  @Override
  List<Output> run(BatchMatMul op, Memory memory) {
    Output out = memory.result("out", epilogue.type(), Shape.of(batch, m, stride));
    BatchOperand l = left.in(memory, epilogue.type());
    BatchOperand r = right.in(memory, epilogue.type());
    op.run(new BatchArguments().sizes(batch, m, k, n).left(l.data(), l.scales(), l.zeroPoints())
        .leftStrides(left.step(), left.stride).right(r.data(), r.scales(), r.zeroPoints())
        .rightStrides(right.step(), right.stride).out(out.data()).outStrides((long) m * stride, stride));
    return List.of(out);
  }

  @Override
  public String toString() {
    return "batchMatMul " + batch + " of " + m + " x " + k + " x " + n + ", left " + left + ", right "
        + (transposed ? "transposed " : "") + right + ", out " + stride + " apart, " + epilogue;
  }
}
