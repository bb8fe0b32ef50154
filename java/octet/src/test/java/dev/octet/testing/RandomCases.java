package dev.octet.testing;

/**
 * Runs many seeded random cases and counts them. {@code -Doctet.test.seed} and {@code -Doctet.test.cases}
 * make other runs of the same suites; {@code -Doctet.test.case} repeats a single one.
 */
public final class RandomCases {
  private static final long SEED = Long.getLong("octet.test.seed", 1);
  private static final Integer ONLY = Integer.getInteger("octet.test.case");

  private RandomCases() {}

  /** A case: makes something of the dice and throws where a result is wrong. */
  @FunctionalInterface
  public interface Body {
    /**
     * Runs one case.
     *
     * @param dice the dice of this case
     * @param index its number
     * @param what names suite, engine, seed and number, for messages
     */
    void run(Dice dice, int index, String what);
  }

  /**
   * Runs the cases and prints their number; the first one that fails ends the run.
   *
   * @param suite what is compared
   * @param engine the engine under test, and its tier
   * @param cases how many, unless a property says otherwise
   * @param body runs one
   */
  public static void run(String suite, String engine, int cases, Body body) {
    int count = Integer.getInteger("octet.test.cases", cases);
    int done = 0;
    for (int index = ONLY == null ? 0 : ONLY; index < (ONLY == null ? count : ONLY + 1); index++) {
      String what = suite + " on " + engine + ", seed " + SEED + ", case " + index;
      try {
        body.run(new Dice(SEED, index), index, what);
      } catch (AssertionError e) {
        throw e.getMessage() != null && e.getMessage().startsWith(what)
            ? e
            : new AssertionError(what + ": " + e.getMessage(), e);
      } catch (RuntimeException e) {
        throw new AssertionError(what + ": " + e, e);
      }
      done++;
    }
    System.out.println(suite + " on " + engine + ": " + done + " cases, seed " + SEED + ", 0 differences");
  }
}
