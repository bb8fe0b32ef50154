package dev.octet.internal.answers;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;

import dev.octet.BlockFormat;
import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.Backend;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.BlockWeights;
import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.SgemmKernel;
import dev.octet.engine.SgemmSpec;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * Products. Tiles are 6 or 12 rows high and 16 or 64 columns wide, of 1 to 4 vectors; they step through K by
 * 1, 4 or 8.
 */
final class ProductAnswers {
  /** Every height of a tile, two of them one above the other, and more rows than 3 tiles of 6. */
  private static final int[] ROWS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 19};
  private static final int MOST = ROWS[ROWS.length - 1];

  private static final int LONG = 6149;

  /**
   * Columns and depth: with a tail, without one, below one step; of 2 to 4 steps without a tail, which some
   * kernels unroll; and deeper than {@code LONGEST_K} of native/src/matmul.h, beyond which sums are cut.
   */
  private static final int[][] SIZES = {{15, 39}, {16, 32}, {33, 23}, {64, 20}, {65, 35}, {33, 3}, {130, 5},
      {20, 8}, {20, 12}, {20, 16}, {64, 8}, {33, 12}, {64, 16}, {3, LONG}};

  /**
   * Columns, depth and size of groups, where there are groups: whole ones, of 32 with loops of their own, and
   * cut ones; at least 64 deep but for one, from where weightOnlyMatMul cuts floats into digits.
   */
  private static final int[][] GROUPED_SIZES = {{64, 128, 32}, {65, 96, 32}, {65, 81, 32}, {15, 64, 16},
      {16, 161, 64}, {33, 256, 128}, {33, 300, 256}, {33, 3, 16}};

  private ProductAnswers() {}

  static List<Answer<?>> matMul(DataType type, DataType weightType, DataType to, boolean inexact) {
    List<Answer<?>> answers = new ArrayList<>();
    for (int[] size : SIZES) {
      int n = size[0];
      int k = size[1];
      for (boolean plain : plain(k)) {
        boolean atRun = !plain && to != S32;
        Draw draw = new Draw(answers.size());
        MatrixWeights weights = MatrixWeights.of(
            draw.weights(weightType, Shape.of(n, k), 0, !plain), WeightLayout.OUT_IN);
        MatMulSpec spec = new MatMulSpec(weights, Draw.input(type, atRun, false),
            plain && to != F32 ? draw.integerBias(n, k) : null, plain && to == F32 ? draw.bias(n, k) : null,
            Draw.output(to, k, !plain), inexact);
        answers.add(new Answer<MatMulKernel>(text(n, k, plain), backend -> backend.matMul(spec),
            new Answer.Tolerance(Allowed.NOTHING, Allowed.byInexactEpilogue(to)),
            List.of(new Answer.Run<>("", (kernel, sample) -> {
              long from = k + n % 2L;
              long wide = n + n % 3L;
              MemorySegment src = sample.bytes((MOST - 1) * from + k);
              MemorySegment scales = atRun ? sample.scales(MOST) : null;
              MemorySegment zeroPoints = atRun ? sample.zeroPoints(MOST, type) : null;
              rows(sample, to, n, wide,
                  (dst, rows) -> kernel.run(src, from, scales, zeroPoints, dst, wide, rows));
            }))));
      }
    }
    return answers;
  }

  static List<Answer<?>> dynamic(DataType weightType, boolean grouped, boolean perTensor) {
    return floats(weightType, grouped, perTensor, Backend::dynamicMatMul, Answer.Tolerance.NONE);
  }

  /** The order of sums is free. */
  static List<Answer<?>> weightOnly(DataType weightType, boolean grouped) {
    return floats(weightType, grouped, false, Backend::weightOnlyMatMul, nearly());
  }

  private static Answer.Tolerance nearly() {
    return new Answer.Tolerance(Allowed.NEARLY, Allowed.NEARLY);
  }

  private static List<Answer<?>> floats(DataType weightType, boolean grouped, boolean perTensor,
      BiFunction<Backend, FloatMatMulSpec, FloatMatMulKernel> prepare, Answer.Tolerance allowed) {
    List<Answer<?>> answers = new ArrayList<>();
    for (int[] size : GROUPED_SIZES) {
      int n = size[0];
      int k = size[1];
      int group = size[2];
      for (boolean plain : new boolean[]{true, false}) {
        Draw draw = new Draw(answers.size());
        MatrixWeights weights = MatrixWeights.of(grouped
            ? grouped(draw, weightType, n, k, group, !plain)
            : draw.weights(weightType, Shape.of(n, k), 0, !plain), WeightLayout.OUT_IN);
        float bound = plain ? Float.POSITIVE_INFINITY : 4;
        FloatMatMulSpec spec = new FloatMatMulSpec(weights, plain ? draw.bias(n, k) : null, -bound, bound,
            !plain && perTensor);
        answers.add(new Answer<>(text(n, k, plain), backend -> prepare.apply(backend, spec), allowed,
            floatRows(k, n, !spec.perTensor())));
      }
    }
    return answers;
  }

  private static QTensor grouped(Draw draw, DataType type, int n, int k, int group, boolean zeroPoints) {
    int count = n * Math.ceilDiv(k, group);
    Shape shape = Shape.of(n, k);
    return QTensor.of(type, shape, zeroPoints
        ? Quantization.perGroup(1, group, draw.scales(count), draw.zeroPoints(count, type))
        : Quantization.perGroup(1, group, draw.scales(count)), draw.bytes(type.bytes(shape.elements())));
  }

  static List<Answer<?>> blocks(List<BlockFormat> formats) {
    return blocks(formats, Backend::blockMatMul, Answer.Tolerance.NONE);
  }

  /** The order of sums is free. */
  static List<Answer<?>> blockWeightOnly(List<BlockFormat> formats) {
    return blocks(formats, Backend::blockWeightOnlyMatMul, nearly());
  }

  /** Weights of several formats side by side. */
  private static List<Answer<?>> blocks(List<BlockFormat> formats,
      BiFunction<Backend, BlockMatMulSpec, FloatMatMulKernel> prepare, Answer.Tolerance allowed) {
    int longest = formats.stream().mapToInt(BlockFormat::elements).max().orElseThrow();
    List<Answer<?>> answers = new ArrayList<>();
    for (int n : new int[]{15, 33, 65}) {
      Draw draw = new Draw(n);
      // Blocks have 32, 64 or 256 weights.
      int k = longest == 256 ? 256 : 192;
      boolean plain = n == 33;
      List<BlockWeights> weights = formats.stream()
          .map(format -> BlockWeights.of("weights", draw.blocks(format, n, k))).toList();
      int all = n * formats.size();
      BlockMatMulSpec spec = new BlockMatMulSpec(weights, plain ? null : draw.floats(all, 100),
          plain ? Float.NEGATIVE_INFINITY : -1000, plain ? Float.POSITIVE_INFINITY : 1000);
      answers.add(new Answer<>(text(n, k, plain), backend -> prepare.apply(backend, spec), allowed,
          floatRows(k, all, true)));
    }
    return answers;
  }

  static List<Answer<?>> batch(DataType left, DataType right, DataType to) {
    List<Answer<?>> answers = new ArrayList<>();
    for (int[] size : SIZES) {
      int n = size[0];
      int k = size[1];
      for (boolean plain : plain(k)) {
        boolean transposed = answers.size() % 4 < 2;
        boolean atRun = !plain && to != S32;
        BatchMatMulSpec spec = new BatchMatMulSpec(Draw.input(left, atRun, false),
            Draw.input(right, atRun, false),
            transposed, Draw.output(to, 4 * k, !plain));
        answers.add(new Answer<BatchMatMulKernel>(text(n, k, plain) + (transposed ? ", transposed" : ""),
            backend -> backend.batchMatMul(spec), Answer.Tolerance.NONE,
            List.of(new Answer.Run<>("", (kernel, sample) -> {
              BatchMatMulCall call = new BatchMatMulCall()
                  .left(sample.bytes((long) MOST * k), atRun ? sample.scales(MOST) : null,
                      atRun ? sample.zeroPoints(MOST, left) : null)
                  .right(sample.bytes((long) k * n), atRun ? sample.scales(n) : null,
                      atRun ? sample.zeroPoints(n, right) : null);
              rows(sample, to, n, n,
                  (dst, rows) -> kernel.run(call.dense(1, rows, k, n, transposed).out(dst)));
            }))));
      }
    }
    return answers;
  }

  static List<Answer<?>> sgemm() {
    List<Answer<?>> answers = new ArrayList<>();
    for (int[] size : SIZES) {
      int n = size[0];
      int k = size[1];
      for (boolean fixed : new boolean[]{true, false}) {
        Draw draw = new Draw(answers.size());
        boolean transposed = answers.size() % 3 == 0;
        boolean accumulates = !fixed && answers.size() % 4 == 1;
        SgemmSpec spec = new SgemmSpec(fixed ? MemorySegment.ofArray(draw.floats(k * n, 1)) : null,
            fixed ? k : 0, fixed ? n : 0, transposed, fixed ? draw.floats(n, 4) : null,
            fixed || accumulates ? null : draw.floats(MOST, 4), accumulates);
        answers.add(new Answer<SgemmKernel>(
            text(n, k, fixed) + (transposed ? ", transposed" : "") + (accumulates ? ", accumulating" : ""),
            backend -> backend.sgemm(spec), Answer.Tolerance.NONE,
            List.of(new Answer.Run<>("", (kernel, sample) -> {
              BatchMatMulCall call = new BatchMatMulCall().left(sample.floats((long) MOST * k), null, null)
                  .right(fixed ? null : sample.floats((long) k * n), null, null);
              rows(sample, F32, n, n, (dst, rows) -> kernel.run(call.dense(1, rows, k, n, transposed).out(dst)));
            }))));
      }
    }
    return answers;
  }

  /** Whether a kernel is without zero points and the like: what is long is not made twice. */
  private static boolean[] plain(int k) {
    return k == LONG ? new boolean[]{true} : new boolean[]{true, false};
  }

  private static String text(int n, int k, boolean plain) {
    return k + " x " + n + (plain ? "" : " with all parameters");
  }

  private static List<Answer.Run<FloatMatMulKernel>> floatRows(int k, int n, boolean independent) {
    long from = k + n % 2L;
    long wide = n + n % 3L;
    return List.of(new Answer.Run<>("", (kernel, sample) -> {
      MemorySegment src = sample.floats((MOST - 1) * from + k);
      FewRows run = (dst, rows) -> kernel.run(src, from, dst, wide, rows);
      if (independent) {
        rows(sample, F32, n, wide, run);
      } else {
        each(results(sample, F32, n, wide), run);
      }
    }));
  }

  /** A run of the first rows of an operand. */
  private interface FewRows {
    void of(MemorySegment dst, int rows);
  }

  /**
   * Runs every number of rows; what is right for most of them is right for fewer, which saves SCALAR's time.
   */
  private static void rows(Sample sample, DataType to, int columns, long stride, FewRows run) {
    List<MemorySegment> results = results(sample, to, columns, stride);
    if (!sample.isReference()) {
      each(results, run);
      return;
    }
    MemorySegment all = results.getLast();
    run.of(all, MOST);
    results.forEach(dst -> MemorySegment.copy(all, 0, dst, 0, dst.byteSize()));
  }

  private static List<MemorySegment> results(Sample sample, DataType to, int columns, long stride) {
    return IntStream.of(ROWS).mapToObj(rows -> sample.result("rows " + rows, to, rows, columns, stride))
        .toList();
  }

  private static void each(List<MemorySegment> results, FewRows run) {
    for (int i = 0; i < ROWS.length; i++) {
      run.of(results.get(i), ROWS[i]);
    }
  }
}
