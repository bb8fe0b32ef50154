package dev.octet.internal.answers;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;

import dev.octet.BlockFormat;
import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.ActivationSpec;
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
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Products. Tiles are 6 or 12 rows high and 16 or 64 columns wide, of 1 to 4 vectors; they step through K by
 * 1, 4 or 8.
 */
final class ProductAnswers {
  /** Every height of a tile, two of them one above the other, and more rows than 3 tiles of 6. */
  private static final int[] ROWS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 19};
  private static final int MOST = ROWS[ROWS.length - 1];

  private static final int LONG = 6149;
  /** What is that deep takes SCALAR long: one tile, and two of them in a band of rows. */
  private static final int[] LONG_ROWS = {1, 7};
  /** By more than one block of columns. */
  private static final int[] WIDE_LONG_ROWS = {1, 2};

  /**
   * Columns and depth: with a tail, without one, below one step; of 2 to 4 steps without a tail, which some
   * kernels unroll; and deeper than {@code LONGEST_K} of native/src/matmul.h, beyond which sums are cut.
   */
  private static final int[][] SIZES = {{15, 39}, {16, 32}, {33, 23}, {64, 20}, {65, 35}, {33, 3}, {130, 5},
      {20, 8}, {20, 12}, {20, 16}, {64, 8}, {33, 12}, {64, 16}, {3, LONG}, {65, LONG}};

  /**
   * Columns, depth and size of groups, where there are groups: whole ones, of 32 with loops of their own, and
   * cut ones; at least 64 deep but for one, from where weightOnlyMatMul cuts floats into digits.
   */
  private static final int[][] GROUPED_SIZES = {{64, 128, 32}, {65, 96, 32}, {65, 81, 32}, {15, 64, 16},
      {16, 161, 64}, {33, 256, 128}, {33, 300, 256}, {33, 3, 16}};

  private ProductAnswers() {}

  /** With which parameters a product comes. */
  private enum Form {
    /** None of the run, and no clamp. */
    PLAIN(""),
    /** The same with a clamp, for which bytes of few K have loops of their own. */
    CLAMPED(", clamped"),
    /** The right operand of a batch has the zero point that packed bytes have: sums need no terms of rows. */
    CENTRED(", centred"),
    /** That, and scales of the left operand's rows. */
    CENTRED_AT_RUN(", centred, with scales of the run"),
    /** Scales and zero points of the run: of all rows, or of each. */
    AT_RUN(", with scales of the run"),
    /** Those of each row, zero points of weights and a clamp. */
    ALL(" with all parameters");

    private final String text;

    Form(String text) {
      this.text = text;
    }

    boolean isCentred() {
      return this == CENTRED || this == CENTRED_AT_RUN;
    }

    boolean isAtRun() {
      return this == CENTRED_AT_RUN || this == AT_RUN || this == ALL;
    }
  }

  /** Scales or zero points of a run: none, the same for all rows, or one for each. */
  private enum Terms {
    NONE, ONE, EACH
  }

  /**
   * What the rows of a run have.
   *
   * @param scales where the run has any
   */
  private record RowTerms(Terms scales, Terms zeroPoints) {
    private static final List<RowTerms> OF_EACH = List.of(new RowTerms(Terms.EACH, Terms.EACH));
    private static final List<RowTerms> SCALES = List.of(new RowTerms(Terms.EACH, Terms.NONE),
        new RowTerms(Terms.ONE, Terms.NONE));
    private static final List<RowTerms> ALL = List.of(new RowTerms(Terms.ONE, Terms.ONE),
        new RowTerms(Terms.ONE, Terms.EACH), new RowTerms(Terms.EACH, Terms.ONE),
        new RowTerms(Terms.EACH, Terms.EACH), new RowTerms(Terms.ONE, Terms.NONE));
    private static final List<RowTerms> NONE = List.of(new RowTerms(Terms.NONE, Terms.NONE));

    static List<RowTerms> of(Form form) {
      return switch (form) {
        case PLAIN, CLAMPED, CENTRED -> NONE;
        case CENTRED_AT_RUN -> SCALES;
        case AT_RUN -> ALL;
        case ALL -> OF_EACH;
      };
    }

    @Nullable
    MemorySegment scales(Sample sample, long count) {
      return switch (scales) {
        case NONE -> null;
        case ONE -> Sample.alike(sample.scales(count));
        case EACH -> sample.scales(count);
      };
    }

    @Nullable
    MemorySegment zeroPoints(Sample sample, long count, DataType type) {
      return switch (zeroPoints) {
        case NONE -> null;
        case ONE -> Sample.alike(sample.zeroPoints(count, type));
        case EACH -> sample.zeroPoints(count, type);
      };
    }

    String text() {
      return scales == Terms.NONE && zeroPoints == Terms.NONE
          ? ""
          : ("scales " + scales + ", zero points " + zeroPoints).toLowerCase(Locale.ROOT);
    }
  }

  /** Those of a product with fixed weights: what is long is made few times. */
  private static List<Form> forms(int n, int k, DataType to) {
    if (isLarge(n, k)) {
      return List.of(Form.ALL);
    }
    List<Form> forms = new ArrayList<>(List.of(Form.PLAIN, Form.ALL));
    if (to.isByte() && k >= 8 && k <= 16) {
      forms.add(Form.CLAMPED);
    }
    if (isManifold(n, k)) {
      forms.add(Form.AT_RUN);
    }
    return forms;
  }

  private static boolean isLarge(int n, int k) {
    return k == LONG && n > 64;
  }

  /** Whether a size comes in every form: those of 2, 3 and 4 vectors of 16 columns, and of three blocks. */
  private static boolean isManifold(int n, int k) {
    return (n == 20 && k == 8) || (n == 33 && k == 23) || (n == 64 && k == 20) || n == 130;
  }

  static List<Answer<?>> matMul(DataType type, DataType weightType, DataType to, boolean inexact) {
    List<Answer<?>> answers = new ArrayList<>();
    for (int[] size : SIZES) {
      for (Form form : forms(size[0], size[1], to)) {
        answers.add(matMul(size[0], size[1], form, new Draw(answers.size()), type, weightType, to, inexact));
      }
    }
    return answers;
  }

  private static Answer<MatMulKernel> matMul(int n, int k, Form form, Draw draw, DataType type,
      DataType weightType, DataType to, boolean inexact) {
    boolean plain = form != Form.ALL;
    MatrixWeights weights = MatrixWeights.of(draw.weights(weightType, Shape.of(n, k), 0, !plain),
        WeightLayout.OUT_IN);
    MatMulSpec spec = new MatMulSpec(weights, Draw.input(type, form.isAtRun(), false),
        plain && to != F32 ? draw.integerBias(n, k) : null, plain && to == F32 ? draw.bias(n, k) : null,
        Draw.output(to, k, form == Form.ALL || form == Form.CLAMPED), inexact);
    List<Answer.Run<MatMulKernel>> runs = new ArrayList<>();
    for (RowTerms terms : RowTerms.of(form)) {
      runs.add(new Answer.Run<>(terms.text(), (kernel, sample) -> {
        long from = k + n % 2L;
        long wide = n + n % 3L;
        MemorySegment src = sample.bytes((MOST - 1) * from + k);
        MemorySegment scales = terms.scales(sample, MOST);
        MemorySegment zeroPoints = terms.zeroPoints(sample, MOST, type);
        rows(sample, heights(n, k), to, n, wide, null,
            (dst, rows) -> kernel.run(src, from, scales, zeroPoints, dst, wide, rows));
      }));
    }
    return new Answer<>(text(n, k, form), backend -> backend.matMul(spec),
        new Answer.Tolerance(Allowed.NOTHING, Allowed.byInexactEpilogue(to)), runs);
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
        float bound = plain ? Float.POSITIVE_INFINITY : 16;
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
    for (int i = 0; i < SIZES.length; i++) {
      int n = SIZES[i][0];
      int k = SIZES[i][1];
      List<Form> forms = isManifold(n, k)
          ? List.of(Form.PLAIN, Form.CENTRED, Form.CENTRED_AT_RUN, Form.AT_RUN, Form.ALL)
          : isLarge(n, k) ? List.of(Form.ALL) : List.of(Form.PLAIN, Form.ALL);
      for (int j = 0; j < forms.size(); j++) {
        answers.add(batch(n, k, forms.get(j), (i + j) % 2 == 0, left, right, to));
      }
    }
    return answers;
  }

  private static Answer<BatchMatMulKernel> batch(int n, int k, Form form, boolean transposed, DataType left,
      DataType right, DataType to) {
    BatchMatMulSpec spec = new BatchMatMulSpec(Draw.input(left, form.isAtRun(), false),
        form.isCentred()
            ? new ActivationSpec(right, false, Draw.INPUT_SCALE, right.min() + 128)
            : Draw.input(right, form.isAtRun(), false),
        transposed, Draw.output(to, 4 * k, form == Form.ALL));
    List<Answer.Run<BatchMatMulKernel>> runs = new ArrayList<>();
    List<RowTerms> all = RowTerms.of(form);
    for (RowTerms terms : all) {
      runs.add(new Answer.Run<>(terms.text(), (kernel, sample) -> {
        BatchMatMulCall call = operands(sample, spec, terms, MOST, n, (long) MOST * k, (long) k * n);
        rows(sample, heights(n, k), to, n, n, null,
            (dst, rows) -> kernel.run(call.dense(1, rows, k, n, transposed).out(dst)));
      }));
    }
    if (isManifold(n, k)) {
      for (boolean repeated : new boolean[]{false, true}) {
        runs.add(new Answer.Run<>("two products" + (repeated ? " by one operand" : ""), (kernel, sample) -> {
          Apart at = new Apart(n, k, transposed, repeated);
          BatchMatMulCall call = operands(sample, spec, all.getFirst(), 2 * Apart.ROWS, 2 * n,
              at.leftElements(), at.rightElements());
          kernel.run(at.of(call, sample, to));
        }));
      }
    }
    return new Answer<>(text(n, k, form) + (transposed ? ", transposed" : ""),
        backend -> backend.batchMatMul(spec), Answer.Tolerance.NONE, runs);
  }

  /** Operands of rows and columns, the parameters of which are those of all products. */
  private static BatchMatMulCall operands(Sample sample, BatchMatMulSpec spec, RowTerms terms, int rows,
      int columns, long leftElements, long rightElements) {
    boolean scaled = spec.output().type() != S32;
    boolean rightAtRun = spec.right().atRun();
    return new BatchMatMulCall()
        .left(sample.bytes(leftElements), scaled ? terms.scales(sample, rows) : null,
            terms.zeroPoints(sample, rows, spec.left().type()))
        .right(sample.bytes(rightElements), scaled && rightAtRun ? sample.scales(columns) : null,
            rightAtRun ? sample.zeroPoints(columns, spec.right().type()) : null);
  }

  /**
   * Two products whose rows and operands lie apart.
   *
   * @param repeated whether both have one right operand
   */
  private record Apart(int n, int k, boolean transposed, boolean repeated) {
    /** A whole tile and a part of one. */
    static final int ROWS = 7;

    private long leftRow() {
      return k + 1L;
    }

    private long leftBatch() {
      return ROWS * leftRow() + 2;
    }

    private long rightRow() {
      return (transposed ? k : n) + 3L;
    }

    private long rightBatch() {
      return (transposed ? n : k) * rightRow() + 1;
    }

    private long outRow() {
      return n + 2L;
    }

    long leftElements() {
      return 2 * leftBatch();
    }

    long rightElements() {
      return 2 * rightBatch();
    }

    BatchMatMulCall of(BatchMatMulCall call, Sample sample, DataType to) {
      // Between the products is room for a row, whose bytes nobody may write.
      MemorySegment dst = sample.result("result", to, 2 * (ROWS + 1), n, outRow());
      return call.sizes(2, ROWS, k, n).leftStrides(leftBatch(), leftRow())
          .rightStrides(repeated ? 0 : rightBatch(), rightRow())
          .out(dst).outStrides((ROWS + 1) * outRow(), outRow());
    }
  }

  static List<Answer<?>> sgemm() {
    List<Answer<?>> answers = new ArrayList<>();
    for (int[] size : SIZES) {
      int n = size[0];
      int k = size[1];
      for (boolean fixed : isLarge(n, k) ? new boolean[0] : new boolean[]{true, false}) {
        Draw draw = new Draw(answers.size());
        boolean transposed = answers.size() % 3 == 0;
        boolean accumulates = !fixed && answers.size() % 4 == 1;
        SgemmSpec spec = new SgemmSpec(fixed ? MemorySegment.ofArray(draw.floats(k * n, 1)) : null,
            fixed ? k : 0, fixed ? n : 0, transposed, fixed ? draw.floats(n, 4) : null,
            fixed || accumulates ? null : draw.floats(MOST, 4), accumulates);
        answers.add(new Answer<SgemmKernel>(
            k + " x " + n + (fixed ? "" : ", both of the run") + (transposed ? ", transposed" : "")
                + (accumulates ? ", accumulating" : ""),
            backend -> backend.sgemm(spec), Answer.Tolerance.NONE,
            List.of(new Answer.Run<>("", (kernel, sample) -> {
              BatchMatMulCall call = new BatchMatMulCall().left(sample.floats((long) MOST * k), null, null)
                  .right(fixed ? null : sample.floats((long) k * n), null, null);
              rows(sample, heights(n, k), F32, n, n, accumulates ? sample.floats((long) MOST * n) : null,
                  (dst, rows) -> kernel.run(call.dense(1, rows, k, n, transposed).out(dst)));
            }))));
      }
    }
    return answers;
  }

  private static String text(int n, int k, boolean plain) {
    return text(n, k, plain ? Form.PLAIN : Form.ALL);
  }

  private static String text(int n, int k, Form form) {
    return k + " x " + n + form.text;
  }

  private static int[] heights(int n, int k) {
    return k != LONG ? ROWS : n < 64 ? LONG_ROWS : WIDE_LONG_ROWS;
  }

  private static List<Answer.Run<FloatMatMulKernel>> floatRows(int k, int n, boolean independent) {
    long from = k + n % 2L;
    long wide = n + n % 3L;
    return List.of(new Answer.Run<>("", (kernel, sample) -> {
      MemorySegment src = sample.floats((MOST - 1) * from + k);
      FewRows run = (dst, rows) -> kernel.run(src, from, dst, wide, rows);
      if (independent) {
        rows(sample, ROWS, F32, n, wide, null, run);
      } else {
        each(results(sample, ROWS, F32, n, wide), ROWS, run);
      }
    }));
  }

  /** A run of the first rows of an operand. */
  private interface FewRows {
    void of(MemorySegment dst, int rows);
  }

  /**
   * Runs numbers of rows; what is right for most of them is right for fewer, which saves SCALAR's time.
   *
   * @param before what lies there before a run, dense; null: nothing that counts
   */
  private static void rows(Sample sample, int[] heights, DataType to, int columns, long stride,
      @Nullable MemorySegment before, FewRows run) {
    List<MemorySegment> results = results(sample, heights, to, columns, stride);
    if (before != null) {
      results.forEach(dst -> MemorySegment.copy(before, 0, dst, 0, dst.byteSize()));
    }
    if (!sample.isReference()) {
      each(results, heights, run);
      return;
    }
    MemorySegment all = results.getLast();
    run.of(all, heights[heights.length - 1]);
    results.forEach(dst -> MemorySegment.copy(all, 0, dst, 0, dst.byteSize()));
  }

  private static List<MemorySegment> results(Sample sample, int[] heights, DataType to, int columns,
      long stride) {
    return IntStream.of(heights).mapToObj(rows -> sample.result("rows " + rows, to, rows, columns, stride))
        .toList();
  }

  private static void each(List<MemorySegment> results, int[] heights, FewRows run) {
    for (int i = 0; i < heights.length; i++) {
      run.of(results.get(i), heights[i]);
    }
  }
}
