package dev.octet.bench;

import dev.octet.Isa;
import dev.octet.bench.contest.CaseTurns;
import dev.octet.harness.gate.Floors;
import dev.octet.harness.gate.Gate;
import dev.octet.harness.report.Machine;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.turns.Effort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
  private final boolean required;

  /**
   * With floors.
   *
   * @param folder a file for each tier that has floors
   * @param programs where bench/native was built
   * @param required whether it fails where floors bind and nothing could be measured, as in continuous
   *        integration
   */
  GateRun(Path folder, Path programs, boolean required) {
    this.folder = folder;
    this.programs = programs;
    this.required = required;
  }

  /** Measures, says what came, and returns the exit code. */
  int run() throws IOException {
    return run(Machine.here(), Tiers.highest(), Tiers.lower());
  }

  int run(Machine machine, Optional<Isa> highest, List<Isa> lower) throws IOException {
    say(machine.describe());
    if (highest.isEmpty()) {
      String line = Gate.NOT_MEASURED + "no engine NATIVE here: " + Tiers.whyNone();
      say(required ? "FAILED: " + line : line);
      return required ? 1 : 0;
    }
    Optional<Isa> least = Tiers.promisedBy(machine).filter(highest.get()::isBelow);
    if (required && least.isPresent()) {
      say("FAILED: expected engine NATIVE on " + Tiers.name(least.get()) + ", by the flags of this CPU, got "
          + Tiers.name(highest.get()));
      return 1;
    }
    List<String> failures = new ArrayList<>(hold(highest.get(), Peer.OCTET_NATIVE, EFFORT));
    for (Isa tier : lower) {
      if (Files.exists(file(tier))) {
        failures.addAll(hold(tier, Peer.of(tier).orElseThrow(), LOWER));
      } else {
        say("");
        say(Gate.NOT_MEASURED + "engine NATIVE on " + Tiers.name(tier) + ": there is no "
            + file(tier).getFileName());
      }
    }
    failures.forEach(failure -> say("FAILED: " + failure));
    return failures.isEmpty() ? 0 : 1;
  }

  /** The files of floors, which are read before anything is measured. */
  static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
    }
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
        : "There are no floors for " + Tiers.name(tier) + ": what can be measured passes.");
    List<String> reasons = new ArrayList<>();
    CaseTurns turns = new CaseTurns(programs, tier, reasons::add);
    String noLimit = String.join("; ", reasons);
    return new Gate(row -> {
      reasons.clear();
      return measured(turns.time(List.of(row.by(peer)), effort), row.by(peer), noLimit,
          String.join("; ", reasons));
    }, required, GateRun::say).failures(Floors.read(binding ? file : folder.resolve(ROWS + ".txt")), binding)
        .stream()
        .map(failure -> Tiers.name(tier) + ": " + failure).toList();
  }

  /** What Octet reached, where there is a limit, or why it is not known. */
  static Gate.Measured measured(List<RoundTimes> times, BenchCase benchCase, String noLimit, String refused) {
    Optional<RoundTimes> own = times.stream().filter(row -> row.benchCase().equals(benchCase)).findFirst();
    if (own.isEmpty()) {
      return Gate.Measured.broken(refused.isEmpty() ? benchCase.peer() + " took no turns" : refused);
    }
    return own.get().ofLimit(times).map(Gate.Measured::of)
        .orElseGet(() -> Gate.Measured.nothing(noLimit.isEmpty() ? "the limit took no turns" : noLimit));
  }

  private static void say(String line) {
    System.out.println(line);
  }
}
