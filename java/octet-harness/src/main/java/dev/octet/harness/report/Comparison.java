package dev.octet.harness.report;

import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Two runs of the same contests beside each other. A row has changed if the shares of the limit of its rounds
 * differ by the rank test of Mann, Whitney and Wilcoxon, and their medians by more than runs of the same
 * program do: with hundreds of rounds the test alone sees which half of the caches a buffer got.
 */
public final class Comparison {
  /** Chance of ranks that are as far apart where nothing changed. */
  private static final double CHANCE = 0.001;
  /** Medians of the same row in three runs were this close, see docs/numbers.md. */
  private static final double RUNS = 0.03;
  private static final String QUICK = " was a quick one: what has changed is worth measuring again";

  private Comparison() {}

  /**
   * A row of both runs.
   *
   * @param benchCase who computed what
   * @param before median share of the limit, or microseconds where there was no limit
   * @param after the same in the other run
   * @param faster how many times faster it is
   * @param chance of the ranks where nothing changed
   * @param tellable whether as few rounds can tell a change at all
   */
  public record Row(BenchCase benchCase, double before, double after, double faster, double chance,
      boolean tellable) {
    /** Whether that is more than chance and more than runs differ. */
    public boolean changed() {
      return chance < CHANCE && Math.abs(Math.log(faster)) > Math.log1p(RUNS);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%-60s %9.3f %9.3f   %.3f times as fast, p = %.2g%s", benchCase,
          before, after, faster, chance, !tellable
              ? "  TOO FEW ROUNDS"
              : !changed() ? "" : faster > 1 ? "  FASTER" : "  SLOWER");
    }
  }

  /**
   * Compares.
   *
   * @param before a run
   * @param after a later one
   * @return the rows that both have, without limits
   * @throws IllegalArgumentException if the runs are of different CPUs or JDKs, or do not say of which
   */
  public static List<Row> of(RoundsFile before, RoundsFile after) {
    comparable(before.key(), after.key());
    List<Row> rows = new ArrayList<>();
    for (RoundTimes later : after.times()) {
      if (later.benchCase().peer() != Peer.LIMIT) {
        before.times().stream().filter(row -> row.benchCase().equals(later.benchCase())).findFirst()
            .ifPresent(earlier -> rows.add(row(earlier, before, later, after)));
      }
    }
    return rows;
  }

  /**
   * Refuses runs of different CPUs or JDKs, before the second one is measured.
   *
   * @param before {@link Machine#key} of a run
   * @param after the same of another one
   * @return the key of both
   * @throws IllegalArgumentException if they differ, or the first one does not say
   */
  public static String comparable(String before, String after) {
    if (before.isBlank() || !before.equals(after)) {
      throw new IllegalArgumentException(
          "not comparable: one run is of " + (before.isBlank() ? "a machine that it does not name" : before)
              + ", the other one of " + after);
    }
    return before;
  }

  /** The rows of a run that another one lacks, without limits. */
  public static long lacks(RoundsFile run, RoundsFile other) {
    Set<BenchCase> there = other.times().stream().map(RoundTimes::benchCase).collect(Collectors.toSet());
    return run.times().stream().map(RoundTimes::benchCase)
        .filter(row -> row.peer() != Peer.LIMIT && !there.contains(row)).count();
  }

  /**
   * Compares two runs, in lines for a person.
   *
   * @param name what the earlier run is called
   * @param before the earlier run
   * @param after the later one
   * @return a line for each row of both, and what has changed in the end
   * @throws IllegalArgumentException as {@link #of}
   */
  public static List<String> lines(String name, RoundsFile before, RoundsFile after) {
    List<Row> rows = of(before, after);
    List<String> lines = new ArrayList<>();
    lines.add("Against " + name
        + ": share of the limit (or us where it took no turns) before and after, and p of the rank"
        + " test over the rounds; FASTER and SLOWER: p below 0.001 and more than 3 % apart");
    rows.forEach(row -> lines.add(row.toString()));
    lines.add(rows.stream().filter(Row::changed).count() + " of " + rows.size()
        + " rows have changed; not compared: " + lacks(before, after) + " rows of the earlier run and "
        + lacks(after, before) + " of this one");
    long few = rows.stream().filter(row -> !row.tellable()).count();
    if (few > 0) {
      lines.add(few + " rows have too few rounds for p below 0.001, whatever they show: 9 in both runs do");
    }
    if (before.quick()) {
      lines.add("The earlier run" + QUICK);
    }
    if (after.quick()) {
      lines.add("The later run" + QUICK);
    }
    return lines;
  }

  private static Row row(RoundTimes earlier, RoundsFile before, RoundTimes later, RoundsFile after) {
    Optional<double[]> old = shares(earlier, before);
    Optional<double[]> now = shares(later, after);
    boolean limited = old.isPresent() && now.isPresent();
    double[] one = limited ? old.get() : earlier.micros();
    double[] other = limited ? now.get() : later.micros();
    double from = Rounds.quantile(one, 0.5);
    double to = Rounds.quantile(other, 0.5);
    double chance = chance(one, other);
    return new Row(later.benchCase(), from, to, limited ? to / from : from / to, chance,
        Math.min(chance, chance(one.length, other.length, 0, 0)) < CHANCE);
  }

  private static Optional<double[]> shares(RoundTimes row, RoundsFile file) {
    return row.beside(file.times(), Peer.LIMIT)
        .map(limit -> Rounds.ratios(row.micros(), limit.micros()));
  }

  /**
   * The chance that ranks are at least as far apart if both samples are of one distribution, two-sided, by
   * the normal approximation with its corrections for ties and continuity.
   */
  static double chance(double[] one, double[] other) {
    record Sample(double value, boolean first) {}
    List<Sample> all = Stream.concat(Arrays.stream(one).mapToObj(value -> new Sample(value, true)),
        Arrays.stream(other).mapToObj(value -> new Sample(value, false)))
        .sorted((a, b) -> Double.compare(a.value, b.value)).toList();
    double n = all.size();
    double ranks = 0;
    double ties = 0;
    for (int from = 0; from < n;) {
      int to = from;
      int firsts = 0;
      while (to < n && all.get(to).value == all.get(from).value) {
        firsts += all.get(to).first ? 1 : 0;
        to++;
      }
      double count = to - from;
      ranks += firsts * (from + 1 + to) / 2.0;
      ties += count * count * count - count;
      from = to;
    }
    return chance(one.length, other.length, ranks - one.length * (one.length + 1) / 2.0, ties);
  }

  /** The chance of a statistic U, which is 0 where every round of one run is below every one of the other. */
  private static double chance(int one, int other, double u, double ties) {
    double n = (double) one + other;
    double pairs = (double) one * other;
    double deviation = Math.sqrt(pairs / 12 * (n + 1 - ties / (n * (n - 1))));
    double z = (Math.abs(u - pairs / 2) - 0.5) / deviation;
    return deviation == 0 || z <= 0 ? 1 : upperTails(z);
  }

  /** Both tails of the normal distribution beyond z: Abramowitz and Stegun 7.1.26, error below 1.5e-7. */
  private static double upperTails(double z) {
    double x = z / Math.sqrt(2);
    double t = 1 / (1 + 0.3275911 * x);
    double polynomial = t * (0.254829592
        + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    return polynomial * Math.exp(-x * x);
  }
}
