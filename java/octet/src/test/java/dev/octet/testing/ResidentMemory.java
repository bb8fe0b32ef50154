package dev.octet.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Holds the memory of this process to a bound while something is repeated many times: both what the operating
 * system counts, where native memory that is never freed shows, and what lives on the heap.
 */
public final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ResidentMemory() {}

  /** Something to repeat. */
  @FunctionalInterface
  public interface Step {
    /**
     * One repetition.
     *
     * @param index 0 to times - 1
     * @throws Exception fails the test
     */
    void run(int index) throws Exception;
  }

  /**
   * Repeats a step. The first tenth warms up: classes, compiled code, pools and the heap find their size.
   * What grows after it has two more tries: memory that leaks grows in each of them, the compiler's working
   * memory, up to 39 MB where it works late on a busy machine, does not.
   *
   * @param times how often
   * @param mostGrowth the bytes by which resident and heap memory may each grow after the first tenth
   * @param step what to repeat
   * @throws Exception what a step throws
   */
  public static void assertBounded(int times, long mostGrowth, Step step) throws Exception {
    assumeTrue(Files.exists(STATUS), "no " + STATUS);
    int warm = times / 10;
    repeat(0, warm, times, step);
    long residentGrowth = Long.MAX_VALUE;
    long heapGrowth = Long.MAX_VALUE;
    for (int attempt = 0; attempt < 3 && Math.max(residentGrowth, heapGrowth) >= mostGrowth; attempt++) {
      long resident = resident();
      long heap = heap();
      repeat(warm, times, times, step);
      residentGrowth = resident() - resident;
      heapGrowth = heap() - heap;
    }
    assertTrue(Math.max(residentGrowth, heapGrowth) < mostGrowth,
        "after the first tenth of " + times + " repetitions resident memory grew by " + residentGrowth
            + " bytes, the live heap by " + heapGrowth + ", in the last of three tries; less than "
            + mostGrowth + " expected");
  }

  /**
   * Collects garbage a hundred times: between two collections the heap is filled from the same end again, so
   * that garbage does not touch more and more of a heap that the JVM has reserved and show as resident
   * memory.
   */
  private static void repeat(int from, int to, int times, Step step) throws Exception {
    int interval = Math.max(1, times / 100);
    for (int i = from; i < to; i++) {
      step.run(i);
      if (i % interval == 0) {
        System.gc();
      }
    }
  }

  /**
   * The memory of this process that is in physical memory, garbage not counted.
   *
   * @return bytes
   */
  public static long resident() {
    collect();
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmRSS:")) {
          return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    } catch (IOException e) {
      throw new AssertionError("cannot read " + STATUS, e);
    }
    throw new AssertionError("no VmRSS in " + STATUS);
  }

  private static long heap() {
    collect();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Twice: what the first collection finds unreachable is freed by cleaners meanwhile. */
  private static void collect() {
    System.gc();
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    System.gc();
  }
}
