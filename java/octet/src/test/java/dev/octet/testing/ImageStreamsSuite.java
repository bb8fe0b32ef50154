package dev.octet.testing;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import dev.octet.CoordinateMode;
import dev.octet.ImageLayout;
import dev.octet.NearestMode;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.Concat;
import dev.octet.op.Pad;
import dev.octet.op.Pool;
import dev.octet.op.Resize;
import dev.octet.op.TransposeImages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The long calls of {@link ConvStreamsSuite}, and other ops over images. */
public abstract class ImageStreamsSuite extends ConvStreamsSuite {
  private void pool(Function<Octet, Pool> prepare, int batch, int height, int width,
      int channels) {
    check((octet, operands) -> {
      try (Pool op = prepare.apply(octet)) {
        Shape y = op.outputShape(Shape.of(batch, height, width, channels));
        op.run(operands.bytes((long) batch * height * width * channels), operands.result(y.elements()), batch,
            height, width, channels);
      }
    });
  }

  @Test
  void pooling() {
    Quantization x = Quantization.perTensor(1, 9);
    Quantization y = Quantization.perTensor(1.3f, 4);
    pool(octet -> octet.maxPool().input(U8).window(3).stride(2).padding(1).prepare(), 2, 81, 60, 67);
    pool(octet -> octet.averagePool().input(S8, x).output(S8, y).window(2, 3).padding(1).prepare(), 1, 70, 60,
        101);
    pool(octet -> octet.globalAveragePool().input(U8, x).output(U8, y).prepare(), 30, 9, 11, 130);
  }

  /** More than an int can sum up. */
  @Test
  void poolingOfAVeryLargeImage() {
    Quantization q = Quantization.perTensor(1);
    check((octet, operands) -> {
      try (Pool op = octet.globalAveragePool().input(U8, q).output(U8, q).prepare()) {
        op.run(operands.bytes(2L * 8_400_000).fill((byte) 250), operands.result(1), 1, 2, 8_400_000, 1);
      }
    });
  }

  private void concat(int axis, Shape... shapes) {
    check((octet, operands) -> {
      try (Concat op = octet.concat().input(U8, Quantization.perTensor(0.3f, 9))
          .input(S8, Quantization.perTensor(0.4f, -20)).input(S8, Quantization.perTensor(0.5f, 3)).axis(axis)
          .output(S8, Quantization.perTensor(0.5f, 3)).prepare()) {
        List<MemorySegment> inputs = Stream.of(shapes).map(shape -> operands.bytes(shape.elements()))
            .toList();
        op.run(inputs, List.of(shapes), operands.result(op.outputShape(List.of(shapes)).elements()));
      }
    });
  }

  @Test
  void concatOfShortRows() {
    concat(1, Shape.of(3000, 61), Shape.of(3000, 7), Shape.of(3000, 100));
  }

  /** Tiles are parts of a row, some within one input, some over two. */
  @Test
  void concatOfLongRows() {
    concat(0, Shape.of(300_001), Shape.of(7), Shape.of(260_000));
    concat(1, Shape.of(2, 300_001), Shape.of(2, 0), Shape.of(2, 99_999));
  }

  private void transpose(ImageLayout to, int batch, int height, int width, int channels) {
    check((octet, operands) -> {
      try (TransposeImages op = octet.transposeImages().input(U8).to(to).prepare()) {
        long bytes = (long) batch * height * width * channels;
        op.run(operands.bytes(bytes), operands.result(bytes), batch, height, width, channels);
      }
    });
  }

  @Test
  void transposeImages() {
    transpose(ImageLayout.NHWC, 2, 301, 401, 3);
    transpose(ImageLayout.NCHW, 2, 301, 401, 3);
    transpose(ImageLayout.NHWC, 3, 61, 67, 101);
    transpose(ImageLayout.NCHW, 3, 61, 67, 101);
    transpose(ImageLayout.NCHW, 1, 9, 11, 5000);
  }

  @Test
  void pad() {
    check((octet, operands) -> {
      try (Pad op = octet.pad().input(S8).padding(2, 1, 0, 3).value(-7).prepare()) {
        Shape y = op.outputShape(Shape.of(3, 61, 67, 101));
        op.run(operands.bytes(3 * 61 * 67 * 101), operands.result(y.elements()), 3, 61, 67, 101);
      }
    });
  }

  private void resize(UnaryOperator<Resize.Builder> settings, int batch, int height, int width,
      int channels) {
    check((octet, operands) -> {
      try (Resize op = settings.apply(octet.resize().input(S8)).prepare()) {
        Shape y = op.outputShape(Shape.of(batch, height, width, channels));
        op.run(operands.bytes((long) batch * height * width * channels), operands.result(y.elements()), batch,
            height, width, channels);
      }
    });
  }

  @Test
  void resize() {
    resize(builder -> builder.outputFactors(2, 2).nearest(NearestMode.FLOOR)
        .coordinates(CoordinateMode.ASYMMETRIC), 2, 61, 67, 101);
    resize(builder -> builder.outputSize(301, 99).nearest(NearestMode.ROUND_PREFER_CEIL), 1, 211, 403, 3);
    resize(builder -> builder.outputSize(480, 640).linear(), 1, 270, 481, 3);
    resize(builder -> builder.outputSize(240, 320).linear(), 1, 541, 723, 4);
    resize(builder -> builder.outputFactors(2, 2).linear(), 3, 41, 43, 65);
  }

  /** Lines that are done in several parts; in the second, the pixels of a part lie far from each other. */
  @Test
  void resizeOfLongLines() {
    for (UnaryOperator<Resize.Builder> mode : List.<UnaryOperator<Resize.Builder>>of(
        Resize.Builder::linear, builder -> builder.nearest(NearestMode.ROUND_PREFER_FLOOR))) {
      resize(builder -> mode.apply(builder.outputSize(3, 9001)), 1, 2, 5001, 3);
      resize(builder -> mode.apply(builder.outputSize(2, 6007)), 1, 3, 50_021, 3);
      resize(builder -> mode.apply(builder.outputSize(3, 9001)), 1, 2, 5001, 17);
    }
  }

  /** Tables are those of the size; where 4 x 4 pixels stay as many, they are copied. */
  @Test
  void resizeOfOneSizeAfterTheOther() {
    int[][] sizes = {{4, 4, 3}, {5, 4, 3}, {5, 9, 3}, {5, 9, 20}, {5, 9, 4}, {9, 5, 3}, {5, 4, 3}, {4, 4, 3}};
    check((octet, operands) -> {
      MemorySegment results = operands.result(sizes.length * 4000L);
      try (Resize op = octet.resize().input(U8).outputFactors(1.2f, 1.2f).linear().prepare()) {
        for (int i = 0; i < sizes.length; i++) {
          int[] size = sizes[i];
          op.run(operands.bytes((long) size[0] * size[1] * size[2]), results.asSlice(4000L * i, 4000), 1,
              size[0],
              size[1], size[2]);
        }
      }
    });
  }

  @Test
  void runsOverImagesAllocateNothing() {
    Quantization q = Quantization.perTensor(1, 3);
    try (Octet octet = Octet.builder().engine(engine()).threads(1).open();
        Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(20 * 20 * 40);
      MemorySegment heap = MemorySegment.ofArray(new byte[20 * 20 * 40]);
      MemorySegment y = arena.allocate(25 * 25 * 40);
      try (var max = octet.maxPool().input(U8).window(3).prepare();
          var average = octet.averagePool().input(U8, q).output(U8, q).window(3).prepare();
          var global = octet.globalAveragePool().input(S8, q).output(S8, q).prepare()) {
        Garbage.assertNone("maximum", () -> max.run(x, y, 1, 20, 20, 40));
        Garbage.assertNone("maximum in heap memory", () -> max.run(heap, y, 1, 20, 20, 40));
        Garbage.assertNone("average", () -> average.run(x, y, 1, 20, 20, 40));
        Garbage.assertNone("average of all", () -> global.run(x, y, 1, 20, 20, 40));
      }
      try (var concat = octet.concat().input(U8, q).input(S8, q).output(S8, q).axis(1).prepare()) {
        List<MemorySegment> inputs = List.of(x, heap);
        List<Shape> few = List.of(Shape.of(3, 5), Shape.of(3, 8));
        List<Shape> many = List.of(Shape.of(200, 15), Shape.of(200, 60));
        Garbage.assertNone("short concat", () -> concat.run(inputs, few, y));
        Garbage.assertNone("long concat", () -> concat.run(inputs, many, y));
      }
      try (var transpose = octet.transposeImages().input(U8).to(ImageLayout.NCHW).prepare();
          var pad = octet.pad().input(U8).padding(1, 1, 1, 1).value(3).prepare()) {
        Garbage.assertNone("transpose", () -> transpose.run(x, y, 2, 10, 20, 40));
        Garbage.assertNone("transpose heap memory", () -> transpose.run(heap, y, 1, 20, 20, 40));
        Garbage.assertNone("pad", () -> pad.run(x, y, 1, 20, 20, 40));
        Garbage.assertNone("pad heap memory", () -> pad.run(heap, y, 1, 20, 20, 40));
      }
      try (var nearest = octet.resize().input(U8).outputSize(25, 25).nearest(NearestMode.FLOOR).prepare();
          var linear = octet.resize().input(U8).outputSize(25, 25).linear().prepare()) {
        Garbage.assertNone("nearest", () -> nearest.run(x, y, 1, 20, 20, 40));
        Garbage.assertNone("nearest of narrow images", () -> nearest.run(x, y, 1, 20, 20, 3));
        Garbage.assertNone("linear", () -> linear.run(x, y, 1, 20, 20, 40));
        Garbage.assertNone("linear in heap memory", () -> linear.run(heap, y, 1, 20, 20, 40));
        Garbage.assertNone("linear of narrow images", () -> linear.run(x, y, 10, 20, 20, 3));
      }
    }
  }
}
