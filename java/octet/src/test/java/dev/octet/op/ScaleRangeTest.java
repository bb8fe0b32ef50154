package dev.octet.op;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perTensor;
import static dev.octet.testing.Refusals.illegalArgument;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.BinaryOp;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Scales whose product or quotient leaves the normal numbers of binary32: refused, all values named. */
class ScaleRangeTest {
  private static final String RANGE = " in binary32, expected a normal number, 1.1754944E-38 to 3.4028235E38; "
      + "choose scales of other magnitudes";
  @RegisterExtension
  static final OpenOctet OPEN = new OpenOctet();

  private static MatMul.Builder matMul(float input, float... weights) {
    Quantization q = weights.length == 1 ? perTensor(weights[0]) : Quantization.perChannel(1, weights);
    return OPEN.octet().matMul().input(U8, perTensor(input))
        .weights(QTensor.of(S8, Shape.of(2, 3), q, new byte[6]), WeightLayout.IN_OUT);
  }

  private static Conv2d.Builder conv2d(float input, float... weights) {
    Quantization q = weights.length == 1 ? perTensor(weights[0]) : Quantization.perChannel(0, weights);
    return OPEN.octet().conv2d().input(U8, perTensor(input))
        .weights(QTensor.of(S8, Shape.of(3, 1, 1, 2), q, new byte[6]), WeightLayout.OHWI);
  }

  private static ConvTranspose2d.Builder convTranspose2d(float input, float... weights) {
    return OPEN.octet().convTranspose2d().input(U8, perTensor(input)).weights(
        QTensor.of(S8, Shape.of(1, 3, 1, 2), Quantization.perChannel(1, weights), new byte[6]),
        WeightLayout.IOHW);
  }

  private static Conv3d.Builder conv3d(float input, float... weights) {
    return OPEN.octet().conv3d().input(U8, perTensor(input)).weights(
        QTensor.of(S8, Shape.of(3, 1, 1, 1, 2), Quantization.perChannel(0, weights), new byte[6]),
        WeightLayout.OIDHW);
  }

  private static BatchMatMul.Builder batch(float left, float right) {
    return OPEN.octet().batchMatMul().left(U8, perTensor(left)).right(S8, perTensor(right));
  }

  @Test
  void productsOfTwoScales() {
    illegalArgument("scales: input 1.0E-30 times weights 1.0E-20 is 0.0" + RANGE,
        () -> matMul(1e-30f, 1e-20f).outputF32().prepare());
    illegalArgument("scales: input 1.0E-30 times weights 1.0E-10 (channel 1) is 1.0E-40" + RANGE,
        () -> matMul(1e-30f, 1, 1e-10f, 1).outputF32().prepare());
    illegalArgument("scales: input 1.0E30 times weights 1.0E20 (channel 2) is Infinity" + RANGE,
        () -> matMul(1e30f, 1, 1, 1e20f).output(S8, perTensor(1e30f)).prepare());
    illegalArgument("scales: input 1.0E-30 times weights 1.0E-20 (channel 0) is 0.0" + RANGE,
        () -> conv2d(1e-30f, 1e-20f, 1, 1).outputF32().prepare());
    illegalArgument("scales: input 1.0E-30 times weights 1.0E-20 (channel 1) is 0.0" + RANGE,
        () -> convTranspose2d(1e-30f, 1, 1e-20f, 1).outputF32().prepare());
    illegalArgument("scales: input 1.0E-30 times weights 1.0E-20 (channel 2) is 0.0" + RANGE,
        () -> conv3d(1e-30f, 1, 1, 1e-20f).outputF32().prepare());
    illegalArgument("scales: left 1.0E-30 times right 1.0E-20 is 0.0" + RANGE,
        () -> batch(1e-30f, 1e-20f).outputF32().prepare());
    // A real bias is put in units of the sums: the only use of scales with S32 output.
    illegalArgument("scales: input 1.0E-30 times weights 1.0E-20 is 0.0" + RANGE,
        () -> matMul(1e-30f, 1e-20f).bias(new float[3]).outputS32().prepare());
  }

  @Test
  void multipliersOfProducts() {
    illegalArgument("scales: input 1.0E-30 times weights 1.0, divided by output 1.0E20 is 0.0" + RANGE,
        () -> matMul(1e-30f, 1).output(S8, perTensor(1e20f)).prepare());
    illegalArgument(
        "scales: input 1.0E30 times weights 1.0 (channel 0), divided by output 1.0E-20 is Infinity" + RANGE,
        () -> conv2d(1e30f, 1, 1, 1).output(U8, perTensor(1e-20f)).prepare());
    illegalArgument("scales: left 1.0E30 times right 1.0, divided by output 1.0E-20 is Infinity" + RANGE,
        () -> batch(1e30f, 1).output(U8, perTensor(1e-20f)).prepare());
    illegalArgument("scales: scales[1] 1.0E30 divided by output 1.0E-20 is Infinity" + RANGE,
        () -> OPEN.octet().requantize().scales(1, 1e30f).output(S8, perTensor(1e-20f)).prepare());
  }

  @Test
  void quotients() {
    illegalArgument("scales: left 1.0E38 divided by output 0.001 is Infinity" + RANGE,
        () -> OPEN.octet().add().left(S8, perTensor(1e38f)).right(S8, perTensor(1))
            .output(S8, perTensor(1e-3f)).prepare());
    illegalArgument("scales: right 1.0E-30 divided by output 1.0E10 is 1.0E-40" + RANGE,
        () -> OPEN.octet().add().left(S8, perTensor(1)).right(S8, perTensor(1e-30f))
            .output(S8, perTensor(1e10f)).prepare());
    illegalArgument("scales: input 1.0E-30 divided by output 1.0E20 is 0.0" + RANGE,
        () -> OPEN.octet().averagePool().input(S8, perTensor(1e-30f)).output(S8, perTensor(1e20f)).window(2)
            .prepare());
    illegalArgument("scales: input 1.0E-35 divided by output 1.0 of 1000000 taps is 1.0E-41" + RANGE,
        () -> OPEN.octet().averagePool().input(S8, perTensor(1e-35f)).output(S8, perTensor(1)).window(1000)
            .countPadding().prepare());
    illegalArgument("scales: input 1.0E30 divided by output 1.0E-20 is Infinity" + RANGE,
        () -> OPEN.octet().globalAveragePool().input(S8, perTensor(1e30f)).output(S8, perTensor(1e-20f))
            .prepare());
  }

  private static Binary.Builder binary(BinaryOp op, float left, float right, float output) {
    return OPEN.octet().binary(op).left(S8, perTensor(left)).right(S8, perTensor(right)).output(S8,
        perTensor(output));
  }

  /** Of the factors of each op; what none of them is near stays allowed. */
  @Test
  void factorsOfBinaryOps() {
    for (BinaryOp op : EnumSet.complementOf(EnumSet.of(BinaryOp.MULTIPLY, BinaryOp.DIVIDE))) {
      illegalArgument("scales: left 1.0E38 divided by output 0.001 is Infinity" + RANGE,
          () -> binary(op, 1e38f, 1, 1e-3f).prepare());
      illegalArgument("scales: right 1.0E-30 divided by output 1.0E10 is 1.0E-40" + RANGE,
          () -> binary(op, 1, 1e-30f, 1e10f).prepare());
      binary(op, 1e-20f, 1e-20f, 1e-20f).prepare().close();
    }
    illegalArgument("scales: left 1.0E-20 times right 1.0E-20 is 1.0E-40" + RANGE,
        () -> binary(BinaryOp.MULTIPLY, 1e-20f, 1e-20f, 1e-20f).prepare());
    illegalArgument("scales: left 1.0E20 times right 1.0E20 is Infinity" + RANGE,
        () -> binary(BinaryOp.MULTIPLY, 1e20f, 1e20f, 1).prepare());
    illegalArgument("scales: left 1.0E-20 times right 1.0E-10, divided by output 1.0E20 is 0.0" + RANGE,
        () -> binary(BinaryOp.MULTIPLY, 1e-20f, 1e-10f, 1e20f).prepare());
    illegalArgument("scales: left 1.0E20 divided by right 1.0E-20 is Infinity" + RANGE,
        () -> binary(BinaryOp.DIVIDE, 1e20f, 1e-20f, 1).prepare());
    illegalArgument("scales: left 1.0E20 divided by right 1.0, divided by output 1.0E-20 is Infinity" + RANGE,
        () -> binary(BinaryOp.DIVIDE, 1e20f, 1, 1e-20f).prepare());
    binary(BinaryOp.DIVIDE, 1e-30f, 1e-30f, 1).prepare().close();
    binary(BinaryOp.MULTIPLY, 1e-10f, 1e10f, 1).prepare().close();
  }

  private static Binary.Builder add(float left, int leftZero, float right, int rightZero) {
    return OPEN.octet().add().left(U8, perTensor(left, leftZero)).right(U8, perTensor(right, rightZero))
        .output(U8,
            perTensor(1, 7));
  }

  /** Infinite, and infinity less infinity; quotients that are normal numbers themselves. */
  @Test
  void constantsOfSums() {
    String expected = " in binary32, expected a finite number; choose scales of other magnitudes";
    illegalArgument("scales: left 2.0E36 times its zero point 255 and right 1.0 times its zero point 0, "
        + "divided by output 1.0, make -Infinity" + expected, () -> add(2e36f, 255, 1, 0).prepare());
    illegalArgument("scales: left 1.0 times its zero point 3 and right 3.0E38 times its zero point 2, "
        + "divided by output 1.0, make -Infinity" + expected, () -> add(1, 3, 3e38f, 2).prepare());
    illegalArgument("scales: left 1.0E38 times its zero point 2 and right 1.0E38 times its zero point 2, "
        + "divided by output 1.0, make -Infinity" + expected, () -> add(1e38f, 2, 1e38f, 2).prepare());
    illegalArgument("scales: left 3.0E38 times its zero point -1 and right 3.0E38 times its zero point -1, "
        + "divided by output 1.0, make Infinity" + expected,
        () -> OPEN.octet().add().left(S8, perTensor(3e38f, -1)).right(S8, perTensor(3e38f, -1))
            .output(S8, perTensor(1)).prepare());
    add(1e36f, 255, 1e36f, 0).prepare().close();
    add(3e38f, 1, 1, 255).prepare().close();
  }

  /** The ends of the range, and scales that the results do not depend on. */
  @Test
  void whatStaysAllowed() {
    matMul(Float.MIN_NORMAL, 1).outputF32().prepare().close();
    matMul(Float.MAX_VALUE, 1).outputF32().prepare().close();
    matMul(Float.MIN_VALUE, 0x1p40f).output(S8, perTensor(1e-30f)).prepare().close();
    matMul(1e-30f, 1e-20f).outputS32().prepare().close();
    matMul(1e-30f, 1e-20f).bias(new int[3]).outputS32().prepare().close();
    batch(1e-30f, 1e-20f).outputS32().prepare().close();
    // Scales of the run are the law's affair.
    OPEN.octet().batchMatMul().left(U8).right(S8, perTensor(Float.MIN_VALUE)).outputF32().prepare().close();
    // Dequantize, then quantize: no product of scales.
    try (Lookup op = OPEN.octet().requantize(S8, perTensor(1e30f), S8, perTensor(1e-20f))) {
      assertEquals(256, op.packedBytes());
    }
  }
}
