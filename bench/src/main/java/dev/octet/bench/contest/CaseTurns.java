package dev.octet.bench.contest;

import dev.octet.Isa;
import dev.octet.bench.foreign.LimitLoops;
import dev.octet.bench.foreign.OnednnLoops;
import dev.octet.bench.subject.Subject;
import dev.octet.bench.subject.Subjects;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.turns.Contest;
import dev.octet.harness.turns.Effort;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

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

  /**
   * Times a case.
   *
   * @param cases the same work by several peers, or with several numbers of threads; those who do not offer
   *        it are left out, with a reason
   * @param effort how long
   * @return those who took turns, first the limit where all calls have one thread
   */
  public List<RoundTimes> time(List<BenchCase> cases, Effort effort) {
    try (Contest contest = new Contest()) {
      BenchCase limited = cases.getFirst().by(Peer.LIMIT);
      if (loops.isPresent() && cases.stream().allMatch(benchCase -> benchCase.threads() == 1)) {
        LimitTurn limit = new LimitTurn(loops.get(), limited);
        contest.closeLater(limit::close);
        contest.add(limited, limit.kernel(), limit::run);
      }
      for (BenchCase benchCase : cases) {
        try {
          add(benchCase, contest);
        } catch (UnsupportedOperationException refused) {
          reasons.accept(benchCase.peer() + ": " + refused.getMessage());
        }
      }
      return contest.time(effort);
    }
  }

  private void add(BenchCase benchCase, Contest contest) {
    if (benchCase.peer() == Peer.ONEDNN_C) {
      OnednnLoops library = onednn
          .orElseThrow(() -> new UnsupportedOperationException("bench-onednn was not built"));
      OnednnLoops.Primitive primitive = library.new Primitive(benchCase.op().toString(),
          benchCase.shape().toString(), benchCase.form().toString(), benchCase.threads());
      contest.closeLater(primitive::close);
      contest.add(benchCase, primitive.implementation(), primitive::run);
    } else {
      Subject subject = Subjects.open(benchCase);
      contest.closeLater(subject::close);
      contest.add(benchCase, subject.kernel(), times -> {
        for (long i = 0; i < times; i++) {
          subject.run();
        }
      });
    }
  }
}
