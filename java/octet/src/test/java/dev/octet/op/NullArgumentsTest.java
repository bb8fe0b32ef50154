package dev.octet.op;

import static dev.octet.DataType.S8;
import static dev.octet.Quantization.perTensor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.BinaryOp;
import dev.octet.CoordinateMode;
import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.GeluForm;
import dev.octet.ImageLayout;
import dev.octet.Isa;
import dev.octet.NearestMode;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.testing.NullArguments;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Null for each argument of each public method, one at a time, the others being usable: refused, and the
 * message has the argument's name.
 */
class NullArgumentsTest {
  private static final Quantization ONE = perTensor(1);
  private static final QTensor GROUPS = QTensor.of(S8, Shape.of(32, 1),
      Quantization.perGroup(0, 32, new float[]{1}),
      new byte[32]);
  private static final QTensor MATRIX = QTensor.of(S8, Shape.of(2, 2), ONE, new byte[4]);

  /** A usable argument of each type. */
  private static final Map<Class<?>, Object> USABLE = Map.ofEntries(Map.entry(DataType.class, S8),
      Map.entry(Quantization.class, ONE), Map.entry(QTensor.class, MATRIX),
      Map.entry(WeightLayout.class, WeightLayout.IN_OUT), Map.entry(Shape.class, Shape.of(1, 2, 2, 2)),
      Map.entry(Engine.class, Engine.SCALAR), Map.entry(BinaryOp.class, BinaryOp.ADD),
      Map.entry(Isa.class, Isa.BASELINE), Map.entry(ImageLayout.class, ImageLayout.NHWC),
      Map.entry(CoordinateMode.class, CoordinateMode.HALF_PIXEL),
      Map.entry(NearestMode.class, NearestMode.FLOOR),
      Map.entry(int.class, 1),
      Map.entry(long.class, 32L), Map.entry(float.class, 1f), Map.entry(boolean.class, false),
      Map.entry(String.class, "operand"), Map.entry(int[].class, new int[1]),
      Map.entry(float[].class, new float[]{1}), Map.entry(long[].class, new long[]{1}),
      Map.entry(byte[].class, new byte[64]), Map.entry(Path.class, Path.of("no-such-file")),
      Map.entry(Executor.class, (Executor) Runnable::run),
      Map.entry(DoubleUnaryOperator.class, (DoubleUnaryOperator) x -> x),
      Map.entry(BatchOperand.class, BatchOperand.of(MemorySegment.ofArray(new byte[64]))),
      Map.entry(BatchArguments.class, new BatchArguments()));

  @Test
  void theMessageNamesTheArgument() {
    NullArguments nulls = new NullArguments(Set.of(), NullArgumentsTest::usable);
    try (Octet octet = Octet.builder().engine(Engine.SCALAR).threads(1).open();
        Octet packing = Octet.builder().threads(1).open()) {
      for (Class<?> type : List.of(Shape.class, Quantization.class, Quantizer.class, QTensor.class,
          BatchOperand.class)) {
        nulls.methods(type, null);
      }
      for (Object target : targets(octet)) {
        nulls.methods(target.getClass(), target);
      }
      try (PackedWeights weights = packing.pack(MATRIX, WeightLayout.IN_OUT)) {
        nulls.methods(PackedWeights.class, weights);
      } catch (UnsupportedOperationException e) {
        // no engine packs here
      }
    }
    assertEquals(List.of(), nulls.wrong());
    assertTrue(nulls.tried() >= 80, () -> "only " + nulls.tried() + " arguments were tried");
  }

  private static List<Object> targets(Octet octet) {
    List<Object> targets = new ArrayList<>(List.of(octet, Octet.builder(), ONE, Quantizer.symmetric(S8),
        octet.matMul(), octet.dynamicMatMul(), octet.weightOnlyMatMul(), octet.batchMatMul(), octet.conv2d(),
        octet.dynamicConv2d(),
        octet.convTranspose2d(), octet.conv3d(),
        octet.quantize(), octet.dequantize(), octet.dynamicQuantize(), octet.requantize(), octet.multiply(),
        octet.averagePool(), octet.maxPool(), octet.globalAveragePool(), octet.concat(),
        octet.transposeImages(),
        octet.pad(), octet.resize(), octet.softmax(), octet.layerNorm(), octet.sgemm()));
    QTensor filter = QTensor.of(S8, Shape.of(1, 1, 1, 2), ONE, new byte[2]);
    targets.addAll(List.of(
        octet.matMul().input(S8, ONE).weights(MATRIX, WeightLayout.IN_OUT).outputS32().prepare(),
        octet.matMul().inputPerRow(S8).weights(MATRIX, WeightLayout.IN_OUT).outputF32().prepare(),
        octet.batchMatMul().left(S8, ONE).right(S8, ONE).outputS32().prepare(),
        octet.conv2d().input(S8, ONE).weights(filter, WeightLayout.OHWI).outputS32().prepare(),
        octet.conv2d().inputPerImage(S8).weights(filter, WeightLayout.OHWI).outputF32().prepare(),
        octet.dynamicConv2d().weights(filter, WeightLayout.OHWI).prepare(),
        octet.convTranspose2d().input(S8, ONE).weights(filter, WeightLayout.IOHW).outputS32().prepare(),
        octet.conv3d().input(S8, ONE)
            .weights(QTensor.of(S8, Shape.of(1, 1, 1, 1, 2), ONE, new byte[2]), WeightLayout.ODHWI)
            .outputS32()
            .prepare(),
        octet.quantize().output(S8, ONE).prepare(), octet.dequantize().input(S8, ONE).prepare(),
        octet.requantize().scales(1).output(S8, ONE).prepare(),
        octet.multiply().left(S8, ONE).right(S8, ONE).output(S8, ONE).prepare(),
        octet.requantize(S8, ONE, S8, ONE), octet.maxPool().input(S8).window(1).prepare(),
        octet.concat().input(S8, ONE).output(S8, ONE).axis(0).prepare(),
        octet.transposeImages().input(S8).to(ImageLayout.NHWC).prepare(),
        octet.pad().input(S8).value(0).prepare(),
        octet.resize().input(S8).outputSize(1, 1).linear().prepare(),
        octet.sgemm().prepare(),
        octet.sgemm().weights(MemorySegment.ofArray(new float[2]), 2, 1, WeightLayout.IN_OUT).prepare(),
        octet.softmax().prepare(), octet.layerNorm().weights(1).prepare(), octet.gelu(GeluForm.ERF),
        octet.dynamicMatMul().weights(MATRIX, WeightLayout.IN_OUT).prepare(),
        octet.weightOnlyMatMul().weights(GROUPS, WeightLayout.IN_OUT).prepare(),
        octet.dynamicQuantize().perRow().prepare(), octet.dynamicQuantize().perTensor().prepare(),
        octet.averagePool().input(S8, ONE).output(S8, ONE).window(1).prepare(),
        octet.globalAveragePool().input(S8, ONE).output(S8, ONE).prepare(),
        Quantizer.symmetric(S8).perGroup(32),
        new BatchArguments()));
    return targets;
  }

  private static Object usable(Parameter parameter) {
    if (parameter.getType() == MemorySegment.class) {
      return MemorySegment.ofArray(new float[64]);
    }
    if (parameter.getType() == List.class) {
      return parameter.getName().equals("shapes")
          ? List.of(Shape.of(1, 2))
          : List.of(MemorySegment.ofArray(new byte[2]));
    }
    return USABLE.get(parameter.getType());
  }
}
