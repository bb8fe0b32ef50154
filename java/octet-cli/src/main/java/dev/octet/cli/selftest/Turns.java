package dev.octet.cli.selftest;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;

/**
 * Whose turn it is: so many cases of each op, or as much time for each. The first case of each op is not
 * counted as time: engines warm up in it, VECTOR for seconds.
 */
final class Turns {
  private static final class Share {
    int cases;
    int refused;
    long nanos;

    /** Nothing of the op is offered, as far as one can see. */
    boolean idle() {
      return refused == cases && refused >= ENOUGH;
    }
  }

  private static final int ENOUGH = 20;

  private final Task task;
  private final Map<TestedOp, Share> shares = new EnumMap<>(TestedOp.class);
  private TestedOp running;
  private long started;
  private long end;

  Turns(Task task) {
    this.task = task;
    task.ops().forEach(op -> shares.put(op, new Share()));
  }

  /** The next op, or null: all is done. */
  TestedOp next() {
    long now = System.nanoTime();
    if (running != null && shares.get(running).cases > 1) {
      shares.get(running).nanos += now - started;
    }
    started = now;
    TestedOp least = task.ops().stream().min(Comparator.comparingInt(op -> shares.get(op).cases))
        .orElseThrow();
    int fewest = shares.get(least).cases;
    if (fewest == 0) {
      end = now + task.nanos();
      running = least;
    } else if (task.cases() > 0) {
      running = fewest < task.cases() ? least : null;
    } else {
      running = now - end >= 0
          ? null
          : task.ops().stream().filter(op -> !shares.get(op).idle())
              .min(Comparator.comparingLong(op -> shares.get(op).nanos)).orElse(null);
    }
    return running;
  }

  /** The index of the next case of an op. */
  int index(TestedOp op) {
    return task.first() + shares.get(op).cases++;
  }

  /** The latest case of an op was not offered: an op of which nothing is gets no more time. */
  void refused(TestedOp op) {
    shares.get(op).refused++;
  }
}
