package dev.octet.testing;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.BinaryOp;
import dev.octet.BlockFormat;
import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.GeluForm;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.BatchArguments;
import dev.octet.op.BatchMatMul;
import dev.octet.op.Binary;
import dev.octet.op.Sgemm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Calls that are long enough to be cut into tiles: shared by threads, and copied piece by piece where
 * operands lie in heap arrays, in any mixture. SCALAR tells what is right.
 */
public abstract class StreamsSuite {
  private static final long SEED = 20261126;
  /** Neither a multiple of a tile nor of a vector, and odd, for nibbles. */
  private static final int LONG = 1_000_003;

  /** The engine under test. */
  protected abstract Engine engine();

  /** What an op does, once for each engine, with operands of its own that begin with the same bytes. */
  @FunctionalInterface
  protected interface Use {
    /** Prepares and runs. */
    void run(Octet octet, Operands operands);
  }

  /** Makes the operands of a use, off the heap or on it, as its dice say; results are compared at the end. */
  protected static final class Operands {
    private final Random values;
    private final Random places;
    private final Arena arena;
    private MemorySegment result;

    Operands(long seed, long places, Arena arena) {
      this.values = new Random(seed);
      this.places = new Random(places);
      this.arena = arena;
    }

    MemorySegment place(long bytes) {
      int offset = places.nextInt(4);
      MemorySegment whole = places.nextBoolean()
          ? MemorySegment.ofArray(new byte[Math.toIntExact(bytes + offset)])
          : arena.allocate(bytes + offset);
      return whole.asSlice(offset, bytes);
    }

    /** Random bytes. */
    public MemorySegment bytes(long count) {
      byte[] bytes = new byte[Math.toIntExact(count)];
      values.nextBytes(bytes);
      return place(count).copyFrom(MemorySegment.ofArray(bytes));
    }

    MemorySegment floats(int count, float size) {
      MemorySegment floats = place(4L * count);
      for (int i = 0; i < count; i++) {
        floats.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, (values.nextFloat() - 0.4f) * size);
      }
      return floats;
    }

    MemorySegment ints(int count, int bound) {
      MemorySegment ints = place(4L * count);
      for (int i = 0; i < count; i++) {
        ints.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * i, values.nextInt(-bound, bound));
      }
      return ints;
    }

    MemorySegment scales(int count) {
      MemorySegment scales = place(4L * count);
      for (int i = 0; i < count; i++) {
        scales.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, 0.001f + values.nextFloat());
      }
      return scales;
    }

    /** Memory for what is compared. */
    public MemorySegment result(long bytes) {
      return result(place(bytes));
    }

    MemorySegment result(MemorySegment segment) {
      result = segment;
      return segment;
    }
  }

  private static MemorySegment results(Octet octet, Use use, long places) {
    try (Arena arena = Arena.ofConfined()) {
      Operands operands = new Operands(SEED, places, arena);
      use.run(octet, operands);
      return MemorySegment.ofArray(operands.result.toArray(ValueLayout.JAVA_BYTE));
    }
  }

  /** On one thread and on three, operands at many mixtures of places. */
  protected final void check(Use use) {
    MemorySegment expected;
    try (Octet scalar = Octet.builder().engine(Engine.SCALAR).open()) {
      expected = results(scalar, use, 0);
    }
    for (int threads = 1; threads <= 3; threads += 2) {
      try (Octet octet = Octet.builder().engine(engine()).threads(threads).open()) {
        for (long places = 0; places < 8; places++) {
          MemorySegment got = results(octet, use, places);
          assertEquals(-1, expected.mismatch(got),
              "seed " + SEED + ", places " + places + ", " + threads + " threads: first byte that differs");
        }
      }
    }
  }

  private static Quantization perGroup(DataType type, int axis, int size, int count) {
    Random random = new Random(SEED);
    float[] scales = new float[count];
    int[] zeroPoints = new int[count];
    for (int i = 0; i < count; i++) {
      scales[i] = 0.01f + random.nextFloat();
      zeroPoints[i] = random.nextInt(type.min(), type.max() + 1);
    }
    return size == 0
        ? Quantization.perChannel(axis, scales, zeroPoints)
        : Quantization.perGroup(axis, size, scales, zeroPoints);
  }

  private void convert(DataType type, Quantization quantization, Shape shape) {
    int count = (int) shape.elements();
    check((octet, operands) -> {
      try (var op = octet.quantize().output(type, quantization).prepare()) {
        op.run(operands.floats(count, 300), operands.result(type.bytes(count)), shape);
      }
    });
    check((octet, operands) -> {
      try (var op = octet.dequantize().input(type, quantization).prepare()) {
        op.run(operands.bytes(type.bytes(count)), operands.result(4L * count), shape);
      }
    });
  }

  @Test
  void conversionsWithOneScale() {
    convert(U8, Quantization.perTensor(1.3f, 7), Shape.of(LONG));
    convert(S4, Quantization.perTensor(20.1f, -3), Shape.of(LONG));
  }

  @Test
  void conversionsWithAScaleForEachChannel() {
    convert(S8, perGroup(S8, 1, 0, 7), Shape.of(142_857, 7));
    convert(U4, perGroup(U4, 1, 0, 11), Shape.of(101, 11, 901));
  }

  @Test
  void conversionsWithAScaleForEachGroup() {
    convert(U4, perGroup(U4, 1, 32, 909 * 35), Shape.of(909, 1101));
    convert(S8, perGroup(S8, 0, 100, 11 * 1001), Shape.of(1003, 1001));
  }

  @Test
  void requantize() {
    check((octet, operands) -> {
      try (var op = octet.requantize().scales(0.5f, 0.25f, 1.5f).bias(3, -7, 11)
          .output(S8, Quantization.perTensor(2, 5)).prepare()) {
        op.run(operands.ints(LONG / 3 * 3, 600), operands.result(LONG / 3 * 3), LONG / 3);
      }
    });
  }

  private static Binary prepare(Octet octet, BinaryOp op) {
    return octet.binary(op).left(U8, Quantization.perTensor(0.3f, 9))
        .right(U8, Quantization.perTensor(0.4f, 200)).output(U8, Quantization.perTensor(0.5f, 100)).prepare();
  }

  @ParameterizedTest
  @EnumSource(BinaryOp.class)
  void binary(BinaryOp op) {
    for (int place = 0; place < 3; place++) {
      int where = place;
      check((octet, operands) -> {
        MemorySegment a = operands.bytes(LONG);
        MemorySegment b = operands.bytes(LONG);
        MemorySegment y = operands.result(where == 0 ? a : where == 1 ? b : operands.place(LONG));
        try (Binary prepared = prepare(octet, op)) {
          prepared.run(a, b, y, LONG);
        }
      });
    }
  }

  /**
   * Long rows that are cut, short rows of which a tile has many, parts of a few rows; either one repeated.
   */
  @Test
  void binaryOfRepeatedOperands() {
    broadcast(Shape.of(3, 300_001), Shape.of(300_001), false);
    broadcast(Shape.of(3, 300_001), Shape.of(3, 1), true);
    broadcast(Shape.of(300_001, 3), Shape.of(3), true);
    broadcast(Shape.of(20_001, 1), Shape.of(20_001, 17), false);
    broadcast(Shape.of(9, 50, 40, 33), Shape.of(9, 1, 1, 33), false);
    broadcast(Shape.of(7001, 3, 1, 13), Shape.of(7001, 1, 4, 1), false);
    broadcast(Shape.of(), Shape.of(LONG), true);
  }

  private void broadcast(Shape shapeA, Shape shapeB, boolean overLarger) {
    check((octet, operands) -> {
      MemorySegment a = operands.bytes(shapeA.elements());
      MemorySegment b = operands.bytes(shapeB.elements());
      try (Binary op = prepare(octet, BinaryOp.MULTIPLY)) {
        long n = op.outputShape(shapeA, shapeB).elements();
        MemorySegment larger = n == a.byteSize() ? a : b;
        MemorySegment y = operands.result(overLarger ? larger : operands.place(n));
        op.run(a, shapeA, b, shapeB, y);
      }
    });
  }

  @Test
  void lookup() {
    for (boolean inPlace : new boolean[]{false, true}) {
      check((octet, operands) -> {
        MemorySegment x = operands.bytes(3L * LONG);
        MemorySegment y = operands.result(inPlace ? x : operands.place(3L * LONG));
        try (var op = octet.lookup(S8, Quantization.perTensor(0.1f), U8, Quantization.perTensor(0.01f),
            v -> v * v)) {
          op.run(x, y, 3L * LONG);
        }
      });
    }
  }

  private void dynamicQuantize(int rows, int columns, boolean perRow, float size) {
    check((octet, operands) -> {
      var builder = octet.dynamicQuantize();
      int parameters = perRow ? rows : 1;
      MemorySegment scales = operands.place(4L * parameters);
      MemorySegment zeroPoints = operands.place(4L * parameters);
      MemorySegment y = operands.place((long) rows * columns);
      try (var op = (perRow ? builder.perRow() : builder.perTensor()).prepare()) {
        op.run(operands.floats(rows * columns, size), y, scales, zeroPoints, rows, columns);
      }
      MemorySegment all = operands.result((long) rows * columns + 8L * parameters);
      MemorySegment.copy(y, 0, all, 0, y.byteSize());
      MemorySegment.copy(scales, 0, all, y.byteSize(), 4L * parameters);
      MemorySegment.copy(zeroPoints, 0, all, y.byteSize() + 4L * parameters, 4L * parameters);
    });
  }

  @Test
  void dynamicQuantizeOfOneTensor() {
    dynamicQuantize(1000, 1003, false, 17);
    // As large as it can be.
    dynamicQuantize(1000, 303, false, 3.4e38f);
  }

  @Test
  void dynamicQuantizeOfRows() {
    dynamicQuantize(3, 400_001, true, 17);
    dynamicQuantize(5000, 99, true, 3);
    dynamicQuantize(30_001, 0, true, 3);
  }

  /** Attention over heads that lie beside each other in rows, and one large product. */
  private void products(DataType left, DataType right, boolean transposed,
      Consumer<BatchMatMul.Builder> output,
      int outBytes, int batch, int m, int k, int n, boolean repeated) {
    check((octet, operands) -> {
      int rightRows = transposed ? n : k;
      int rightColumns = transposed ? k : n;
      BatchArguments arguments = new BatchArguments().sizes(batch, m, k, n).leftStrides(k, (long) batch * k)
          .rightStrides(repeated ? 0 : (long) rightRows * rightColumns, rightColumns)
          .outStrides(n, (long) batch * n + 3);
      int rights = repeated ? 1 : batch;
      BatchMatMul.Builder builder = octet.batchMatMul().left(left).right(right);
      if (transposed) {
        builder.rightTransposed();
      }
      output.accept(builder);
      arguments.left(operands.bytes((long) batch * m * k), operands.scales(batch * m),
          operands.ints(batch * m, 100));
      arguments.right(operands.bytes((long) rights * k * n), operands.scales(rights * n),
          operands.ints(rights * n, 100));
      MemorySegment y = operands.result(((long) m * (batch * n + 3) - 3) * outBytes);
      y.fill((byte) 0);
      try (var op = builder.prepare()) {
        op.run(arguments.out(y));
      }
    });
  }

  /** Rows of one piece and of several, few and many; a third of them in place. */
  @Test
  void softmax() {
    for (int[] size : new int[][]{{3001, 131}, {3, 100_003}, {200_003, 3}}) {
      for (boolean inPlace : new boolean[]{false, true}) {
        check((octet, operands) -> {
          MemorySegment x = operands.floats(size[0] * size[1], 20);
          MemorySegment mask = operands.floats(size[1], 5);
          MemorySegment y = operands.result(inPlace ? x : operands.place(x.byteSize()));
          try (var op = octet.softmax().scale(0.7f).prepare()) {
            if (size[1] == 3) {
              op.run(x, y, size[0], size[1]);
            } else {
              op.run(x, mask, y, size[0], size[1]);
            }
          }
        });
      }
    }
  }

  @Test
  void layerNorm() {
    for (int[] size : new int[][]{{3001, 131}, {3, 100_003}, {200_003, 3}}) {
      for (boolean inPlace : new boolean[]{false, true}) {
        check((octet, operands) -> {
          MemorySegment x = operands.floats(size[0] * size[1], 2);
          MemorySegment residual = operands.floats(size[0] * size[1], 2);
          MemorySegment y = operands.result(inPlace ? x : operands.place(x.byteSize()));
          float[] weights = operands.scales(size[1]).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
          try (var op = octet.layerNorm().weights(weights).bias(weights).prepare()) {
            if (size[1] == 3) {
              op.run(x, y, size[0]);
            } else {
              op.run(x, residual, y, size[0]);
            }
          }
        });
      }
    }
  }

  @ParameterizedTest
  @EnumSource(GeluForm.class)
  void gelu(GeluForm form) {
    for (boolean inPlace : new boolean[]{false, true}) {
      check((octet, operands) -> {
        MemorySegment x = operands.floats(LONG, 8);
        MemorySegment y = operands.result(inPlace ? x : operands.place(x.byteSize()));
        try (var op = octet.gelu(form)) {
          op.run(x, y, LONG);
        }
      });
    }
  }

  @Test
  void manyProducts() {
    products(S8, S8, true, BatchMatMul.Builder::outputF32, 4, 13, 129, 33, 131, false);
    products(U8, S8, false, BatchMatMul.Builder::outputS32, 4, 12, 128, 128, 32, false);
    products(U8, U8, false, b -> b.output(U8, Quantization.perTensor(900, 3)), 1, 5, 64, 70, 200, true);
  }

  @Test
  void oneLargeProduct() {
    products(S8, U8, true, b -> b.output(S8, Quantization.perTensor(900, 3)), 1, 1, 400, 130, 301, false);
    products(S8, S8, false, BatchMatMul.Builder::outputF32, 4, 1, 700, 64, 100, false);
  }

  /** Many small products, few large ones, few rows of many columns; the right operand fixed or not. */
  @Test
  void floatProducts() {
    for (int[] size : new int[][]{{24, 65, 33, 130}, {1, 400, 600, 301}, {1, 3, 700, 1000},
        {2, 700, 64, 5}}) {
      for (int form = 0; form < 4; form++) {
        boolean transposed = form % 2 == 1;
        boolean fixed = form >= 2;
        int m = size[1];
        int k = size[2];
        int n = size[3];
        int batch = fixed ? 1 : size[0];
        check((octet, operands) -> {
          MemorySegment left = operands.floats(batch * m * k, 2);
          MemorySegment right = operands.floats(batch * k * n, 2);
          Sgemm.Builder builder = transposed ? octet.sgemm().rightTransposed() : octet.sgemm();
          if (fixed) {
            builder.weights(right, k, n, transposed ? WeightLayout.OUT_IN : WeightLayout.IN_OUT);
          }
          MemorySegment out = operands.result(4L * batch * m * n);
          try (Sgemm op = builder.prepare()) {
            if (fixed) {
              op.run(left, out, m);
            } else {
              op.run(left, right, out, batch, m, k, n);
            }
          }
        });
      }
    }
  }

  @Test
  void runsAllocateNothing() {
    try (Octet octet = Octet.builder().engine(engine()).threads(1).open();
        Arena arena = Arena.ofConfined()) {
      int count = 50_000;
      MemorySegment floats = arena.allocate(4L * count);
      MemorySegment bytes = arena.allocate(count);
      MemorySegment scales = arena.allocate(4L * 50);
      MemorySegment zeroPoints = arena.allocate(4L * 50);
      MemorySegment heap = MemorySegment.ofArray(new byte[count]);
      MemorySegment scratch = arena.allocate(4L * 70 * 100);
      try (var quantize = octet.quantize().output(U8, Quantization.perTensor(1)).prepare();
          var dynamic = octet.dynamicQuantize().perRow().prepare();
          var gate = prepare(octet, BinaryOp.MULTIPLY);
          var lookup = octet.lookup(U8, Quantization.perTensor(1), U8, Quantization.perTensor(1), v -> v);
          var softmax = octet.softmax().prepare();
          var norm = octet.layerNorm().weights(new float[100]).prepare();
          var gelu = octet.gelu(GeluForm.ERF);
          var product = octet.batchMatMul().left(S8, Quantization.perTensor(1))
              .right(S8, Quantization.perTensor(1))
              .outputS32().prepare();
          var blocks = octet.dynamicMatMul()
              .weights(Blocks.tensor(BlockFormat.Q5_K, 61, 256, new byte[61 * BlockFormat.Q5_K.bytes()]),
                  Blocks.tensor(BlockFormat.Q8_0, 9, 256, new byte[9 * 8 * BlockFormat.Q8_0.bytes()]))
              .prepare();
          var floatBlocks = octet.weightOnlyMatMul()
              .weights(Blocks.tensor(BlockFormat.Q5_K, 70, 256, new byte[70 * BlockFormat.Q5_K.bytes()]))
              .prepare();
          var sgemm = octet.sgemm().prepare();
          var layer = octet.sgemm().weights(floats, 20, 30, WeightLayout.IN_OUT).prepare()) {
        Garbage.assertNone("a short call", () -> quantize.run(floats, bytes, 100));
        Garbage.assertNone("a long call", () -> quantize.run(floats, bytes, count));
        Garbage.assertNone("heap memory", () -> quantize.run(floats, heap, count));
        Garbage.assertNone("rows", () -> dynamic.run(floats, bytes, scales, zeroPoints, 50, 1000));
        MemorySegment floatHeap = MemorySegment.ofArray(new float[count]);
        Garbage.assertNone("softmax", () -> softmax.run(floats, floats, 500, 100));
        Garbage.assertNone("softmax of heap memory", () -> softmax.run(floatHeap, scales, floats, 1000, 50));
        Garbage.assertNone("layer norm", () -> norm.run(floats, floatHeap, 500));
        Garbage.assertNone("gelu", () -> gelu.run(floats, floats, count));
        Garbage.assertNone("short gelu", () -> gelu.run(floats, floats, 50));
        Garbage.assertNone("product of blocks", () -> blocks.run(floats, floatHeap, 1));
        Garbage.assertNone("product of blocks, many rows", () -> blocks.run(floats, scratch, 100));
        Garbage.assertNone("product of blocks of heap memory", () -> blocks.run(floatHeap, scratch, 100));
        Garbage.assertNone("weight-only product of blocks", () -> floatBlocks.run(floats, floatHeap, 1));
        Garbage.assertNone("weight-only product of blocks, many rows",
            () -> floatBlocks.run(floats, scratch, 100));
        Garbage.assertNone("product of floats", () -> sgemm.run(floats, floatHeap, scales, 1, 3, 100, 4));
        Garbage.assertNone("layer of floats", () -> layer.run(floatHeap, floats, 40));
        Garbage.assertNone("lookup in place", () -> lookup.run(bytes, bytes, count));
        Shape image = Shape.of(5, 100, 100);
        Shape channels = Shape.of(5, 1, 100);
        Garbage.assertNone("short pairs", () -> gate.run(bytes, bytes, bytes, 100));
        Garbage.assertNone("long pairs", () -> gate.run(bytes, heap, bytes, count));
        Garbage.assertNone("a repeated operand", () -> gate.run(bytes, image, heap, channels, bytes));
        Garbage.assertNone("product of a heap array", () -> product.run(bytes, heap, floats, 2, 10, 20, 30));
        Garbage.assertNone("product", () -> product.run(bytes, bytes, floats, 2, 10, 20, 30));
        BatchArguments arguments = new BatchArguments().sizes(2, 10, 20, 30).rightStrides(0, 30);
        Garbage.assertNone("product of arguments",
            () -> product.run(arguments.left(bytes).right(bytes).out(floats)));
      }
    }
  }
}
