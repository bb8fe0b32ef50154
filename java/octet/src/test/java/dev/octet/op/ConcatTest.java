package dev.octet.op;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perChannel;
import static dev.octet.Quantization.perTensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.testing.Exact;
import dev.octet.testing.TestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Concat: by hand, against a naive definition, by many threads, and every error. */
class ConcatTest {
  private static final Quantization ONE = perTensor(1);
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  @Test
  void concatenatesByHand() {
    // 0.5 * (q - 100) and q, both to 2 * (q - 1), ties to even: (102 - 100) / 4 = 0.5 -> 0, 6 / 4 = 1.5 -> 2,
    // 10 / 4 = 2.5 -> 2, -2 / 4 -> 0; -3 / 2 -> -2, 100 / 2 = 50
    MemorySegment a = TestMemory.bytes(102, 106, 110, 98);
    MemorySegment b = TestMemory.bytes(-3, 100);
    MemorySegment y = TestMemory.odd(6);
    try (Concat rows = octet.concat().input(U8, perTensor(0.5f, 100)).input(S8, ONE)
        .output(S8, perTensor(2, 1))
        .axis(1).prepare()) {
      assertEquals(Shape.of(2, 3), rows.outputShape(List.of(Shape.of(2, 2), Shape.of(2, 1))));
      rows.run(List.of(a, b), List.of(Shape.of(2, 2), Shape.of(2, 1)), y);
      assertArrayEquals(new int[]{1, 3, -1, 3, 1, 51}, TestMemory.integers(S8, y, 6));
      assertEquals("scalar:concat_s8", rows.kernel());
    }
    try (Concat below = octet.concat().input(U8, perTensor(0.5f, 100)).input(S8, ONE)
        .output(S8, perTensor(2, 1)).axis(0).prepare()) {
      below.run(List.of(a, b), List.of(Shape.of(2, 2), Shape.of(1, 2)), y);
      assertArrayEquals(new int[]{1, 3, 3, 1, -1, 51}, TestMemory.integers(S8, y, 6));
    }
  }

  @Test
  void sameParametersAreACopy() {
    for (DataType type : new DataType[]{U8, S8}) {
      Random random = new Random(11);
      for (int round = 0; round < 300; round++) {
        // Any scale that 255 times is finite; subnormal ones too.
        float scale = Float.intBitsToFloat(random.nextInt(1, Float.floatToIntBits(Float.MAX_VALUE / 256)));
        Quantization q = perTensor(scale, Exact.zeroPoint(random, type));
        MemorySegment y = TestMemory.odd(256);
        try (Concat op = octet.concat().input(type, q).output(type, q).axis(0).prepare()) {
          op.run(List.of(TestMemory.bytes(TestMemory.all(type))), List.of(Shape.of(256)), y);
        }
        assertArrayEquals(TestMemory.all(type), TestMemory.integers(type, y, 256), "scale " + scale);
      }
    }
  }

  /** An op on random shapes, with operands and the expected result. */
  private record Case(Concat op, List<MemorySegment> inputs, List<Shape> shapes, DataType type,
      int[] expected,
      String about) {
    void check() {
      MemorySegment y = TestMemory.odd(expected.length);
      op.run(inputs, shapes, y);
      assertArrayEquals(expected, TestMemory.integers(type, y, expected.length), about);
    }
  }

  /** Coordinates of an element. */
  private static long[] coordinates(Shape shape, long element) {
    long[] at = new long[shape.rank()];
    long rest = element;
    for (int a = at.length - 1; a >= 0; a--) {
      at[a] = rest % shape.dim(a);
      rest /= shape.dim(a);
    }
    return at;
  }

  private static int index(Shape shape, long[] at) {
    long index = 0;
    for (int a = 0; a < at.length; a++) {
      index = index * shape.dim(a) + at[a];
    }
    return (int) index;
  }

  private static Case random(long seed) {
    Random random = new Random(seed);
    DataType[] types = {U8, S8};
    int rank = random.nextInt(1, 5);
    int axis = random.nextInt(rank);
    long[] dims = new long[rank];
    for (int a = 0; a < rank; a++) {
      dims[a] = random.nextInt(30) == 0 ? 0 : random.nextInt(1, 6);
    }
    DataType to = types[random.nextInt(2)];
    Quantization output = perTensor(Exact.scale(random), Exact.zeroPoint(random, to));
    Concat.Builder builder = octet.concat().output(to, output).axis(axis);
    List<MemorySegment> inputs = new ArrayList<>();
    List<Shape> shapes = new ArrayList<>();
    List<int[]> requantized = new ArrayList<>();
    int count = random.nextInt(1, 5);
    for (int i = 0; i < count; i++) {
      dims[axis] = random.nextInt(0, 6);
      Shape shape = Shape.of(dims);
      DataType from = types[random.nextInt(2)];
      float scale = random.nextBoolean() ? output.scale(0) / 2 : output.scale(0) * random.nextFloat(0.1f, 3);
      Quantization q = perTensor(scale, Exact.zeroPoint(random, from));
      int[] x = random.ints(shape.elements(), from.min(), from.max() + 1).toArray();
      int[] y = new int[x.length];
      for (int e = 0; e < x.length; e++) {
        y[e] = Exact.quantize(Exact.product(x[e] - q.zeroPoint(0), scale), output.scale(0),
            output.zeroPoint(0),
            to);
      }
      builder.input(from, q);
      inputs.add(TestMemory.bytes(x));
      shapes.add(shape);
      requantized.add(y);
    }
    Concat op = builder.prepare();
    Shape shape = op.outputShape(shapes);
    int[] expected = new int[(int) shape.elements()];
    for (int e = 0; e < expected.length; e++) {
      long[] at = coordinates(shape, e);
      int input = 0;
      while (at[axis] >= shapes.get(input).dim(axis)) {
        at[axis] -= shapes.get(input).dim(axis);
        input++;
      }
      expected[e] = requantized.get(input)[index(shapes.get(input), at)];
    }
    return new Case(op, inputs, shapes, to, expected, "seed " + seed + ": " + shapes + " on axis " + axis);
  }

  @Test
  void equalsTheNaiveDefinition() {
    for (long seed = 0; seed < 400; seed++) {
      Case example = random(seed);
      example.check();
      example.check();
      example.op.close();
    }
  }

  @Test
  void anyNumberOfThreadsRunOneOp() throws Exception {
    // Different shapes and memory at once through the arguments that an op keeps between calls.
    List<Callable<Void>> tasks = new ArrayList<>();
    Concat op = octet.concat().input(S8, ONE).input(S8, ONE).output(S8, ONE).axis(0).prepare();
    for (int thread = 1; thread <= 4; thread++) {
      int n = thread;
      tasks.add(() -> {
        for (int round = 0; round < 2000; round++) {
          MemorySegment y = TestMemory.odd(2L * n + 1);
          op.run(List.of(TestMemory.bytes(new int[n]).fill((byte) n), TestMemory.bytes(new int[n + 1])),
              List.of(Shape.of(n), Shape.of(n + 1)), y);
          int[] result = TestMemory.integers(S8, y, 2 * n + 1);
          for (int i = 0; i < result.length; i++) {
            assertEquals(i < n ? n : 0, result[i]);
          }
        }
        return null;
      });
    }
    try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
      for (Future<Void> done : executor.invokeAll(tasks)) {
        done.get();
      }
    }
    op.close();
  }

  private static WeakReference<byte[]> runOnce(Concat op) {
    byte[] input = new byte[1000];
    op.run(List.of(MemorySegment.ofArray(input)), List.of(Shape.of(1000)), TestMemory.odd(1000));
    return new WeakReference<>(input);
  }

  @Test
  void keepsNoOperand() throws InterruptedException {
    try (Concat op = octet.concat().input(S8, ONE).output(S8, ONE).axis(0).prepare()) {
      WeakReference<byte[]> operand = runOnce(op);
      for (int attempt = 0; attempt < 100 && operand.get() != null; attempt++) {
        System.gc();
        Thread.sleep(10);
      }
      assertNull(operand.get());
    }
  }

  private static void refused(String message, Runnable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what::run).getMessage());
  }

  @Test
  void refusesWhatABuilderCannotUse() {
    refused("inputs: not given; call input(...) once for each",
        () -> octet.concat().output(S8, ONE).axis(0).prepare());
    refused("output: not given", () -> octet.concat().input(S8, ONE).axis(0).prepare());
    refused("axis: not given", () -> octet.concat().input(S8, ONE).output(S8, ONE).prepare());
    refused("axis: expected >= 0, got -1", () -> octet.concat().axis(-1));
    refused("inputs[1]: expected U8 or S8, got S4", () -> octet.concat().input(S8, ONE).input(S4, ONE));
    refused("inputs[0]: expected one scale per tensor, got per channel on axis 0",
        () -> octet.concat().input(S8, perChannel(0, new float[]{1})));
    refused("output: zero point -1 (index 0) is outside the range of U8, 0 to 255",
        () -> octet.concat().output(U8, perTensor(1, -1)));
  }

  @Test
  void refusesShapesAndMemoryThatDoNotFit() {
    MemorySegment a = TestMemory.odd(6);
    MemorySegment b = TestMemory.odd(4);
    MemorySegment y = TestMemory.odd(10);
    Shape three = Shape.of(2, 3);
    Shape two = Shape.of(2, 2);
    try (Concat op = octet.concat().input(S8, ONE).input(S8, ONE).output(S8, ONE).axis(1).prepare()) {
      refused("inputs: expected 2, got 1", () -> op.run(List.of(a), List.of(three, two), y));
      refused("shapes: expected 2, got 3", () -> op.run(List.of(a, b), List.of(three, two, two), y));
      refused("shapes[0]: axis 1 is beyond [6]",
          () -> op.run(List.of(a, b), List.of(Shape.of(6), Shape.of(4)), y));
      refused("shapes[1]: expected [2, 3] but for axis 1, got [4, 1]",
          () -> op.run(List.of(a, b), List.of(three, Shape.of(4, 1)), y));
      refused("shapes[1]: expected [2, 3] but for axis 1, got [2, 2, 1]",
          () -> op.run(List.of(a, b), List.of(three, Shape.of(2, 2, 1)), y));
      Shape huge = Shape.of(1, Long.MAX_VALUE);
      refused("shapes: the lengths on axis 1 overflow 64 bits",
          () -> op.run(List.of(a, b), List.of(huge, huge), y));
      Shape half = Shape.of(3, Long.MAX_VALUE / 4);
      refused("y: size " + Long.MAX_VALUE / 4 * 2 + " x 3 overflows 64 bits",
          () -> op.run(List.of(a, b), List.of(half, half), y));
      refused("inputs[1]: expected at least 4 bytes, got 3",
          () -> op.run(List.of(a, b.asSlice(1)), List.of(three, two), y));
      refused("y: expected at least 10 bytes, got 9",
          () -> op.run(List.of(a, b), List.of(three, two), y.asSlice(1)));
      refused("y: the segment is read-only",
          () -> op.run(List.of(a, b), List.of(three, two), y.asReadOnly()));
      refused("y: expected memory of its own, but it overlaps inputs[1]",
          () -> op.run(List.of(a, y.asSlice(6)), List.of(three, two), y));
      // Empty ones may have any other length at all, and the same operand may come twice.
      op.run(List.of(a, a), List.of(Shape.of(0, 3), Shape.of(0, Long.MAX_VALUE - 3)), y);
      op.run(List.of(b, b), List.of(two, two), y);
    }
  }

  @Test
  void refusesToRunWhenClosed() {
    Concat op = octet.concat().input(S8, ONE).output(S8, ONE).axis(0).prepare();
    op.close();
    assertEquals("this concat is closed",
        assertThrows(IllegalStateException.class,
            () -> op.run(List.of(TestMemory.odd(1)), List.of(Shape.of(1)), TestMemory.odd(1))).getMessage());
  }
}
