package dev.octet.spark;

import java.util.function.Supplier;

/** Runs jobs of Spark, whose failures are wrapped and undeclared. */
final class Jobs {
  private Jobs() {}

  /**
   * Runs a job.
   *
   * @param job what to run
   * @return what it returns
   * @throws IllegalArgumentException with the message of the task that threw one
   */
  static <T> T run(Supplier<T> job) {
    try {
      return job.get();
    } catch (Exception e) { // SparkException is checked, and Scala declares nothing
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof IllegalArgumentException) {
          throw new IllegalArgumentException(cause.getMessage(), e);
        }
      }
      throw e;
    }
  }
}
