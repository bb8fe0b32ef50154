package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.BatchMatMul;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.MatMul;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tiles on several threads, several callers of one op, memory of every arena, close while others run. */
@ExtendWith(SplitAllowed.class)
class ThreadsTest {
  private static final long SEED = 20250105;
  private static final int K = 200;
  private static final int N = 500;

  /** Sizes of work that is shared by panels, by bands of rows, and not at all. */
  private static final int[] ROWS = {1, 20, 130, 700};

  private final byte[] weights = bytes(K * N, SEED);

  private static byte[] bytes(int count, long seed) {
    byte[] result = new byte[count];
    new Random(seed).nextBytes(result);
    return result;
  }

  private MatMul matMul(Octet octet, DataType input, boolean inexact) {
    float[] scales = new float[N];
    for (int i = 0; i < N; i++) {
      scales[i] = 0.01f + 0.001f * (i % 7);
    }
    MatMul.Builder builder = octet.matMul().input(input, Quantization.perTensor(0.1f, 5))
        .weights(QTensor.of(DataType.S8, Shape.of(K, N), Quantization.perChannel(1, scales), weights),
            WeightLayout.IN_OUT)
        .output(DataType.S8, Quantization.perTensor(10));
    return (inexact ? builder.allowInexactEpilogue() : builder).prepare();
  }

  private DynamicMatMul dynamicMatMul(Octet octet) {
    return octet.dynamicMatMul()
        .weights(QTensor.of(DataType.S8, Shape.of(K, N), Quantization.perTensor(0.01f), weights),
            WeightLayout.IN_OUT)
        .prepare();
  }

  private static BatchMatMul batchMatMul(Octet octet) {
    return octet.batchMatMul().left(DataType.S8, Quantization.perTensor(0.1f, 3))
        .right(DataType.S8, Quantization.perTensor(0.1f)).rightTransposed().outputF32().prepare();
  }

  /** The results of every kind of op on data of a size, one after the other. */
  private byte[] results(Octet octet, int rows, SegmentAllocator memory) {
    byte[] source = bytes(4 * rows * K, SEED + rows);
    MemorySegment x = memory.allocate(4L * rows * K).copyFrom(MemorySegment.ofArray(source));
    // Random bits are not numbers; small integers are.
    MemorySegment floats = memory.allocate(4L * rows * K, 4);
    for (int i = 0; i < rows * K; i++) {
      floats.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, source[i]);
    }
    MemorySegment w = memory.allocate(weights.length).copyFrom(MemorySegment.ofArray(weights));
    List<MemorySegment> results = new ArrayList<>();
    for (DataType input : new DataType[]{DataType.U8, DataType.S8}) {
      for (boolean inexact : new boolean[]{false, true}) {
        try (MatMul op = matMul(octet, input, inexact)) {
          MemorySegment y = memory.allocate((long) rows * N);
          op.run(x, y, rows);
          results.add(y);
        }
      }
    }
    try (DynamicMatMul op = dynamicMatMul(octet)) {
      MemorySegment y = memory.allocate(4L * rows * N, 4);
      op.run(floats, y, rows);
      results.add(y);
    }
    try (BatchMatMul op = batchMatMul(octet)) {
      MemorySegment y = memory.allocate(4L * 4 * rows * 125, 4);
      op.run(x, w, y, 4, rows, K, 125);
      results.add(y);
    }
    byte[] all = new byte[results.stream().mapToInt(y -> (int) y.byteSize()).sum()];
    int at = 0;
    for (MemorySegment y : results) {
      MemorySegment.copy(y, ValueLayout.JAVA_BYTE, 0, all, at, (int) y.byteSize());
      at += (int) y.byteSize();
    }
    return all;
  }

  @Test
  void threadsExecutorsAndArenasGiveTheSameIntegers() {
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    List<Supplier<Octet>> octets = List.of(() -> Octet.builder().engine(Engine.ONEDNN).threads(2).open(),
        () -> Octet.builder().engine(Engine.ONEDNN).threads(5).open(),
        () -> Octet.builder().engine(Engine.ONEDNN).executor(executor).threads(3).open());
    SegmentAllocator heap = (size, alignment) -> MemorySegment.ofArray(new byte[(int) size]);
    for (int rows : ROWS) {
      byte[] expected;
      try (Octet one = Octet.builder().engine(Engine.ONEDNN).threads(1).open()) {
        expected = results(one, rows, heap);
      }
      for (Supplier<Octet> open : octets) {
        try (Octet octet = open.get(); Arena confined = Arena.ofConfined(); Arena shared = Arena.ofShared()) {
          for (SegmentAllocator memory : List.of(heap, confined, shared, Arena.ofAuto())) {
            assertEquals(-1, Arrays.mismatch(expected, results(octet, rows, memory)),
                rows + " rows, " + memory.getClass());
          }
        }
      }
    }
    executor.close();
  }

  @Test
  void manyCallersShareOneOpWithRowsOfManyCounts() throws Exception {
    int callers = 16;
    byte[] source = bytes(300 * K, SEED);
    byte[] expected = new byte[300 * N];
    try (Octet octet = Octet.builder().engine(Engine.ONEDNN).threads(2).open();
        ExecutorService pool = Executors.newFixedThreadPool(callers);
        MatMul exact = matMul(octet, DataType.S8, false);
        MatMul fused = matMul(octet, DataType.S8, true)) {
      for (MatMul op : List.of(exact, fused)) {
        op.run(MemorySegment.ofArray(source), MemorySegment.ofArray(expected), 300);
        byte[] wanted = expected.clone();
        all(pool, callers, caller -> {
          Random random = new Random(SEED + caller);
          for (int i = 0; i < 60; i++) {
            int rows = 1 + random.nextInt(i % 10 == 0 ? 300 : 12);
            try (Arena arena = Arena.ofConfined()) {
              MemorySegment x = arena.allocate((long) rows * K);
              MemorySegment.copy(source, 0, x, ValueLayout.JAVA_BYTE, 0, rows * K);
              MemorySegment y = arena.allocate((long) rows * N);
              op.run(x, y, rows);
              assertEquals(-1, y.mismatch(MemorySegment.ofArray(wanted).asSlice(0, (long) rows * N)),
                  "caller " + caller + " seed " + SEED + " rows " + rows + " " + op.kernel());
            }
          }
        });
      }
    }
  }

  @Test
  void closeWhileOthersRunLetsThemFinishAndRefusesTheNext() throws Exception {
    byte[] source = bytes(40 * K, SEED);
    for (int round = 0; round < 20; round++) {
      try (Octet octet = Octet.builder().engine(Engine.ONEDNN).threads(2).open();
          ExecutorService pool = Executors.newFixedThreadPool(4)) {
        MatMul op = matMul(octet, DataType.U8, round % 2 == 0);
        AtomicBoolean started = new AtomicBoolean();
        List<Future<Integer>> runs = new ArrayList<>();
        for (int caller = 0; caller < 4; caller++) {
          runs.add(pool.submit(() -> {
            int done = 0;
            MemorySegment y = MemorySegment.ofArray(new byte[40 * N]);
            try {
              while (true) {
                op.run(MemorySegment.ofArray(source), y, 40);
                done++;
                started.set(true);
              }
            } catch (IllegalStateException closed) {
              assertEquals("this matMul is closed", closed.getMessage());
              return done;
            }
          }));
        }
        while (!started.get()) {
          Thread.onSpinWait();
        }
        if (round % 3 == 0) {
          octet.close();
        } else {
          op.close();
          op.close();
        }
        for (Future<Integer> run : runs) {
          assertTrue(run.get() >= 0);
        }
      }
    }
  }

  @Test
  @SuppressWarnings("MustBeClosedChecker") // closed while a run uses it, as often as it takes
  void aSharedArenaThatIsClosedDuringARunNeverCrashes() throws Exception {
    try (Octet octet = Octet.builder().engine(Engine.ONEDNN).threads(2).open();
        MatMul op = matMul(octet, DataType.U8, false);
        MatMul fused = matMul(octet, DataType.U8, true);
        ExecutorService pool = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 200; round++) {
        Arena arena = Arena.ofShared();
        MemorySegment x = arena.allocate(256L * K);
        MemorySegment y = arena.allocate(256L * N);
        MatMul runner = round % 2 == 0 ? op : fused;
        Future<?> run = pool.submit(() -> runner.run(x, y, 256));
        Thread.sleep(0, round * 1000);
        while (arena.scope().isAlive()) {
          try {
            arena.close();
          } catch (IllegalStateException inUse) {
            Thread.onSpinWait(); // a native call holds it
          }
        }
        try {
          run.get();
        } catch (ExecutionException e) {
          assertThrows(IllegalStateException.class, () -> {
            throw e.getCause();
          });
        }
      }
    }
  }

  /** What one caller does. */
  @FunctionalInterface
  private interface Caller {
    void run(int caller) throws Exception;
  }

  private static void all(ExecutorService pool, int callers, Caller what) throws Exception {
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int caller = 0; caller < callers; caller++) {
      int number = caller;
      tasks.add(() -> {
        what.run(number);
        return null;
      });
    }
    for (Future<Void> future : pool.invokeAll(tasks)) {
      future.get();
    }
  }
}
