package dev.octet.op;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.testing.Dice;
import dev.octet.testing.RandomCases;
import dev.octet.testing.TestMemory;
import dev.octet.testing.TestOutput;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** BatchMatMul on the scalar engine against the law: by hand, and in exact arithmetic with every option. */
class BatchMatMulTest {
  private static final Octet OCTET = Octet.builder().engine(Engine.SCALAR).open();

  @AfterAll
  static void close() {
    OCTET.close();
  }

  private static MemorySegment bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return MemorySegment.ofArray(bytes);
  }

  private static MemorySegment floats(float... values) {
    return MemorySegment.ofArray(values);
  }

  private static MemorySegment ints(int... values) {
    return MemorySegment.ofArray(values);
  }

  @Test
  void scoresByHand() {
    try (
        BatchMatMul scores = OCTET.batchMatMul().left(S8).right(S8).rightTransposed().outputF32().prepare()) {
      float[] out = new float[4];
      // One query {1, -2}, scale .5; two keys {3, 4} and {-5, 6}, scales 2 and .25; twice, with batch.
      // 3 - 8 = -5 * 1; -5 - 12 = -17 * .125. Second: {10, 10}, scale 1; {1, 2} scale 1, {-128, 127} scale 2:
      // 30; -10 * 2.
      scores.run(new BatchArguments().sizes(2, 1, 2, 2).left(bytes(1, -2, 10, 10), floats(0.5f, 1), null)
          .right(bytes(3, 4, -5, 6, 1, 2, -128, 127), floats(2, 0.25f, 1, 2), null)
          .out(MemorySegment.ofArray(out)));
      assertArrayEquals(new float[]{-5, -2.125f, 30, -20}, out);
      assertEquals("scalar:s8s8_f32_batch", scores.kernel());
    }
  }

  @Test
  void scalesAreMultipliedInTheOrderOfTheLaw() {
    // so = f32(2 * sl * sr): a left scale known before makes M = f32(sl * sr) / so = .5, and 3 * M = 1.5
    // rounds
    // to 2. One that comes with the run makes M = sl * f32(sr / so), here just below .5, and 3 * M rounds to
    // 1.
    float sr = 0.3f;
    float sl = 0.1f;
    while (sl * (sr / (2 * sl * sr)) >= 0.5f) {
      sl = Math.nextUp(sl);
    }
    Quantization so = Quantization.perTensor(2 * sl * sr);
    byte[] out = new byte[1];
    for (boolean leftAtRun : new boolean[]{false, true}) {
      for (boolean rightAtRun : new boolean[]{false, true}) {
        BatchMatMul.Builder builder = OCTET.batchMatMul().output(S8, so);
        builder = leftAtRun ? builder.left(S8) : builder.left(S8, Quantization.perTensor(sl));
        builder = rightAtRun ? builder.right(S8) : builder.right(S8, Quantization.perTensor(sr));
        try (BatchMatMul op = builder.prepare()) {
          op.run(new BatchArguments().sizes(1, 1, 1, 1).left(bytes(1), leftAtRun ? floats(sl) : null, null)
              .right(bytes(3), rightAtRun ? floats(sr) : null, null).out(MemorySegment.ofArray(out)));
          assertEquals(leftAtRun ? 1 : 2, out[0]);
        }
      }
    }
  }

  @Test
  void zeroPointsByHand() {
    try (BatchMatMul op = OCTET.batchMatMul().left(U8).right(S8).outputS32().prepare()) {
      int[] out = new int[4];
      // rows {255, 0} - 255, {1, 2} - 0; columns {-128, 1} - 127 and {5, 6} - -128
      // {0, -255}: 0 * -255 + -255 * -126 = 32130; -255 * 134 = -34170
      // {1, 2}: -255 - 252 = -507; 133 + 268 = 401
      op.run(new BatchArguments().sizes(1, 2, 2, 2).left(bytes(255, 0, 1, 2), null, ints(255, 0))
          .right(bytes(-128, 5, 1, 6), null, ints(127, -128)).out(MemorySegment.ofArray(out)));
      assertArrayEquals(new int[]{32130, -34170, -507, 401}, out);
    }
  }

  @Test
  void accumulatorsWrap() {
    try (BatchMatMul op = OCTET.batchMatMul().left(U8, Quantization.perTensor(1, 255))
        .right(S8, Quantization.perTensor(1, 127)).outputS32().prepare()) {
      byte[] left = new byte[33026];
      byte[] right = new byte[33026];
      Arrays.fill(right, (byte) -128);
      int[] out = new int[1];
      op.run(MemorySegment.ofArray(left), MemorySegment.ofArray(right), MemorySegment.ofArray(out), 1, 1,
          33025, 1);
      assertEquals(2147450625, out[0]);
      op.run(MemorySegment.ofArray(left), MemorySegment.ofArray(right), MemorySegment.ofArray(out), 1, 1,
          33026, 1);
      assertEquals(-2147451646, out[0]);
    }
  }

  @Test
  void headsSideBySideAndACacheLongerThanItsUse() {
    // Two heads of size 2 in rows of 4: query of one token; cache of room for 3 tokens, 2 in use, head
    // outside.
    try (BatchMatMul op = OCTET.batchMatMul().left(S8, Quantization.perTensor(1))
        .right(S8, Quantization.perTensor(1)).rightTransposed().outputS32().prepare()) {
      int[] out = new int[4];
      BatchArguments arguments = new BatchArguments().sizes(2, 1, 2, 2).leftStrides(2, 4).rightStrides(6, 2);
      arguments.left(bytes(1, 2, 3, 4)).right(bytes(1, 0, 0, 1, 99, 99, 1, 1, 2, -1, 99, 99))
          .out(MemorySegment.ofArray(out));
      // head 0: {1, 2} . {1, 0}, {0, 1}; head 1: {3, 4} . {1, 1}, {2, -1}
      op.run(arguments);
      assertArrayEquals(new int[]{1, 2, 7, 2}, out);
      // results side by side too: [tokens][heads][n], one token
      Arrays.fill(out, 0);
      op.run(arguments.outStrides(2, 4));
      assertArrayEquals(new int[]{1, 2, 7, 2}, out);
    }
  }

  @Test
  void argumentsAreReused() {
    try (BatchMatMul op = OCTET.batchMatMul().left(S8).right(S8, Quantization.perTensor(1)).outputF32()
        .prepare();
        BatchMatMul transposed = OCTET.batchMatMul().left(S8).right(S8, Quantization.perTensor(1))
            .rightTransposed().outputF32().prepare()) {
      float[] out = new float[4];
      BatchArguments arguments = new BatchArguments().sizes(1, 1, 2, 2).left(bytes(1, 2), floats(1), null)
          .right(bytes(1, 3, 5, 7)).out(MemorySegment.ofArray(out));
      op.run(arguments);
      assertArrayEquals(new float[]{11, 17, 0, 0}, out);
      // dense for this op too, whose right operand lies otherwise
      transposed.run(arguments);
      assertArrayEquals(new float[]{7, 19, 0, 0}, out);
      // scales and zero points are replaced with the operand, strides stay until the next dense()
      op.run(arguments.left(bytes(1, 2), floats(2), ints(1)).right(bytes(1, 3, 9, 5, 7)).rightStrides(0, 3));
      assertArrayEquals(new float[]{10, 14, 0, 0}, out);
      op.run(arguments.left(bytes(1, 2), floats(2), null).dense());
      assertArrayEquals(new float[]{38, 26, 0, 0}, out);
      op.run(arguments.sizes(2, 1, 2, 2).left(bytes(1, 2), floats(1), null).leftStrides(0, 2)
          .right(bytes(1, 3, 5, 7, 1, 0, 0, 1)));
      assertArrayEquals(new float[]{11, 17, 1, 2}, out);
    }
  }

  @Test
  void nothingToDoTouchesNothing() {
    try (BatchMatMul op = OCTET.batchMatMul().left(S8, Quantization.perTensor(1))
        .right(S8, Quantization.perTensor(1)).outputS32().prepare()) {
      int[] out = {42};
      MemorySegment one = bytes(1);
      op.run(one, one, MemorySegment.ofArray(out), 0, 1, 1, 1);
      op.run(one, one, MemorySegment.ofArray(out), 1, 0, 1, 1);
      op.run(one, one, MemorySegment.ofArray(out), 1, 1, 1, 0);
      assertEquals(42, out[0]);
      op.run(BatchOperand.of(one), Shape.of(0, 1, 1), BatchOperand.of(one), Shape.of(1, 1),
          MemorySegment.ofArray(out));
      assertEquals(42, out[0]);
      op.run(one, one, MemorySegment.ofArray(out), 1, 1, 1, 1);
      assertEquals(1, out[0]);
    }
  }

  /** An operand of a dice case: its values, parameters and place. */
  private static final class Side {
    final DataType type;
    final boolean atRun;
    final boolean zeroPointsGiven;
    final float[] scales;
    final int[] zeroPoints;

    /** Parameters for so many rows or columns; all the same when not at run. */
    Side(Dice dice, int count) {
      this.type = dice.pick(U8, S8);
      this.atRun = dice.oneIn(2);
      this.zeroPointsGiven = dice.oneIn(2);
      this.scales = new float[Math.max(1, count)];
      this.zeroPoints = new int[Math.max(1, count)];
      for (int i = 0; i < scales.length; i++) {
        boolean own = i == 0 || atRun;
        scales[i] = own ? dice.scale() : scales[0];
        zeroPoints[i] = !own
            ? zeroPoints[0]
            : !atRun || zeroPointsGiven ? dice.zeroPoint(type) : 0;
      }
    }

    BatchOperand operand(Dice dice, MemorySegment data, DataType output) {
      MemorySegment s = atRun && (output != DataType.S32 || dice.oneIn(2))
          ? TestMemory.floats(dice, scales)
          : null;
      return new BatchOperand(data, s, atRun && zeroPointsGiven ? TestMemory.ints(dice, zeroPoints) : null);
    }

    Quantization quantization() {
      return Quantization.perTensor(scales[0], zeroPoints[0]);
    }

    @Override
    public String toString() {
      return type + (atRun ? " at run" : " " + quantization());
    }
  }

  private static BatchMatMul prepare(Side left, Side right, boolean transposed, TestOutput output) {
    BatchMatMul.Builder builder = OCTET.batchMatMul();
    if (left.atRun) {
      builder.left(left.type);
    } else {
      builder.left(left.type, left.quantization());
    }
    if (right.atRun) {
      builder.right(right.type);
    } else {
      builder.right(right.type, right.quantization());
    }
    if (transposed) {
      builder.rightTransposed();
    }
    switch (output.type()) {
      case S32 -> builder.outputS32();
      case F32 -> builder.outputF32();
      default -> builder.output(output.type(), output.quantization());
    }
    if (output.clamped()) {
      builder.clamp(output.min(), output.max());
    }
    return builder.prepare();
  }

  /**
   * A matrix of a side.
   *
   * @param first the index of its first element
   * @param down from one row to the next
   * @param across from one column to the next
   * @param parameter the index of its first scale and zero point
   */
  private record Matrix(Side side, MemorySegment data, long first, long down, long across, int parameter) {
    /** The element minus the zero point of a row or column. */
    long centred(int row, int column, int parameterOf) {
      return (long) TestMemory.get(data, side.type, first + row * down + column * across)
          - side.zeroPoints[index(parameterOf)];
    }

    float scale(int of) {
      return side.scales[index(of)];
    }

    private int index(int of) {
      return side.atRun ? parameter + of : 0;
    }
  }

  /**
   * Checks one result.
   *
   * @param mkn m, k and n
   * @param first the index of its first element
   * @param down from one of its rows to the next
   */
  private static void checkProduct(Matrix left, Matrix right, int[] mkn, TestOutput output, MemorySegment out,
      long first, long down) {
    for (int row = 0; row < mkn[0]; row++) {
      for (int column = 0; column < mkn[2]; column++) {
        long sum = 0;
        for (int i = 0; i < mkn[1]; i++) {
          sum += left.centred(row, i, row) * right.centred(i, column, column);
        }
        int accumulator = (int) sum;
        output.check(
            output.expected(accumulator, left.scale(row), left.side.atRun, right.scale(column), null), out,
            first + row * down + column,
            "row " + row + ", column " + column + ", accumulator " + accumulator + ", "
                + left.side + " * " + right.side + " -> " + output);
      }
    }
  }

  @Test
  void equalsTheLawAnywhereInMemory() {
    RandomCases.run("batchMatMul against exact arithmetic", "SCALAR", 500, (dice, index, what) -> {
      int batch = dice.between(0, 3);
      int m = dice.oneIn(8) ? 0 : dice.between(1, 9);
      int k = dice.size(65);
      int n = dice.oneIn(8) ? 0 : dice.size(65);
      boolean transposed = dice.oneIn(2);
      Side left = new Side(dice, batch * m);
      Side right = new Side(dice, batch * n);
      TestOutput output = TestOutput.random(dice,
          left.scales[0] * right.scales[0] * 3000 * dice.between(1, k));
      // Each operand and the result: dense, with gaps, side by side in longer rows, or (operands) repeated.
      long[] l = place(dice, batch, m, k, true);
      long[] r = place(dice, batch, transposed ? n : k, transposed ? k : n, true);
      long[] o = place(dice, batch, m, n, false);
      MemorySegment a = TestMemory.values(dice, left.type, l[2]);
      MemorySegment b = TestMemory.values(dice, right.type, r[2]);
      MemorySegment out = TestMemory.output(dice, o[2] * output.bytes());
      try (BatchMatMul op = prepare(left, right, transposed, output)) {
        BatchOperand x = left.operand(dice, a, output.type());
        BatchOperand y = right.operand(dice, b, output.type());
        op.run(new BatchArguments().sizes(batch, m, k, n).left(x.data(), x.scales(), x.zeroPoints())
            .right(y.data(), y.scales(), y.zeroPoints()).out(out).leftStrides(l[0], l[1])
            .rightStrides(r[0], r[1]).outStrides(o[0], o[1]));
      }
      boolean[] touched = new boolean[(int) o[2]];
      for (int i = 0; i < batch; i++) {
        Matrix x = new Matrix(left, a, i * l[0], l[1], 1, l[0] == 0 ? 0 : i * m);
        Matrix y = new Matrix(right, b, i * r[0], transposed ? 1 : r[1], transposed ? r[1] : 1,
            r[0] == 0 ? 0 : i * n);
        checkProduct(x, y, new int[]{m, k, n}, output, out, i * o[0], o[1]);
        for (int row = 0; row < m; row++) {
          int first = (int) (i * o[0] + row * o[1]);
          Arrays.fill(touched, first, first + n, true);
        }
      }
      for (int i = 0; i < touched.length; i++) {
        if (!touched[i]) {
          output.checkUntouched(out, i, "strides " + Arrays.toString(o));
        }
      }
    });
  }

  /** Batch stride, row stride and the elements that it takes. */
  private static long[] place(Dice dice, int batch, int rows, int columns, boolean mayRepeat) {
    long gap = dice.between(0, 2);
    long row = columns + gap;
    long between = rows * row + dice.between(0, 4);
    return switch (dice.between(0, mayRepeat ? 3 : 2)) {
      case 0 -> new long[]{(long) rows * columns, columns, (long) batch * rows * columns};
      case 1 -> new long[]{between, row, batch * between};
      case 2 -> new long[]{row, row * Math.max(1, batch), row * Math.max(1, batch) * rows};
      default -> new long[]{0, row, row * rows};
    };
  }

  @Test
  void equalsTheLawForEveryBroadcast() {
    RandomCases.run("batchMatMul against exact arithmetic", "SCALAR", 500, (dice, index, what) -> {
      int m = dice.between(1, 3);
      int k = dice.between(1, 5);
      int n = dice.between(1, 4);
      boolean transposed = dice.oneIn(2);
      int rank = dice.between(0, 4);
      long[] full = Arrays.stream(dice.ints(rank, 1, 3)).asLongStream().toArray();
      long[] leftDims = operandDims(dice, full);
      long[] rightDims = operandDims(dice, full);
      Shape leftShape = shape(leftDims, m, k);
      Shape rightShape = transposed ? shape(rightDims, n, k) : shape(rightDims, k, n);
      Side left = new Side(dice, count(leftDims) * m);
      Side right = new Side(dice, count(rightDims) * n);
      TestOutput output = TestOutput.random(dice, left.scales[0] * right.scales[0] * 5000);
      long[] outDims = new long[rank];
      for (int axis = 0; axis < rank; axis++) {
        outDims[axis] = Math.max(dim(leftDims, rank - axis), dim(rightDims, rank - axis));
      }
      int leading = Math.max(leftDims.length, rightDims.length);
      MemorySegment a = TestMemory.values(dice, left.type, leftShape.elements());
      MemorySegment b = TestMemory.values(dice, right.type, rightShape.elements());
      int products = count(outDims);
      MemorySegment out = TestMemory.output(dice, (long) products * m * n * output.bytes());
      try (BatchMatMul op = prepare(left, right, transposed, output)) {
        assertEquals(shape(Arrays.copyOfRange(outDims, rank - leading, rank), m, n),
            op.outputShape(leftShape, rightShape));
        BatchOperand x = left.operand(dice, a, output.type());
        BatchOperand y = right.operand(dice, b, output.type());
        op.run(x, leftShape, y, rightShape, out);
        op.run(x, leftShape, y, rightShape, out); // the second finds the shapes of the first
      }
      for (int product = 0; product < products; product++) {
        int i = 0;
        int j = 0;
        int rest = product;
        int leftStep = 1;
        int rightStep = 1;
        for (int inside = 1; inside <= rank; inside++) {
          int coordinate = rest % (int) outDims[rank - inside];
          rest /= (int) outDims[rank - inside];
          i += dim(leftDims, inside) == 1 ? 0 : coordinate * leftStep;
          j += dim(rightDims, inside) == 1 ? 0 : coordinate * rightStep;
          leftStep *= (int) dim(leftDims, inside);
          rightStep *= (int) dim(rightDims, inside);
        }
        checkProduct(new Matrix(left, a, (long) i * m * k, k, 1, i * m),
            new Matrix(right, b, (long) j * k * n, transposed ? 1 : n, transposed ? k : 1, j * n),
            new int[]{m, k, n}, output, out, (long) product * m * n, n);
      }
    });
  }

  /** The last few of some dimensions, some of them 1. */
  private static long[] operandDims(Dice dice, long[] full) {
    long[] dims = Arrays.copyOfRange(full, dice.between(0, full.length), full.length);
    for (int i = 0; i < dims.length; i++) {
      dims[i] = dice.oneIn(3) ? 1 : dims[i];
    }
    return dims;
  }

  /** Counted from inside, 1 for the innermost. */
  private static long dim(long[] dims, int inside) {
    return inside > dims.length ? 1 : dims[dims.length - inside];
  }

  private static int count(long[] dims) {
    return (int) Shape.of(dims).elements();
  }

  private static Shape shape(long[] dims, long... last) {
    long[] all = Arrays.copyOf(dims, dims.length + 2);
    all[dims.length] = last[0];
    all[dims.length + 1] = last[1];
    return Shape.of(all);
  }
}
