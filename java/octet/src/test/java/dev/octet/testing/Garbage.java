package dev.octet.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** That a call allocates nothing in the long run, as the calling thread's own count has it. */
public final class Garbage {
  private static final int CALLS = 100;
  /** For as long as the compiler may take, behind what else waits for it: 14 s were too short once. */
  private static final long NANOS = 90_000_000_000L;

  private Garbage() {}

  /**
   * Runs a call until {@value #CALLS} runs of it allocate nothing; fails where they never do.
   *
   * @param what the call is, for the message
   * @param call the call
   */
  public static void assertNone(String what, Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    // Until the compiler has come to it, however busy the machine is: what is interpreted makes garbage.
    long start = System.nanoTime();
    while (least >= CALLS && System.nanoTime() - start < NANOS) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertTrue(least < CALLS, what + ": bytes of garbage in " + CALLS + " runs: " + least);
  }
}
