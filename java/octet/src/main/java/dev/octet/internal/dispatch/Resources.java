package dev.octet.internal.dispatch;

import dev.octet.internal.parallel.Workers;
import java.util.ArrayList;
import java.util.List;

/**
 * What an Octet holds beside its ops. On its own, so that it can be closed by a cleaner when the dispatch
 * that used it is unreachable.
 */
final class Resources implements AutoCloseable {
  private final List<Dispatch.Candidate> candidates;
  private final Workers workers;

  Resources(List<Dispatch.Candidate> candidates, Workers workers) {
    this.candidates = List.copyOf(candidates);
    this.workers = workers;
  }

  List<Dispatch.Candidate> candidates() {
    return candidates;
  }

  Workers workers() {
    return workers;
  }

  @Override
  public void close() {
    List<Runnable> steps = new ArrayList<>();
    steps.add(workers::close);
    candidates.forEach(candidate -> steps.add(candidate.backend()::close));
    all(steps);
  }

  /** Takes every step, whatever happens in another; throws the first failure when all are taken. */
  static void all(Iterable<Runnable> steps) {
    Throwable failure = null;
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (RuntimeException | Error e) {
        if (failure == null) {
          failure = e;
        } else if (!failure.equals(e)) {
          failure.addSuppressed(e);
        }
      }
    }
    switch (failure) {
      case null -> {
      }
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new AssertionError(failure);
    }
  }
}
