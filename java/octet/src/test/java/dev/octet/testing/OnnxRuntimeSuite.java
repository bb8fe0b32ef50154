package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import dev.octet.BinaryOp;
import dev.octet.Quantization.Granularity;
import java.lang.foreign.Arena;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * An engine against the outside judge: every op against ONNX Runtime's operator for it, on random and extreme
 * data, tolerance 0.
 */
@Tag("oracle")
public abstract class OnnxRuntimeSuite {
  private static final int CASES = 1000;
  private static final int MAX_SIZE = 300;

  private OnnxRuntime runtime;
  private Subject subject;

  /** The engine under test. */
  protected abstract EngineProfile profile();

  @BeforeEach
  final void open() {
    System.out.println(Judge.form());
    runtime = new OnnxRuntime();
    subject = new Subject(profile());
  }

  @AfterEach
  final void close() {
    subject.close();
    runtime.close();
  }

  @Test
  void qLinearMatMul() {
    MatMulJudge judge = new MatMulJudge(runtime);
    run("oracle QLinearMatMul", TestedOp.MATMUL, (dice, index, what) -> {
      MatMulCase c = matMul(dice, index, MatMulCase.Kind.random(dice, profile(), U8, S8).perTensor());
      check(what, c, c.withGaps(judge.qLinearMatMul(c)));
    });
  }

  @Test
  void qGemm() {
    MatMulJudge judge = new MatMulJudge(runtime);
    run("oracle QGemm", TestedOp.MATMUL, (dice, index, what) -> {
      MatMulCase.Kind kind = MatMulCase.Kind.random(dice, profile(), U8, S8).perTensor();
      MatMulCase c = matMul(dice, index, kind);
      c.bias = dice.biases(c.n);
      check(what, c, c.withGaps(judge.qGemm(c)));
    });
  }

  @Test
  void matMulInteger() {
    MatMulJudge judge = new MatMulJudge(runtime);
    run("oracle MatMulInteger", TestedOp.MATMUL, (dice, index, what) -> {
      MatMulCase c = matMul(dice, index, MatMulCase.Kind.random(dice, profile(), S32).perTensor());
      check(what, c, c.withGaps(judge.matMulInteger(c)));
    });
  }

  @Test
  void matMulIntegerToFloat() {
    MatMulJudge judge = new MatMulJudge(runtime);
    run("oracle MatMulIntegerToFloat", TestedOp.MATMUL, (dice, index, what) -> {
      MatMulCase c = matMul(dice, index, MatMulCase.Kind.random(dice, profile(), F32));
      if (dice.oneIn(2)) {
        c.floatBias = dice.reals(c.n);
      }
      check(what, c, c.withGaps(judge.matMulIntegerToFloat(c)));
    });
  }

  @Test
  void dynamicQuantizeMatMul() {
    ProductJudge judge = new ProductJudge(runtime);
    run("oracle DynamicQuantizeMatMul", Feature.DYNAMIC_MATMUL_S8, (dice, index, what) -> {
      int[] sizes = sizes(dice, index);
      // The judge takes one row at a time.
      FloatMatMulCase c = FloatMatMulCase.random(dice, FloatMatMulCase.Kind.dynamic(dice, profile(), false),
          index % 10 == 0 ? sizes[0] : Math.min(sizes[0], 16), sizes[1], sizes[2]);
      if (dice.oneIn(2)) {
        c.bias = dice.reals(c.n);
      }
      check(what, c, c.withGaps(judge.dynamicQuantizeMatMul(c)));
    });
  }

  @Test
  void qLinearMatMulOfBatches() {
    ProductJudge judge = new ProductJudge(runtime);
    run("oracle QLinearMatMul of batches", TestedOp.BATCH_MATMUL, (dice, index, what) -> {
      BatchMatMulCase c = batch(dice, BatchMatMulCase.Kind.random(dice, profile(), U8, S8).perTensor());
      check(what, c, c.withGaps(Arena.ofAuto(), judge.qLinearMatMul(c)));
    });
  }

  @Test
  void matMulIntegerOfBatches() {
    ProductJudge judge = new ProductJudge(runtime);
    run("oracle MatMulInteger of batches", TestedOp.BATCH_MATMUL, (dice, index, what) -> {
      BatchMatMulCase c = batch(dice, BatchMatMulCase.Kind.random(dice, profile(), S32).perTensor());
      check(what, c, c.withGaps(Arena.ofAuto(), judge.matMulInteger(c)));
    });
  }

  @Test
  void matMulIntegerOfAnyRank() {
    ProductJudge judge = new ProductJudge(runtime);
    run("oracle MatMulInteger of any rank", TestedOp.BATCH_MATMUL, (dice, index, what) -> {
      BroadcastCase c = BroadcastCase.random(dice, profile());
      check(what, c, judge.matMulInteger(c));
    });
  }

  @Test
  void qLinearConv() {
    ConvJudge judge = new ConvJudge(runtime);
    run("oracle QLinearConv", TestedOp.CONV2D, (dice, index, what) -> {
      Conv2dCase c = conv(dice, index, Conv2dCase.Kind.random(dice, profile(), U8, S8).fixed());
      if (dice.oneIn(2)) {
        c.bias = dice.biases(c.outChannels());
      }
      check(what, c, judge.qLinearConv(c));
    });
  }

  @Test
  void convInteger() {
    ConvJudge judge = new ConvJudge(runtime);
    run("oracle ConvInteger", TestedOp.CONV2D, (dice, index, what) -> {
      // QLinearConv judges a zero point for each channel, ConvInteger knows one alone.
      Conv2dCase.Kind kind = dice.until(any -> any.zeroPoints() != MatMulCase.WeightZeroPoints.PER_COLUMN,
          () -> Conv2dCase.Kind.random(dice, profile(), S32));
      Conv2dCase c = conv(dice, index, kind.fixed());
      check(what, c, judge.convInteger(c));
    });
  }

  @Test
  void dynamicConv() {
    ConvJudge judge = new ConvJudge(runtime);
    run("oracle DynamicQuantizeLinear and ConvInteger", TestedOp.DYNAMIC_CONV2D, (dice, index, what) -> {
      // ConvInteger knows one zero point of all channels.
      DynamicConv2dCase c = dice.until(
          any -> any.integers.kind.zeroPoints() != MatMulCase.WeightZeroPoints.PER_COLUMN,
          () -> DynamicConv2dCase.random(dice, dice.pick(U8, S8), dice.pick(Conv2dCase.Connection.values()),
              false, () -> dice.size(index % 50 == 0 ? MAX_SIZE : 70), 12));
      if (dice.oneIn(2)) {
        c.integers.floatBias = dice.reals(c.integers.outChannels());
      }
      check(what, c, judge.dynamicConv(c));
    });
  }

  @Test
  void convTranspose() {
    FloatConvJudge judge = new FloatConvJudge(runtime);
    run("oracle ConvTranspose of integers", TestedOp.CONV_TRANSPOSE2D, (dice, index, what) -> {
      // ONNX Runtime wants output padding below the stride, whatever the dilation.
      ConvTranspose2dCase c = dice.until(
          any -> any.w.elements() / any.w.shape().dim(3) / any.groups <= FloatConvJudge.MOST_PRODUCTS
              && any.outputPadHeight < any.window.strideHeight()
              && any.outputPadWidth < any.window.strideWidth(),
          () -> ConvTranspose2dCase.random(dice, ConvolutionCase.Kind.random(dice, S32), () -> dice.size(70),
              index % 20 == 19 ? 60 : 12));
      check(what, c, judge.convTranspose(c));
    });
  }

  @Test
  void convOfVolumes() {
    FloatConvJudge judge = new FloatConvJudge(runtime);
    run("oracle Conv of volumes of integers", TestedOp.CONV3D, (dice, index, what) -> {
      Conv3dCase c = dice.until(
          any -> any.w.elements() / any.outChannels() <= FloatConvJudge.MOST_PRODUCTS,
          () -> Conv3dCase.random(dice, ConvolutionCase.Kind.random(dice, S32), () -> dice.size(40),
              index % 20 == 19 ? 20 : 6));
      check(what, c, judge.conv(c));
    });
  }

  @Test
  void quantizeLinear() {
    ElementwiseJudge judge = new ElementwiseJudge(runtime);
    run("oracle QuantizeLinear (beyond 2^30 steps, infinite and NaN: 8 bits unblocked alone)",
        TestedOp.QUANTIZE, (dice, index, what) -> {
          ConversionCase c = ConversionCase.random(dice, profile(), ConversionCase.Direction.QUANTIZE,
              () -> elements(dice, index)).withStoredZeroPoints();
          // ONNX Runtime takes 4-bit and blocked data through int32, where it wraps instead of saturating.
          boolean saturates = c.type.isByte() && c.quantization.granularity() != Granularity.PER_GROUP;
          check(what, c, judge.convert(saturates ? c : c.withoutSpecial()));
        });
  }

  @Test
  void dequantizeLinear() {
    ElementwiseJudge judge = new ElementwiseJudge(runtime);
    run("oracle DequantizeLinear", TestedOp.DEQUANTIZE, (dice, index, what) -> {
      ConversionCase c = ConversionCase.random(dice, profile(), ConversionCase.Direction.DEQUANTIZE,
          () -> elements(dice, index)).withStoredZeroPoints();
      check(what, c, judge.convert(c));
    });
  }

  @Test
  void dynamicQuantizeLinear() {
    ElementwiseJudge judge = new ElementwiseJudge(runtime);
    run("oracle DynamicQuantizeLinear", TestedOp.DYNAMIC_QUANTIZE, (dice, index, what) -> {
      DynamicQuantizeCase c = DynamicQuantizeCase.random(dice, () -> elements(dice, index));
      check(what, c, judge.dynamicQuantize(c));
    });
  }

  @Test
  void requantizeByQGemm() {
    ElementwiseJudge judge = new ElementwiseJudge(runtime);
    run("oracle QGemm as requantize", TestedOp.REQUANTIZE, (dice, index, what) -> {
      RequantizeCase c = RequantizeCase.random(dice, () -> dice.size(MAX_SIZE));
      check(what, c, judge.requantize(c));
    });
  }

  @Test
  void requantizeByDequantizeAndQuantize() {
    ElementwiseJudge judge = new ElementwiseJudge(runtime);
    run("oracle DequantizeLinear and QuantizeLinear as requantize", TestedOp.LOOKUP, (dice, index, what) -> {
      LookupCase c = LookupCase.random(dice, () -> elements(dice, index), true);
      check(what, c, judge.requantize(c));
    });
  }

  private void binary(BinaryOp op, String node) {
    ElementwiseJudge judge = new ElementwiseJudge(runtime);
    run("oracle " + node, TestedOp.BINARY, (dice, index, what) -> {
      BinaryCase c = BinaryCase.random(dice, () -> elements(dice, index)).only(op);
      check(what, c, Map.of(op.name(), judge.binary(c, op, node)));
    });
  }

  @Test
  void qLinearAdd() {
    binary(BinaryOp.ADD, "QLinearAdd");
  }

  @Test
  void qLinearMul() {
    binary(BinaryOp.MULTIPLY, "QLinearMul");
  }

  @Test
  void qLinearGlobalAveragePool() {
    ElementwiseJudge judge = new ElementwiseJudge(runtime);
    run("oracle QLinearGlobalAveragePool", Feature.POOL_GLOBAL_AVERAGE, (dice, index, what) -> {
      PoolCase c = PoolCase.random(dice, PoolCase.Kind.GLOBAL_AVERAGE, () -> dice.size(MAX_SIZE),
          dice.oneIn(50) ? 200 : 20);
      check(what, c, judge.globalAveragePool(c, dice.oneIn(2)));
    });
  }

  @Test
  void maxPool() {
    ElementwiseJudge judge = new ElementwiseJudge(runtime);
    run("oracle MaxPool", Feature.POOL_MAX, (dice, index, what) -> {
      PoolCase c = PoolCase.random(dice, PoolCase.Kind.MAX, () -> dice.size(MAX_SIZE),
          dice.oneIn(50) ? 100 : 20);
      check(what, c, judge.maxPool(c));
    });
  }

  /** The law of averages is not ONNX Runtime's, but windows and counts are: within half a step. */
  @Test
  void averagePool() {
    ElementwiseJudge judge = new ElementwiseJudge(runtime);
    run("oracle AveragePool", Feature.POOL_AVERAGE, (dice, index, what) -> {
      PoolCase c = PoolCase.random(dice, PoolCase.Kind.AVERAGE, () -> dice.size(MAX_SIZE), 20);
      try (Arena memory = Arena.ofConfined()) {
        Tensor y = c.run(subject, memory).get("y");
        Tensor means = judge.averagePool(c);
        for (long i = 0; i < y.elements(); i++) {
          double real = means.real(i) * (double) c.input.scale(0) / c.output.scale(0)
              + c.output.zeroPoint(0);
          double expected = Math.clamp(real, (double) y.type().min(), y.type().max());
          // A window without a pixel: 0 by 0 there.
          if (!Double.isNaN(real) && !(Math.abs(y.get(i) - expected) <= 0.5 + 1e-4)) {
            throw new AssertionError(
                what + ": " + c.describe() + "\n" + c.explain("y", i) + ": expected about "
                    + expected + ", got " + y.get(i));
          }
        }
      }
    });
  }

  @Test
  void transpose() {
    ElementwiseJudge judge = new ElementwiseJudge(runtime);
    run("oracle Transpose", TestedOp.TRANSPOSE_IMAGES, (dice, index, what) -> {
      TransposeCase c = TransposeCase.random(dice, () -> dice.size(MAX_SIZE), 40);
      check(what, c, judge.transpose(c));
    });
  }

  @Test
  void resize() {
    ElementwiseJudge judge = new ElementwiseJudge(runtime);
    run("oracle Resize", TestedOp.RESIZE, (dice, index, what) -> {
      ResizeCase c = ResizeCase.random(dice, () -> dice.size(70), index % 20 == 19 ? MAX_SIZE : 30);
      check(what, c, judge.resize(c));
    });
  }

  /** Floats whose order of summation is another one there. */
  private void floats(String node, FloatRowsCase.Kind kind) {
    ElementwiseJudge judge = new ElementwiseJudge(runtime);
    run("oracle " + node, Feature.valueOf(kind.feature()), (dice, index, what) -> {
      FloatRowsCase c = FloatRowsCase.random(dice, kind, () -> dice.size(MAX_SIZE), false);
      Tensor expected = judge.floats(c);
      try (Arena memory = Arena.ofConfined()) {
        Tensor y = c.run(subject, memory).get("y");
        for (long i = 0; i < y.elements(); i++) {
          double difference = Math.abs((double) y.real(i) - expected.real(i));
          boolean none = Float.isNaN(y.real(i)) && Float.isNaN(expected.real(i));
          if (!none && !(difference <= c.rounding(i, expected))) {
            throw new AssertionError(what + ": " + c.describe() + ", " + c.explain("y", i) + ": expected "
                + expected.real(i) + ", got " + y.real(i));
          }
        }
      }
    });
  }

  /** The order of summation is another one there: so many roundings of sums of magnitudes. */
  @Test
  void matMulOfFloats() {
    ElementwiseJudge judge = new ElementwiseJudge(runtime);
    run("oracle MatMul", Feature.SGEMM, (dice, index, what) -> {
      SgemmCase c = dice.until(any -> any.startsAtZero(),
          () -> SgemmCase.random(dice, () -> dice.size(150), false));
      Tensor expected = judge.product(c);
      try (Arena memory = Arena.ofConfined()) {
        Tensor y = c.dense(c.run(subject, memory).get("y"));
        // Where both operands are repeated, there is one product.
        for (long i = 0; i < y.elements(); i++) {
          double bound = 2 * c.k * 0x1p-24 * c.magnitudes(i);
          if (!(Math.abs((double) y.real(i) - expected.real(i % expected.elements())) <= bound)) {
            throw new AssertionError(what + ": " + c.describe() + ", element " + i + ": expected "
                + expected.real(i % expected.elements()) + ", got " + y.real(i));
          }
        }
      }
    });
  }

  @Test
  void softmax() {
    floats("Softmax", FloatRowsCase.Kind.SOFTMAX);
  }

  @Test
  void layerNormalization() {
    floats("LayerNormalization", FloatRowsCase.Kind.LAYER_NORM);
  }

  @Test
  void gelu() {
    floats("Gelu", FloatRowsCase.Kind.GELU_ERF);
    floats("Gelu by tanh", FloatRowsCase.Kind.GELU_TANH);
  }

  @Test
  void qLinearConcat() {
    ElementwiseJudge judge = new ElementwiseJudge(runtime);
    run("oracle QLinearConcat", TestedOp.CONCAT, (dice, index, what) -> {
      ConcatCase c = ConcatCase.random(dice, () -> elements(dice, index));
      check(what, c, judge.concat(c));
    });
  }

  /** A length from 1 to 300, now and then to 4096. */
  private static int elements(Dice dice, int index) {
    return index % 20 == 19 ? dice.size(4096) : dice.size(MAX_SIZE);
  }

  private static BatchMatMulCase batch(Dice dice, BatchMatMulCase.Kind kind) {
    return BatchMatMulCase
        .random(dice, kind, dice.between(1, 5), dice.size(100), dice.size(MAX_SIZE), dice.size(100))
        .randomGaps(dice);
  }

  /** Channels from 1 to 300 on images of some pixels, now and then few channels on a long image. */
  private static Conv2dCase conv(Dice dice, int index, Conv2dCase.Kind kind) {
    return index % 20 == 19
        ? Conv2dCase.random(dice, kind, () -> dice.size(6), index % 100 == 99 ? MAX_SIZE : 120)
        : Conv2dCase.random(dice, kind, () -> dice.size(index % 50 == 0 ? MAX_SIZE : 70), 12);
  }

  /** Sizes from 1 to 300, now and then a thin case with one long side. */
  private static int[] sizes(Dice dice, int index) {
    int[] sizes = {dice.size(MAX_SIZE), dice.size(MAX_SIZE), dice.size(MAX_SIZE)};
    if (index % 50 == 49) {
      sizes = new int[]{dice.size(8), dice.size(8), dice.size(8)};
      sizes[index / 50 % 3] = dice.pick(1023, 2048, 4095, 4096);
    }
    return sizes;
  }

  private static MatMulCase matMul(Dice dice, int index, MatMulCase.Kind kind) {
    int[] sizes = sizes(dice, index);
    return MatMulCase.random(dice, kind, sizes[0], sizes[1], sizes[2]).randomGaps(dice);
  }

  private void run(String suite, TestedOp op, RandomCases.Body body) {
    run(suite, op.offeredBy(profile()), body);
  }

  private void run(String suite, Feature feature, RandomCases.Body body) {
    run(suite, profile().features().contains(feature), body);
  }

  private void run(String suite, boolean offered, RandomCases.Body body) {
    if (offered) {
      RandomCases.run(suite, profile().name(), CASES, body);
    } else {
      System.out.println(suite + " on " + profile().name() + ": not offered");
    }
  }

  private void check(String what, OpCase opCase, Tensor expected) {
    check(what, opCase, Map.of("y", expected));
  }

  private void check(String what, OpCase opCase, Map<String, Tensor> expected) {
    try (Arena memory = Arena.ofConfined()) {
      Comparison.check(what, opCase, expected, opCase.run(subject, memory));
    }
  }
}
