package dev.octet.internal.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The worker team: the contract, and the life of its threads. */
class TeamTest extends WorkersContract {
  @Override
  Workers create(int threads) {
    return threads == 1 ? new CallerOnly() : new Team(threads);
  }

  /** Threads of teams that are alive, those of one team when it is given. */
  private static Set<Thread> workers(String prefix) {
    return Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith(prefix))
        .collect(Collectors.toSet());
  }

  /** The prefix of the names of a team's threads, found by meeting them. */
  private static String meet(Workers team) {
    Set<Thread> met = ConcurrentHashMap.newKeySet();
    together(team, met);
    met.remove(Thread.currentThread());
    String name = met.iterator().next().getName();
    assertTrue(name.matches("octet-\\d+-worker-\\d+"), name);
    String prefix = name.substring(0, name.lastIndexOf('-') + 1);
    assertEquals(IntStream.range(1, team.threads()).mapToObj(i -> prefix + i).collect(Collectors.toSet()),
        met.stream().map(Thread::getName).collect(Collectors.toSet()));
    assertTrue(met.stream().allMatch(Thread::isDaemon));
    return prefix;
  }

  /** A call of which every tile waits for all others: it ends only if every helper comes. */
  private static void together(Workers team, Set<Thread> met) {
    CyclicBarrier barrier = new CyclicBarrier(team.threads());
    team.run(team.threads(), tile -> {
      met.add(Thread.currentThread());
      try {
        barrier.await(60, TimeUnit.SECONDS);
      } catch (Exception e) {
        throw new AssertionError("not all helpers came", e);
      }
    });
    assertEquals(team.threads(), met.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8, 16})
  void allHelpersComeWhetherStartedSpinningOrParked(int threads) throws InterruptedException {
    Workers team = open(threads);
    for (int repeat = 0; repeat < 10; repeat++) {
      together(team, ConcurrentHashMap.newKeySet());
      together(team, ConcurrentHashMap.newKeySet());
      Thread.sleep(5); // enough for all to park, usually
    }
  }

  /** As many sequences as processors: no helper takes a tile, whether one is awake or parked. */
  @Test
  void sequencesNeedNoHelpBetweenTheirCallsEither() throws InterruptedException {
    int threads = 3;
    Workers team = open(threads);
    together(team, ConcurrentHashMap.newKeySet());
    CountDownLatch end = new CountDownLatch(1);
    List<Thread> others = new ArrayList<>();
    for (int i = 1; i < Math.max(threads, Runtime.getRuntime().availableProcessors()); i++) {
      CountDownLatch begun = new CountDownLatch(1);
      others.add(Thread.startVirtualThread(() -> {
        team.beginSequence();
        begun.countDown();
        awaitQuietly(end);
        team.endSequence();
      }));
      awaitQuietly(begun);
    }
    team.beginSequence();
    Set<Thread> met = ConcurrentHashMap.newKeySet();
    for (int call = 0; call < 200; call++) {
      team.run(20, tile -> met.add(Thread.currentThread()));
    }
    assertEquals(Set.of(Thread.currentThread()), met);
    end.countDown();
    for (Thread other : others) {
      other.join();
    }
    together(team, ConcurrentHashMap.newKeySet()); // one sequence is helped like a call without
    team.endSequence();
  }

  @Test
  void sequencesWithinEachOtherCountOnce() {
    Workers team = open(2);
    for (int i = 0; i < 9; i++) {
      team.beginSequence();
    }
    together(team, ConcurrentHashMap.newKeySet());
    for (int i = 0; i < 9; i++) {
      team.endSequence();
    }
    together(team, ConcurrentHashMap.newKeySet());
  }

  /** Of another thread, whose sequence stays what it is. */
  @Test
  void anEndTooManyIsRefused() throws InterruptedException {
    Workers team = open(2);
    team.beginSequence();
    List<Throwable> thrown = new ArrayList<>();
    Thread other = Thread.startVirtualThread(
        () -> thrown.add(assertThrows(IllegalStateException.class, team::endSequence)));
    other.join();
    assertEquals("endSequence: this thread began no sequence", thrown.getFirst().getMessage());
    team.endSequence();
    assertThrows(IllegalStateException.class, team::endSequence);
    together(team, ConcurrentHashMap.newKeySet());
  }

  @Test
  void helpersParkWhenThereIsNothingToDo() throws InterruptedException {
    Workers team = open(3);
    String prefix = meet(team);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (workers(prefix).stream().anyMatch(t -> t.getState() != Thread.State.WAITING)) {
      assertTrue(System.nanoTime() < end, "a helper still spins");
      Thread.sleep(1);
    }
  }

  @Test
  void noThreadStartsBeforeThereIsSomethingToShare() {
    Set<Thread> before = workers("octet-");
    Workers team = open(4);
    team.run(0, tile -> {
    });
    team.run(1, tile -> {
    });
    Set<Thread> started = workers("octet-");
    started.removeAll(before);
    assertEquals(Set.of(), started);
    assertEquals(3, workers(meet(team)).size());
  }

  @Test
  void threadsStopAfterClose() throws InterruptedException {
    for (boolean parked : new boolean[]{false, true}) {
      Workers team = open(4);
      String prefix = meet(team);
      if (parked) {
        Thread.sleep(20);
      }
      Set<Thread> threads = workers(prefix);
      team.close();
      for (Thread thread : threads) {
        thread.join(60_000);
        assertFalse(thread.isAlive(), () -> thread + " is alive after close");
      }
    }
  }

  @Test
  void closedBeforeTheFirstRunStartsNoThread() {
    Set<Thread> before = workers("octet-");
    Workers team = open(4);
    team.close();
    assertEquals(null, new Call(10).on(team));
    Set<Thread> started = workers("octet-");
    started.removeAll(before);
    assertEquals(Set.of(), started);
  }

  @Test
  void helpersInheritNothingFromTheFirstCaller() throws InterruptedException {
    InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
    Workers team = open(2);
    Set<String> seen = ConcurrentHashMap.newKeySet();
    Thread caller = new Thread(() -> {
      local.set("the caller's");
      Thread.currentThread().setContextClassLoader(new ClassLoader() {
      });
      CyclicBarrier barrier = new CyclicBarrier(2);
      Thread self = Thread.currentThread();
      team.run(2, tile -> {
        if (Thread.currentThread() != self) {
          seen.add(local.get() + " " + Thread.currentThread().getContextClassLoader());
        }
        try {
          barrier.await(60, TimeUnit.SECONDS);
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      });
    });
    caller.start();
    caller.join();
    assertEquals(Set.of("null " + ClassLoader.getSystemClassLoader()), seen);
  }

  /** Callers that hold all seats but one until they are let go. */
  private static CountDownLatch crowd(Workers team) throws InterruptedException {
    int callers = Math.max(team.threads(), Runtime.getRuntime().availableProcessors()) - 1;
    CountDownLatch inside = new CountDownLatch(callers);
    CountDownLatch leave = new CountDownLatch(1);
    for (int i = 0; i < callers; i++) {
      Thread caller = new Thread(() -> {
        Thread self = Thread.currentThread();
        AtomicBoolean held = new AtomicBoolean();
        while (!held.get()) { // helpers may take all tiles of a call
          team.run(2, tile -> {
            if (Thread.currentThread() == self && !held.getAndSet(true)) {
              inside.countDown();
              awaitQuietly(leave);
            }
          });
        }
      }, "crowd");
      caller.setDaemon(true);
      caller.start();
    }
    assertTrue(inside.await(60, TimeUnit.SECONDS));
    return leave;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertTrue(latch.await(60, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whoHasTheLastSeatIsNotHelped() throws InterruptedException {
    Workers team = open(2);
    CountDownLatch leave = crowd(team);
    Thread caller = Thread.currentThread();
    AtomicInteger helped = new AtomicInteger();
    team.run(2_000, tile -> {
      helped.addAndGet(Thread.currentThread() == caller ? 0 : 1);
      LockSupport.parkNanos(1_000);
    });
    leave.countDown();
    // One may have been about to take a tile when the last seat was taken.
    assertTrue(helped.get() <= 1, helped + " tiles by others");
  }

  @Test
  void helpComesToACallThatGoesOnWhenOthersHaveGone() throws InterruptedException {
    Workers team = open(2);
    CountDownLatch leave = crowd(team);
    Set<Thread> met = ConcurrentHashMap.newKeySet();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    team.run(1_000_000, tile -> {
      leave.countDown();
      met.add(Thread.currentThread());
      if (met.size() == 1 && System.nanoTime() < end) {
        LockSupport.parkNanos(1_000_000);
      }
    });
    assertEquals(2, met.size(), "nobody came");
  }

  /** Nothing of a call is kept once it is over: neither its work nor its caller. */
  @Test
  void aFinishedCallIsGarbage() throws InterruptedException {
    Workers team = open(2);
    List<java.lang.ref.WeakReference<Object>> calls = IntStream.range(0, 50).mapToObj(i -> {
      Call call = new Call(4);
      call.on(team);
      return new java.lang.ref.WeakReference<Object>(call);
    }).toList();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (calls.stream().anyMatch(call -> call.get() != null)) {
      assertTrue(System.nanoTime() < end, "a finished call is still referenced");
      System.gc();
      Thread.sleep(10);
    }
  }

  @Test
  void runsAllocateNothing() {
    com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory
        .getThreadMXBean();
    Workers team = open(2);
    Workers.Tiles work = tile -> Thread.onSpinWait();
    for (int i = 0; i < 20_000; i++) {
      team.run(3, work);
    }
    long least = Long.MAX_VALUE;
    for (int repeat = 0; repeat < 5; repeat++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10_000; i++) {
        team.run(3, work);
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertTrue(least < 10_000, least + " bytes in 10,000 runs");
  }

  @Test
  void aTeamHasAtLeastTwoThreads() {
    assertEquals("threads: expected >= 2, got 1",
        assertThrows(IllegalArgumentException.class, () -> new Team(1)).getMessage());
  }
}
