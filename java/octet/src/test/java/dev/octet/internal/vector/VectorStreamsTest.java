package dev.octet.internal.vector;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.Concat;
import dev.octet.op.Pool;
import dev.octet.testing.ConvStreamsSuite;
import dev.octet.testing.Garbage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Long calls of engine VECTOR, images included. */
class VectorStreamsTest extends ConvStreamsSuite {
  @Override
  protected Engine engine() {
    return Engine.VECTOR;
  }

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

  @Test
  void concat() {
    check((octet, operands) -> {
      try (Concat op = octet.concat().input(U8, Quantization.perTensor(0.3f, 9))
          .input(S8, Quantization.perTensor(0.4f, -20)).input(S8, Quantization.perTensor(0.5f, 3)).axis(1)
          .output(S8, Quantization.perTensor(0.5f, 3)).prepare()) {
        op.run(
            List.of(operands.bytes(3000 * 61), operands.bytes(3000 * 7), operands.bytes(3000 * 100)),
            List.of(Shape.of(3000, 61), Shape.of(3000, 7), Shape.of(3000, 100)), operands.result(3000 * 168));
      }
    });
  }

  @Test
  void poolingAllocatesNothing() {
    Quantization q = Quantization.perTensor(1, 3);
    try (Octet octet = Octet.builder().engine(Engine.VECTOR).threads(1).open();
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
    }
  }
}
