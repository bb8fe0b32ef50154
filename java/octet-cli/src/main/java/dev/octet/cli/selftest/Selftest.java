package dev.octet.cli.selftest;

import dev.octet.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Seeded random cases of every op on every engine that can run here, compared with SCALAR, tolerance 0. */
public final class Selftest {
  /**
   * What is to be tested.
   *
   * @param seed of the cases
   * @param seconds for all engines together; has no meaning where cases are given
   * @param cases of each op on each engine; 0: as many as fit into the time, at least one
   * @param only the index of the only case of each op, -1: all
   * @param engine the only engine, or null
   * @param tier its only form, or null
   * @param ops titles of the only ops; empty: all
   */
  public record Choice(long seed, double seconds, int cases, int only, Engine engine, String tier,
      List<String> ops) {
    /**
     * Checks that there is something to test.
     *
     * @throws IllegalArgumentException if there is no such engine, tier or op
     */
    public void check() {
      tested();
      targets();
    }

    private List<TestedOp> tested() {
      return ops.isEmpty()
          ? Arrays.asList(TestedOp.values())
          : ops.stream().map(TestedOp::titled).distinct().toList();
    }

    private List<Target> targets() {
      List<Target> targets = Target.all().stream()
          .filter(target -> engine == null || engine == target.engine())
          .filter(target -> tier == null || tier.equalsIgnoreCase(target.tier())).toList();
      if (targets.isEmpty()) {
        throw new IllegalArgumentException("nothing to test: expected one of " + Target.all());
      }
      return targets;
    }
  }

  private final Jvm jvm;

  /** Every engine runs in a JVM of its own. */
  public Selftest() {
    this(new ChildJvm());
  }

  Selftest(Jvm jvm) {
    this.jvm = jvm;
  }

  /**
   * Tests.
   *
   * @param choice what
   * @param progress is told the engine before it is tested
   * @return what was found
   * @throws IllegalArgumentException if there is no such engine, tier or op
   */
  public Report run(Choice choice, Consumer<String> progress) {
    List<TestedOp> ops = choice.tested();
    List<Target> targets = choice.targets();
    long start = System.nanoTime();
    long left = (long) (choice.seconds * 1e9);
    List<Report.Tested> engines = new ArrayList<>();
    List<Report.Failure> failures = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      Target target = targets.get(i);
      progress.accept(target.toString());
      long share = left / (targets.size() - i);
      boolean single = choice.only >= 0;
      Tally tally = test(target, new Task(target.engine(), target.isa(), ops, choice.seed,
          single ? choice.only : 0, single ? 1 : choice.cases, share));
      Report.Tested tested = tally.report();
      left -= tested.available() ? share : 0; // who cannot run leaves its time to those behind
      engines.add(tested);
      failures.addAll(tally.failures());
    }
    boolean some = engines.stream().anyMatch(Report.Tested::available);
    return new Report(some && failures.isEmpty(), choice.seed, (System.nanoTime() - start) / 1e9, engines,
        failures);
  }

  /** Runs until all is done; an op that ends the JVM is left out of the next one. */
  private Tally test(Target target, Task task) {
    Tally tally = new Tally(target, task.ops(), task.seed());
    if (target.missing() != null) {
      tally.accept(new Event.Opened(false, "", target.missing()));
      return tally;
    }
    List<TestedOp> left = new ArrayList<>(task.ops());
    long end = System.nanoTime() + task.nanos();
    TestedOp deadly;
    do {
      Task rest = task.rest(List.copyOf(left), Math.max(0, end - System.nanoTime()));
      deadly = tally.ended(jvm.run(target, rest, tally::accept));
      left.remove(deadly);
    } while (deadly != null && !left.isEmpty());
    return tally;
  }
}
