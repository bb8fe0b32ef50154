package dev.octet.bench.minilm;

/** Lines that stay on standard output; on a terminal also one that moves, on standard error. */
final class Progress {
  private static final int WIDTH = 100;
  @SuppressWarnings("SystemConsoleNull") // without a terminal it is null again since JDK 25
  private final boolean terminal = System.console() != null && System.console().isTerminal();
  private long lastShown;

  /** A line that stays. */
  void say(String line) {
    clear();
    System.out.println(line);
  }

  /** What is being done now; without a terminal a line every ten seconds. */
  void show(String what) {
    long now = System.nanoTime();
    if (terminal) {
      System.err.printf("\r%-" + WIDTH + "." + WIDTH + "s", what);
    } else if (now - lastShown > 10_000_000_000L) {
      System.out.println("... " + what);
      lastShown = now;
    }
  }

  /** Wipes the moving line. */
  void clear() {
    if (terminal) {
      System.err.printf("\r%-" + WIDTH + "s\r", "");
    }
  }
}
