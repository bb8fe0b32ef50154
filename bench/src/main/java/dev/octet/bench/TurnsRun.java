package dev.octet.bench;

import dev.octet.bench.contest.CaseTurns;
import dev.octet.bench.page.ReportPage;
import dev.octet.harness.report.Comparison;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.FiguresFile;
import dev.octet.harness.report.Origin;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.report.RoundsFile;
import dev.octet.harness.report.TurnsTable;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.turns.Effort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Measures cases by turns, each with all who take part in it, and keeps every round. */
final class TurnsRun {
  /** Who takes turns where nobody is named. */
  static final List<String> PEERS = List.of("octet-native", "onednn-c", "ort", "ort-u8", "mkl");

  private static final Effort QUOTED = new Effort(0.3, 101, 4);
  /** 9 rounds in each of two runs are the least that a rank test tells apart at p below 0.001. */
  private static final Effort QUICK = new Effort(0.02, 9, 11, 0.2);

  /**
   * A run to compare with. It is read before anything is measured: the run may be written over it, and what
   * cannot be read is better known before than after.
   *
   * @param csv its medians
   * @param rounds what is compared
   */
  record Earlier(Path csv, RoundsFile rounds) {
    /** Reads a run. */
    static Earlier read(Path csv) throws IOException {
      return new Earlier(csv, RoundsFile.read(csv));
    }
  }

  private final Origin origin;
  private final Set<String> reasons;

  TurnsRun(Origin origin, Set<String> reasons) {
    this.origin = origin;
    this.reasons = reasons;
  }

  /**
   * Measures.
   *
   * @param cases those of the same work next to each other
   * @param csv takes the medians; the rounds come beside it
   * @param earlier a run to compare with, or nothing
   * @param figures what was measured beside turns; kept beside the medians
   * @return the exit code
   */
  int run(List<BenchCase> cases, Path csv, Optional<Earlier> earlier, List<Figure> figures)
      throws IOException {
    origin.lines().forEach(TurnsRun::say);
    reasons.forEach(reason -> say("Left out: " + reason));
    CaseTurns turns = new CaseTurns(Folders.bench().resolve("target/native"), this::leaveOut);
    List<RoundTimes> all = new ArrayList<>();
    for (List<BenchCase> contest : contests(cases, Function.identity())) {
      List<RoundTimes> times = turns.time(contest, origin.quick() ? QUICK : QUOTED);
      TurnsTable.lines(times).forEach(TurnsRun::say);
      all.addAll(times);
      RoundsFile.of(origin, all).write(csv);
    }
    say("");
    say(TurnsTable.LEGEND);
    FiguresFile kept = new FiguresFile(origin.lines(), figures);
    kept.write(FiguresFile.beside(csv));
    int code = all.isEmpty() ? 1 : compare(RoundsFile.of(origin, all), earlier);
    writePage(RoundsFile.of(origin, all), kept.figures());
    say("Results: " + csv + ", " + RoundsFile.rounds(csv)
        + (figures.isEmpty() ? "" : ", " + FiguresFile.beside(csv)));
    return code;
  }

  /**
   * Shows a run that was measured before.
   *
   * @param file the run
   * @param figures what was measured beside
   * @param earlier a run to compare with, or nothing
   * @return the exit code
   */
  static int show(RoundsFile file, List<Figure> figures, Optional<Earlier> earlier) throws IOException {
    file.origin().forEach(TurnsRun::say);
    for (List<RoundTimes> contest : contests(file.times(), RoundTimes::benchCase)) {
      TurnsTable.lines(contest).forEach(TurnsRun::say);
    }
    say("");
    say(TurnsTable.LEGEND);
    writePage(file, figures);
    return compare(file, earlier);
  }

  private static void writePage(RoundsFile file, List<Figure> figures) throws IOException {
    Path page = Folders.bench().resolve("target/report/index.html");
    ReportPage.write(file, figures, page);
    say("Report: " + page);
  }

  private static int compare(RoundsFile file, Optional<Earlier> earlier) {
    if (earlier.isEmpty()) {
      return 0;
    }
    say("");
    try {
      Comparison.lines(earlier.get().csv().toString(), earlier.get().rounds(), file).forEach(TurnsRun::say);
      return 0;
    } catch (IllegalArgumentException refused) {
      say(refused.getMessage());
      return 2;
    }
  }

  /** Those of the same work together. */
  private static <T> List<List<T>> contests(List<T> all, Function<T, BenchCase> benchCase) {
    Map<BenchCase, List<T>> contests = new LinkedHashMap<>();
    for (T one : all) {
      contests.computeIfAbsent(benchCase.apply(one).by(Peer.LIMIT), limit -> new ArrayList<>()).add(one);
    }
    return List.copyOf(contests.values());
  }

  private void leaveOut(String reason) {
    if (reasons.add(reason)) {
      say("Left out: " + reason);
    }
  }

  private static void say(String line) {
    System.out.println(line);
  }
}
