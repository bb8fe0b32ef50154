package dev.octet.internal.vector;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import dev.octet.BlockFormat;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.testing.Blocks;
import dev.octet.testing.Garbage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Products make no garbage once they are compiled: every vector stays in a register. */
class VectorGarbageTest {
  private static final int K = 70;
  private static final int N = 50;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 13, 70})
  void runsAllocateNothing(int rows) {
    float[] floats = new float[K * N];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = i % 31 - 15;
    }
    try (Octet octet = Octet.builder().engine(Engine.VECTOR).threads(1).open();
        Arena arena = Arena.ofConfined()) {
      QTensor w = Quantizer.symmetric(S8).perChannel(1).quantize(floats, Shape.of(K, N));
      QTensor w4 = Quantizer.symmetric(S4).perGroup(32).alongAxis(0).quantize(floats, Shape.of(K, N));
      MemorySegment x = arena.allocate((long) rows * K);
      MemorySegment heap = MemorySegment.ofArray(new byte[rows * K]);
      MemorySegment xf = arena.allocate(4L * rows * K);
      MemorySegment xb = arena.allocate(4L * rows * 512);
      MemorySegment y = arena.allocate(4L * rows * N);
      MemorySegment right = arena.allocate((long) K * N);
      try (
          var matMul = octet.matMul().input(U8, Quantization.perTensor(1, 3)).weights(w, WeightLayout.IN_OUT)
              .output(S8, Quantization.perTensor(9)).prepare();
          var dynamic = octet.dynamicMatMul().weights(w, WeightLayout.IN_OUT).prepare();
          var groups = octet.dynamicMatMul().weights(w4, WeightLayout.IN_OUT).prepare();
          var blocks = octet.dynamicMatMul()
              .weights(Blocks.tensor(BlockFormat.Q4_K, N - 9, 512,
                  new byte[(N - 9) * 2 * BlockFormat.Q4_K.bytes()]),
                  Blocks.tensor(BlockFormat.Q8_0, 9, 512, new byte[9 * 16 * BlockFormat.Q8_0.bytes()]))
              .prepare();
          var floatBlocks = octet.weightOnlyMatMul()
              .weights(Blocks.tensor(BlockFormat.Q4_K, N, 512, new byte[N * 2 * BlockFormat.Q4_K.bytes()]))
              .prepare();
          var weightOnly = octet.weightOnlyMatMul().weights(w4, WeightLayout.IN_OUT).prepare();
          var batch = octet.batchMatMul().left(U8, Quantization.perTensor(1))
              .right(U8, Quantization.perTensor(1)).rightTransposed().outputS32().prepare()) {
        Garbage.assertNone("matMul", () -> matMul.run(x, y, rows));
        Garbage.assertNone("matMul of heap memory", () -> matMul.run(heap, y, rows));
        Garbage.assertNone("dynamicMatMul", () -> dynamic.run(xf, y, rows));
        Garbage.assertNone("dynamicMatMul in groups", () -> groups.run(xf, y, rows));
        Garbage.assertNone("dynamicMatMul in blocks", () -> blocks.run(xb, y, rows));
        Garbage.assertNone("weightOnlyMatMul in blocks", () -> floatBlocks.run(xb, y, rows));
        Garbage.assertNone("weightOnlyMatMul", () -> weightOnly.run(xf, y, rows));
        Garbage.assertNone("batchMatMul", () -> batch.run(x, right, y, 1, rows, K, N));
      }
    }
  }
}
