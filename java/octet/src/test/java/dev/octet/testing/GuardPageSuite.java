package dev.octet.testing;

import dev.octet.Engine;
import dev.octet.testing.GuardedArena.Flush;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every op with every operand flush against a forbidden page, results compared with those of SCALAR in plain
 * memory. A step beyond an operand kills the JVM: the last line of the output then names the case.
 */
public abstract class GuardPageSuite {
  private static final int[] SIZES = IntStream.rangeClosed(1, 130).toArray();

  private Subject subject;
  private Subject scalar;

  /** The engine under test. */
  protected abstract EngineProfile profile();

  @BeforeEach
  final void open() {
    subject = new Subject(profile());
    scalar = new Subject(EngineProfile.complete(Engine.SCALAR));
  }

  @AfterEach
  final void close() {
    subject.close();
    scalar.close();
  }

  @ParameterizedTest
  @EnumSource(TestedOp.class)
  void stays(TestedOp op) {
    if (!op.offeredBy(profile())) {
      System.out.println("guard pages " + op + " on " + profile().name() + ": not offered");
      return;
    }
    System.out.println("guard pages " + op + " on " + profile().name());
    RandomCases.run("guard pages " + op, profile().name(), Sizes.cases(SIZES), (dice, index, what) -> {
      OpCase c = op.random(dice, profile(), new Sizes(dice, SIZES, 40, index));
      try (Arena memory = Arena.ofConfined()) {
        Map<String, Tensor> expected = c.run(scalar, memory);
        check(what, c, expected, new GuardedArena(Flush.END));
        check(what, c, expected, new GuardedArena(Flush.START));
        // Floats at odd addresses.
        check(what, c, expected, new GuardedArena(dice.pick(Flush.values()), dice.between(1, 3)));
      }
    });
  }

  private void check(String what, OpCase c, Map<String, Tensor> expected, GuardedArena memory) {
    try (memory) {
      Comparison.check(what, c, expected, c.run(subject, memory));
    }
  }
}
