package dev.octet.op;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perChannel;
import static dev.octet.Quantization.perTensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.testing.Exact;
import dev.octet.testing.TestMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Average, max and global average pooling: by hand, against a naive definition, and every error. */
class PoolTest {
  private static final Quantization ONE = perTensor(1);
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().engine(Engine.SCALAR).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static int[] run(Pool made, DataType type, int batch, int height, int width, int channels,
      int... x) {
    try (Pool op = made) {
      Shape out = op.outputShape(Shape.of(batch, height, width, channels));
      MemorySegment y = TestMemory.odd(out.elements());
      op.run(TestMemory.bytes(x), y, batch, height, width, channels);
      return TestMemory.integers(type, y, (int) out.elements());
    }
  }

  private static AveragePool.Builder average(DataType type, Quantization x, Quantization y) {
    return octet.averagePool().input(type, x).output(type, y);
  }

  private static GlobalAveragePool global(DataType type, Quantization x, Quantization y) {
    return octet.globalAveragePool().input(type, x).output(type, y).prepare();
  }

  @Test
  void averagesByHand() {
    // 2 x 2 windows of a 3 x 3 image: sums 12, 16, 24, 28; / 4
    int[] image = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    assertArrayEquals(new int[]{3, 4, 6, 7},
        run(average(S8, ONE, ONE).window(2).prepare(), S8, 1, 3, 3, 1, image));
    // 1 x 2 with stride 2 across: 1.5 -> 2, 4.5 -> 4, 7.5 -> 8
    assertArrayEquals(new int[]{2, 4, 8},
        run(average(S8, ONE, ONE).window(1, 2).stride(1, 2).prepare(), S8, 1, 3, 3, 1, image));
    // taps 2 apart: corners of the image, 20 / 4
    assertArrayEquals(new int[]{5},
        run(average(S8, ONE, ONE).window(2).dilation(2).prepare(), S8, 1, 3, 3, 1, image));
    // two channels: (1 + 3 + 5 + 7) / 4 and (2 + 4 + 6 + 8) / 4
    assertArrayEquals(new int[]{4, 5},
        run(average(S8, ONE, ONE).window(2).prepare(), S8, 1, 2, 2, 2, 1, 2, 3, 4, 5, 6, 7, 8));
  }

  /**
   * 2^62 taps, nearly all of them in the padding: walking them would take a century.
   */
  @Test
  void windowsOfExtremeSizes() {
    for (EngineStatus status : octet.engines()) {
      if (status.available() && status.engine() != Engine.ONEDNN) {
        windowsOfExtremeSizes(status.engine());
      }
    }
  }

  private static void windowsOfExtremeSizes(Engine engine) {
    int most = Integer.MAX_VALUE;
    int[] image = {1, 2, 3, 4, 5, 6};
    try (Octet other = Octet.builder().engine(engine).open()) {
      // padded to 2^31 - 1 rows and 2^31 + 1 columns: three windows side by side, and each sees all
      AveragePool.Builder mean = other.averagePool().input(S8, ONE).output(S8, ONE).window(most)
          .padding(most / 2, most / 2, most / 2 - 1, most / 2);
      // rows 0 and 1, columns 0 to 2: 21 / 6 = 3.5 -> 4
      assertArrayEquals(new int[]{4, 4, 4}, run(mean.prepare(), S8, 1, 2, 3, 1, image));
      // 21 / 2^62
      assertArrayEquals(new int[]{0, 0, 0}, run(mean.countPadding().prepare(), S8, 1, 2, 3, 1, image));
      assertArrayEquals(new int[]{6, 6, 6},
          run(other.maxPool().input(S8).window(most)
              .padding(most / 2, most / 2, most / 2 - 1, most / 2)
              .prepare(), S8, 1, 2, 3, 1, image));
      // taps 2^30 apart: one sees the image, at its own pixel
      assertArrayEquals(image,
          run(other.maxPool().input(S8).window(3).dilation(1 << 30).padding(1 << 30).prepare(), S8, 1, 2, 3,
              1, image));
      // no tap sees it: the padding between is wider than the image
      assertArrayEquals(new int[]{-128},
          run(other.maxPool().input(S8).window(2, 1).dilation(most, 1).padding(7, 0, most - 8, 0)
              .prepare(), S8, 1, 2, 1, 1, 9, 9));
    }
  }

  @Test
  void countsPaddingWhereAsked() {
    // 1 x 3 windows over 0 [10 20] 0, zero point 0
    assertArrayEquals(new int[]{15, 15},
        run(average(U8, ONE, ONE).window(1, 3).padding(0, 1, 0, 1).prepare(), U8, 1, 1, 2, 1, 10, 20));
    assertArrayEquals(new int[]{10, 10}, run(
        average(U8, ONE, ONE).window(1, 3).padding(0, 1, 0, 1).countPadding().prepare(), U8, 1, 1, 2, 1, 10,
        20));
    // A padded tap is the real number 0, that is the zero point: ((10 - 10) + (22 - 10)) / 3 + 10
    Quantization ten = perTensor(1, 10);
    assertArrayEquals(new int[]{14, 14}, run(
        average(U8, ten, ten).window(1, 3).padding(0, 1, 0, 1).countPadding().prepare(), U8, 1, 1, 2, 1, 10,
        22));
    // padding on one side only: [4 8] 0 -> 6, 8
    assertArrayEquals(new int[]{6, 8},
        run(average(U8, ONE, ONE).window(1, 2).padding(0, 0, 0, 1).prepare(), U8, 1, 1, 2, 1, 4, 8));
  }

  @Test
  void roundsTheNumberOfWindowsUpWhereAsked() {
    // 1 x 2 windows, stride 2, over [10 20 30]: the last one has one pixel
    assertArrayEquals(new int[]{20, 30},
        run(octet.maxPool().input(U8).window(1, 2).stride(1, 2).ceilMode().prepare(), U8, 1, 1, 3, 1, 10, 20,
            30));
    AveragePool.Builder mean = average(U8, ONE, ONE).window(1, 2).stride(1, 2).ceilMode();
    assertArrayEquals(new int[]{15, 30}, run(mean.prepare(), U8, 1, 1, 3, 1, 10, 20, 30));
    // taps in the padding count, taps beyond it do not: [10 20] [30 .], [0 10] [20 30], [10 20] [30 0]
    assertArrayEquals(new int[]{15, 30}, run(mean.countPadding().prepare(), U8, 1, 1, 3, 1, 10, 20, 30));
    assertArrayEquals(new int[]{5, 25},
        run(mean.padding(0, 1, 0, 0).prepare(), U8, 1, 1, 3, 1, 10, 20, 30));
    assertArrayEquals(new int[]{15, 15},
        run(mean.padding(0, 0, 0, 1).prepare(), U8, 1, 1, 3, 1, 10, 20, 30));
    // stride 3, [. 10 20] [30 . .] and one column of padding left: a third window would begin beyond the
    // image
    assertArrayEquals(new int[]{20, 30},
        run(octet.maxPool().input(U8).window(1, 3).stride(1, 3).padding(0, 1, 0, 3).ceilMode().prepare(), U8,
            1,
            1, 3, 1, 10, 20, 30));
    // a window of 3 over 2 pixels
    MaxPool.Builder wide = octet.maxPool().input(U8).window(1, 3).stride(1, 2);
    assertArrayEquals(new int[]{20}, run(wide.ceilMode().prepare(), U8, 1, 1, 2, 1, 10, 20));
    refused("width: expected at least 2 (kernel 3, dilation 1) with padding, got 1 + 0",
        () -> run(wide.prepare(), U8, 1, 1, 1, 1, 10));
  }

  @Test
  void roundsHalfToEvenBeforeTheZeroPoint() {
    // windows of 2: 39 / 2 = 19.5 -> 20, 1 / 2 -> 0, 3 / 2 -> 2, 5 / 2 -> 2; + 7
    int[] pairs = {19, 20, 0, 1, 1, 2, 2, 3};
    assertArrayEquals(new int[]{27, 7, 9, 9}, run(
        average(U8, ONE, perTensor(1, 7)).window(1, 2).stride(2).prepare(), U8, 1, 1, 8, 1, pairs));
    assertArrayEquals(new int[]{27, 7, 9, 9},
        run(global(U8, ONE, perTensor(1, 7)), U8, 4, 1, 2, 1, pairs));
  }

  @Test
  void takesTheLargestByHand() {
    int[] image = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    assertArrayEquals(new int[]{5, 6, 8, 9},
        run(octet.maxPool().input(S8).window(2).prepare(), S8, 1, 3, 3, 1, image));
    // 200 is -56 as S8
    assertArrayEquals(new int[]{200},
        run(octet.maxPool().input(U8).window(1, 2).prepare(), U8, 1, 1, 2, 1, 100, 200));
    assertArrayEquals(new int[]{100},
        run(octet.maxPool().input(S8).window(1, 2).prepare(), S8, 1, 1, 2, 1, 100, 200));
    // padding never wins, not even over the smallest numbers
    assertArrayEquals(new int[]{-128, -100, -100},
        run(octet.maxPool().input(S8).window(1, 2).padding(0, 1, 0, 1).prepare(), S8, 1, 1, 2, 1, -128,
            -100));
  }

  @Test
  void aWindowWithoutAPixel() {
    // two rows, taps 3 apart, one row of padding: taps at -1 and 2
    assertArrayEquals(new int[]{5}, run(
        average(S8, ONE, perTensor(1, 5)).window(2, 1).dilation(3).padding(1, 0, 1, 0).prepare(), S8, 1, 2, 1,
        1,
        50, 60));
    assertArrayEquals(new int[]{-128}, run(
        octet.maxPool().input(S8).window(2, 1).dilation(3).padding(1, 0, 1, 0).prepare(), S8, 1, 2, 1, 1, 50,
        60));
    assertArrayEquals(new int[]{0}, run(
        octet.maxPool().input(U8).window(2, 1).dilation(3, 1).padding(1, 0, 1, 0).prepare(), U8, 1, 2, 1, 1,
        50,
        60));
  }

  @Test
  void averagesWholeImagesByHand() {
    // two images of two channels: (1 + 3 + 6) / 3 = 3.33, (10 + 20 + 33) / 3 = 21; zero point 1 in, 0.5 out:
    // 2.33 / 0.5 = 4.67 -> 5, 20 / 0.5 = 40; and all 1: 0
    assertArrayEquals(new int[]{5, 40, 0, 0},
        run(global(S8, perTensor(1, 1), perTensor(0.5f)), S8, 2, 3, 1, 2,
            1, 10, 3, 20, 6, 33, 1, 1, 1, 1, 1, 1));
  }

  @Test
  void sumsMorePixelsThan32BitsHold() {
    // 3000 x 3000 x 255 = 2.3e9
    int size = 3000;
    MemorySegment x = MemorySegment.ofArray(new byte[size * size]).fill((byte) 255);
    MemorySegment y = TestMemory.odd(1);
    try (Pool whole = global(U8, ONE, ONE); Pool window = average(U8, ONE, ONE).window(size).prepare()) {
      for (Pool op : new Pool[]{whole, window}) {
        y.fill((byte) 0);
        op.run(x, y, 1, size, size, 1);
        assertArrayEquals(new int[]{255}, TestMemory.integers(U8, y, 1), op.kernel());
      }
    }
  }

  /** One window, tap by tap; empty where padded. */
  private static List<Integer> window(int[] x, int image, int top, int left, int kernelHeight,
      int kernelWidth,
      int dilationHeight, int dilationWidth, int height, int width, int channels, int channel) {
    List<Integer> pixels = new ArrayList<>();
    for (int row = top; row < top + kernelHeight * dilationHeight; row += dilationHeight) {
      for (int column = left; column < left + kernelWidth * dilationWidth; column += dilationWidth) {
        if (row >= 0 && row < height && column >= 0 && column < width) {
          pixels.add(x[channel + channels * (column + width * (row + height * image))]);
        }
      }
    }
    return pixels;
  }

  private static int mean(List<Integer> pixels, int count, DataType type, Quantization in, Quantization out) {
    long sum = 0;
    for (int q : pixels) {
      sum += q - in.zeroPoint(0);
    }
    float multiplier = Exact.quotient(in.scale(0), Exact.product(Math.max(count, 1), out.scale(0)));
    return Exact.integer(Exact.product((float) sum, multiplier), out.zeroPoint(0), type.min(), type.max());
  }

  @Test
  void equalsTheNaiveDefinition() {
    long seed = 9090;
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      DataType type = random.nextBoolean() ? U8 : S8;
      int batch = random.nextInt(1, 4);
      int height = random.nextInt(1, 9);
      int width = random.nextInt(1, 9);
      int channels = random.nextInt(1, 6);
      int kh = random.nextInt(1, 5);
      int kw = random.nextInt(1, 5);
      int sh = random.nextInt(1, 4);
      int sw = random.nextInt(1, 4);
      int dh = random.nextInt(1, 4);
      int dw = random.nextInt(1, 4);
      int top = random.nextInt(0, 4);
      int left = random.nextInt(0, 4);
      int bottom = random.nextInt(0, 4);
      int right = random.nextInt(0, 4);
      int spareRows = height + top + bottom - (dh * (kh - 1) + 1);
      int spareColumns = width + left + right - (dw * (kw - 1) + 1);
      if (spareRows < 0 || spareColumns < 0) {
        continue;
      }
      boolean countPadding = random.nextBoolean();
      Quantization in = perTensor(Exact.scale(random), Exact.zeroPoint(random, type));
      float ratio = random.nextBoolean() ? 1 : random.nextFloat(0.3f, 3);
      Quantization out = perTensor(in.scale(0) * ratio, Exact.zeroPoint(random, type));
      int[] x = random.ints((long) batch * height * width * channels, type.min(), type.max() + 1).toArray();
      String about = "seed " + seed + ", round " + round;
      AveragePool.Builder builder = average(type, in, out).window(kh, kw).stride(sh, sw).dilation(dh, dw)
          .padding(top, left, bottom, right);
      int[] means = run((countPadding ? builder.countPadding() : builder).prepare(), type, batch, height,
          width,
          channels, x);
      int[] maxima = run(octet.maxPool().input(type).window(kh, kw).stride(sh, sw).dilation(dh, dw)
          .padding(top, left, bottom, right).prepare(), type, batch, height, width, channels, x);
      int[] wholes = run(global(type, in, out), type, batch, height, width, channels, x);
      int at = 0;
      for (int image = 0; image < batch; image++) {
        for (int row = 0; row <= spareRows; row += sh) {
          for (int column = 0; column <= spareColumns; column += sw) {
            for (int channel = 0; channel < channels; channel++) {
              List<Integer> pixels = window(x, image, row - top, column - left, kh, kw, dh, dw, height, width,
                  channels, channel);
              int count = countPadding ? kh * kw : pixels.size();
              assertEquals(mean(pixels, count, type, in, out), means[at], about);
              assertEquals(pixels.stream().mapToInt(q -> q).max().orElse(type.min()), maxima[at], about);
              at++;
            }
          }
        }
        for (int channel = 0; channel < channels; channel++) {
          List<Integer> pixels = window(x, image, 0, 0, height, width, 1, 1, height, width, channels,
              channel);
          assertEquals(mean(pixels, height * width, type, in, out), wholes[image * channels + channel],
              about);
        }
      }
      assertEquals(at, means.length, about);
    }
  }

  @Test
  void tellsItsShape() {
    try (MaxPool op = octet.maxPool().input(U8).window(3).stride(2).padding(1).prepare();
        GlobalAveragePool whole = global(U8, ONE, ONE)) {
      assertEquals(Shape.of(2, 56, 28, 64), op.outputShape(Shape.of(2, 112, 55, 64)));
      assertEquals(Shape.of(2, 1, 1, 64), whole.outputShape(Shape.of(2, 112, 55, 64)));
      assertEquals("scalar:max_pool_u8", op.kernel());
      assertEquals("scalar:global_average_pool_u8", whole.kernel());
      refused("input: expected [batch, height, width, channels], got [2, 3]",
          () -> op.outputShape(Shape.of(2, 3)));
    }
  }

  @Test
  void nothingToDo() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    try (Pool average = average(S8, ONE, ONE).window(2).prepare(); Pool whole = global(S8, ONE, ONE)) {
      average.run(none, none, 0, 2, 2, 3);
      average.run(none, none, 1, 2, 2, 0);
      whole.run(none, none, 0, 2, 2, 3);
      whole.run(none, none, 1, 2, 2, 0);
    }
  }

  private static void refused(String message, Runnable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what::run).getMessage());
  }

  @Test
  void refusesWhatABuilderCannotUse() {
    refused("input: not given", () -> octet.averagePool().output(S8, ONE).window(2).prepare());
    refused("output: not given", () -> octet.averagePool().input(S8, ONE).window(2).prepare());
    refused("window: not given", () -> octet.averagePool().input(S8, ONE).output(S8, ONE).prepare());
    refused("output: expected S8, the type of input, got U8",
        () -> octet.averagePool().input(S8, ONE).output(U8, ONE).window(2).prepare());
    refused("input: not given", () -> octet.maxPool().window(2).prepare());
    refused("window: not given", () -> octet.maxPool().input(S8).prepare());
    refused("input: expected U8 or S8, got S4", () -> octet.maxPool().input(S4));
    refused("input: not given", () -> octet.globalAveragePool().output(S8, ONE).prepare());
    refused("output: not given", () -> octet.globalAveragePool().input(S8, ONE).prepare());
    refused("output: expected U8, the type of input, got S8", () -> global2(U8, S8));
    refused("input: expected U8 or S8, got S4", () -> octet.averagePool().input(S4, ONE));
    refused("output: expected one scale per tensor, got per channel on axis 3",
        () -> octet.globalAveragePool().output(S8, perChannel(3, new float[]{1})));
    refused("window height: expected >= 1, got 0", () -> octet.maxPool().window(0, 1));
    refused("window width: expected >= 1, got -1", () -> octet.maxPool().window(1, -1));
    refused("stride width: expected >= 1, got 0", () -> octet.maxPool().stride(1, 0));
    refused("dilation height: expected >= 1, got 0", () -> octet.maxPool().dilation(0));
    refused("padding left: expected >= 0, got -2", () -> octet.maxPool().padding(0, -2, 0, 0));
  }

  private static GlobalAveragePool global2(DataType in, DataType out) {
    return octet.globalAveragePool().input(in, ONE).output(out, ONE).prepare();
  }

  @Test
  void refusesSizesAndMemoryThatDoNotFit() {
    MemorySegment x = TestMemory.odd(18);
    MemorySegment y = TestMemory.odd(8);
    try (Pool op = octet.maxPool().input(S8).window(2).prepare(); Pool whole = global(S8, ONE, ONE)) {
      refused("batch: expected >= 0, got -1", () -> op.run(x, y, -1, 3, 3, 2));
      refused("height: expected >= 1, got 0", () -> op.run(x, y, 1, 0, 3, 2));
      refused("width: expected >= 1, got 0", () -> whole.run(x, y, 1, 3, 0, 2));
      refused("channels: expected >= 0, got -2", () -> op.run(x, y, 1, 3, 3, -2));
      refused("height: expected at least 2 (kernel 2, dilation 1) with padding, got 1 + 0",
          () -> op.run(x, y, 1, 1, 3, 2));
      refused("x: expected at least 27 bytes, got 18", () -> op.run(x, y, 1, 3, 3, 3));
      refused("y: expected at least 8 bytes, got 7", () -> op.run(x, y.asSlice(1), 1, 3, 3, 2));
      refused("y: expected at least 2 bytes, got 1", () -> whole.run(x, y.asSlice(7), 1, 3, 3, 2));
      refused("y: the segment is read-only", () -> op.run(x, y.asReadOnly(), 1, 3, 3, 2));
      refused("y: expected memory of its own, but it overlaps x", () -> op.run(x, x, 1, 3, 3, 2));
      int max = Integer.MAX_VALUE;
      refused("x: size 4611686014132420609 x 2147483647 overflows 64 bits",
          () -> whole.run(x, y, max, max, max, 1));
    }
  }

  @Test
  void refusesToRunWhenClosed() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    Pool op = global(S8, ONE, ONE);
    op.close();
    assertEquals("this globalAveragePool is closed",
        assertThrows(IllegalStateException.class, () -> op.run(none, none, 0, 1, 1, 1)).getMessage());
  }
}
