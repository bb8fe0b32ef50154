package dev.octet.internal.ffm;

import java.util.function.Supplier;

/**
 * Work on a thread with a stack that is large enough for it, whatever the caller has. A library's
 * constructors run on the thread that loads it: those of oneDNN 3.13 need half a megabyte, and a program's
 * thread may have 180 KB. Running out of stack in native code ends the process. The thread takes 0.1 ms, once
 * for a library.
 */
public final class RoomyThread {
  /** Reserved, not used: pages that nobody touches cost nothing. */
  private static final long STACK = 8 << 20;

  private RoomyThread() {}

  /** What the work returned or threw. */
  private static final class Outcome<T> {
    private T value;
    private Throwable failure;

    /** Everything that the work throws is thrown again in the thread that waits for it. */
    void of(Supplier<T> work) {
      try {
        value = work.get();
      } catch (RuntimeException | Error e) {
        failure = e;
      }
    }

    T get() {
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure != null) {
        throw (RuntimeException) failure;
      }
      return value;
    }
  }

  /**
   * Does a piece of work and waits for its end. An interrupt does not cut it short; it is kept for the
   * caller.
   *
   * @param work must not wait for a lock that the caller holds
   * @return what the work returned
   */
  public static <T> T call(Supplier<T> work) {
    Outcome<T> outcome = new Outcome<>();
    Thread thread = new Thread(null, () -> outcome.of(work), "octet-load", STACK, false);
    thread.setDaemon(true);
    thread.start();
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return outcome.get();
  }
}
