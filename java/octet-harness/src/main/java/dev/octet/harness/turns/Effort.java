package dev.octet.harness.turns;

/**
 * How long to measure.
 *
 * @param warmUpSeconds for each contestant, beforehand
 * @param least rounds, whatever they take; 1 or more
 * @param rounds at most, {@code least} or more; fewer where the seconds are over
 * @param seconds for all rounds
 */
public record Effort(double warmUpSeconds, int least, int rounds, double seconds) {
  private static final int LEAST = 3;

  /** Refuses numbers of rounds that are none. */
  public Effort {
    if (least < 1 || rounds < least) {
      throw new IllegalArgumentException(
          "rounds: expected 1 or more, and no fewer at most than at least, got " + least + " to " + rounds);
    }
  }

  /** Of 3 rounds or more. */
  public Effort(double warmUpSeconds, int rounds, double seconds) {
    this(warmUpSeconds, LEAST, rounds, seconds);
  }
}
