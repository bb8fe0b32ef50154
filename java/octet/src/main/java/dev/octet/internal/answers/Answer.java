package dev.octet.internal.answers;

import dev.octet.engine.Backend;
import dev.octet.engine.Kernel;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A kernel of small fixed weights and parameters, and runs of it.
 *
 * @param shape what tells it from the other ones of its op, for messages
 * @param prepare makes it
 * @param allowed how far results may be off, where the kernel says that it is exact, or that it is not
 * @param runs in the order in which they are made
 * @param <K> the type of the kernel
 */
public record Answer<K extends Kernel>(String shape, Function<Backend, K> prepare, Tolerance allowed,
    List<Run<K>> runs) {
  /**
   * How far results may be off.
   *
   * @param exact of a kernel that is exact
   * @param inexact of one that is not
   */
  record Tolerance(Allowed exact, Allowed inexact) {
    static final Tolerance NONE = new Tolerance(Allowed.NOTHING, Allowed.NOTHING);
  }

  /**
   * One run.
   *
   * @param sizes of its operands, for messages; may be empty
   * @param run makes the operands and runs the kernel
   * @param <K> the type of the kernel
   */
  record Run<K extends Kernel>(String sizes, BiConsumer<K, Sample> run) {}

  /**
   * What came of a comparison.
   *
   * @param kernel the name of the engine's kernel
   * @param difference the first difference, or null
   */
  public record Outcome(String kernel, @Nullable String difference) {}

  /**
   * Compares two engines.
   *
   * @param engine whose kernel is asked
   * @param reference whose kernel is right
   * @return what came of it; null where the engine does not offer such a kernel
   */
  public @Nullable Outcome compare(Backend engine, Backend reference) {
    K prepared;
    try {
      prepared = prepare.apply(engine);
    } catch (UnsupportedOperationException e) {
      return null; // an engine may refuse parameters that its users do not have
    }
    try (K kernel = prepared; K right = prepare.apply(reference)) {
      Allowed most = kernel.exact() ? allowed.exact : allowed.inexact;
      for (int i = 0; i < runs.size(); i++) {
        String difference = difference(runs.get(i), i, kernel, right, most);
        if (difference != null) {
          String sizes = runs.get(i).sizes;
          return new Outcome(kernel.name(),
              shape + (sizes.isEmpty() ? "" : ", " + sizes) + ", " + difference);
        }
      }
      return new Outcome(kernel.name(), null);
    }
  }

  private static <K extends Kernel> @Nullable String difference(Run<K> run, int seed, K kernel, K right,
      Allowed allowed) {
    try (Arena arena = Arena.ofConfined()) {
      Sample actual = new Sample(arena, seed, false);
      Sample expected = new Sample(arena, seed, true);
      run.run.accept(kernel, actual);
      run.run.accept(right, expected);
      return actual.difference(expected, allowed);
    }
  }
}
