package dev.octet.internal.answers;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.DataType;
import dev.octet.GeluForm;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.Backend;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.BlockWeights;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.Kernel;
import dev.octet.engine.LayerNormSpec;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.OutputSpec;
import dev.octet.engine.QuantizeSpec;
import dev.octet.engine.SgemmSpec;
import dev.octet.engine.Window;
import dev.octet.internal.scalar.ScalarBackend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kernels that are right but in one case are refused: known answers meet each of the cases in which a native
 * kernel goes a way of its own.
 */
class KnownAnswersTest {
  private static final ScalarBackend SCALAR = new ScalarBackend();
  private static final float INFINITE = Float.POSITIVE_INFINITY;

  private static void flipFirst(MemorySegment dst) {
    flip(dst, 0);
  }

  private static void flip(MemorySegment dst, long at) {
    dst.set(ValueLayout.JAVA_BYTE, at, (byte) (dst.get(ValueLayout.JAVA_BYTE, at) ^ 1));
  }

  private interface Call {
    Object of(Method method, Object... arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type},
        (self, method, arguments) -> call.of(method, arguments == null ? new Object[0] : arguments)));
  }

  private static Object call(Object target, Method method, Object... arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static @Nullable MemorySegment result(Object... arguments) {
    MemorySegment last = null;
    for (Object argument : arguments) {
      last = argument instanceof MemorySegment segment
          ? segment
          : argument instanceof BatchMatMulCall call ? call.out() : last;
    }
    return last;
  }

  /** SCALAR, whose results are spoiled in some runs of kernels of some specs. */
  private static Backend wrong(BiPredicate<Object, Object[]> where, Consumer<MemorySegment> fault) {
    return proxy(Backend.class, (prepare, specs) -> {
      Object kernel = call(SCALAR, prepare, specs);
      Object spec = specs.length == 0 ? "" : specs[0];
      return kernel instanceof Kernel
          ? proxy(prepare.getReturnType().asSubclass(Kernel.class), (run, operands) -> {
            Object result = call(kernel, run, operands);
            if (run.getName().equals("run") && where.test(spec, operands)) {
              fault.accept(Objects.requireNonNull(result(operands)));
            }
            return result;
          })
          : kernel;
    });
  }

  private static boolean isRefused(Backend engine, String op, Object... arguments) {
    return KnownAnswers.of(op, arguments).answers().get().stream()
        .map(answer -> answer.compare(engine, SCALAR)).anyMatch(outcome -> outcome.difference() != null);
  }

  private static void assertRefused(BiPredicate<Object, Object[]> where, Consumer<MemorySegment> fault,
      String op,
      Object... arguments) {
    assertTrue(isRefused(wrong(where, fault), op, arguments), () -> op + " " + Arrays.toString(arguments));
  }

  private static <S> void assertRefused(Class<S> type, BiPredicate<S, Object[]> where, String op, S spec) {
    assertRefused((its, run) -> where.test(type.cast(its), run), KnownAnswersTest::flipFirst, op, spec);
  }

  private static MatrixWeights weights() {
    return MatrixWeights.of(
        QTensor.of(S8, Shape.of(4, 4), Quantization.perChannel(0, new float[]{1, 1, 1, 1}), new byte[16]),
        WeightLayout.OUT_IN);
  }

  private static OutputSpec output(DataType type) {
    return type.isByte()
        ? new OutputSpec(type, 1, 0, type.min(), type.max(), -INFINITE, INFINITE)
        : new OutputSpec(type, 1, 0, 0, 0, -INFINITE, INFINITE);
  }

  private static MatMulSpec product(DataType to) {
    return new MatMulSpec(weights(), new ActivationSpec(U8, false, 1, 0), null, null, output(to), false);
  }

  private static BatchMatMulSpec batch(DataType right, DataType to) {
    return new BatchMatMulSpec(new ActivationSpec(U8, false, 1, 0), new ActivationSpec(right, false, 1, 0),
        false,
        output(to));
  }

  private static boolean isUnbounded(OutputSpec output) {
    return output.min() == -INFINITE && output.max() == INFINITE;
  }

  private static boolean hasZeroPoints(Quantization quantization) {
    return Arrays.stream(quantization.zeroPoints()).anyMatch(zeroPoint -> zeroPoint != 0);
  }

  /** Whether rows have one value, of which there are some. */
  private static boolean isOne(@Nullable Object numbers) {
    if (!(numbers instanceof MemorySegment segment)) {
      return false;
    }
    return segment.byteSize() > 4
        && segment.asSlice(4).mismatch(segment.asSlice(0, segment.byteSize() - 4)) < 0;
  }

  @Test
  void theReferenceIsRight() {
    Backend right = wrong((spec, run) -> false, KnownAnswersTest::flipFirst);
    assertFalse(isRefused(right, "matMul", product(U8)));
    assertFalse(isRefused(right, "batchMatMul", batch(S8, F32)));
    assertFalse(isRefused(right, "weightOnlyMatMul", weightOnly()));
    assertFalse(isRefused(right, "softmax", 1f));
  }

  private static FloatMatMulSpec weightOnly() {
    return new FloatMatMulSpec(weights(), null, -INFINITE, INFINITE, false);
  }

  private static BlockMatMulSpec blocks() {
    return new BlockMatMulSpec(
        List.of(BlockWeights.of("weights", BlockTensor.of(BlockFormat.Q8_0, Shape.of(1, 32),
            MemorySegment.ofArray(new byte[34])))),
        null, -INFINITE, INFINITE);
  }

  @Test
  void weightOnlyProductsOfZerosAreRefused() {
    Consumer<MemorySegment> zeros = dst -> scale(dst, 0);
    assertRefused((spec, run) -> true, zeros, "weightOnlyMatMul", weightOnly());
    assertRefused((spec, run) -> true, zeros, "blockWeightOnlyMatMul", blocks());
    // So is one number that is off by a hundredth.
    Consumer<MemorySegment> off = dst -> scale(dst, 0.99f);
    assertRefused((spec, run) -> true, off, "weightOnlyMatMul", weightOnly());
    assertRefused((spec, run) -> true, off, "blockWeightOnlyMatMul", blocks());
  }

  private static void scale(MemorySegment dst, float by) {
    dst.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, by * dst.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0));
  }

  @Test
  void whatIsWrittenBehindARowIsRefused() {
    assertRefused((spec, run) -> spec instanceof FloatMatMulSpec its && (long) run[3] > its.weights().n(),
        dst -> flip(dst, dst.byteSize() - 1), "weightOnlyMatMul", weightOnly());
  }

  @ParameterizedTest
  @EnumSource(value = DataType.class, names = {"U8", "S8"})
  void attentionIsMet(DataType right) {
    assertRefused(BatchMatMulSpec.class, (spec, run) -> isUnbounded(spec.output()) && !spec.right().atRun()
        && !spec.left().atRun() && spec.right().zeroPoint() == right.min() + 128, "batchMatMul",
        batch(right, F32));
    assertRefused(BatchMatMulSpec.class, (spec, run) -> isUnbounded(spec.output()) && !spec.right().atRun()
        && spec.right().zeroPoint() == right.min() + 128 && call(run).leftScales() != null
        && call(run).leftZeroPoints() == null, "batchMatMul", batch(right, F32));
  }

  private static BatchMatMulCall call(Object... run) {
    return (BatchMatMulCall) run[0];
  }

  @Test
  void stridesBetweenProductsAreMet() {
    for (DataType to : List.of(U8, S32, F32)) {
      for (Predicate<BatchMatMulCall> strides : List.<Predicate<BatchMatMulCall>>of(
          call -> call.rightBatch() == 0, call -> call.rightBatch() > 0)) {
        assertRefused(BatchMatMulSpec.class, (spec, run) -> call(run).batch() == 2 && strides.test(call(run)),
            "batchMatMul", batch(S8, to));
      }
    }
  }

  @Test
  void floatsWithoutBoundsAndWithScalesOfTheRunAreMet() {
    assertRefused(MatMulSpec.class,
        (spec, run) -> isUnbounded(spec.output()) && run[2] != null && !isOne(run[2]),
        "matMul", product(F32));
    assertRefused(BatchMatMulSpec.class, (spec, run) -> isUnbounded(spec.output())
        && call(run).rightScales() != null, "batchMatMul", batch(S8, F32));
  }

  @ParameterizedTest
  @EnumSource(value = DataType.class, names = {"U8", "S8", "S32", "F32"})
  void oneScaleAndZeroPointOfAllRowsAreMet(DataType to) {
    MatMulSpec asked = product(to);
    assertRefused(MatMulSpec.class, (spec, run) -> isOne(run[2]) && isOne(run[3]), "matMul", asked);
    assertRefused(MatMulSpec.class, (spec, run) -> isOne(run[2]) && run[3] == null, "matMul", asked);
    assertRefused(MatMulSpec.class, (spec, run) -> isOne(run[2]) && run[3] != null && !isOne(run[3]),
        "matMul",
        asked);
    assertRefused(MatMulSpec.class, (spec, run) -> run[2] != null && !isOne(run[2]) && isOne(run[3]),
        "matMul",
        asked);
    assertRefused(MatMulSpec.class,
        (spec, run) -> hasZeroPoints(spec.weights().quantization()) && run[3] != null, "matMul", asked);
  }

  @Test
  void deepProductsAreMetWithTermsAndWithout() {
    assertRefused(MatMulSpec.class, (spec, run) -> spec.weights().k() > 6144 && (int) run[6] > 6
        && run[2] == null, "matMul", product(S8));
    assertRefused(MatMulSpec.class, (spec, run) -> spec.weights().k() > 6144 && spec.weights().n() > 64
        && run[2] != null && hasZeroPoints(spec.weights().quantization()), "matMul", product(S8));
  }

  @Test
  void clampedRowsOfFewKAreMet() {
    for (int k : new int[]{8, 12, 16}) {
      for (boolean wide : new boolean[]{false, true}) {
        assertRefused(MatMulSpec.class, (spec, run) -> spec.weights().k() == k && !spec.input().atRun()
            && !hasZeroPoints(spec.weights().quantization()) && spec.output().hi() < 255
            && spec.output().lo() > 0 && (int) run[6] >= 12
            && spec.weights().n() > (wide ? 32 : 16) && (wide || spec.weights().n() <= 32), "matMul",
            product(U8));
      }
    }
  }

  @Test
  void whatAccumulatesIsMet() {
    Backend forgets = proxy(Backend.class, (prepare, specs) -> prepare.getName().equals("sgemm")
        && ((SgemmSpec) specs[0]).accumulate()
            ? SCALAR
                .sgemm(new SgemmSpec(null, 0, 0, ((SgemmSpec) specs[0]).rightTransposed(), null, null, false))
            : call(SCALAR, prepare, specs));
    assertTrue(isRefused(forgets, "sgemm", new SgemmSpec(null, 0, 0, false, null, null, false)));
    // A product that is lost beside what was there would be lost on large numbers.
    Backend idle = proxy(Backend.class, (prepare, specs) -> prepare.getName().equals("sgemm")
        && ((SgemmSpec) specs[0]).accumulate()
            ? proxy(prepare.getReturnType().asSubclass(Kernel.class),
                (run, operands) -> run.getName().equals("name")
                    ? "idle"
                    : run.getName().equals("exact") ? (Object) true : null)
            : call(SCALAR, prepare, specs));
    assertTrue(isRefused(idle, "sgemm", new SgemmSpec(null, 0, 0, false, null, null, false)));
  }

  private static Conv2dSpec depthwise() {
    ConvWeights weights = ConvWeights.of(QTensor.of(S8, Shape.of(4, 3, 3, 1),
        Quantization.perChannel(0, new float[]{1, 1, 1, 1}), new byte[36]), WeightLayout.OHWI);
    return new Conv2dSpec(weights, 4, new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1),
        new ActivationSpec(U8, false, 1, 0), false, null, null, output(U8), false);
  }

  /**
   * Layers that a native kernel has lines of two pixels for: up to 32 channels at the end of panels of 64.
   */
  @Test
  void linesOfTwoPixelsAreMetWithAClampAndWithout() {
    for (int stride : new int[]{1, 2}) {
      for (boolean clamped : new boolean[]{false, true}) {
        for (boolean whole : new boolean[]{false, true}) {
          assertRefused(Conv2dSpec.class, (spec, run) -> {
            int channels = spec.weights().outChannels();
            int last = channels % 64;
            return spec.weights().inPerGroup() == 1 && spec.groups() == channels
                && spec.window().kernelWidth() == 3
                && spec.window().strideWidth() == stride && spec.window().dilationWidth() == 1
                && !hasZeroPoints(spec.weights().quantization()) && last <= 32 && last > 0
                && (whole ? last == 32 && (channels > 32 || stride == 2) : last < 32)
                && clamped == spec.output().lo() > 0;
          }, "conv2d", depthwise());
        }
      }
    }
  }

  @Test
  void halfPanelsOfThreeAndFiveColumnsAreMet() {
    for (int columns : new int[]{3, 5}) {
      assertRefused(Conv2dSpec.class, (spec, run) -> {
        int channels = spec.weights().outChannels();
        return spec.weights().inPerGroup() == 1 && channels <= 32 && spec.window().kernelWidth() == columns
            && (columns == 3 ? channels == 2 * spec.groups() : spec.window().kernelHeight() <= 4);
      }, "conv2d", depthwise());
    }
  }

  /** A kernel that is wrong where its operand has such a number. */
  private static void assertMet(Predicate<Float> number, String op, Object... arguments) {
    assertRefused((spec, run) -> {
      MemorySegment src = (MemorySegment) run[0];
      for (long i = 0; i < src.byteSize(); i += 4) {
        if (number.test(src.get(ValueLayout.JAVA_FLOAT, i))) {
          return true;
        }
      }
      return false;
    }, KnownAnswersTest::flipFirst, op, arguments);
  }

  @Test
  void numbersOfAnySizeAreMet() {
    List<Predicate<Float>> unusual = List.of(x -> x.isNaN(), x -> x == INFINITE, x -> x == -INFINITE,
        x -> Math.abs(x) > 1e20 && !x.isInfinite(), x -> Math.abs(x) < 1e-20 && x != 0);
    QuantizeSpec quantize = new QuantizeSpec(U8, Quantization.perTensor(1));
    for (Predicate<Float> number : unusual) {
      assertMet(number, "gelu", GeluForm.ERF);
      assertMet(number, "quantize", quantize);
    }
    assertMet(x -> x > 6 && x < 15, "gelu", GeluForm.TANH);
    assertMet(x -> x > 1e29 && x < INFINITE, "dynamicQuantize");
    assertMet(x -> x > 125 && x < 130, "softmax", 1f);
    assertMet(x -> x.isNaN(), "softmax", 1f);
    assertMet(x -> x.isNaN(), "layerNorm",
        new LayerNormSpec(new float[1], new float[1], 1e-5f));
    assertRefused(
        (spec, run) -> run[1] != null && ((MemorySegment) run[1]).byteSize() > 12 && isMasked(run[1]),
        KnownAnswersTest::flipFirst, "softmax", 1f);
  }

  private static boolean isMasked(Object mask) {
    for (float score : ((MemorySegment) mask).toArray(ValueLayout.JAVA_FLOAT)) {
      if (score == -INFINITE) {
        return true;
      }
    }
    return false;
  }
}
