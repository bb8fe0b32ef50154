package dev.octet.cli.selftest;

import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.op.Op;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.function.Consumer;

/**
 * Compares one engine with SCALAR, in this JVM: random cases of each op, by one thread and by several.
 */
final class Tester {
  /** Three, whatever the machine: a case is the same everywhere. */
  private static final int TEAM = 3;

  /** Runs the op that is under test; tests of this class put a broken engine here. */
  interface Engine {
    <O extends Op> List<Output> run(OpCase<O> opCase, O op, Memory memory);
  }

  /** Runs what was prepared. */
  static final Engine AS_IT_IS = new Engine() {
    @Override
    public <O extends Op> List<Output> run(OpCase<O> opCase, O op, Memory memory) {
      return opCase.run(op, memory);
    }
  };

  private final Task task;
  private final Engine engine;
  private final Consumer<Event> events;

  Tester(Task task, Engine engine, Consumer<Event> events) {
    this.task = task;
    this.engine = engine;
    this.events = events;
  }

  void run() {
    Octet opened;
    try {
      opened = open(1);
    } catch (UnsupportedOperationException e) {
      // That the engine was asked for needs no saying here.
      String marker = "is not available: ";
      int reason = e.getMessage().indexOf(marker);
      events.accept(new Event.Opened(false, "",
          reason < 0 ? e.getMessage() : e.getMessage().substring(reason + marker.length())));
      events.accept(new Event.Done());
      return;
    }
    try (Octet alone = opened;
        Octet team = open(TEAM);
        Octet scalar = Octet.builder().engine(dev.octet.Engine.SCALAR).threads(1).open()) {
      String tier = tier(alone);
      if (task.isa() != null && !tier.equalsIgnoreCase(task.isa().name())) {
        // Another tier was opened, which is tested for itself.
        events.accept(new Event.Opened(false, tier, "this machine lacks it"));
        events.accept(new Event.Done());
        return;
      }
      events.accept(new Event.Opened(true, tier, detail(alone)));
      if (task.first() == 0 && task.engine() == dev.octet.Engine.NATIVE) {
        prepareAll(alone);
      }
      Turns turns = new Turns(task);
      for (TestedOp op = turns.next(); op != null; op = turns.next()) {
        int index = turns.index(op);
        events.accept(new Event.Begins(op, index));
        Dice dice = op.dice(task.seed(), index);
        OpCase<?> opCase = op.random(dice);
        Event result = compare(opCase, scalar, dice.oneIn(2) ? alone : team, dice);
        if (result instanceof Event.NotOffered) {
          turns.refused(op);
        }
        events.accept(result);
      }
    }
    events.accept(new Event.Done());
  }

  /**
   * Prepares every form of the ops, so that {@value Target#KERNEL_CHECK} holds each kernel to answers that
   * are known: random cases meet every size of a tile sooner or later, these do each time.
   */
  private void prepareAll(Octet octet) {
    for (Forms.Form form : Forms.all()) {
      if (task.ops().contains(form.tested())) {
        for (Forms.Probe probe : form.probes()) {
          events.accept(new Event.Begins(form.tested(), Event.KNOWN_ANSWERS));
          events.accept(prepare(octet, probe));
        }
      }
    }
  }

  private static Event prepare(Octet octet, Forms.Probe probe) {
    try (Op op = probe.apply(octet)) {
      return new Event.Same(op.kernel());
    } catch (UnsupportedOperationException e) {
      return new Event.NotOffered(e.getMessage());
    } catch (RuntimeException | Error e) {
      return new Event.Different("", Difference.other("failed: " + e));
    }
  }

  private Octet open(int threads) {
    return Octet.builder().engine(task.engine()).isa(task.isa()).threads(threads).open();
  }

  /** The first word of the report's line: the others say where it comes from. */
  private static String tier(Octet octet) {
    return octet.report().lines().map(String::strip).filter(line -> line.startsWith("tier: "))
        .map(line -> line.substring("tier: ".length()).split("\\W", 2)[0]).findFirst().orElse("");
  }

  private String detail(Octet octet) {
    return octet.engines().stream().filter(status -> status.engine() == task.engine())
        .map(EngineStatus::detail).findFirst().orElse("");
  }

  private <O extends Op> Event compare(OpCase<O> opCase, Octet scalar, Octet tested, Dice dice) {
    try (Arena arena = Arena.ofConfined()) {
      Memory memory = new Memory(arena, dice.apart());
      O prepared;
      try {
        prepared = opCase.prepare(tested, memory);
      } catch (UnsupportedOperationException e) {
        return new Event.NotOffered(e.getMessage());
      }
      try (O op = prepared) {
        List<Output> actual = engine.run(opCase, op, memory);
        List<Output> expected = reference(opCase, scalar, new Memory(arena, dice.apart()));
        Difference difference = Difference.between(opCase, expected, actual);
        if (difference == null && memory.overrun() != null) {
          difference = Difference.other(memory.overrun());
        }
        return difference == null
            ? new Event.Same(op.kernel())
            : new Event.Different(op.kernel(), difference);
      }
    } catch (RuntimeException | Error e) {
      return new Event.Different("", Difference.other("failed: " + e));
    }
  }

  private static <O extends Op> List<Output> reference(OpCase<O> opCase, Octet scalar, Memory memory) {
    try (O op = opCase.prepareReference(scalar, memory)) {
      return opCase.run(op, memory);
    }
  }
}
