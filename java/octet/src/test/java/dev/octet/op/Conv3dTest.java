package dev.octet.op;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.WeightLayout.ODHWI;
import static dev.octet.WeightLayout.OHWI;
import static dev.octet.WeightLayout.OIDHW;
import static dev.octet.testing.Refusals.illegalArgument;
import static dev.octet.testing.Refusals.illegalState;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Conv3d on the scalar engine: the law by hand, and what is refused, with which words. */
class Conv3dTest {
  private static final Octet OCTET = Octet.builder().engine(Engine.SCALAR).open();
  private static final Quantization ONE = Quantization.perTensor(1);

  @AfterAll
  static void close() {
    OCTET.close();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static QTensor weights(Shape shape, Quantization quantization) {
    return QTensor.of(S8, shape, quantization, new byte[(int) shape.elements()]);
  }

  private static Conv3d.Builder builder(WeightLayout layout, Shape shape, int... values) {
    return OCTET.conv3d().input(U8, ONE).weights(QTensor.of(S8, shape, ONE, bytes(values)), layout);
  }

  private static int[] run(Conv3d.Builder builder, Shape images, int... x) {
    try (Conv3d conv = builder.outputS32().prepare()) {
      int[] y = new int[(int) conv.outputShape(images).elements()];
      conv.run(MemorySegment.ofArray(bytes(x)), MemorySegment.ofArray(y), images.intDim(0), images.intDim(1),
          images.intDim(2), images.intDim(3));
      return y;
    }
  }

  @Test
  void windowsOfAllDirectionsByHand() {
    // Two frames of {1, 2; 3, 4} and {5, 6; 7, 8}: 1 + 20 - 30 + 40 + 5 * 5 + 6 * 6 + 7 * 7 + 8 * 8 by taps.
    assertArrayEquals(new int[]{1 + 2 * 10 + 3 * -10 + 4 * 10 + 25 + 36 + 49 + 64},
        run(builder(OIDHW, Shape.of(1, 1, 2, 2, 2), 1, 10, -10, 10, 5, 6, 7, 8), Shape.of(1, 2, 2, 2, 1), 1,
            2,
            3, 4, 5, 6, 7, 8));
  }

  @Test
  void paddingStrideAndDilationAlongTheDepth() {
    // Frames {1, 2, 3, 4, 5} of one pixel, one frame of padding before, two behind; the window {1, 10},
    // dilated by 2, takes frames (-1, 1), (1, 3), (3, 5).
    assertArrayEquals(new int[]{20, 42, 4},
        run(builder(OIDHW, Shape.of(1, 1, 2, 1, 1), 1, 10).stride(2, 1, 1).dilation(2, 1, 1)
            .padding(1, 0, 0, 2, 0, 0), Shape.of(1, 5, 1, 1, 1), 1, 2, 3, 4, 5));
    // The same across the rows, and across the columns.
    assertArrayEquals(new int[]{20, 42, 4},
        run(builder(OIDHW, Shape.of(1, 1, 1, 2, 1), 1, 10).stride(1, 2, 1).dilation(1, 2, 1)
            .padding(0, 1, 0, 0, 2, 0), Shape.of(1, 1, 5, 1, 1), 1, 2, 3, 4, 5));
    assertArrayEquals(new int[]{20, 42, 4},
        run(builder(OIDHW, Shape.of(1, 1, 1, 1, 2), 1, 10).stride(1, 1, 2).dilation(1, 1, 2)
            .padding(0, 0, 1, 0, 0, 2), Shape.of(1, 1, 1, 5, 1), 1, 2, 3, 4, 5));
  }

  @Test
  void paddedTapsAndZeroPointsAddNothing() {
    // -2 with zero point -3 is 1; taps 5 and 6 with zero point 2 are 3 and 4.
    assertArrayEquals(new int[]{4, 3}, run(OCTET.conv3d().input(S8, Quantization.perTensor(1, -3))
        .weights(QTensor.of(S8, Shape.of(1, 1, 2, 1, 1), Quantization.perTensor(1, 2), bytes(5, 6)), OIDHW)
        .padding(1, 0, 0, 1, 0, 0), Shape.of(1, 1, 1, 1, 1), -2));
  }

  @Test
  void layoutsGroupsAndBatches() {
    // Two channels, two frames of taps: OIDHW {i0d0, i0d1, i1d0, i1d1}, ODHWI {d0i0, d0i1, d1i0, d1i1}.
    Shape images = Shape.of(2, 2, 1, 1, 2);
    int[] x = {1, 10, 100, 0, 0, 0, 0, 1};
    assertArrayEquals(new int[]{1 + 30 + 200, 4},
        run(builder(OIDHW, Shape.of(1, 2, 2, 1, 1), 1, 2, 3, 4), images, x));
    assertArrayEquals(new int[]{1 + 20 + 300, 4},
        run(builder(ODHWI, Shape.of(1, 2, 1, 1, 2), 1, 2, 3, 4), images, x));
    assertArrayEquals(new int[]{1 + 200, 30, 0, 4},
        run(builder(OIDHW, Shape.of(2, 1, 2, 1, 1), 1, 2, 3, 4).groups(2), images, x));
  }

  /** Three channels in, two out, 3 x 3 x 3. */
  private static Conv3d.Builder cube() {
    return OCTET.conv3d().input(U8, ONE).weights(weights(Shape.of(2, 3, 3, 3, 3), ONE), OIDHW).outputS32();
  }

  @Test
  void settingsThatDoNotFit() {
    illegalArgument("input: not given", () -> OCTET.conv3d().outputS32().prepare());
    illegalArgument("weights: not given", () -> OCTET.conv3d().input(U8, ONE).prepare());
    illegalArgument("weights: expected layout OIDHW or ODHWI for a convolution of volumes, got OHWI",
        () -> cube().weights(weights(Shape.of(1, 1, 1, 1, 1), ONE), OHWI));
    illegalArgument("weights: expected a shape of rank 5 without empty dimensions (ODHWI), got [3, 3, 3, 3]",
        () -> cube().weights(weights(Shape.of(3, 3, 3, 3), ONE), ODHWI));
    illegalArgument("weights: expected scales per tensor or per channel on axis 0 (output channels), got per"
        + " channel on axis 1",
        () -> cube()
            .weights(weights(Shape.of(1, 2, 1, 1, 1), Quantization.perChannel(1, new float[]{1, 1})), OIDHW));
    illegalArgument("groups: expected a divisor of 2 (output channels of weights), got 3",
        () -> cube().groups(3).prepare());
    illegalArgument("bias: expected 2 (one an output channel), got 3",
        () -> cube().bias(new int[3]).prepare());
    illegalArgument("clamp: not offered with S32 output", () -> cube().relu6().prepare());
    illegalArgument("padding front: expected >= 0, got -1", () -> cube().padding(-1));
    illegalArgument("padding back: expected >= 0, got -2", () -> cube().padding(0, 0, 0, -2, 0, 0));
    illegalArgument("stride depth: expected >= 1, got 0", () -> cube().stride(0));
    illegalArgument("dilation depth: expected >= 1, got 0", () -> cube().dilation(0, 1, 1));
  }

  @Test
  void volumesThatDoNotFit() {
    try (Conv3d conv = cube().padding(0, 0, 0, 1, 0, 0).prepare()) {
      illegalArgument("depth: expected at least 3 (kernel 3, dilation 1) with padding, got 1 + 1",
          () -> conv.outputShape(Shape.of(1, 1, 3, 3, 3)));
      illegalArgument("input: expected [batch, depth, height, width, channels], got [1, 3, 3, 3]",
          () -> conv.outputShape(Shape.of(1, 3, 3, 3)));
      illegalArgument("input: expected 3 channels in its last dimension, got [1, 3, 3, 3, 4]",
          () -> conv.outputShape(Shape.of(1, 3, 3, 3, 4)));
      assertEquals(Shape.of(2, 3, 3, 4, 2), conv.outputShape(Shape.of(2, 4, 5, 6, 3)));
      illegalArgument("x: expected at least 54 bytes, got 53",
          () -> conv.run(MemorySegment.ofArray(new byte[53]), MemorySegment.ofArray(new int[2]), 1, 2, 3, 3));
      illegalArgument("y: expected at least 8 bytes, got 4",
          () -> conv.run(MemorySegment.ofArray(new byte[54]), MemorySegment.ofArray(new int[1]), 1, 2, 3, 3));
      illegalArgument("batch: expected >= 0, got -1",
          () -> conv.run(MemorySegment.NULL, MemorySegment.NULL, -1, 2, 3, 3));
      illegalArgument("depth: expected >= 1, got 0",
          () -> conv.run(MemorySegment.NULL, MemorySegment.NULL, 1, 0, 3, 3));
      int most = Integer.MAX_VALUE;
      illegalArgument("batch x depth: expected at most 2^31 - 1, got 65536 x 32768",
          () -> conv.run(MemorySegment.NULL, MemorySegment.NULL, 65536, 32768, 3, 3));
      illegalArgument("height x width: expected at most 2^31 - 1, got 65536 x 32768",
          () -> conv.run(MemorySegment.NULL, MemorySegment.NULL, 1, 2, 65536, 32768));
      illegalArgument("x: size 2147483647 x 6442450938 overflows 64 bits",
          () -> conv.run(MemorySegment.NULL, MemorySegment.NULL, 1, most, most / 3, 3));
    }
  }

  @Test
  void useAfterClose() {
    Conv3d conv = cube().prepare();
    conv.close();
    illegalState("this conv3d is closed",
        () -> conv.run(MemorySegment.ofArray(new byte[81]), MemorySegment.ofArray(new int[2]), 1, 3, 3, 3));
  }
}
