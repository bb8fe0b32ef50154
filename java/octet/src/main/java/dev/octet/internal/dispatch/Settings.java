package dev.octet.internal.dispatch;

import dev.octet.Engine;
import dev.octet.Isa;
import java.util.concurrent.Executor;

/**
 * What the program and the properties ask for. The program goes first, but a property with an unknown value
 * is an error all the same: whoever set it believes that it does something.
 *
 * @param engine the engine that was asked for, null: automatic
 * @param engineFrom who asked for it, for messages
 * @param isa the highest tier allowed, null: no limit
 * @param threads how many threads share a call
 * @param executor of the program, null: an own team
 */
record Settings(Engine engine, String engineFrom, Isa isa, int threads, Executor executor) {
  private static final int MOST_THREADS = 1 << 15;

  /** From the builder's choices, where null and 0 mean none, and the properties. */
  static Settings of(Engine engine, Isa isa, int threads, Executor executor) {
    String engineName = System.getProperty("octet.engine", "auto");
    Engine engineAsked = engineName.equalsIgnoreCase("auto") ? null : Engine.named(engineName);
    String isaName = System.getProperty("octet.isa");
    Isa isaAsked = isaName == null ? null : Isa.named(isaName);
    checkFlag("octet.cache.verify"); // whichever engines need a library
    checkFlag("octet.native.unproven");
    checkFlag(FirstUse.CHECK);
    String threadsText = System.getProperty("octet.threads");
    int threadsAsked = threadsText == null
        ? Math.min(Runtime.getRuntime().availableProcessors(), MOST_THREADS)
        : threads("octet.threads", threadsText);
    return new Settings(engine != null ? engine : engineAsked,
        engine != null ? "the program" : "-Doctet.engine=" + engineName, isa != null ? isa : isaAsked,
        threads != 0 ? threads : threadsAsked, executor);
  }

  private static void checkFlag(String name) {
    String text = System.getProperty(name, "false");
    if (!text.equals("true") && !text.equals("false")) {
      throw new IllegalArgumentException(name + ": expected true or false, got \"" + text + "\"");
    }
  }

  /** Checks a number of threads. */
  static int checkThreads(String name, int threads) {
    if (threads < 1 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          name + ": expected a number from 1 to " + MOST_THREADS + ", got " + threads);
    }
    return threads;
  }

  private static int threads(String name, String text) {
    try {
      return checkThreads(name, Integer.parseInt(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          name + ": expected a number from 1 to " + MOST_THREADS + ", got \"" + text + "\"", e);
    }
  }
}
