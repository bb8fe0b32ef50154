package dev.octet.cli.selftest;

import java.util.List;
import java.util.function.Consumer;

/** Runs a task in a JVM; tests put one here that breaks or dies. */
@FunctionalInterface
interface Jvm {
  /**
   * How a JVM ended.
   *
   * @param code the exit code
   * @param words the last lines that it printed beside events: why it died
   */
  record End(int code, List<String> words) {}

  /** Runs to the end of the JVM, whatever that is. */
  End run(Target target, Task task, Consumer<Event> events);
}
