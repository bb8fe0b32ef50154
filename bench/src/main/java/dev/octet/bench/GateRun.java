package dev.octet.bench;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Isa;
import dev.octet.Octet;
import dev.octet.bench.gate.Floors;
import dev.octet.bench.gate.Gate;
import dev.octet.bench.report.Machine;
import dev.octet.bench.report.RoundTimes;
import dev.octet.bench.report.Spread;
import dev.octet.bench.shape.BenchCase;
import dev.octet.bench.turns.CaseTurns;
import dev.octet.bench.turns.Effort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code ci/bench gate}: shares of the limit held to the floors of the tier that engine NATIVE runs on. */
final class GateRun {
  private static final Effort EFFORT = new Effort(0.2, 101, 2);
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
    return run(tier());
  }

  int run(Optional<String> tier) throws IOException {
    say(Machine.here().describe());
    if (tier.isEmpty()) {
      say("No engine NATIVE here: nothing to hold to floors.");
      return 0;
    }
    Path file = folder.resolve(tier.get() + ".txt");
    boolean binding = Files.exists(file);
    say(binding
        ? "Share of the limit by turns, of engine NATIVE on " + tier.get() + ", median [p10 p90], floors of "
            + file.getFileName()
        : "There are no floors for " + tier.get() + ": measured, and passed.");
    CaseTurns turns = new CaseTurns(programs,
        reason -> say("Left out: " + reason));
    List<String> failures = new Gate(
        benchCase -> share(turns.time(List.of(benchCase), EFFORT), benchCase), GateRun::say)
        .failures(Floors.read(binding ? file : folder.resolve(ROWS + ".txt")), binding);
    failures.forEach(failure -> say("FAILED: " + failure));
    return failures.isEmpty() ? 0 : 1;
  }

  /** What Octet reached, where there is a limit; it must have taken turns. */
  static Optional<Spread> share(List<RoundTimes> times, BenchCase benchCase) {
    return times.stream().filter(own -> own.benchCase().equals(benchCase)).findFirst()
        .orElseThrow(() -> new IllegalStateException(
            benchCase + ": took no turns, so that it cannot be held to its floor; the reason is above"))
        .ofLimit(times);
  }

  /** The tier of engine NATIVE, in lower case, or nothing where it is not here. */
  static Optional<String> tier() {
    try (Octet octet = Octet.open()) {
      return octet.engines().stream()
          .filter(status -> status.engine() == Engine.NATIVE && status.available())
          .map(EngineStatus::detail).flatMap(detail -> Arrays.stream(Isa.values())
              .map(isa -> isa.name().toLowerCase(Locale.ROOT))
              .filter(name -> detail.matches(".*\\b" + name + "\\b.*")))
          .findFirst();
    }
  }

  private static void say(String line) {
    System.out.println(line);
  }
}
