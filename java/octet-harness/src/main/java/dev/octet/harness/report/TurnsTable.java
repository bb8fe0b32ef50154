package dev.octet.harness.report;

import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Contests as text: for each case every contestant beside the limit and beside Octet. */
public final class TurnsTable {
  /** How to read it. */
  public static final String LEGEND = """
      median us: of a call, over all rounds; with one thread time of the thread on a processor. of limit: what the machine
      would take (line "limit": reading the operands, or their products in registers, whichever takes longer), divided by
      what this one took, in each round: median [p10 p90]. octet x: what this one took, divided by what Octet took, in each
      round. UNSTEADY: p10 and p90 are further apart than 10 % of the median; not to be quoted.""";

  private static final String LINE = "  %-13s %12s %9s  %-31s %-31s %s";

  private TurnsTable() {}

  /**
   * The lines of a case.
   *
   * @param times its contestants
   */
  public static List<String> lines(List<RoundTimes> times) {
    List<String> lines = new ArrayList<>();
    if (!times.isEmpty()) {
      BenchCase benchCase = times.getFirst().benchCase();
      lines.add("");
      lines.add(benchCase.op() + " " + benchCase.shape() + " " + benchCase.form() + ", " + benchCase.threads()
          + (benchCase.threads() == 1 ? " thread" : " threads") + ", " + times.getFirst().micros().length
          + " rounds");
      lines.add(String.format(LINE, "peer", "median us", "GOPS", "of limit [p10 p90]", "octet x [p10 p90]",
          "kernel"));
      times.forEach(row -> lines.add(line(row, times)));
    }
    return lines;
  }

  private static String line(RoundTimes row, List<RoundTimes> all) {
    Optional<Spread> octet = row.benchCase().peer() == Peer.OCTET_NATIVE
        || row.benchCase().peer() == Peer.LIMIT
            ? Optional.empty()
            : row.beside(all, Peer.OCTET_NATIVE).map(ours -> ours.over(row));
    return String.format(LINE, row.benchCase().peer(),
        String.format(Locale.ROOT, "%.3f", row.medianMicros()),
        String.format(Locale.ROOT, "%.1f", row.gops()), row.ofLimit(all).map(Spread::toString).orElse(""),
        octet.map(Spread::toString).orElse(""), row.kernel()).stripTrailing();
  }
}
