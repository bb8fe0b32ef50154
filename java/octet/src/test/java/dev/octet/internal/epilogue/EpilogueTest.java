package dev.octet.internal.epilogue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.DataType;
import dev.octet.Isa;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import dev.octet.internal.liboctet.Cpu;
import dev.octet.internal.pack.SignedWeights;
import dev.octet.internal.pack.Sums;
import dev.octet.internal.scalar.ScalarBackend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The epilogue against the scalar engine, tolerance 0, for every way in which a product may be done. */
class EpilogueTest {
  private static final byte CANARY = 0x5a;

  /** Seeded random ops; every choice of types, granularities, bias, clamp, offset, planes and panel. */
  @Test
  void equalsTheScalarEngine() {
    for (int seed = 0; seed < 3000; seed++) {
      new Case(seed, Staging::new).check();
    }
  }

  /** The same in liboctet, on every tier that this machine has; what is in planes stays in Java. */
  @ParameterizedTest
  @EnumSource
  void equalsTheScalarEngineInLiboctet(Isa isa) {
    Cpu cpu = Cpu.get();
    assumeTrue(cpu.failure() == null && (isa == cpu.isa() || isa.isBelow(cpu.isa())), "not on this machine");
    for (int seed = 0; seed < 3000; seed++) {
      new Case(seed, () -> new Staging(isa)).check();
    }
    try (Staging staging = new Staging(isa)) {
      assertNotNull(staging.kernels, "ran in Java");
    }
  }

  /**
   * A caller's arena may be closed by another thread at any time: found as a heap that was overwritten after
   * a run of ONEDNN. The memory outlives its arena here, so that a write into it does no harm.
   */
  @Test
  void liboctetWritesNothingIntoAnArenaThatIsClosed() {
    Cpu cpu = Cpu.get();
    assumeTrue(cpu.failure() == null, "not on this machine");
    MatrixWeights one = MatrixWeights.of(
        QTensor.of(DataType.S8, Shape.of(1, 1), Quantization.perTensor(1), new byte[]{1}),
        WeightLayout.OUT_IN);
    OutputSpec s32 = new OutputSpec(DataType.S32, 1, 0, 0, 0, Float.NEGATIVE_INFINITY,
        Float.POSITIVE_INFINITY);
    MatMulSpec spec = new MatMulSpec(one, new ActivationSpec(DataType.S8, false, 1, 0), null, null, s32,
        false);
    try (Arena arena = Arena.ofConfined(); Staging staging = new Staging(cpu.isa())) {
      MemorySegment sums = arena.allocate(4);
      sums.set(ValueLayout.JAVA_INT, 0, 77);
      SignedWeights weights = new SignedWeights(one, arena.allocate(1));
      MemorySegment output = arena.allocate(4);
      Epilogue epilogue = Epilogue.of(spec, weights, 0, false);
      try (Arena another = Arena.ofShared()) {
        staging.accumulators(sums, 0, 1).output(output.reinterpret(another, null), 0, 1);
        epilogue.apply(staging, 1, 0, 1);
        assertEquals(77, output.get(ValueLayout.JAVA_INT, 0));
      }
      output.fill((byte) 0);
      assertThrows(IllegalStateException.class, () -> epilogue.apply(staging, 1, 0, 1));
      assertEquals(0, output.get(ValueLayout.JAVA_INT, 0));
    }
  }

  /** Every accumulator around every tie of a multiplier whose products are exact, at both saturations. */
  @Test
  void roundsTiesToEven() {
    int[] zeroPoints = {-128, -3, 0, 1, 127};
    for (int zeroPoint : zeroPoints) {
      for (float multiplier : new float[]{0.5f, 0.25f, 1, 0.125f, 1.5f, 2.5f, 0.1f}) {
        OutputSpec output = new OutputSpec(DataType.S8, 1, zeroPoint, -128, 127, Float.NEGATIVE_INFINITY,
            Float.POSITIVE_INFINITY);
        int[] accumulators = new int[8192];
        Arrays.setAll(accumulators, i -> i - 4096);
        requantizes(accumulators, multiplier, output);
      }
    }
  }

  /** Accumulators at the ends of their range and multipliers of every magnitude, 0 and infinity included. */
  @Test
  void saturates() {
    Random random = new Random(5);
    float[] multipliers = {0, Float.MIN_VALUE, 1e-40f, 1e-20f, 1e-9f, 5.9604645e-8f, 1.1920929e-7f, 1e-3f,
        0.99999994f, 1, 1.0000001f, 3, 1e5f, 4194304, 8388608, 1e20f, Float.MAX_VALUE,
        Float.POSITIVE_INFINITY};
    for (DataType type : new DataType[]{DataType.U8, DataType.S8}) {
      for (int zeroPoint : new int[]{type.min(), 3, type.max()}) {
        for (int[] range : new int[][]{{type.min(), type.max()}, {3, 3}, {zeroPoint, type.max()}, {5, 90}}) {
          OutputSpec output = new OutputSpec(type, 1, zeroPoint, range[0], range[1],
              Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
          for (float multiplier : multipliers) {
            int[] accumulators = new int[1024];
            for (int i = 0; i < accumulators.length; i++) {
              accumulators[i] = switch (i % 4) {
                case 0 -> Integer.MIN_VALUE + i;
                case 1 -> Integer.MAX_VALUE - i;
                case 2 -> i - 512;
                default -> random.nextInt() >> random.nextInt(31);
              };
            }
            requantizes(accumulators, multiplier, output);
          }
        }
      }
    }
  }

  /** A multiplier at the output alone: input 1, weight scale, output 1, so that M is the weight scale. */
  private static void requantizes(int[] accumulators, float multiplier, OutputSpec output) {
    int[] low = new int[accumulators.length];
    float[] multipliers = new float[accumulators.length];
    Arrays.fill(multipliers, multiplier);
    byte[] expected = new byte[accumulators.length];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (byte) Numbers.round((float) accumulators[i] * multiplier, output.zeroPoint(),
          output.lo(), output.hi());
    }
    for (int first = 0; first < accumulators.length; first += Staging.CHUNK) {
      int count = Math.min(Staging.CHUNK, accumulators.length - first);
      String what = "multiplier " + multiplier + " " + output + " from " + first;
      int[] sums = Arrays.copyOfRange(accumulators, first, first + count);
      byte[] want = Arrays.copyOfRange(expected, first, first + count);
      Staging staging = new Staging();
      Loops.requantize(sums, low, multipliers, 1, output.zeroPoint(), output.lo(), output.hi(),
          staging.floats, count);
      Loops.narrow(staging.floats, staging.bytes, count);
      assertArrayEquals(want, Arrays.copyOf(staging.bytes, count), what);
      Saturation saturation = Saturation.of(multipliers, output);
      if (saturation != null) {
        Loops.requantize(sums, low, saturation.low, saturation.high, multipliers, output.zeroPoint(),
            staging.bytes, count);
        assertArrayEquals(want, Arrays.copyOf(staging.bytes, count), what + ", clamped before");
      } else {
        boolean holdsZero = output.lo() <= output.zeroPoint() && output.zeroPoint() <= output.hi();
        assertFalse(multiplier <= 0.5f && holdsZero, what + ": expected bounds of the accumulator");
      }
    }
  }

  /** One random op, run by the scalar engine and by a naive integer product with the epilogue behind it. */
  private static final class Case {
    final int seed;
    final Supplier<Staging> stagings;
    final Random random;
    final int k;
    final int n;
    final int rows;
    final MatMulSpec spec;
    final MatrixWeights weights;
    final int offset;
    final boolean centred;
    final int planes;

    Case(int seed, Supplier<Staging> stagings) {
      this.seed = seed;
      this.stagings = stagings;
      this.random = new Random(seed);
      this.k = 1 + random.nextInt(seed % 10 == 0 ? 400 : 20);
      int[] sizes = {1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 128, 511, 1023, 1024, 1025, 2050};
      this.n = sizes[random.nextInt(seed % 8 == 0 ? sizes.length : 15)];
      this.rows = 1 + random.nextInt(n > 200 ? 3 : 40);
      boolean extreme = random.nextInt(3) == 0;
      DataType weightType = random.nextBoolean() ? DataType.S8 : DataType.U8;
      byte[] w = new byte[k * n];
      random.nextBytes(w);
      if (extreme) {
        Arrays.fill(w, (byte) (weightType == DataType.S8 ? -128 : 255));
      }
      boolean outIn = random.nextBoolean();
      Shape shape = outIn ? Shape.of(n, k) : Shape.of(k, n);
      Quantization q = weightQuantization(weightType, outIn ? 0 : 1);
      this.weights = MatrixWeights.of(QTensor.of(weightType, shape, q, w),
          outIn ? WeightLayout.OUT_IN : WeightLayout.IN_OUT);
      DataType inputType = random.nextBoolean() ? DataType.S8 : DataType.U8;
      boolean atRun = random.nextInt(3) == 0;
      ActivationSpec input = new ActivationSpec(inputType, atRun, atRun ? 1 : scale(),
          atRun ? 0 : zeroPoint(inputType));
      OutputSpec output = output();
      boolean f32 = output.type() == DataType.F32;
      this.spec = new MatMulSpec(weights, input, !f32 && random.nextBoolean() ? bias() : null,
          f32 && random.nextBoolean() ? floatBias() : null, output, false);
      this.offset = random.nextBoolean() ? 0 : inputType == DataType.S8 ? 128 : -128;
      this.centred = !atRun && random.nextInt(3) == 0;
      this.planes = random.nextBoolean() ? 1 : 1 + random.nextInt(3);
    }

    private float scale() {
      return (float) Math.exp(random.nextGaussian() * (random.nextInt(8) == 0 ? 20 : 2) - 4);
    }

    private int zeroPoint(DataType type) {
      return switch (random.nextInt(4)) {
        case 0 -> type.min();
        case 1 -> type.max();
        case 2 -> 0;
        default -> type.min() + random.nextInt(256);
      };
    }

    private Quantization weightQuantization(DataType type, int axis) {
      boolean symmetric = random.nextBoolean();
      if (random.nextInt(3) == 0) {
        return Quantization.perTensor(scale(), symmetric ? 0 : zeroPoint(type));
      }
      float[] scales = new float[n];
      int[] zeroPoints = new int[n];
      for (int c = 0; c < n; c++) {
        scales[c] = Math.max(scale(), Float.MIN_VALUE);
        zeroPoints[c] = symmetric ? 0 : zeroPoint(type);
      }
      return Quantization.perChannel(axis, scales, zeroPoints);
    }

    private OutputSpec output() {
      float min = random.nextBoolean() ? Float.NEGATIVE_INFINITY : (float) random.nextGaussian();
      float max = random.nextBoolean() ? Float.POSITIVE_INFINITY : (float) random.nextGaussian() + 5;
      return switch (random.nextInt(5)) {
        case 0 -> new OutputSpec(DataType.S32, 1, 0, 0, 0, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
        case 1 -> new OutputSpec(DataType.F32, 1, 0, 0, 0, Math.min(min, max), Math.max(min, max));
        default -> {
          DataType type = random.nextBoolean() ? DataType.S8 : DataType.U8;
          int a = type.min() + random.nextInt(256);
          int b = random.nextBoolean() ? type.max() : type.min() + random.nextInt(256);
          boolean whole = random.nextBoolean();
          yield new OutputSpec(type, (float) Math.exp(random.nextGaussian() * 2), zeroPoint(type),
              whole ? type.min() : Math.min(a, b), whole ? type.max() : Math.max(a, b), min, max);
        }
      };
    }

    private int[] bias() {
      int[] bias = new int[n];
      Arrays.setAll(bias, c -> random.nextInt() >> random.nextInt(32));
      return bias;
    }

    private float[] floatBias() {
      float[] bias = new float[n];
      for (int c = 0; c < n; c++) {
        bias[c] = (float) random.nextGaussian();
      }
      return bias;
    }

    void check() {
      String what = "seed " + seed + ": " + rows + "x" + k + "x" + n + " offset " + offset + " centred "
          + centred + " planes " + planes + " " + spec;
      int size = spec.output().type().bits() / 8;
      byte[] a = new byte[rows * k];
      random.nextBytes(a);
      MemorySegment src = MemorySegment.ofArray(a);
      MemorySegment rowScales = null;
      MemorySegment rowZeroPoints = null;
      if (spec.input().atRun()) {
        rowScales = MemorySegment.ofArray(new byte[4 * rows]);
        rowZeroPoints = random.nextBoolean() ? null : MemorySegment.ofArray(new byte[4 * rows]);
        for (int r = 0; r < rows; r++) {
          rowScales.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * r,
              random.nextInt(20) == 0 ? Float.MAX_VALUE : scale());
          if (rowZeroPoints != null) {
            rowZeroPoints.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * r, zeroPoint(spec.input().type()));
          }
        }
      }
      byte[] expected = new byte[rows * n * size];
      try (var scalar = new ScalarBackend(); var kernel = scalar.matMul(spec)) {
        kernel.run(src, k, rowScales, rowZeroPoints, MemorySegment.ofArray(expected), n, rows);
      }
      try (Arena arena = Arena.ofConfined()) {
        boolean outside = random.nextBoolean();
        byte[] actual = product(arena, a, outside ? copy(arena, rowScales) : rowScales,
            outside ? copy(arena, rowZeroPoints) : rowZeroPoints, size, what);
        assertArrayEquals(expected, actual, what);
      }
    }

    private static MemorySegment copy(Arena arena, MemorySegment table) {
      return table == null ? null : arena.allocate(table.byteSize()).copyFrom(table);
    }

    /** The product in the terms of an engine, in column panels, with rows of scratch and result apart. */
    private byte[] product(Arena arena, byte[] a, MemorySegment rowScales, MemorySegment rowZeroPoints,
        int size, String what) {
      MemorySegment signed = arena.allocate((long) k * n);
      SignedWeights packed = new SignedWeights(weights, signed);
      Epilogue epilogue = Epilogue.of(spec, packed, offset, centred);
      MemorySegment multiplied = arena.allocate((long) rows * k);
      int[] operand = new int[rows * k];
      boolean unsigned = spec.input().type() == DataType.U8 ? offset == 0 : offset != 0;
      for (int i = 0; i < operand.length; i++) {
        multiplied.set(ValueLayout.JAVA_BYTE, i, (byte) (a[i] ^ (offset == 0 ? 0 : 0x80)));
        int b = multiplied.get(ValueLayout.JAVA_BYTE, i);
        operand[i] = unsigned ? b & 0xff : b;
      }
      MemorySegment sums = null;
      if (epilogue.needsRowSums()) {
        sums = arena.allocate(4L * rows);
        for (int r = 0; r < rows; r++) {
          int sum = unsigned ? Sums.unsigned(multiplied, (long) r * k, k) : 0;
          for (int i = 0; i < k && !unsigned; i++) {
            sum += operand[r * k + i];
          }
          sums.setAtIndex(ValueLayout.JAVA_INT, r, sum);
        }
      }
      int stride = n + random.nextInt(3);
      int outStride = n + random.nextInt(3);
      int distance = rows * stride + random.nextInt(3);
      MemorySegment accumulators = arena.allocate(4L * planes * distance, 4);
      int zeroPoint = centred ? spec.input().zeroPoint() + offset : 0;
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < n; c++) {
          int sum = 0;
          for (int i = 0; i < k; i++) {
            sum += (operand[r * k + i] - zeroPoint) * signed.get(ValueLayout.JAVA_BYTE, (long) i * n + c);
          }
          for (int plane = 1; plane < planes; plane++) {
            int part = random.nextInt();
            accumulators.setAtIndex(ValueLayout.JAVA_INT, plane * distance + r * stride + c, part);
            sum -= part;
          }
          accumulators.setAtIndex(ValueLayout.JAVA_INT, r * stride + c, sum);
        }
      }
      int edge = 5;
      byte[] heap = new byte[(rows * outStride + 2 * edge) * size];
      Arrays.fill(heap, CANARY);
      MemorySegment dst = MemorySegment.ofArray(heap);
      if (random.nextBoolean()) {
        dst = arena.allocate(heap.length).copyFrom(dst);
      }
      int panel = random.nextBoolean() ? n : 1 + random.nextInt(n);
      int block = random.nextBoolean() ? rows : 1 + random.nextInt(rows);
      try (Staging staging = stagings.get()) {
        for (int c = 0; c < n; c += panel) {
          for (int r = 0; r < rows; r += block) {
            staging.accumulators(accumulators, (long) r * stride + c, stride).planes(planes, distance)
                .rows(rowScales, rowZeroPoints, sums, r)
                .output(dst, edge + (long) r * outStride + c, outStride);
            epilogue.apply(staging, Math.min(block, rows - r), c, Math.min(n, c + panel));
          }
        }
      }
      byte[] all = dst.toArray(ValueLayout.JAVA_BYTE);
      byte[] result = new byte[rows * n * size];
      for (int i = 0; i < all.length; i++) {
        int element = i / size - edge;
        boolean inside = i >= edge * size && element < rows * outStride && element % outStride < n;
        if (inside) {
          result[(element / outStride * n + element % outStride) * size + i % size] = all[i];
        } else {
          assertEquals(CANARY, all[i], what + ": written outside at byte " + i);
        }
      }
      return result;
    }
  }
}
