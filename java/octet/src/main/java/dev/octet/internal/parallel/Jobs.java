package dev.octet.internal.parallel;

import java.util.function.Supplier;

/**
 * A fixed number of {@link Job jobs}, for as many calls at once. A call that finds none free does its work
 * alone: there are then more calls than helpers could serve.
 */
final class Jobs {
  private static final int LEAST = 4;
  private static final int MOST = 64;

  private final Job[] jobs;

  /**
   * At least two for each thread: a call whose last tiles are in flight still holds its job.
   *
   * @param threads how many share a call
   * @param callers makes what calls helpers for a job
   */
  Jobs(int threads, Supplier<Job.Caller> callers) {
    int count = LEAST;
    while (count < MOST && count < 2L * threads) {
      count *= 2;
    }
    jobs = new Job[count];
    for (int i = 0; i < count; i++) {
      jobs[i] = new Job(callers.get());
    }
  }

  /** How many there are, a power of 2. */
  int count() {
    return jobs.length;
  }

  /** One of them; the index wraps around. */
  Job get(int index) {
    return jobs[index & (jobs.length - 1)];
  }

  /** A free job for the current thread, which must run it, or null. */
  Job claim() {
    // By thread, so that callers at the same time do not begin at the same job, and one caller stays with
    // his.
    // Fibonacci hashing: consecutive thread ids are spread.
    int start = (int) ((Thread.currentThread().threadId() * 0x9E3779B97F4A7C15L) >>> 40);
    for (int i = 0; i < jobs.length; i++) {
      Job job = get(start + i);
      if (job.claim()) {
        return job;
      }
    }
    return null;
  }
}
