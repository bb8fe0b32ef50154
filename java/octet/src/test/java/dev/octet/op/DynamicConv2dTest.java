package dev.octet.op;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.WeightLayout.OHWI;
import static dev.octet.testing.Refusals.illegalArgument;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** DynamicConv2d on the scalar engine by hand, and what it refuses. */
class DynamicConv2dTest {
  private static final Octet OCTET = Octet.builder().engine(Engine.SCALAR).open();
  /** Adds up two neighbours of a line. */
  private static final QTensor PAIRS = QTensor.of(S8, Shape.of(1, 1, 2, 1), Quantization.perTensor(0.5f),
      new byte[]{1, 1});

  @AfterAll
  static void close() {
    OCTET.close();
  }

  private static DynamicConv2d.Builder pairs() {
    return OCTET.dynamicConv2d().weights(PAIRS, OHWI);
  }

  /** Runs on images of one line and one channel. */
  private static float[] run(DynamicConv2d.Builder builder, int batch, float... x) {
    try (DynamicConv2d op = builder.prepare()) {
      int width = x.length / batch;
      Shape shape = op.outputShape(Shape.of(batch, 1, width, 1));
      float[] y = new float[(int) shape.elements()];
      op.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), batch, 1, width);
      return y;
    }
  }

  @Test
  void oneRangeOfAllImagesOrOneOfEach() {
    // All: 0 to 510, scale 2, zero point 0: 255 is 128 (127.5 to even), 1 is 0 (0.5 to even), 510 is 255.
    assertArrayEquals(new float[]{128 * 2 * 0.5f, 255 * 2 * 0.5f}, run(pairs(), 2, 255, 1, 0, 510));
    // Each: 0 to 255 with scale 1, and 0 to 510 with scale 2.
    assertArrayEquals(new float[]{256 * 0.5f, 255 * 2 * 0.5f},
        run(pairs().perImage(), 2, 255, 1, 0, 510));
  }

  @Test
  void paddingIsTheZeroPointAndBiasComesBeforeTheClamp() {
    // -100 to 155: scale 1, zero point 100.
    float[] y = run(pairs().padding(0, 1, 0, 1).bias(new float[]{10}).clamp(0, 60), 1, -100, 155, 30);
    assertArrayEquals(new float[]{0, 37.5f, 60, 25}, y);
  }

  @Test
  void whatIsNoNumberSpoilsItsRangeAlone() {
    float[] each = run(pairs().perImage(), 2, Float.NaN, 1, 255, 255);
    assertEquals(Float.NaN, each[0]);
    assertEquals(255, each[1]);
    assertArrayEquals(new float[]{Float.NaN, Float.NaN}, run(pairs(), 2, Float.NaN, 1, 255, 255));
    assertArrayEquals(new float[]{Float.NaN}, run(pairs(), 1, Float.POSITIVE_INFINITY, 1));
    assertArrayEquals(new float[]{0}, run(pairs(), 1, 0, 0));
  }

  @Test
  void unsignedWeightsWithAFarZeroPoint() {
    QTensor w = QTensor.of(U8, Shape.of(1, 1, 2, 1), Quantization.perTensor(1, 210),
        new byte[]{(byte) 211, (byte) 200});
    assertArrayEquals(new float[]{255 - 10 * 7}, run(OCTET.dynamicConv2d().weights(w, OHWI), 1, 255, 7));
  }

  @Test
  void refusals() {
    illegalArgument("weights: not given", () -> OCTET.dynamicConv2d().prepare());
    illegalArgument("weights: expected U8 or S8, got S4", () -> OCTET.dynamicConv2d()
        .weights(QTensor.of(S4, Shape.of(1, 1, 1, 1), Quantization.perTensor(1), new byte[1]), OHWI));
    illegalArgument("groups: expected a divisor of 1 (output channels of weights [1, 1, 2, 1]), got 2",
        () -> pairs().groups(2).prepare());
    illegalArgument("bias: expected 1 (one an output channel), got 2",
        () -> pairs().bias(new float[2]).prepare());
    try (DynamicConv2d op = pairs().prepare()) {
      MemorySegment x = MemorySegment.ofArray(new float[4]);
      MemorySegment y = MemorySegment.ofArray(new float[4]);
      illegalArgument("width: expected at least 2 (kernel 2, dilation 1) with padding, got 1 + 0",
          () -> op.run(x, y, 1, 4, 1));
      illegalArgument("x: expected at least 24 bytes, got 16", () -> op.run(x, y, 1, 3, 2));
      illegalArgument("y: expected at least 12 bytes, got 8",
          () -> op.run(x, y.asSlice(0, 8), 1, 1, 4));
      illegalArgument("y: expected memory of its own, but it overlaps x", () -> op.run(x, x, 1, 2, 2));
      illegalArgument("batch: expected >= 0, got -1", () -> op.run(x, y, -1, 2, 2));
      op.run(x, y, 0, 2, 2);
    }
  }
}
