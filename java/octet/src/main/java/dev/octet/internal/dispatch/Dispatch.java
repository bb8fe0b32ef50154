package dev.octet.internal.dispatch;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.engine.Backend;
import dev.octet.engine.Kernel;
import dev.octet.internal.parallel.Workers;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Finds a kernel for an op among the engines of one Octet, in their order of preference. */
public final class Dispatch {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final int MAX_NOTES = 64;

  /**
   * An engine that could be opened.
   *
   * @param engine its name
   * @param backend what prepares kernels
   */
  public record Candidate(Engine engine, Backend backend) {}

  private final List<Candidate> candidates;
  private final List<EngineStatus> statuses;
  private final Workers workers;
  private final Set<Lifetime> open = ConcurrentHashMap.newKeySet();
  private final Set<String> notes = new LinkedHashSet<>();
  private final Lifetime lifetime;

  /**
   * Over engines that were opened.
   *
   * @param candidates the engines to ask, first the preferred one; a single one when forced
   * @param statuses every engine with the reason why it is used or not, for the report
   * @param workers closed with this dispatch
   */
  public Dispatch(List<Candidate> candidates, List<EngineStatus> statuses, Workers workers) {
    this.candidates = List.copyOf(candidates);
    this.statuses = List.copyOf(statuses);
    this.workers = workers;
    this.lifetime = new Lifetime("this Octet", this::free);
  }

  /** Every engine with the reason why it is used or not. */
  public List<EngineStatus> statuses() {
    return statuses;
  }

  /** The threads of this Octet. */
  public Workers workers() {
    return workers;
  }

  /** Ops that the preferred engine refused, with the reason and where they went instead. */
  public List<String> notes() {
    synchronized (notes) {
      return List.copyOf(notes);
    }
  }

  /**
   * Asks one engine after the other for a kernel.
   *
   * @param op the name of the op, for messages
   * @param ask makes a kernel or throws UnsupportedOperationException
   * @param <K> the kind of kernel
   * @return the first kernel that was made
   * @throws UnsupportedOperationException if no engine offers it, with every engine's reason
   * @throws IllegalStateException if the Octet is closed
   */
  public <K extends Kernel> Prepared<K> prepare(String op, Function<Backend, K> ask) {
    int ticket = lifetime.enter();
    try {
      List<UnsupportedOperationException> refusals = new ArrayList<>();
      StringBuilder reasons = new StringBuilder();
      for (Candidate candidate : candidates) {
        try {
          Prepared<K> prepared = prepared(op, candidate.engine(), ask.apply(candidate.backend()));
          if (reasons.length() > 0) {
            note(op + " runs on " + candidate.engine() + ": " + reasons);
          }
          return prepared;
        } catch (UnsupportedOperationException e) {
          refusals.add(e);
          reasons.append(reasons.length() > 0 ? "; " : "").append(candidate.engine()).append(": ")
              .append(e.getMessage());
        }
      }
      UnsupportedOperationException none = new UnsupportedOperationException(op + ": " + reasons);
      refusals.forEach(none::addSuppressed);
      throw none;
    } finally {
      lifetime.exit(ticket);
    }
  }

  private <K extends Kernel> Prepared<K> prepared(String op, Engine engine, K kernel) {
    Lifetime[] self = new Lifetime[1];
    self[0] = new Lifetime("this " + op, () -> {
      open.remove(self[0]);
      kernel.close();
    });
    open.add(self[0]);
    return new Prepared<>(engine, kernel, self[0]);
  }

  /**
   * Frees a kernel when the op that was never closed is unreachable.
   *
   * @param owner the op
   * @param lifetime of its kernel
   * @return the registration, to be cleaned by close
   */
  public static Cleaner.Cleanable own(Object owner, Lifetime lifetime) {
    return CLEANER.register(owner, lifetime::close);
  }

  /** Closes every op, then the backends and the workers when nothing runs any more. Any number of times. */
  public void close() {
    lifetime.close();
  }

  private void free() {
    for (Lifetime op : open) {
      op.close();
    }
    // An op that still runs frees its kernel when it returns; backends hold nothing that a kernel needs then.
    workers.close();
    for (Candidate candidate : candidates) {
      candidate.backend().close();
    }
  }

  private void note(String note) {
    synchronized (notes) {
      if (notes.size() < MAX_NOTES) {
        notes.add(note);
      }
    }
  }
}
