package dev.octet.op;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** 16 threads run one prepared product at once, each on operands of its own, and get what one thread gets. */
class SharedUseTest {
  private static final int K = 70;
  private static final int N = 5;
  private static final byte[] KERNELS = new byte[72];

  static {
    new Random(8).nextBytes(KERNELS);
  }

  /** Runs a product once; the same seed gives the same operands. */
  @FunctionalInterface
  private interface Use {
    byte[] run(long seed, Arena arena);
  }

  private static void share(Use use) throws Exception {
    List<byte[]> expected = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      for (int seed = 0; seed < 16; seed++) {
        expected.add(use.run(seed, arena));
      }
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 16; t++) {
        int thread = t;
        all.add(threads.submit(() -> {
          for (int i = 0; i < 100; i++) {
            try (Arena arena = Arena.ofConfined()) {
              int seed = (thread + i) % 16;
              assertArrayEquals(expected.get(seed), use.run(seed, arena), "seed " + seed);
            }
          }
        }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  private static MemorySegment floats(Random random, Arena arena, int count) {
    MemorySegment segment = arena.allocate(4L * count, 4);
    for (int i = 0; i < count; i++) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    return segment;
  }

  private static MemorySegment bytes(Random random, Arena arena, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
  }

  private static QTensor weights(Quantization quantization) {
    byte[] weights = new byte[K * N];
    new Random(7).nextBytes(weights);
    return QTensor.of(S8, Shape.of(K, N), quantization, weights);
  }

  @Test
  void dynamicMatMul() throws Exception {
    float[] scales = new float[3 * N];
    Arrays.fill(scales, 0.125f);
    for (Quantization q : List.of(Quantization.perTensor(0.5f), Quantization.perGroup(0, 32, scales))) {
      try (Octet octet = Octet.builder().engine(Engine.SCALAR).open();
          DynamicMatMul op = octet.dynamicMatMul().weights(weights(q), WeightLayout.IN_OUT).prepare()) {
        share((seed, arena) -> {
          MemorySegment y = arena.allocate(4 * 3 * N);
          op.run(floats(new Random(seed), arena, 3 * K), y, 3);
          return y.toArray(ValueLayout.JAVA_BYTE);
        });
      }
    }
  }

  @Test
  void batchMatMul() throws Exception {
    try (Octet octet = Octet.builder().engine(Engine.SCALAR).open();
        BatchMatMul op = octet.batchMatMul().left(U8, Quantization.perTensor(1, 3)).right(S8).outputF32()
            .prepare()) {
      share((seed, arena) -> {
        Random random = new Random(seed);
        // Half of the threads broadcast, and each shape is another one than that of the thread before.
        int batch = 1 + (int) (seed % 3);
        int m = 1 + (int) (seed % 4);
        MemorySegment left = bytes(random, arena, batch * m * K);
        MemorySegment right = bytes(random, arena, 2 * K * N);
        MemorySegment scales = floats(random, arena, 2 * N);
        MemorySegment out = arena.allocate(4L * 2 * batch * m * N);
        if (seed % 2 == 0) {
          op.run(BatchOperand.of(left), Shape.of(batch, 1, m, K), BatchOperand.of(right, scales),
              Shape.of(2, K, N), out);
        } else {
          op.run(new BatchArguments().sizes(batch, m, K, N).left(left).right(right, scales, null)
              .rightStrides(0, N).out(out));
        }
        return out.toArray(ValueLayout.JAVA_BYTE);
      });
    }
  }

  @Test
  void conv2d() throws Exception {
    try (Octet octet = Octet.builder().engine(Engine.SCALAR).open();
        Conv2d op = octet.conv2d().input(U8, Quantization.perTensor(1, 3))
            .weights(QTensor.of(S8, Shape.of(4, 3, 3, 2), Quantization.perTensor(1), KERNELS),
                WeightLayout.OHWI)
            .bias(new int[]{1, 2, 3, 4}).padding(1).outputS32().prepare()) {
      share((seed, arena) -> {
        int height = 1 + (int) (seed % 4);
        MemorySegment y = arena.allocate(4L * height * 5 * 4);
        op.run(bytes(new Random(seed), arena, height * 5 * 2), y, 1, height, 5);
        return y.toArray(ValueLayout.JAVA_BYTE);
      });
    }
  }

  @Test
  void anOctetClosesItsOps() {
    Octet octet = Octet.builder().engine(Engine.SCALAR).open();
    DynamicMatMul op = octet.dynamicMatMul().weights(weights(Quantization.perTensor(1)), WeightLayout.IN_OUT)
        .prepare();
    octet.close();
    assertThrows(IllegalStateException.class,
        () -> op.run(MemorySegment.ofArray(new float[K]), MemorySegment.ofArray(new float[N]), 1));
    assertThrows(IllegalStateException.class, () -> octet.conv2d()
        .weights(QTensor.of(S8, Shape.of(1, 1, 1, 1), Quantization.perTensor(1), new byte[1]),
            WeightLayout.OHWI)
        .input(U8, Quantization.perTensor(1)).outputS32().prepare());
  }
}
