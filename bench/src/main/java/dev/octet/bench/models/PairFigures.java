package dev.octet.bench.models;

import dev.octet.harness.report.Figure;
import dev.octet.harness.report.Rounds;
import dev.octet.harness.report.Spread;
import java.util.List;

/** Figures of Octet and one other who took turns. */
public final class PairFigures {
  private PairFigures() {}

  /**
   * The time of each, and how many times faster Octet was, by round.
   *
   * @param topic of the figures
   * @param subject what Octet ran
   * @param peer whom it took turns with
   * @param other the other one, as a column
   * @param rounds Octet's times first
   */
  public static List<Figure> of(String topic, String subject, String peer, String other, Rounds rounds) {
    Spread faster = Spread.of(rounds.micros(0), rounds.micros(1));
    return List.of(Figure.of(topic, subject, peer, "Octet", "ms", rounds.millis(0)),
        Figure.of(topic, subject, peer, other, "ms", rounds.millis(1)),
        new Figure(topic, subject, peer, "faster", "times", faster.median(), faster.p10(), faster.p90(),
            rounds.count()));
  }
}
