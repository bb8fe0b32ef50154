package dev.octet.cli.selftest;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Counts the events of one engine in one form. */
final class Tally {
  private static final class Count {
    int cases;
    int notOffered;
    int differences;
    final Set<String> kernels = new TreeSet<>();
  }

  private final Target target;
  private final long seed;
  private final Map<TestedOp, Count> counts = new EnumMap<>(TestedOp.class);
  private final List<Report.Failure> failures = new ArrayList<>();
  private Event.Opened opened;
  /** The case under way, or null. */
  private Event.Begins under;
  private boolean done;

  Tally(Target target, List<TestedOp> ops, long seed) {
    this.target = target;
    this.seed = seed;
    ops.forEach(op -> counts.put(op, new Count()));
  }

  void accept(Event event) {
    switch (event) {
      case Event.Opened now -> opened = now;
      case Event.Begins begins -> under = begins;
      case Event.Same same -> {
        count(same.kernel());
        under = null;
      }
      case Event.Different different -> {
        count(different.kernel());
        fail(different.difference(), List.of());
        under = null;
      }
      case Event.NotOffered refused -> {
        counts.get(under.op()).notOffered++;
        under = null;
      }
      case Event.Done end -> done = true;
    }
  }

  private void count(String kernel) {
    Count count = counts.get(under.op());
    count.cases++;
    if (!kernel.isEmpty()) {
      count.kernels.add(kernel);
    }
  }

  /** A JVM has ended. Returns the op that it died of, null if of none. */
  TestedOp ended(Jvm.End end) {
    if (done && end.code() == 0) {
      return null;
    }
    TestedOp op = under == null ? null : under.op();
    if (op != null) {
      counts.get(op).cases++;
    }
    fail(Difference.other("the JVM ended with code " + end.code()
        + (op == null ? " outside of any case" : "")), end.words());
    under = null;
    return op;
  }

  private void fail(Difference difference, List<String> words) {
    String again = "octet selftest --seed " + seed + " --engine "
        + target.engine().name().toLowerCase(Locale.ROOT)
        + " --tier " + target.tier();
    if (under == null) {
      failures.add(new Report.Failure(target.engine(), target.tier(), "", -1, "", difference.where(), "", "",
          0, words, again));
      return;
    }
    TestedOp op = under.op();
    if (counts.get(op).differences++ == 0) {
      boolean random = under.index() != Event.KNOWN_ANSWERS;
      failures.add(new Report.Failure(target.engine(), target.tier(), op.title(), under.index(),
          random ? op.random(op.dice(seed, under.index())).toString() : "known answers", difference.where(),
          difference.expected(), difference.got(), difference.elements(), words,
          again + " --op " + op.title() + (random ? " --case " + under.index() : " --cases 1")));
    }
  }

  List<Report.Failure> failures() {
    return failures;
  }

  Report.Tested report() {
    boolean available = opened != null && opened.available();
    List<Report.Op> ops = new ArrayList<>();
    if (available) {
      counts.forEach((op, count) -> ops.add(
          new Report.Op(op.title(), count.cases, count.notOffered, count.differences, count.kernels)));
    }
    return new Report.Tested(target.engine(), target.tier(), available,
        opened == null ? "not opened" : opened.detail(), ops);
  }
}
