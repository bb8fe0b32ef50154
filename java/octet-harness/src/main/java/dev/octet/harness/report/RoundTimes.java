package dev.octet.harness.report;

import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a contestant took in each round, beside others whose rounds were the same. */
public final class RoundTimes {
  private final BenchCase benchCase;
  private final String kernel;
  private final double[] micros;

  /**
   * The times of a contestant.
   *
   * @param benchCase what was computed, and by whom
   * @param kernel what ran
   * @param micros microseconds of a call by round, 1 or more rounds
   */
  public RoundTimes(BenchCase benchCase, String kernel, double[] micros) {
    if (micros.length == 0) {
      throw new IllegalArgumentException(benchCase + ": no rounds");
    }
    this.benchCase = benchCase;
    this.kernel = kernel;
    this.micros = micros.clone();
  }

  /** What was computed, and by whom. */
  public BenchCase benchCase() {
    return benchCase;
  }

  /** What ran. */
  public String kernel() {
    return kernel;
  }

  /** Microseconds of a call by round. */
  public double[] micros() {
    return micros.clone();
  }

  /** The median of a call in microseconds. */
  public double medianMicros() {
    return Rounds.quantile(micros, 0.5);
  }

  /** Billions of operations a second by the median; of element-wise ops elements. */
  public double gops() {
    return benchCase.shape().operations() / medianMicros() * 1e-3;
  }

  /** How many times faster this one was than another one of the same rounds. */
  public Spread over(RoundTimes other) {
    return Spread.of(micros, other.micros);
  }

  /** The contestant of the same case that has a name, or nothing. */
  public Optional<RoundTimes> beside(List<RoundTimes> all, Peer peer) {
    BenchCase wanted = benchCase.by(peer);
    return all.stream().filter(other -> other.benchCase.equals(wanted)).findFirst();
  }

  /** The share of the limit of the machine, or nothing where that took no turns. */
  public Optional<Spread> ofLimit(List<RoundTimes> all) {
    return benchCase.peer() == Peer.LIMIT
        ? Optional.empty()
        : beside(all, Peer.LIMIT).map(this::over);
  }

  @Override
  public String toString() {
    return benchCase + ": " + Arrays.toString(micros) + " " + kernel;
  }
}
