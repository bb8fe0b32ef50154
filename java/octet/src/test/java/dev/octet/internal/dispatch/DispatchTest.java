package dev.octet.internal.dispatch;

import static dev.octet.Engine.NATIVE;
import static dev.octet.Engine.ONEDNN;
import static dev.octet.Engine.SCALAR;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.MatMulKernel;
import dev.octet.op.MatMul;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** Who is asked for a kernel, and in which order things are freed, over engines that watch. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
class DispatchTest {
  private static final MemorySegment X = MemorySegment.ofArray(new byte[4]);

  private static MatMul matMul(Dispatch dispatch) {
    return new MatMul.Builder(dispatch).input(DataType.U8, Quantization.perTensor(1))
        .weights(QTensor.of(DataType.S8, Shape.of(4, 1), Quantization.perTensor(1), new byte[4]),
            WeightLayout.IN_OUT)
        .outputS32().prepare();
  }

  private static void run(MatMul op) {
    op.run(X, MemorySegment.ofArray(new int[1]), 1);
  }

  private static void eventually(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, what);
      System.gc();
      Thread.sleep(5);
    }
  }

  @Test
  void closeFreesIdleOpsAndBackends() {
    Fake fake = new Fake(NATIVE);
    Dispatch dispatch = Fake.dispatch(fake);
    MatMul first = matMul(dispatch);
    MatMul second = matMul(dispatch);
    run(first);
    first.close();
    assertEquals(1, fake.openKernels.get());
    assertEquals("this matMul is closed",
        assertThrows(IllegalStateException.class, () -> run(first)).getMessage());
    assertThrows(IllegalStateException.class, () -> first.scratchBytes(1));
    assertEquals("fake:matmul", first.kernel());
    first.close();
    run(second);
    assertFalse(fake.isClosed());
    dispatch.close();
    assertEquals(0, fake.openKernels.get());
    assertEquals(1, fake.closes.get());
    assertThrows(IllegalStateException.class, () -> run(second));
    second.close();
    dispatch.close();
    assertEquals(1, fake.closes.get());
    assertEquals("this Octet is closed",
        assertThrows(IllegalStateException.class, () -> matMul(dispatch)).getMessage());
    assertEquals(List.of(), List.copyOf(fake.wrongs));
  }

  /** A run that is under way finishes with its kernel and backend; it frees both. */
  @Test
  void closeWhileAnOpRuns() throws Exception {
    for (boolean opFirst : new boolean[]{false, true}) {
      Fake fake = new Fake(NATIVE);
      Dispatch dispatch = Fake.dispatch(fake);
      MatMul op = matMul(dispatch);
      CountDownLatch running = new CountDownLatch(1);
      CountDownLatch mayEnd = new CountDownLatch(1);
      fake.onRun = x -> {
        running.countDown();
        await(mayEnd);
      };
      Thread runner = new Thread(() -> run(op));
      runner.start();
      running.await();
      if (opFirst) {
        op.close();
      }
      dispatch.close();
      assertThrows(IllegalStateException.class, () -> run(op));
      assertEquals(1, fake.openKernels.get());
      assertFalse(fake.isClosed());
      mayEnd.countDown();
      runner.join();
      assertEquals(0, fake.openKernels.get());
      assertTrue(fake.isClosed());
      assertEquals(List.of(), List.copyOf(fake.wrongs));
    }
  }

  /** The kernel that is being made when close comes is handed out closed, and freed. */
  @Test
  void closeWhileAnOpIsPrepared() throws Exception {
    Fake fake = new Fake(NATIVE);
    Dispatch dispatch = Fake.dispatch(fake);
    CountDownLatch preparing = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    fake.onPrepare = () -> {
      preparing.countDown();
      await(mayEnd);
    };
    AtomicReference<MatMul> op = new AtomicReference<>();
    Thread preparer = new Thread(() -> op.set(matMul(dispatch)));
    preparer.start();
    preparing.await();
    dispatch.close();
    assertFalse(fake.isClosed());
    mayEnd.countDown();
    preparer.join();
    assertThrows(IllegalStateException.class, () -> run(op.get()));
    assertEquals(0, fake.openKernels.get());
    assertTrue(fake.isClosed());
    assertEquals(List.of(), List.copyOf(fake.wrongs));
  }

  /** All at once, many times: runs, prepares, closes of ops, and a close of everything in between. */
  @Test
  void everythingAtOnce() throws Exception {
    for (int repeat = 0; repeat < 60; repeat++) {
      Fake fake = new Fake(NATIVE);
      Dispatch dispatch = Fake.dispatch(fake);
      MatMul shared = matMul(dispatch);
      CyclicBarrier start = new CyclicBarrier(7);
      Thread[] threads = new Thread[6];
      for (int i = 0; i < threads.length; i++) {
        boolean preparer = i < 3;
        threads[i] = new Thread(() -> {
          try {
            start.await();
            for (;;) {
              if (preparer) {
                try (MatMul own = matMul(dispatch)) {
                  run(own);
                }
              } else {
                run(shared);
              }
            }
          } catch (IllegalStateException e) {
            // Closed: this is how it ends.
          } catch (Exception e) {
            fake.wrongs.add(e.toString());
          }
        });
        threads[i].start();
      }
      start.await();
      Thread.onSpinWait();
      dispatch.close();
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(0, fake.openKernels.get());
      assertEquals(1, fake.closes.get());
      assertEquals(List.of(), List.copyOf(fake.wrongs));
    }
  }

  @Test
  void anUnreachableOpIsFreed() throws InterruptedException {
    Fake fake = new Fake(NATIVE);
    Dispatch dispatch = Fake.dispatch(fake);
    run(matMul(dispatch));
    eventually("the kernel of an unreachable op is still open", () -> fake.openKernels.get() == 0);
    assertFalse(fake.isClosed());
    dispatch.close();
    assertEquals(List.of(), List.copyOf(fake.wrongs));
  }

  /** An op keeps its Octet going; when the last one is gone too, backends are freed. */
  @Test
  void anUnreachableDispatchIsFreedAfterItsOps() throws InterruptedException {
    Fake fake = new Fake(NATIVE);
    MatMul[] op = {matMul(Fake.dispatch(fake))};
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(5);
    }
    assertFalse(fake.isClosed());
    run(op[0]);
    op[0] = null;
    eventually("the backend of an unreachable Octet is still open", fake::isClosed);
    assertEquals(0, fake.openKernels.get());
    assertEquals(List.of(), List.copyOf(fake.wrongs));
  }

  /** One failure while freeing is told and keeps nothing else from being freed. */
  @Test
  void aKernelThatFailsToClose() {
    Fake fake = new Fake(NATIVE);
    Dispatch dispatch = Fake.dispatch(fake);
    matMul(dispatch);
    matMul(dispatch);
    fake.onKernelClose = new IllegalArgumentException("cannot close");
    assertSame(fake.onKernelClose, assertThrows(IllegalArgumentException.class, dispatch::close));
    assertEquals(0, fake.openKernels.get());
    assertEquals(1, fake.closes.get());
  }

  @Test
  void anOpThatAnEngineLacksGoesToTheNextAndIsNoted() {
    Fake first = new Fake(ONEDNN);
    Dispatch dispatch = Fake.dispatch(first, new Fake(SCALAR));
    for (int i = 0; i < 2; i++) {
      assertSame(SCALAR, dispatch
          .prepare("matMul",
              backend -> backend.equals(first) ? refuse("no such thing") : backend.matMul(null))
          .engine());
    }
    assertEquals(List.of("matMul runs on SCALAR: ONEDNN: no such thing"), dispatch.notes());
    assertTrue(dispatch.report().contains("matMul runs on SCALAR: ONEDNN: no such thing\n"),
        dispatch.report());
    dispatch.close();
  }

  /** Reasons can hold sizes: there is no end to them in a program that runs for months. */
  @Test
  void notesDoNotGrowWithoutBound() {
    Fake first = new Fake(ONEDNN);
    Dispatch dispatch = Fake.dispatch(first, new Fake(SCALAR));
    for (int i = 0; i < 1000; i++) {
      int size = i;
      dispatch.prepare("matMul",
          backend -> backend.equals(first) ? refuse("size " + size) : backend.matMul(null));
    }
    assertEquals(64, dispatch.notes().size());
    dispatch.close();
  }

  @Test
  void anOpThatAllEnginesLackNamesEveryReason() {
    Dispatch dispatch = Fake.dispatch(new Fake(NATIVE), new Fake(ONEDNN));
    UnsupportedOperationException e = assertThrows(UnsupportedOperationException.class,
        () -> dispatch.prepare("lookup", backend -> backend.lookup(new byte[256])));
    assertEquals("lookup: NATIVE: not offered: lookup; ONEDNN: not offered: lookup", e.getMessage());
    assertEquals(2, e.getSuppressed().length);
    dispatch.close();
  }

  /** Only a refusal goes on to the next engine; a failure is the caller's to see. */
  @Test
  void aFailingEngineIsNoRefusal() {
    Fake broken = new Fake(NATIVE);
    Fake next = new Fake(ONEDNN);
    broken.onPrepare = () -> {
      throw new IllegalStateException("broken");
    };
    Dispatch dispatch = Fake.dispatch(broken, next);
    assertEquals("broken", assertThrows(IllegalStateException.class, () -> matMul(dispatch)).getMessage());
    assertEquals(0, next.openKernels.get());
    dispatch.close();
    assertTrue(broken.isClosed(), "a failed prepare holds up close");
    assertTrue(next.isClosed());
  }

  private static MatMulKernel refuse(String reason) {
    throw new UnsupportedOperationException(reason);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
