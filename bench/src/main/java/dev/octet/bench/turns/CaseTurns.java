package dev.octet.bench.turns;

import dev.octet.Isa;
import dev.octet.bench.foreign.LimitLoops;
import dev.octet.bench.foreign.OnednnLoops;
import dev.octet.bench.report.RoundTimes;
import dev.octet.bench.report.Rounds;
import dev.octet.bench.shape.BenchCase;
import dev.octet.bench.shape.Peer;
import dev.octet.bench.subject.Subject;
import dev.octet.bench.subject.Subjects;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Cases by turns: the limit of the machine, Octet and its peers, in one process. */
public final class CaseTurns {
  private final Optional<LimitLoops> loops;
  private final Optional<OnednnLoops> onednn;
  private final Consumer<String> reasons;

  /**
   * With what was built of bench/native.
   *
   * @param programs the folder
   * @param reasons takes why somebody takes no turns
   */
  public CaseTurns(Path programs, Consumer<String> reasons) {
    this(programs, LimitLoops.here(programs), reasons);
  }

  /**
   * With the limit of a lower tier of instruction sets.
   *
   * @param programs the folder
   * @param tier the tier
   * @param reasons takes why somebody takes no turns
   */
  public CaseTurns(Path programs, Isa tier, Consumer<String> reasons) {
    this(programs, LimitLoops.here(programs, tier), reasons);
  }

  private CaseTurns(Path programs, Optional<LimitLoops> loops, Consumer<String> reasons) {
    this.loops = loops;
    this.onednn = OnednnLoops.here(programs);
    this.reasons = reasons;
    if (loops.isEmpty()) {
      reasons.accept("limit: bench-loops was not built, or is not for this CPU");
    }
  }

  /** Those who take turns at a case. */
  private static final class Field implements AutoCloseable {
    private final List<BenchCase> cases = new ArrayList<>();
    private final List<String> kernels = new ArrayList<>();
    private final List<LongConsumer> runs = new ArrayList<>();
    private final Deque<Runnable> closing = new ArrayDeque<>();

    void add(BenchCase benchCase, String kernel, LongConsumer run, Runnable close) {
      cases.add(benchCase);
      kernels.add(kernel);
      runs.add(run);
      closing.push(close);
    }

    @Override
    public void close() {
      while (!closing.isEmpty()) {
        closing.pop().run();
      }
    }
  }

  /**
   * Times a case.
   *
   * @param cases the same work by several peers, or with several numbers of threads; those who do not offer
   *        it are left out, with a reason
   * @param effort how long
   * @return those who took turns, first the limit where all calls have one thread
   */
  public List<RoundTimes> time(List<BenchCase> cases, Effort effort) {
    try (Field field = new Field()) {
      BenchCase limited = cases.getFirst().by(Peer.LIMIT);
      int threads = cases.stream().mapToInt(BenchCase::threads).max().orElseThrow();
      if (loops.isPresent() && threads == 1) {
        LimitTurn limit = new LimitTurn(loops.get(), limited);
        field.add(limited, limit.kernel(), limit::run, limit::close);
      }
      for (BenchCase benchCase : cases) {
        try {
          add(benchCase, field);
        } catch (UnsupportedOperationException refused) {
          reasons.accept(benchCase.peer() + ": " + refused.getMessage());
        }
      }
      if (field.runs.isEmpty()) {
        return List.of();
      }
      Rounds rounds = Turns.time(field.runs, effort, threads);
      List<RoundTimes> times = new ArrayList<>();
      for (int i = 0; i < field.runs.size(); i++) {
        times.add(new RoundTimes(field.cases.get(i), field.kernels.get(i), rounds.micros(i)));
      }
      return times;
    }
  }

  private void add(BenchCase benchCase, Field field) {
    if (benchCase.peer() == Peer.ONEDNN_C) {
      OnednnLoops library = onednn
          .orElseThrow(() -> new UnsupportedOperationException("bench-onednn was not built"));
      OnednnLoops.Primitive primitive = library.new Primitive(benchCase.op().toString(),
          benchCase.shape().toString(), benchCase.form().toString(), benchCase.threads());
      field.add(benchCase, primitive.implementation(), primitive::run, primitive::close);
    } else {
      Subject subject = Subjects.open(benchCase);
      field.add(benchCase, subject.kernel(), times -> {
        for (long i = 0; i < times; i++) {
          subject.run();
        }
      }, subject::close);
    }
  }
}
