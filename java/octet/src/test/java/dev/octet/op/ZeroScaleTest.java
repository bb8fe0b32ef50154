package dev.octet.op;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perChannel;
import static dev.octet.Quantization.perTensor;
import static dev.octet.testing.Refusals.illegalArgument;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A weight scale of 0, as files have it for pruned channels: whatever the integers are, the channel is 0. The
 * random cases of every engine hold some too.
 */
class ZeroScaleTest {
  private static final Quantization ZERO = perTensor(0);
  private static final String ONLY_WEIGHTS = ": scales[0] is 0, which only fixed weights may have; expected a "
      + "positive finite number";
  @RegisterExtension
  static final OpenOctet OPEN = new OpenOctet();

  /** {@code [2][3]}, the middle column pruned but for its integers. */
  private static QTensor weights() {
    return QTensor.of(S8, Shape.of(2, 3), perChannel(1, new float[]{1, 0, 2}),
        new byte[]{1, 90, 3, 4, -7, 6});
  }

  private static MatMul.Builder matMul() {
    return OPEN.octet().matMul().input(U8, perTensor(1)).weights(weights(), WeightLayout.IN_OUT);
  }

  @Test
  void thePrunedColumnIsTheBias() {
    float[] y = new float[3];
    try (MatMul op = matMul().bias(new float[]{0.5f, 0.25f, 0}).outputF32().prepare()) {
      op.run(MemorySegment.ofArray(new byte[]{10, 1}), MemorySegment.ofArray(y), 1);
    }
    assertArrayEquals(new float[]{14.5f, 0.25f, 72}, y);
  }

  @Test
  void thePrunedColumnIsTheZeroPointOfTheOutput() {
    byte[] y = new byte[3];
    try (MatMul op = matMul().bias(new int[]{1, 1000, 0}).output(S8, perTensor(1, 7)).prepare()) {
      op.run(MemorySegment.ofArray(new byte[]{10, 1}), MemorySegment.ofArray(y), 1);
    }
    assertArrayEquals(new byte[]{22, 7, 79}, y);
  }

  /** No integer times 0 is another bias: told, not dropped. */
  @Test
  void aRealBiasOfAPrunedColumnNeedsRealOutput() {
    String expected = "bias[1]: expected 0, got 0.5: the weight scale of this channel is 0, and no integer "
        + "times 0 is the bias; give the channel weights equal to their zero point and another scale, or take "
        + "F32 output";
    illegalArgument(expected,
        () -> matMul().bias(new float[]{1, 0.5f, 1}).output(S8, perTensor(1)).prepare());
    illegalArgument(expected, () -> matMul().bias(new float[]{1, 0.5f, 1}).outputS32().prepare());
    illegalArgument(expected,
        () -> OPEN.octet().conv2d().input(U8, perTensor(1))
            .weights(QTensor.of(S8, Shape.of(3, 1, 1, 1), perChannel(0, new float[]{1, 0, 1}), new byte[3]),
                WeightLayout.OHWI)
            .bias(new float[]{1, 0.5f, 1}).output(S8, perTensor(1)).prepare());
    matMul().bias(new float[]{1, 0, 1}).output(S8, perTensor(1)).prepare().close();
  }

  @Test
  void dequantizedTo0() {
    float[] y = new float[2];
    try (Dequantize op = OPEN.octet().dequantize().input(S8, perChannel(0, new float[]{0, 1})).prepare()) {
      op.run(MemorySegment.ofArray(new byte[]{100, 100}), MemorySegment.ofArray(y), Shape.of(2));
    }
    assertArrayEquals(new float[]{0, 100}, y);
  }

  /** Activations and results. */
  @Test
  void whatIsQuantizedByItsScaleMayNotHaveIt() {
    illegalArgument("input" + ONLY_WEIGHTS, () -> OPEN.octet().matMul().input(U8, ZERO));
    illegalArgument("output" + ONLY_WEIGHTS, () -> OPEN.octet().matMul().output(U8, ZERO));
    illegalArgument("input" + ONLY_WEIGHTS, () -> OPEN.octet().conv2d().input(U8, ZERO));
    illegalArgument("left" + ONLY_WEIGHTS, () -> OPEN.octet().batchMatMul().left(U8, ZERO));
    illegalArgument("right" + ONLY_WEIGHTS, () -> OPEN.octet().batchMatMul().right(U8, ZERO));
    illegalArgument("right" + ONLY_WEIGHTS, () -> OPEN.octet().add().right(U8, ZERO));
    illegalArgument("inputs[0]" + ONLY_WEIGHTS, () -> OPEN.octet().concat().input(U8, ZERO));
    illegalArgument("output" + ONLY_WEIGHTS, () -> OPEN.octet().quantize().output(U8, ZERO));
    illegalArgument("output" + ONLY_WEIGHTS, () -> OPEN.octet().requantize().output(U8, ZERO));
    illegalArgument("input" + ONLY_WEIGHTS, () -> OPEN.octet().requantize(U8, ZERO, S8, perTensor(1)));
    illegalArgument("input" + ONLY_WEIGHTS, () -> OPEN.octet().averagePool().input(U8, ZERO));
    illegalArgument("input" + ONLY_WEIGHTS, () -> OPEN.octet().globalAveragePool().input(U8, ZERO));
  }
}
