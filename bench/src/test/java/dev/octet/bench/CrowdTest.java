package dev.octet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.bench.subject.Subject;
import dev.octet.bench.subject.Subjects;
import dev.octet.harness.shape.BenchCase;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers run at once, on their own threads. No time decides. */
class CrowdTest {
  private final Crowd crowd = new Crowd(3, 5);

  @Test
  void everyCallerHasItsThread() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    Runnable caller = () -> threads.add(Thread.currentThread());
    assertTrue(crowd.microsPerRun(List.of(caller, caller, caller)) > 0);
    assertEquals(3, threads.size());
    assertTrue(threads.stream().noneMatch(Thread::isAlive));
  }

  @Test
  void aFailureOfACallerIsAFailure() {
    IllegalStateException e = assertThrows(IllegalStateException.class,
        () -> crowd.microsPerRun(List.of(() -> {
          throw new UnsupportedOperationException("no");
        })));
    assertEquals("no", e.getCause().getMessage());
  }

  @Test
  void waitsAreOrdered() {
    for (boolean busy : new boolean[]{false, true}) {
      Crowd.Waits waits = crowd.waits(() -> {
      }, busy);
      assertTrue(waits.medianMicros() <= waits.p99Micros(), waits.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"octet-scalar", "octet-onednn", "ort"})
  void peersTakeManyCallers(String peer) {
    try (Subject subject = Subjects.open(BenchCase.of(peer, "matmul", "1x64x96", "s8s8s8q", 1))) {
      List<Runnable> callers = Stream.generate(subject::caller).limit(4).toList();
      assertTrue(crowd.microsPerRun(callers) > 0);
    }
  }
}
