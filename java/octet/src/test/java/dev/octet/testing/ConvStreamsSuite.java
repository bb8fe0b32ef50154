package dev.octet.testing;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.Conv2d;
import dev.octet.op.DynamicConv2d;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The long calls of {@link StreamsSuite}, and convolutions that are cut into tiles. */
public abstract class ConvStreamsSuite extends StreamsSuite {
  private static Conv2d conv(Octet octet, DataType type, MemorySegment weights, Shape shape, int groups,
      int stride) {
    float[] scales = new float[(int) shape.dim(0)];
    int[] bias = new int[scales.length];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = 0.01f + i % 7 * 0.001f;
      bias[i] = i % 11 * 500;
    }
    return octet.conv2d().input(type, Quantization.perTensor(0.02f, type == U8 ? 3 : -100))
        .weights(QTensor.of(S8, shape, Quantization.perChannel(0, scales), weights), WeightLayout.OHWI)
        .bias(bias).groups(groups).stride(stride).padding(2, 1, 1, 3)
        .output(S8, Quantization.perTensor(0.7f, 5)).prepare();
  }

  private void convolve(DataType type, Shape weights, int groups, int stride, int batch, int height,
      int width) {
    int channels = (int) weights.dim(3) * groups;
    check((octet, operands) -> {
      try (Conv2d op = conv(octet, type, operands.bytes(weights.elements()), weights, groups, stride)) {
        Shape y = op.outputShape(Shape.of(batch, height, width, channels));
        op.run(operands.bytes((long) batch * height * width * channels), operands.result(y.elements()), batch,
            height, width);
      }
    });
  }

  /** Lines of one tile and of several, several blocks of the sum, several groups. */
  @Test
  void convolutions() {
    convolve(U8, Shape.of(33, 3, 3, 65), 1, 1, 2, 13, 70);
    convolve(S8, Shape.of(64, 3, 3, 20), 1, 1, 1, 23, 24);
    convolve(S8, Shape.of(70, 3, 2, 5), 2, 2, 1, 40, 29);
    convolve(U8, Shape.of(1030, 1, 1, 40), 1, 1, 1, 7, 7);
  }

  /** Every image of a scale and zero point of its own, one pixel and several, depthwise. */
  @Test
  void convolutionsWithScalesAtRun() {
    for (Shape shape : List.of(Shape.of(70, 3, 3, 20), Shape.of(130, 1, 1, 96), Shape.of(48, 3, 3, 1))) {
      int groups = shape.dim(3) == 1 ? 48 : 1;
      int channels = (int) shape.dim(3) * groups;
      int batch = 3;
      check((octet, operands) -> {
        QTensor w = QTensor.of(S8, shape, Quantization.perTensor(0.01f), operands.bytes(shape.elements()));
        MemorySegment x = operands.bytes(batch * 33L * 34 * channels);
        MemorySegment scales = operands.bytes(4L * batch);
        MemorySegment zeroPoints = operands.bytes(4L * batch);
        for (int b = 0; b < batch; b++) {
          scales.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * b, 0.01f * (b + 1));
          zeroPoints.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * b, 90 * b);
        }
        try (Conv2d op = octet.conv2d().inputPerImage(U8).weights(w, WeightLayout.OHWI).groups(groups)
            .outputF32().prepare()) {
          Shape y = op.outputShape(Shape.of(batch, 33, 34, channels));
          op.run(x, scales, zeroPoints, operands.result(4 * y.elements()), batch, 33, 34);
        }
      });
    }
  }

  /** A NaN or an infinity spoils the images of its range, on every way to a convolution, clamped or not. */
  @Test
  void dynamicConvolutionsOfWhatIsNoNumber() {
    for (float odd : new float[]{Float.NaN, Float.NEGATIVE_INFINITY}) {
      for (Shape shape : List.of(Shape.of(9, 3, 3, 8), Shape.of(9, 1, 1, 8), Shape.of(8, 3, 3, 1))) {
        int groups = shape.dim(3) == 1 ? 8 : 1;
        check((octet, operands) -> {
          QTensor w = QTensor.of(S8, shape, Quantization.perTensor(0.1f), operands.bytes(shape.elements()));
          MemorySegment x = operands.bytes(4L * 2 * 5 * 6 * 8);
          for (int i = 0; i < 2 * 5 * 6 * 8; i++) {
            x.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, i == 17 ? odd : i % 7 - 3);
          }
          try (DynamicConv2d op = octet.dynamicConv2d().perImage().weights(w, WeightLayout.OHWI)
              .groups(groups).padding(1).relu().prepare()) {
            Shape y = op.outputShape(Shape.of(2, 5, 6, 8));
            op.run(x, operands.result(4 * y.elements()), 2, 5, 6);
          }
        });
      }
    }
  }

  /** Sums beyond 2^24 that no float holds, at either end of the images' zero point. */
  @Test
  void convolutionsOfExtremes() {
    for (int zeroPoint = 0; zeroPoint <= 255; zeroPoint += 255) {
      Quantization x = Quantization.perTensor(1, zeroPoint);
      check((octet, operands) -> {
        int channels = 1100;
        MemorySegment weights = operands.bytes(channels).fill((byte) -128);
        weights.set(ValueLayout.JAVA_BYTE, 3, (byte) -127);
        QTensor w = QTensor.of(S8, Shape.of(1, 1, 1, channels), Quantization.perTensor(1), weights);
        try (Conv2d op = octet.conv2d().input(U8, x).weights(w, WeightLayout.OHWI).outputS32().prepare()) {
          byte value = (byte) (255 - x.zeroPoint(0));
          op.run(operands.bytes(9L * channels).fill(value), operands.result(4 * 9), 1, 3, 3);
        }
      });
    }
  }

  /** A channel multiplier, strides, and lines that are cut because they are long. */
  @Test
  void depthwiseConvolutions() {
    convolve(U8, Shape.of(48, 3, 3, 1), 48, 1, 2, 30, 31);
    convolve(S8, Shape.of(66, 3, 3, 1), 33, 2, 1, 41, 40);
    convolve(U8, Shape.of(40, 5, 5, 1), 40, 1, 1, 6, 1501);
  }

  /** The window spans more of an image than a tile holds. */
  @Test
  void convolutionsOfFarTaps() {
    for (int groups = 1; groups <= 40; groups += 39) {
      int some = groups;
      check((octet, operands) -> {
        Shape shape = Shape.of(40, 2, 2, 40 / some);
        QTensor w = QTensor.of(S8, shape, Quantization.perTensor(0.01f), operands.bytes(shape.elements()));
        try (Conv2d op = octet.conv2d().input(U8, Quantization.perTensor(1, 9)).weights(w, WeightLayout.OHWI)
            .groups(some).dilation(1 << 29).padding(1 << 29, 1 << 29, 0, 0).outputS32().prepare()) {
          op.run(operands.bytes(3 * 5 * 40), operands.result(4L * 3 * 5 * 40), 1, 3, 5);
        }
      });
    }
  }

  @Test
  void convolutionsAllocateNothing() {
    try (Octet octet = Octet.builder().engine(engine()).threads(1).open();
        Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(20 * 20 * 40);
      MemorySegment heap = MemorySegment.ofArray(new byte[20 * 20 * 40]);
      MemorySegment y = arena.allocate(25 * 25 * 40);
      try (Conv2d dense = conv(octet, U8, arena.allocate(40 * 9 * 40), Shape.of(40, 3, 3, 40), 1, 1);
          Conv2d depthwise = conv(octet, S8, arena.allocate(40 * 9), Shape.of(40, 3, 3, 1), 40, 2)) {
        Garbage.assertNone("conv2d", () -> dense.run(x, y, 1, 20, 20));
        Garbage.assertNone("conv2d of heap memory", () -> dense.run(heap, y, 1, 20, 20));
        Garbage.assertNone("depthwise conv2d", () -> depthwise.run(x, y, 1, 20, 20));
      }
      QTensor w = QTensor.of(S8, Shape.of(40, 3, 3, 40), Quantization.perTensor(1), new byte[40 * 9 * 40]);
      QTensor pixel = QTensor.of(S8, Shape.of(40, 1, 1, 40), Quantization.perTensor(1), new byte[40 * 40]);
      MemorySegment scales = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2);
      MemorySegment floats = arena.allocate(4 * 20 * 20 * 40);
      MemorySegment reals = arena.allocate(4 * 20 * 20 * 40);
      try (Conv2d dense = octet.conv2d().inputPerImage(S8).weights(w, WeightLayout.OHWI).padding(1)
          .outputF32().prepare();
          Conv2d onePixel = octet.conv2d().inputAtRun(U8).weights(pixel, WeightLayout.OHWI).outputF32()
              .prepare();
          DynamicConv2d dynamic = octet.dynamicConv2d().weights(w, WeightLayout.OHWI).padding(1).prepare()) {
        Garbage.assertNone("conv2d with scales", () -> dense.run(x, scales, null, reals, 2, 10, 20));
        Garbage.assertNone("pointwise conv2d with scales",
            () -> onePixel.run(x, scales, null, reals, 1, 20, 20));
        Garbage.assertNone("dynamicConv2d", () -> dynamic.run(floats, reals, 1, 20, 20));
      }
    }
  }
}
