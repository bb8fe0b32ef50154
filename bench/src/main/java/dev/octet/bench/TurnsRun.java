package dev.octet.bench;

import dev.octet.bench.report.Machine;
import dev.octet.bench.report.RoundTimes;
import dev.octet.bench.report.RoundsFile;
import dev.octet.bench.report.TurnsTable;
import dev.octet.bench.shape.BenchCase;
import dev.octet.bench.shape.Peer;
import dev.octet.bench.turns.CaseTurns;
import dev.octet.bench.turns.Effort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Measures cases by turns, each with all who take part in it, and keeps every round. */
final class TurnsRun {
  /** Who takes turns where nobody is named. */
  static final List<String> PEERS = List.of("octet-native", "onednn-c", "ort", "ort-u8");

  private static final Effort QUOTED = new Effort(0.3, 101, 4);
  private static final Effort QUICK = new Effort(0.02, 5, 0.2);

  private final Machine machine;
  private final String command;
  private final Set<String> reasons;

  TurnsRun(Machine machine, String command, Set<String> reasons) {
    this.machine = machine;
    this.command = command;
    this.reasons = reasons;
  }

  /**
   * Measures.
   *
   * @param cases those of the same work next to each other
   * @param quick whether to see that it runs, not to quote
   * @param csv takes the medians; the rounds come beside it
   * @return the exit code
   */
  int run(List<BenchCase> cases, boolean quick, Path csv) throws IOException {
    say(machine.describe());
    say("Command: " + command + (quick ? "   QUICK: few rounds; not for quoting." : ""));
    reasons.forEach(reason -> say("Left out: " + reason));
    CaseTurns turns = new CaseTurns(Folders.bench().resolve("target/native"), this::leaveOut);
    List<RoundTimes> all = new ArrayList<>();
    for (List<BenchCase> contest : contests(cases)) {
      List<RoundTimes> times = turns.time(contest, quick ? QUICK : QUOTED);
      TurnsTable.lines(times).forEach(TurnsRun::say);
      all.addAll(times);
      RoundsFile.of(machine, all).write(csv);
    }
    say("");
    say(TurnsTable.LEGEND);
    say("Results: " + csv + ", " + RoundsFile.rounds(csv));
    return all.isEmpty() ? 1 : 0;
  }

  /** The cases of the same work together. */
  private static Iterable<List<BenchCase>> contests(List<BenchCase> cases) {
    Map<BenchCase, List<BenchCase>> contests = new LinkedHashMap<>();
    for (BenchCase benchCase : cases) {
      contests.computeIfAbsent(benchCase.by(Peer.LIMIT), limit -> new ArrayList<>()).add(benchCase);
    }
    return contests.values();
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
