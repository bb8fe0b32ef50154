package dev.octet.internal.parallel;

import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Helpers from an Executor that belongs to the application. A call submits tasks that help with it and begins
 * at once itself; how they share tiles, and why a task that comes late harms nobody, is told in {@link Job}.
 * Nothing here waits for a task to start: an executor that is busy, rejects, drops tasks or runs them on the
 * calling thread costs speed at most.
 */
public final class ExecutorWorkers implements Workers {
  /**
   * A task that was submitted so long ago and has not started is taken for lost, as some executors drop tasks
   * when they are full. Until then it is not submitted again, or calls would fill the queue of a busy
   * executor without bound.
   */
  private static final long LOST_NANOS = 1_000_000_000;

  private final Executor executor;
  private final int threads;
  private final Jobs jobs;
  private volatile boolean closed;

  /**
   * Over an executor.
   *
   * @param executor runs the tasks; never shut down from here
   * @param threads how many share a call, the caller included; at least 2
   */
  public ExecutorWorkers(Executor executor, int threads) {
    if (threads < 2) {
      throw new IllegalArgumentException("threads: expected >= 2, got " + threads);
    }
    this.executor = Objects.requireNonNull(executor, "executor");
    this.threads = threads;
    this.jobs = new Jobs(threads, Tasks::new);
  }

  @Override
  public int threads() {
    return threads;
  }

  @Override
  public void run(int tiles, Tiles work) {
    Job job = tiles < 2 || closed ? null : jobs.claim();
    if (job == null) {
      CallerOnly.runAll(tiles, work);
    } else {
      job.run(tiles, work);
    }
  }

  /** Submits nothing any more. The executor stays as it is. */
  @Override
  public void close() {
    closed = true;
  }

  /** The tasks that help with one job, made when they are first of use. */
  private final class Tasks implements Job.Caller {
    private final Task[] tasks = new Task[threads - 1];

    @Override
    public void call(Job job, int wanted) {
      for (int i = 0; i < Math.min(wanted, tasks.length); i++) {
        if (tasks[i] == null) {
          tasks[i] = new Task(job);
        }
        if (!tasks[i].submit(executor)) {
          return;
        }
      }
    }
  }

  /** Helps with a job, whichever call it serves when the executor gets to it. */
  private static final class Task implements Runnable {
    private final Job job;
    private volatile boolean queued;
    private long queuedAt;

    Task(Job job) {
      this.job = job;
    }

    /** Returns false if the executor takes no tasks now. */
    boolean submit(Executor executor) {
      if (queued && System.nanoTime() - queuedAt < LOST_NANOS) {
        return true; // it will find the call that this was for
      }
      queuedAt = System.nanoTime();
      queued = true;
      try {
        executor.execute(this);
        return true;
      } catch (RejectedExecutionException e) {
        queued = false;
        return false;
      } catch (Throwable e) {
        queued = false;
        throw e;
      }
    }

    @Override
    public void run() {
      queued = false; // before it looks: a call that finds it queued counts on it
      job.help(() -> true);
    }
  }
}
