package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.BinaryOp;
import dev.octet.DataType;
import dev.octet.Quantization.Granularity;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * What an engine offers is exactly what its profile says: every combination of types, granularities and
 * structure is prepared and run, and must be refused exactly if the profile lacks one of its features. So
 * nothing disappears from the other suites, which draw their cases from the profile, without anybody
 * noticing.
 */
public abstract class OfferSuite {
  private static final List<DataType> BYTES = List.of(U8, S8);
  private static final List<DataType> OUTPUTS = List.of(S32, F32, U8, S8);
  private static final List<Boolean> BOTH = List.of(false, true);

  /** A combination: what it needs, and how to make a small case of it. */
  private record Combination(Collection<Feature> needs, Supplier<OpCase> opCase) {}

  private final Dice dice = new Dice(1, 0);

  /** The engine under test. */
  protected abstract EngineProfile profile();

  @Test
  void offersWhatTheProfileSays() {
    Set<Feature> missing = EnumSet.allOf(Feature.class);
    missing.removeAll(profile().features());
    System.out.println("offers of " + profile().name() + ": all but " + missing);
    List<Combination> combinations = combinations();
    List<String> wrong = new ArrayList<>();
    int offered = 0;
    try (Subject subject = new Subject(profile())) {
      for (Combination combination : combinations) {
        boolean expected = profile().offers(combination.needs());
        OpCase opCase = combination.opCase().get();
        String refusal = refusal(subject, opCase);
        offered += refusal == null ? 1 : 0;
        if (expected && refusal != null) {
          wrong.add("refused: " + opCase.describe() + ": " + refusal);
        } else if (!expected && refusal == null) {
          wrong.add("offered against the profile: " + opCase.describe());
        }
      }
    }
    System.out.println("offers of " + profile().name() + ": " + offered + " of " + combinations.size()
        + " combinations");
    assertEquals(List.of(), wrong);
  }

  /** Why an engine does not run a case, or null. */
  private static String refusal(Subject subject, OpCase opCase) {
    try (Arena memory = Arena.ofConfined()) {
      opCase.run(subject, memory);
      return null;
    } catch (UnsupportedOperationException e) {
      return e.getMessage();
    }
  }

  private List<Combination> combinations() {
    List<Combination> all = new ArrayList<>();
    for (DataType output : OUTPUTS) {
      for (DataType a : BYTES) {
        for (DataType b : BYTES) {
          products(all, a, b, output);
        }
      }
    }
    for (FloatMatMulCase.Arithmetic arithmetic : FloatMatMulCase.Arithmetic.values()) {
      for (boolean zeroPoints : BOTH) {
        floatProduct(all, new FloatMatMulCase.Kind(arithmetic, S8, 0, zeroPoints));
        if (arithmetic == FloatMatMulCase.Arithmetic.DYNAMIC) {
          floatProduct(all, new FloatMatMulCase.Kind(arithmetic, U8, 0, zeroPoints));
          floatProduct(all, new FloatMatMulCase.Kind(arithmetic, S8, 0, zeroPoints, true));
          floatProduct(all, new FloatMatMulCase.Kind(arithmetic, U8, 0, zeroPoints, true));
        }
        for (int group : new int[]{16, 32, 64, 128, 256}) {
          for (DataType weights : List.of(S8, S4, U4)) {
            floatProduct(all, new FloatMatMulCase.Kind(arithmetic, weights, group, zeroPoints));
          }
        }
      }
    }
    for (DataType weights : BYTES) {
      for (boolean perImage : BOTH) {
        for (Conv2dCase.Connection connection : Conv2dCase.Connection.values()) {
          all.add(new Combination(Set.of(Feature.valueOf("DYNAMIC_CONV_" + weights)),
              () -> DynamicConv2dCase.random(dice, weights, connection, perImage, () -> 6, 5)));
        }
      }
    }
    for (ConversionCase.Direction direction : ConversionCase.Direction.values()) {
      for (DataType type : List.of(U8, S8, U4, S4)) {
        for (Granularity granularity : Granularity.values()) {
          Set<Feature> needs = ConversionCase.needs(direction, type, granularity);
          // The profile to draw from has nothing else, so that nothing else can be drawn.
          EngineProfile only = profile().only(needs);
          all.add(new Combination(needs, () -> ConversionCase.random(dice, only, direction, () -> 5)));
        }
      }
    }
    all.add(
        new Combination(Set.of(Feature.DYNAMIC_QUANTIZE), () -> DynamicQuantizeCase.random(dice, () -> 5)));
    all.add(new Combination(Set.of(Feature.BLOCK_MATMUL),
        () -> BlockMatMulCase.random(dice, FloatMatMulCase.Arithmetic.DYNAMIC, () -> 5)));
    all.add(new Combination(Set.of(Feature.BLOCK_WEIGHT_ONLY_MATMUL),
        () -> BlockMatMulCase.random(dice, FloatMatMulCase.Arithmetic.WEIGHT_ONLY, () -> 5)));
    all.add(new Combination(Set.of(Feature.REQUANTIZE), () -> RequantizeCase.random(dice, () -> 5)));
    for (BinaryOp op : BinaryOp.values()) {
      all.add(new Combination(Set.of(Feature.BINARY), () -> BinaryCase.random(dice, () -> 5).only(op)));
    }
    all.add(new Combination(Set.of(Feature.LOOKUP), () -> LookupCase.random(dice, () -> 5, false)));
    all.add(new Combination(Set.of(Feature.LOOKUP), () -> LookupCase.random(dice, () -> 5, true)));
    for (PoolCase.Kind kind : PoolCase.Kind.values()) {
      all.add(new Combination(Set.of(Feature.valueOf("POOL_" + kind)),
          () -> PoolCase.random(dice, kind, () -> 5, 5)));
    }
    all.add(new Combination(Set.of(Feature.CONCAT), () -> ConcatCase.random(dice, () -> 5)));
    all.add(new Combination(Set.of(Feature.TRANSPOSE_IMAGES), () -> TransposeCase.random(dice, () -> 5, 5)));
    all.add(new Combination(Set.of(Feature.PAD), () -> PadCase.random(dice, () -> 5, 5)));
    for (boolean linear : BOTH) {
      all.add(new Combination(Set.of(Feature.RESIZE), () -> dice
          .until(any -> linear == (any.nearest() == null), () -> ResizeCase.random(dice, () -> 5, 5))));
    }
    all.add(new Combination(Set.of(Feature.SGEMM), () -> SgemmCase.random(dice, () -> 5, false)));
    all.add(new Combination(Set.of(Feature.SOFTMAX),
        () -> FloatRowsCase.random(dice, FloatRowsCase.Kind.SOFTMAX, () -> 5, false)));
    all.add(new Combination(Set.of(Feature.LAYER_NORM),
        () -> FloatRowsCase.random(dice, FloatRowsCase.Kind.LAYER_NORM, () -> 5, false)));
    for (FloatRowsCase.Kind kind : List.of(FloatRowsCase.Kind.GELU_ERF, FloatRowsCase.Kind.GELU_TANH)) {
      all.add(
          new Combination(Set.of(Feature.GELU), () -> FloatRowsCase.random(dice, kind, () -> 5, false)));
    }
    return all;
  }

  private void products(List<Combination> all, DataType a, DataType b, DataType output) {
    for (MatMulCase.WeightZeroPoints zeroPoints : MatMulCase.WeightZeroPoints.values()) {
      for (MatMulCase.Input input : MatMulCase.Input.values()) {
        MatMulCase.Kind kind = new MatMulCase.Kind(a, b, output, input, zeroPoints);
        all.add(new Combination(kind.needs(), () -> withZeroPoints(MatMulCase.random(dice, kind, 3, 5, 7))));
      }
      for (Conv2dCase.Connection connection : Conv2dCase.Connection.values()) {
        for (Conv2dCase.Input input : Conv2dCase.Input.values()) {
          Conv2dCase.Kind kind = new Conv2dCase.Kind(a, b, output, connection, zeroPoints, input);
          all.add(
              new Combination(kind.needs(), () -> withZeroPoints(Conv2dCase.random(dice, kind, () -> 6, 5))));
        }
      }
      ConvolutionCase.Kind kind = new ConvolutionCase.Kind(a, b, output, zeroPoints);
      all.add(new Combination(Set.of(Feature.TRANSPOSED_CONV2D),
          () -> ConvTranspose2dCase.random(dice, kind, () -> 6, 5)));
      all.add(new Combination(Set.of(Feature.CONV3D), () -> Conv3dCase.random(dice, kind, () -> 6, 3)));
    }
    for (boolean leftAtRun : BOTH) {
      for (boolean rightAtRun : BOTH) {
        for (boolean transposed : BOTH) {
          BatchMatMulCase.Kind kind = new BatchMatMulCase.Kind(a, b, output, leftAtRun, rightAtRun,
              transposed);
          all.add(new Combination(kind.needs(), () -> BatchMatMulCase.random(dice, kind, 2, 3, 5, 7)));
        }
      }
    }
  }

  private void floatProduct(List<Combination> all, FloatMatMulCase.Kind kind) {
    all.add(new Combination(kind.needs(), () -> {
      FloatMatMulCase c = FloatMatMulCase.random(dice, kind, 3, 70, 5);
      c.zeroPoints[0] = kind.zeroPoints() ? 3 : 0;
      return c;
    }));
  }

  /** Chance may make a zero point 0, or all of them the same: then nothing unusual would be asked for. */
  private static MatMulCase withZeroPoints(MatMulCase c) {
    for (int i = 0; i < c.weightZeroPoints.length; i++) {
      c.weightZeroPoints[i] = switch (c.kind.zeroPoints()) {
        case NONE -> 0;
        case PER_TENSOR -> 3;
        case PER_COLUMN -> 3 + i;
      };
    }
    return c;
  }

  private static Conv2dCase withZeroPoints(Conv2dCase c) {
    for (int i = 0; i < c.weightZeroPoints.length; i++) {
      c.weightZeroPoints[i] = switch (c.kind.zeroPoints()) {
        case NONE -> 0;
        case PER_TENSOR -> 3;
        case PER_COLUMN -> 3 + i;
      };
    }
    return c;
  }
}
