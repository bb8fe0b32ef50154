package dev.octet.bench;

import dev.octet.Isa;
import dev.octet.bench.gate.Floors;
import dev.octet.bench.gate.Gate;
import dev.octet.bench.report.Machine;
import dev.octet.bench.report.RoundTimes;
import dev.octet.bench.report.Spread;
import dev.octet.bench.shape.BenchCase;
import dev.octet.bench.shape.Peer;
import dev.octet.bench.turns.CaseTurns;
import dev.octet.bench.turns.Effort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code ci/bench gate}: shares of the limit held to the floors of the tier that engine NATIVE runs on, and
 * of each lower tier that has floors and that this CPU has too, as a share of what that tier can do.
 */
final class GateRun {
  private static final Effort EFFORT = new Effort(0.2, 101, 2);
  /** Lower tiers are slower, so that kernels are far from what calls cost: fewer rounds do. */
  private static final Effort LOWER = new Effort(0.1, 41, 1);
  /** The rows that are measured where a tier has no floors. */
  private static final String ROWS = "avx512vnni";

  private final Path folder;
  private final Path programs;

  /**
   * With floors.
   *
   * @param folder a file for each tier that has floors
   * @param programs where bench/native was built
   */
  GateRun(Path folder, Path programs) {
    this.folder = folder;
    this.programs = programs;
  }

  /** Measures, says what came, and returns the exit code. */
  int run() throws IOException {
    return run(Tiers.highest(), Tiers.lower());
  }

  int run(Optional<Isa> highest, List<Isa> lower) throws IOException {
    say(Machine.here().describe());
    if (highest.isEmpty()) {
      say("No engine NATIVE here: nothing to hold to floors.");
      return 0;
    }
    List<String> failures = new ArrayList<>(hold(highest.get(), Peer.OCTET_NATIVE, EFFORT));
    for (Isa tier : lower) {
      if (Files.exists(file(tier))) {
        failures.addAll(hold(tier, Peer.of(tier).orElseThrow(), LOWER));
      }
    }
    failures.forEach(failure -> say("FAILED: " + failure));
    return failures.isEmpty() ? 0 : 1;
  }

  private Path file(Isa tier) {
    return folder.resolve(Tiers.name(tier) + ".txt");
  }

  private List<String> hold(Isa tier, Peer peer, Effort effort) throws IOException {
    Path file = file(tier);
    boolean binding = Files.exists(file);
    say("");
    say(binding
        ? "Share of the limit by turns, of engine NATIVE on " + Tiers.name(tier)
            + ", median [p10 p90], floors of " + file.getFileName()
        : "There are no floors for " + Tiers.name(tier) + ": measured, and passed.");
    CaseTurns turns = new CaseTurns(programs, tier, reason -> say("Left out: " + reason));
    return new Gate(row -> share(turns.time(List.of(row.by(peer)), effort), row.by(peer)), GateRun::say)
        .failures(Floors.read(binding ? file : folder.resolve(ROWS + ".txt")), binding).stream()
        .map(failure -> Tiers.name(tier) + ": " + failure).toList();
  }

  /** What Octet reached, where there is a limit; it must have taken turns. */
  static Optional<Spread> share(List<RoundTimes> times, BenchCase benchCase) {
    return times.stream().filter(own -> own.benchCase().equals(benchCase)).findFirst()
        .orElseThrow(() -> new IllegalStateException(
            benchCase + ": took no turns, so that it cannot be held to its floor; the reason is above"))
        .ofLimit(times);
  }

  private static void say(String line) {
    System.out.println(line);
  }
}
