package dev.octet.testing;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.MatMul;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Ops and Octets of an engine under many threads, closed at every moment, and for a long time. A test class
 * of an engine extends this.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
public abstract class LifecycleSuite {
  private static final int THREADS = 16;
  private static final long MEGABYTE = 1 << 20;

  /** For subclasses. */
  protected LifecycleSuite() {}

  /**
   * The engine under test.
   *
   * @return the engine
   */
  protected abstract Engine engine();

  /** An Octet of the engine, with helper threads. */
  private Octet open() {
    return Octet.builder().engine(engine()).threads(4).open();
  }

  /** A layer and rows for it, with the result worked out here. */
  private static final class Layer {
    private final int k;
    private final int n;
    private final int rows;
    private final byte[] weights;
    private final byte[] x;
    private final int[] expected;

    Layer(long seed, int rows, int k, int n) {
      Random random = new Random(seed);
      this.k = k;
      this.n = n;
      this.rows = rows;
      this.weights = new byte[k * n];
      this.x = new byte[rows * k];
      this.expected = new int[rows * n];
      random.nextBytes(weights);
      random.nextBytes(x);
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < n; column++) {
          int sum = 0;
          for (int i = 0; i < k; i++) {
            sum += ((x[row * k + i] & 0xff) - 7) * weights[i * n + column];
          }
          expected[row * n + column] = sum;
        }
      }
    }

    MatMul prepare(Octet octet) {
      return octet.matMul().input(U8, Quantization.perTensor(1, 7))
          .weights(QTensor.of(S8, Shape.of(k, n), Quantization.perTensor(1), weights), WeightLayout.IN_OUT)
          .outputS32().prepare();
    }

    /** Memory of one caller. */
    Buffers buffers(Arena arena) {
      return new Buffers(arena.allocate(x.length).copyFrom(MemorySegment.ofArray(x)),
          arena.allocate(4L * expected.length, 4));
    }

    /** Runs, and checks the result. */
    void run(MatMul op, Buffers buffers) {
      buffers.y().fill((byte) 0x55);
      op.run(buffers.x(), buffers.y(), rows);
      assertArrayEquals(expected, buffers.y().toArray(ValueLayout.JAVA_INT));
    }
  }

  private record Buffers(MemorySegment x, MemorySegment y) {}

  /** What a thread does; IllegalStateException is how it ends when something was closed. */
  @FunctionalInterface
  private interface Work {
    void run(int thread, Arena arena) throws Exception;
  }

  /** Runs threads that start together; the last argument is done meanwhile, once all are at work. */
  private static void together(int count, Work work, Runnable meanwhile) throws Exception {
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    CyclicBarrier start = new CyclicBarrier(count + 1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int thread = i;
      threads.add(Thread.ofPlatform().start(() -> {
        try (Arena arena = Arena.ofConfined()) {
          start.await();
          work.run(thread, arena);
        } catch (Throwable e) {
          failures.add(e);
        }
      }));
    }
    start.await();
    meanwhile.run();
    for (Thread thread : threads) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      throw new AssertionError(failures.size() + " threads failed, the first of them:", failures.peek());
    }
  }

  @Test
  void sixteenThreadsRunOneOp() throws Exception {
    Layer layer = new Layer(1, 9, 70, 33);
    try (Octet octet = open(); MatMul op = layer.prepare(octet)) {
      assertSame(engine(), op.engine());
      together(THREADS, (thread, arena) -> {
        Buffers buffers = layer.buffers(arena);
        for (int run = 0; run < 300; run++) {
          layer.run(op, buffers);
        }
      }, () -> {
      });
    }
  }

  @Test
  void virtualThreadsRunOneOp() throws Exception {
    Layer layer = new Layer(2, 5, 40, 17);
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    try (Octet octet = open(); MatMul op = layer.prepare(octet)) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        threads.add(Thread.ofVirtual().start(() -> {
          try (Arena arena = Arena.ofConfined()) {
            for (int run = 0; run < 10; run++) {
              layer.run(op, layer.buffers(arena));
            }
          } catch (Throwable e) {
            failures.add(e);
          }
        }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertEquals(List.of(), List.copyOf(failures));
  }

  /** Until the op is closed every result is right, and after it every call throws. */
  @Test
  void anOpIsClosedWhileOthersRunIt() throws Exception {
    Layer layer = new Layer(3, 5, 32, 19);
    try (Octet octet = open()) {
      for (int repeat = 0; repeat < 10; repeat++) {
        MatMul op = layer.prepare(octet);
        CountDownLatch working = new CountDownLatch(THREADS);
        together(THREADS, (thread, arena) -> untilClosed(layer, op, layer.buffers(arena), working), () -> {
          await(working);
          op.close();
        });
        assertThrows(IllegalStateException.class, () -> op.run(MemorySegment.NULL, MemorySegment.NULL, 0));
      }
    }
  }

  @Test
  void anOctetIsClosedWhileOthersRunItsOps() throws Exception {
    Layer layer = new Layer(4, 5, 32, 19);
    for (int repeat = 0; repeat < 10; repeat++) {
      Octet octet = open();
      List<MatMul> ops = List.of(layer.prepare(octet), layer.prepare(octet), layer.prepare(octet));
      CountDownLatch working = new CountDownLatch(THREADS);
      together(THREADS,
          (thread, arena) -> untilClosed(layer, ops.get(thread % ops.size()), layer.buffers(arena), working),
          () -> {
            await(working);
            octet.close();
          });
    }
  }

  private static void untilClosed(Layer layer, MatMul op, Buffers buffers, CountDownLatch working) {
    try {
      layer.run(op, buffers);
      working.countDown();
      for (;;) {
        layer.run(op, buffers);
      }
    } catch (IllegalStateException e) {
      assertEquals("this matMul is closed", e.getMessage());
    } finally {
      working.countDown();
    }
  }

  /** Prepare either throws or returns an op that was closed with its Octet. */
  @Test
  void anOctetIsClosedWhileOthersPrepare() throws Exception {
    Layer layer = new Layer(5, 2, 16, 8);
    for (int repeat = 0; repeat < 10; repeat++) {
      Octet octet = open();
      AtomicInteger prepared = new AtomicInteger();
      together(4, (thread, arena) -> {
        Buffers buffers = layer.buffers(arena);
        try {
          for (;;) {
            MatMul op = layer.prepare(octet);
            prepared.incrementAndGet();
            layer.run(op, buffers);
          }
        } catch (IllegalStateException e) {
          assertTrue(e.getMessage().endsWith(" is closed"), e.getMessage());
        }
      }, () -> {
        while (prepared.get() < 8) {
          Thread.onSpinWait();
        }
        octet.close();
      });
    }
  }

  @Test
  void useAfterClose() {
    Layer layer = new Layer(6, 3, 16, 8);
    try (Arena arena = Arena.ofConfined()) {
      Buffers buffers = layer.buffers(arena);
      Octet octet = open();
      MatMul closed = layer.prepare(octet);
      MatMul open = layer.prepare(octet);
      closed.close();
      closed.close();
      assertEquals("this matMul is closed",
          assertThrows(IllegalStateException.class, () -> layer.run(closed, buffers)).getMessage());
      assertThrows(IllegalStateException.class, () -> closed.scratchBytes(3));
      layer.run(open, buffers);
      octet.close();
      octet.close();
      assertEquals("this matMul is closed",
          assertThrows(IllegalStateException.class, () -> layer.run(open, buffers)).getMessage());
      assertEquals("this Octet is closed",
          assertThrows(IllegalStateException.class, () -> layer.prepare(octet)).getMessage());
      open.close();
      // What an op is can still be asked.
      assertSame(engine(), open.engine());
      assertTrue(open.kernel().contains(":"), open.kernel());
      assertTrue(open.exact());
      assertTrue(open.packedBytes() >= 16 * 8, () -> open.packedBytes() + " bytes");
      assertDoesNotThrow(octet::report);
    }
  }

  @Test
  void twoOctetsLiveSideBySide() {
    Layer layer = new Layer(7, 3, 16, 8);
    try (Arena arena = Arena.ofConfined(); Octet scalar = Octet.builder().engine(Engine.SCALAR).open()) {
      Buffers buffers = layer.buffers(arena);
      MatMul reference = layer.prepare(scalar);
      try (Octet octet = open()) {
        MatMul op = layer.prepare(octet);
        layer.run(op, buffers);
        layer.run(reference, buffers);
      }
      layer.run(reference, buffers);
    }
  }

  /** A confined arena is the caller's own; helpers work for him all the same. */
  @Test
  void anyArenaWorks() {
    Layer layer = new Layer(8, 64, 64, 64);
    try (Octet octet = open();
        MatMul op = layer.prepare(octet);
        Arena confined = Arena.ofConfined();
        Arena shared = Arena.ofShared()) {
      layer.run(op, layer.buffers(confined));
      layer.run(op, layer.buffers(shared));
      layer.run(op, layer.buffers(Arena.ofAuto()));
      layer.run(op, layer.buffers(Arena.global()));
      layer.run(op,
          new Buffers(MemorySegment.ofArray(layer.x), MemorySegment.ofArray(layer.expected.clone())));
    }
  }

  @Test
  void oneHundredThousandOpsLeaveNothingBehind() throws Exception {
    Layer layer = new Layer(9, 2, 32, 16);
    try (Octet octet = open(); Arena arena = Arena.ofConfined()) {
      Buffers buffers = layer.buffers(arena);
      ResidentMemory.assertBounded(100_000, 32 * MEGABYTE, i -> {
        try (MatMul op = layer.prepare(octet)) {
          if (i % 100 == 0) {
            layer.run(op, buffers);
          }
        }
      });
    }
  }

  /** The same without close: cleaners free what is unreachable. */
  @Test
  void opsThatAreNeverClosedLeaveNothingBehind() throws Exception {
    Layer layer = new Layer(10, 2, 32, 16);
    try (Octet octet = open()) {
      ResidentMemory.assertBounded(20_000, 32 * MEGABYTE, i -> layer.prepare(octet));
    }
  }

  @Test
  void octetsLeaveNothingBehind() throws Exception {
    Layer layer = new Layer(11, 2, 32, 16);
    ResidentMemory.assertBounded(500, 32 * MEGABYTE, i -> {
      try (Octet octet = open(); Arena arena = Arena.ofConfined()) {
        layer.run(layer.prepare(octet), layer.buffers(arena));
      }
    });
  }

  @Test
  void tenThousandCallsOfVaryingShapesLeaveNothingBehind() throws Exception {
    long seed = 12;
    Random random = new Random(seed);
    int k = 48;
    int n = 24;
    int most = 200;
    Layer layer = new Layer(seed, most, k, n);
    try (Octet octet = open(); MatMul op = layer.prepare(octet); Arena arena = Arena.ofConfined()) {
      Buffers buffers = layer.buffers(arena);
      ResidentMemory.assertBounded(10_000, 32 * MEGABYTE, i -> {
        int rows = 1 + random.nextInt(most);
        buffers.y().fill((byte) 0);
        op.run(buffers.x(), buffers.y(), rows);
        int last = rows * n - 1;
        assertEquals(layer.expected[last], buffers.y().getAtIndex(ValueLayout.JAVA_INT, last),
            () -> "seed " + seed + ", call " + i + ", rows " + rows);
      });
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
