package dev.octet.internal.dispatch;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.BinaryOp;
import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.CoordinateMode;
import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.GeluForm;
import dev.octet.Isa;
import dev.octet.NearestMode;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.Backend;
import dev.octet.engine.BackendContext;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.BinarySpec;
import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.BlockWeights;
import dev.octet.engine.ConcatSpec;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Conv3dSpec;
import dev.octet.engine.ConvTranspose2dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.DepthWindow;
import dev.octet.engine.EngineUnavailableException;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.Kernel;
import dev.octet.engine.LayerNormSpec;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.OutputSpec;
import dev.octet.engine.PadSpec;
import dev.octet.engine.PoolSpec;
import dev.octet.engine.QuantizeSpec;
import dev.octet.engine.RequantizeSpec;
import dev.octet.engine.ResizeAxis;
import dev.octet.engine.ResizeSpec;
import dev.octet.engine.SgemmSpec;
import dev.octet.engine.TransposedWeights;
import dev.octet.engine.TransposedWindow;
import dev.octet.engine.Window;
import dev.octet.internal.answers.Answer;
import dev.octet.internal.answers.KnownAnswers;
import dev.octet.internal.liboctet.Cpu;
import dev.octet.internal.liboctet.NativeProvider;
import dev.octet.internal.parallel.CallerOnly;
import dev.octet.internal.scalar.ScalarBackend;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Known answers of every op on engine NATIVE, for each tier of this machine: all are right, and every kernel
 * that users have is one of them, so that what they run is the kernel itself.
 */
class FirstUseOfNativeTest {
  private static final Window THREE = new Window(3, 3, 2, 2, 1, 1, 1, 1, 1, 1);

  /** A method of the engine with its arguments, as an op calls it. */
  private record Asked(String op, Object... arguments) {
    Method method() {
      return Arrays.stream(Backend.class.getMethods()).filter(method -> method.getName().equals(op))
          .findFirst().orElseThrow();
    }

    Kernel of(Backend backend) {
      try {
        return (Kernel) method().invoke(backend, arguments);
      } catch (InvocationTargetException e) {
        throw new AssertionError(op + " " + Arrays.toString(arguments), e.getCause());
      } catch (IllegalAccessException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public String toString() {
      return op + " " + Arrays.toString(arguments);
    }
  }

  static List<Isa> tiers() {
    Machine machine = Machine.current();
    if (Cpu.get().failure() != null) {
      return List.of();
    }
    return Arrays.stream(Isa.values()).filter(isa -> isa != Isa.AVX512)
        .filter(isa -> isa == machine.isa() || isa.isBelow(machine.isa()))
        .filter(isa -> isa != Isa.AVXVNNI || machine.avxVnni()).toList();
  }

  private static QTensor weights(DataType type, int axis, long... shape) {
    Shape of = Shape.of(shape);
    float[] scales = new float[of.intDim(axis)];
    Arrays.fill(scales, 0.01f);
    return QTensor.of(type, of, Quantization.perChannel(axis, scales),
        new byte[Math.toIntExact(type.bytes(of.elements()))]);
  }

  private static QTensor grouped(DataType type, int n, int k) {
    float[] scales = new float[n * Math.ceilDiv(k, 128)];
    Arrays.fill(scales, 0.01f);
    return QTensor.of(type, Shape.of(n, k), Quantization.perGroup(1, 128, scales),
        new byte[Math.toIntExact(type.bytes((long) n * k))]);
  }

  private static ActivationSpec input(DataType type) {
    return new ActivationSpec(type, false, 0.02f, type.min() + 7);
  }

  private static OutputSpec output(DataType type) {
    return type.isByte()
        ? new OutputSpec(type, 0.05f, 3, type.min(), type.max(), Float.NEGATIVE_INFINITY,
            Float.POSITIVE_INFINITY)
        : new OutputSpec(type, 1, 0, 0, 0, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
  }

  private static List<Asked> asked() {
    List<Asked> all = new ArrayList<>(List.of(new Asked("dynamicQuantize"), new Asked("transpose"),
        new Asked("lookup", (Object) new byte[256]), new Asked("softmax", 1f),
        new Asked("gelu", GeluForm.ERF),
        new Asked("gelu", GeluForm.TANH),
        new Asked("layerNorm", new LayerNormSpec(new float[768], new float[768], 1e-12f)),
        new Asked("sgemm", new SgemmSpec(null, 0, 0, false, null, null, false)),
        new Asked("sgemm", new SgemmSpec(MemorySegment.ofArray(new float[200]), 10, 20, true, null, null,
            false))));
    for (DataType byteType : List.of(U8, S8)) {
      addOfBytes(all, byteType);
      for (DataType weightType : List.of(U8, S8)) {
        for (DataType to : List.of(S32, F32, U8, S8)) {
          addProducts(all, byteType, weightType, to);
        }
      }
    }
    for (DataType type : List.of(U8, S8, U4, S4)) {
      float[] scales = new float[100];
      Arrays.fill(scales, 0.1f);
      for (Quantization quantization : List.of(Quantization.perTensor(0.1f),
          Quantization.perChannel(0, scales), Quantization.perGroup(0, 32, scales))) {
        all.add(new Asked("quantize", new QuantizeSpec(type, quantization)));
        all.add(new Asked("dequantize", new QuantizeSpec(type, quantization)));
      }
    }
    addFloatProducts(all);
    return all;
  }

  private static void addOfBytes(List<Asked> all, DataType type) {
    for (BinaryOp op : BinaryOp.values()) {
      all.add(new Asked("binary", new BinarySpec(op, input(type), input(type), output(type))));
    }
    all.add(new Asked("requantize", new RequantizeSpec(new float[]{0.1f}, null, output(type))));
    all.add(new Asked("concat", new ConcatSpec(List.of(input(type), input(type)), output(type))));
    all.add(new Asked("concat", new ConcatSpec(List.of(new ActivationSpec(type, false, 0.05f, 3)),
        output(type))));
    for (PoolSpec.Kind kind : PoolSpec.Kind.values()) {
      all.add(new Asked("pool", new PoolSpec(kind, input(type), output(type),
          kind == PoolSpec.Kind.GLOBAL_AVERAGE ? null : THREE, true)));
    }
    all.add(new Asked("pad", new PadSpec(type, 100, 0, 0, 100, 5)));
    for (CoordinateMode mode : CoordinateMode.values()) {
      ResizeAxis axis = new ResizeAxis(mode, 0, 2.5f);
      all.add(new Asked("resize", new ResizeSpec(type, null, axis, axis)));
      for (NearestMode nearest : NearestMode.values()) {
        all.add(new Asked("resize", new ResizeSpec(type, nearest, axis, axis)));
      }
    }
  }

  private static void addProducts(List<Asked> all, DataType from, DataType weightType, DataType to) {
    all.add(new Asked("matMul",
        new MatMulSpec(MatrixWeights.of(weights(weightType, 0, 100, 300), WeightLayout.OUT_IN), input(from),
            null, null, output(to), false)));
    for (boolean transposed : new boolean[]{false, true}) {
      all.add(new Asked("batchMatMul",
          new BatchMatMulSpec(input(from), input(weightType), transposed, output(to))));
      if (to == F32) {
        all.add(new Asked("batchMatMul", new BatchMatMulSpec(input(from), input(weightType), transposed,
            new OutputSpec(to, 1, 0, 0, 0, 0, 6))));
      }
    }
    for (ConvWeights kernel : List.of(
        ConvWeights.of(weights(weightType, 0, 96, 1, 1, 48), WeightLayout.OHWI),
        ConvWeights.of(weights(weightType, 0, 96, 3, 3, 48), WeightLayout.OHWI),
        ConvWeights.of(weights(weightType, 0, 48, 3, 3, 1), WeightLayout.OHWI))) {
      int groups = kernel.inPerGroup() == 1 ? 48 : 1;
      Window window = kernel.height() == 1 ? new Window(1, 1, 1, 1, 1, 1, 0, 0, 0, 0) : THREE;
      all.add(new Asked("conv2d",
          new Conv2dSpec(kernel, groups, window, input(from), false, null, null, output(to), false)));
      all.add(new Asked("conv3d", new Conv3dSpec(kernel, groups, new DepthWindow(1, 1, 1, 0, 0), window,
          input(from), null, null, output(to))));
      if (to == F32) {
        Conv2dSpec atRun = new Conv2dSpec(kernel, groups, window, new ActivationSpec(U8, true, 1, 0), false,
            null, null, output(to), false);
        all.add(new Asked("dynamicConv2d", atRun));
        all.add(new Asked("conv2d", atRun));
      }
    }
    all.add(new Asked("convTranspose2d",
        new ConvTranspose2dSpec(
            TransposedWeights.of(weights(weightType, 1, 48, 20, 3, 3), WeightLayout.IOHW), 1,
            new TransposedWindow(THREE, 1, 1), input(from), null, null, output(to))));
  }

  private static void addFloatProducts(List<Asked> all) {
    float infinite = Float.POSITIVE_INFINITY;
    List<QTensor> matrices = List.of(weights(S8, 0, 100, 300), weights(U8, 0, 100, 300),
        grouped(S8, 100, 300), grouped(U4, 100, 300), grouped(S4, 100, 300));
    for (QTensor matrix : matrices) {
      MatrixWeights weights = MatrixWeights.of(matrix, WeightLayout.OUT_IN);
      all.add(new Asked("dynamicMatMul", new FloatMatMulSpec(weights, null, -infinite, infinite, false)));
      if (matrix.type() != U8) {
        all.add(new Asked("weightOnlyMatMul",
            new FloatMatMulSpec(weights, null, -infinite, infinite, false)));
      }
    }
    all.add(new Asked("dynamicMatMul",
        new FloatMatMulSpec(MatrixWeights.of(matrices.getFirst(), WeightLayout.OUT_IN), null, -infinite,
            infinite, true)));
    List<List<BlockFormat>> formats = new ArrayList<>(
        Arrays.stream(BlockFormat.values()).map(List::of).toList());
    formats.add(List.of(BlockFormat.Q4_K, BlockFormat.Q6_K, BlockFormat.Q4_K));
    for (List<BlockFormat> some : formats) {
      List<BlockWeights> weights = some.stream().map(format -> BlockWeights.of("weights",
          BlockTensor.of(format, Shape.of(10, 512),
              MemorySegment.ofArray(new byte[10 * (512 / format.elements()) * format.bytes()]))))
          .toList();
      BlockMatMulSpec spec = new BlockMatMulSpec(weights, null, -infinite, infinite);
      all.add(new Asked("blockMatMul", spec));
      if (some.size() == 1) {
        all.add(new Asked("blockWeightOnlyMatMul", spec));
      }
    }
  }

  private static Backend open(Isa isa) {
    try {
      return new NativeProvider().open(new BackendContext(new CallerOnly(), isa));
    } catch (EngineUnavailableException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("tiers")
  void everyAnswerIsRightAndEveryKernelIsOneOfThem(Isa isa) {
    Backend engine = open(isa);
    ScalarBackend scalar = new ScalarBackend();
    Set<String> ops = new TreeSet<>();
    Set<String> seen = new TreeSet<>();
    for (Asked asked : asked()) {
      ops.add(asked.op);
      String name = asked.of(engine).name();
      KnownAnswers known = KnownAnswers.of(asked.op, asked.arguments);
      if (!seen.add(known.kind() + " " + name)) {
        continue;
      }
      Set<String> names = new TreeSet<>();
      for (Answer<?> answer : known.answers().get()) {
        Answer.Outcome outcome = answer.compare(engine, scalar);
        assertNotNull(outcome, () -> asked + " is not offered: " + answer.shape());
        assertNull(outcome.difference(), () -> asked.op + " " + outcome);
        names.add(outcome.kernel());
      }
      assertEquals(true, names.contains(name), () -> asked.op + " by " + name + " is none of " + names);
    }
    Set<String> all = new TreeSet<>();
    Arrays.stream(Backend.class.getMethods())
        .filter(method -> Kernel.class.isAssignableFrom(method.getReturnType()))
        .forEach(method -> all.add(method.getName()));
    assertEquals(all, ops, "ops of an engine");
    System.out.println("known answers on " + isa + ": " + seen.size() + " kernels of ops");
  }

  @Test
  void usersRunTheKernelItself() {
    Isa isa = Machine.current().isa();
    assumeTrue(tiers().contains(isa), "no native kernels here");
    Backend checked = FirstUse.of(Engine.NATIVE, Machine.current(), open(isa), new ScalarBackend());
    Set<String> ops = new TreeSet<>();
    for (Asked asked : asked().stream().filter(one -> ops.add(one.op)).toList()) {
      assertFalse(Proxy.isProxyClass(asked.of(checked).getClass()), asked::toString);
    }
  }
}
