package dev.octet.op;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.testing.Dice;
import dev.octet.testing.Exact;
import dev.octet.testing.RandomCases;
import dev.octet.testing.TestMemory;
import dev.octet.testing.TestOutput;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Conv2d on the scalar engine against the law: by hand, and in exact arithmetic with every option. */
class Conv2dTest {
  private static final Octet OCTET = Octet.builder().engine(Engine.SCALAR).open();

  @AfterAll
  static void close() {
    OCTET.close();
  }

  private static QTensor weights(Shape shape, int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return QTensor.of(S8, shape, Quantization.perTensor(1), bytes);
  }

  private static int[] run(Conv2d.Builder builder, int batch, int height, int width, int... x) {
    byte[] bytes = new byte[x.length];
    for (int i = 0; i < x.length; i++) {
      bytes[i] = (byte) x[i];
    }
    try (Conv2d conv = builder.outputS32().prepare()) {
      Shape out = conv.outputShape(Shape.of(batch, height, width, x.length / (batch * height * width)));
      int[] y = new int[(int) out.elements()];
      conv.run(MemorySegment.ofArray(bytes), MemorySegment.ofArray(y), batch, height, width);
      return y;
    }
  }

  @Test
  void paddedTapsAddNothingByHand() {
    // 2x2 image of one channel, zero point -3: real {4, 5, 6, 7}; 3x3 window {1..9} with padding 1.
    QTensor w = weights(Shape.of(1, 3, 3, 1), 1, 2, 3, 4, 5, 6, 7, 8, 9);
    Conv2d.Builder builder = OCTET.conv2d().input(S8, Quantization.perTensor(1, -3))
        .weights(w, WeightLayout.OHWI)
        .padding(1);
    // Top left: taps 5, 6, 8, 9 on 4, 5, 6, 7: 20 + 30 + 48 + 63 = 161. Top right: 4, 5, 7, 8: 16 + 25 + 42 +
    // 56
    // = 139. Bottom left: 2, 3, 5, 6: 8 + 15 + 30 + 42 = 95. Bottom right: 1, 2, 4, 5: 4 + 10 + 24 + 35 = 73.
    assertArrayEquals(new int[]{161, 139, 95, 73}, run(builder, 1, 2, 2, 1, 2, 3, 4));
  }

  @Test
  void fourSidesStrideAndDilationByHand() {
    // A row {1, 2, 3, 4, 5} with 1 column of padding on the left and 2 on the right; the window {1, 10},
    // dilated
    // by 2, takes columns (-1, 1), (1, 3), (3, 5): 8 padded columns, (8 - 3) / 2 + 1 = 3 windows.
    Conv2d.Builder builder = OCTET.conv2d().input(U8, Quantization.perTensor(1)).stride(1, 2).dilation(1, 2)
        .padding(0, 1, 0, 2);
    int[] expected = {20, 42, 4};
    assertArrayEquals(expected,
        run(builder.weights(weights(Shape.of(1, 1, 2, 1), 1, 10), WeightLayout.OHWI), 1, 1, 5, 1, 2, 3, 4,
            5));
    assertArrayEquals(expected,
        run(builder.weights(weights(Shape.of(1, 1, 1, 2), 1, 10), WeightLayout.OIHW), 1, 1, 5, 1, 2, 3, 4,
            5));
    assertArrayEquals(expected,
        run(builder.weights(weights(Shape.of(1, 2, 1, 1), 1, 10), WeightLayout.HWIO), 1, 1, 5, 1, 2, 3, 4,
            5));
  }

  @Test
  void theOrderOfPaddingIsTopLeftBottomRight() {
    QTensor w = weights(Shape.of(1, 1, 1, 1), 1);
    try (Conv2d conv = OCTET.conv2d().input(U8, Quantization.perTensor(1)).weights(w, WeightLayout.OHWI)
        .padding(1, 2, 4, 8).outputS32().prepare()) {
      assertEquals(Shape.of(2, 1 + 3 + 4, 2 + 5 + 8, 1), conv.outputShape(Shape.of(2, 3, 5, 1)));
      int[] y = new int[2 * 8 * 15];
      byte[] x = new byte[2 * 3 * 5];
      x[0] = 7;
      conv.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), 2, 3, 5);
      for (int i = 0; i < y.length; i++) {
        assertEquals(i == 15 + 2 ? 7 : 0, y[i], "row 1, column 2 holds the first pixel; element " + i);
      }
    }
  }

  @Test
  void groupsByHand() {
    Conv2d.Builder builder = OCTET.conv2d().input(U8, Quantization.perTensor(1));
    // 2 groups of 2 channels: 1 * 1 + 2 * 2, 3 * 3 + 4 * 4
    assertArrayEquals(new int[]{5, 25}, run(
        builder.groups(2).weights(weights(Shape.of(2, 1, 1, 2), 1, 2, 3, 4), WeightLayout.OHWI), 1, 1, 1, 1,
        2, 3, 4));
    // depthwise, 2 outputs for each of 2 channels: 5 * {1, 2}, 7 * {3, 4}
    assertArrayEquals(new int[]{5, 10, 21, 28}, run(
        builder.groups(2).weights(weights(Shape.of(4, 1, 1, 1), 1, 2, 3, 4), WeightLayout.OHWI), 1, 1, 1, 5,
        7));
  }

  @Test
  void layoutsByHand() {
    // 2 input channels, window 1x2; OHWI {w0i0, w0i1, w1i0, w1i1}, OIHW {i0w0, i0w1, i1w0, i1w1}
    Conv2d.Builder builder = OCTET.conv2d().input(U8, Quantization.perTensor(1));
    // pixels {1, 10}, {100, 0}: 1*1 + 10*2 + 100*3; 1*1 + 100*2 + 10*3
    assertArrayEquals(new int[]{321},
        run(builder.weights(weights(Shape.of(1, 1, 2, 2), 1, 2, 3, 4), WeightLayout.OHWI), 1, 1, 2, 1, 10,
            100, 0));
    assertArrayEquals(new int[]{231},
        run(builder.weights(weights(Shape.of(1, 2, 1, 2), 1, 2, 3, 4), WeightLayout.OIHW), 1, 1, 2, 1, 10,
            100, 0));
  }

  @Test
  void requantizesPerChannelByHand() {
    QTensor w = QTensor.of(S8, Shape.of(2, 1, 1, 1),
        Quantization.perChannel(0, new float[]{0.5f, 0.25f}, new int[]{0, 1}), new byte[]{3, -127});
    // (12 - 2) * 3 + 4 = 34, times .5 * .5 / 1 = 8.5 -> 8 (even) -> 9, but relu6 ends at 6 + 1 = 7.
    // (12 - 2) * -128 - 4 = -1284 -> below 0, zero point 1.
    try (Conv2d conv = OCTET.conv2d().input(U8, Quantization.perTensor(0.5f, 2)).weights(w, WeightLayout.OHWI)
        .bias(new int[]{4, -4}).output(U8, Quantization.perTensor(1, 1)).relu6().prepare()) {
      byte[] y = new byte[4];
      // second pixel 3: 1 * 3 + 4 = 7, times .25 = 1.75 -> 2 + 1; -128 - 4 again below 0
      conv.run(MemorySegment.ofArray(new byte[]{12, 3}), MemorySegment.ofArray(y), 2, 1, 1);
      assertArrayEquals(new byte[]{7, 1, 3, 1}, y);
      assertEquals("scalar:u8s8_u8_conv", conv.kernel());
    }
  }

  @Test
  void noImagesAreFine() {
    QTensor w = weights(Shape.of(1, 1, 1, 1), 1);
    try (Conv2d conv = OCTET.conv2d().input(U8, Quantization.perTensor(1)).weights(w, WeightLayout.OHWI)
        .outputS32().prepare()) {
      int[] y = {42};
      conv.run(MemorySegment.ofArray(new byte[1]), MemorySegment.ofArray(y), 0, 1, 1);
      assertEquals(42, y[0]);
      assertEquals(Shape.of(0, 1, 1, 1), conv.outputShape(Shape.of(0, 1, 1, 1)));
    }
  }

  @Test
  void equalsTheLaw() {
    RandomCases.run("conv2d against exact arithmetic", "SCALAR", 500,
        (dice, index, what) -> new RandomConv(dice).check(dice));
  }

  /**
   * A convolution with every option at random, and its result by the definition, on an image padded first.
   */
  private static final class RandomConv {
    private final int groups;
    private final int inPerGroup;
    private final int out;
    private final int kernelHeight;
    private final int kernelWidth;
    private final int strideHeight;
    private final int strideWidth;
    private final int dilationHeight;
    private final int dilationWidth;
    private final int[] padding;
    private final DataType type;
    private final DataType weightType;
    private final float scale;
    private final int zeroPoint;
    private final float[] weightScales;
    private final int[] weightZeroPoints;
    /** {@code [o][y][x][i]}. */
    private final int[][][][] stored;

    RandomConv(Dice dice) {
      boolean oneRow = dice.oneIn(4);
      switch (dice.between(0, 2)) {
        case 0 -> { // dense
          groups = 1;
          inPerGroup = dice.oneIn(4) ? dice.size(65) : dice.between(1, 6);
          out = dice.oneIn(4) ? dice.size(65) : dice.between(1, 6);
        }
        case 1 -> { // grouped
          groups = dice.between(2, 4);
          inPerGroup = dice.between(1, 5);
          out = groups * dice.between(1, 4);
        }
        default -> { // depthwise, one or more outputs a channel
          groups = dice.oneIn(4) ? dice.size(65) : dice.between(1, 9);
          inPerGroup = 1;
          out = groups * dice.between(1, 3);
        }
      }
      kernelHeight = oneRow ? 1 : dice.between(1, 3);
      kernelWidth = dice.between(1, 4);
      strideHeight = dice.between(1, 3);
      strideWidth = dice.between(1, 3);
      dilationHeight = dice.between(1, 3);
      dilationWidth = dice.between(1, 3);
      padding = dice.oneIn(3) ? new int[4] : dice.ints(4, 0, 3);
      type = dice.pick(U8, S8);
      weightType = dice.pick(S8, S8, U8);
      scale = dice.scale();
      zeroPoint = dice.zeroPoint(type);
      int parameters = dice.oneIn(2) ? out : 1;
      boolean symmetric = dice.oneIn(2);
      weightScales = new float[parameters];
      weightZeroPoints = new int[parameters];
      for (int i = 0; i < parameters; i++) {
        weightScales[i] = dice.scale();
        weightZeroPoints[i] = symmetric ? 0 : dice.zeroPoint(weightType);
      }
      stored = new int[out][kernelHeight][kernelWidth][inPerGroup];
      int mode = dice.between(0, 5);
      for (int[][][] o : stored) {
        for (int[][] y : o) {
          for (int[] x : y) {
            for (int i = 0; i < inPerGroup; i++) {
              x[i] = TestMemory.value(dice, weightType, mode);
            }
          }
        }
      }
    }

    private int taps() {
      return kernelHeight * kernelWidth * inPerGroup;
    }

    private QTensor tensor(WeightLayout layout) {
      byte[] bytes = new byte[out * taps()];
      for (int o = 0; o < out; o++) {
        for (int y = 0; y < kernelHeight; y++) {
          for (int x = 0; x < kernelWidth; x++) {
            for (int i = 0; i < inPerGroup; i++) {
              int within = layout == WeightLayout.OHWI
                  ? (y * kernelWidth + x) * inPerGroup + i
                  : (i * kernelHeight + y) * kernelWidth + x;
              bytes[o * taps() + within] = (byte) stored[o][y][x][i];
            }
          }
        }
      }
      Shape shape = layout == WeightLayout.OHWI
          ? Shape.of(out, kernelHeight, kernelWidth, inPerGroup)
          : Shape.of(out, inPerGroup, kernelHeight, kernelWidth);
      return QTensor.of(weightType, shape, weightScales.length == 1
          ? Quantization.perTensor(weightScales[0], weightZeroPoints[0])
          : Quantization.perChannel(0, weightScales, weightZeroPoints), bytes);
    }

    void check(Dice dice) {
      int batch = dice.oneIn(8) ? 0 : dice.between(1, 2);
      int spanHeight = (kernelHeight - 1) * dilationHeight + 1;
      int spanWidth = (kernelWidth - 1) * dilationWidth + 1;
      int height = Math.max(1, spanHeight - padding[0] - padding[2]) + dice.between(0, 4);
      int width = Math.max(1, spanWidth - padding[1] - padding[3]) + dice.between(0, 4);
      int outHeight = (height + padding[0] + padding[2] - spanHeight) / strideHeight + 1;
      int outWidth = (width + padding[1] + padding[3] - spanWidth) / strideWidth + 1;
      int channels = groups * inPerGroup;
      TestOutput output = TestOutput.random(dice,
          scale * weightScales[0] * 3000 * dice.between(1, taps()));
      int[] bias = dice.oneIn(3) ? dice.ints(out, -20_000, 19_999) : null;
      boolean withFloatBias = bias == null && dice.oneIn(2);
      float[] floatBias = new float[out];
      for (int o = 0; o < out; o++) {
        floatBias[o] = dice.gaussian();
      }
      MemorySegment x = TestMemory.values(dice, type, (long) batch * height * width * channels);
      MemorySegment y = TestMemory.output(dice, (long) batch * outHeight * outWidth * out * output.bytes());
      Conv2d.Builder builder = OCTET.conv2d().input(type, Quantization.perTensor(scale, zeroPoint))
          .groups(groups).stride(strideHeight, strideWidth).dilation(dilationHeight, dilationWidth)
          .padding(padding[0], padding[1], padding[2], padding[3]);
      WeightLayout layout = dice.pick(WeightLayout.OHWI, WeightLayout.OIHW);
      builder.weights(tensor(layout), layout);
      if (bias != null) {
        builder.bias(bias);
      }
      if (withFloatBias) {
        builder.bias(floatBias);
      }
      switch (output.type()) {
        case S32 -> builder.outputS32();
        case F32 -> builder.outputF32();
        default -> builder.output(output.type(), output.quantization());
      }
      if (output.clamped()) {
        builder.clamp(output.min(), output.max());
      }
      try (Conv2d conv = builder.prepare()) {
        assertEquals(Shape.of(batch, outHeight, outWidth, out),
            conv.outputShape(Shape.of(batch, height, width, channels)));
        conv.run(x, y, batch, height, width);
      }
      long index = 0;
      for (int image = 0; image < batch; image++) {
        long[][][] padded = padded(x, image, height, width, channels);
        for (int oy = 0; oy < outHeight; oy++) {
          for (int ox = 0; ox < outWidth; ox++) {
            for (int o = 0; o < out; o++) {
              float weightScale = weightScales[weightScales.length == 1 ? 0 : o];
              long accumulator = sum(padded, oy * strideHeight, ox * strideWidth, o);
              Float last = null;
              if (bias != null) {
                accumulator += bias[o];
              } else if (withFloatBias && output.type() == DataType.F32) {
                last = floatBias[o];
              } else if (withFloatBias) {
                accumulator += Exact.quantize(floatBias[o], Exact.product(scale, weightScale), 0,
                    DataType.S32);
              }
              int sum = (int) accumulator;
              output.check(output.expected(sum, scale, false, weightScale, last), y, index++, "row " + oy
                  + ", column " + ox + ", channel " + o + ", accumulator " + sum + ", " + this + " -> "
                  + output);
            }
          }
        }
      }
    }

    /** An image minus its zero point, with zeros around it. */
    private long[][][] padded(MemorySegment x, int image, int height, int width, int channels) {
      long[][][] padded = new long[padding[0] + height + padding[2]][padding[1] + width
          + padding[3]][channels];
      for (int row = 0; row < height; row++) {
        for (int column = 0; column < width; column++) {
          for (int c = 0; c < channels; c++) {
            long index = (((long) image * height + row) * width + column) * channels + c;
            padded[row + padding[0]][column + padding[1]][c] = (long) TestMemory.get(x, type, index)
                - zeroPoint;
          }
        }
      }
      return padded;
    }

    private long sum(long[][][] padded, int top, int left, int o) {
      int group = o / (out / groups);
      long sum = 0;
      for (int i = 0; i < inPerGroup; i++) {
        for (int y = 0; y < kernelHeight; y++) {
          for (int x = 0; x < kernelWidth; x++) {
            int w = stored[o][y][x][i] - weightZeroPoints[weightZeroPoints.length == 1 ? 0 : o];
            sum += padded[top + y * dilationHeight][left + x * dilationWidth][group * inPerGroup + i] * w;
          }
        }
      }
      return sum;
    }

    @Override
    public String toString() {
      return type + " (" + scale + ", " + zeroPoint + ") * " + weightType + " " + kernelHeight + "x"
          + kernelWidth
          + " " + inPerGroup + "->" + out + ", groups " + groups + ", stride " + strideHeight + "x"
          + strideWidth
          + ", dilation " + dilationHeight + "x" + dilationWidth;
    }
  }
}
