package dev.octet.bench.gate;

import dev.octet.bench.report.Spread;
import dev.octet.bench.shape.BenchCase;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Holds measured shares of the limit to floors. A row below its floor is measured again, twice at most: a
 * neighbour on the machine spoils a measurement now and then, a slow kernel is slow each time.
 */
public final class Gate {
  private static final int TRIES = 3;

  private final Function<BenchCase, Optional<Spread>> measure;
  private final Consumer<String> say;

  /**
   * With a way to measure.
   *
   * @param measure the share of the limit of a case, or nothing where the machine has no limit to measure
   * @param say takes a line for each measurement
   */
  public Gate(Function<BenchCase, Optional<Spread>> measure, Consumer<String> say) {
    this.measure = measure;
    this.say = say;
  }

  /**
   * Measures rows.
   *
   * @param floors the rows
   * @param binding whether floors are those of this CPU; if not, each row is measured once and passes
   * @return the rows that stayed below their floors, in words
   */
  public List<String> failures(Floors floors, boolean binding) {
    List<String> failures = new ArrayList<>();
    for (Floors.Floor floor : floors.rows()) {
      Optional<Spread> share = Optional.empty();
      for (int i = 0; i < (binding ? TRIES : 1); i++) {
        share = measure.apply(floor.benchCase());
        say.accept(line(floor, binding, share));
        if (share.isEmpty() || share.get().median() >= floor.share()) {
          break;
        }
      }
      if (binding && share.isPresent() && share.get().median() < floor.share()) {
        failures.add(String.format(Locale.ROOT, "%s: %s of the limit, expected %.2f at least, %d times",
            name(floor), share.get(), floor.share(), TRIES));
      }
    }
    return failures;
  }

  private static String line(Floors.Floor floor, boolean binding, Optional<Spread> share) {
    String measured = share.map(Spread::toString).orElse("no limit was measured");
    return binding
        ? String.format(Locale.ROOT, "%-45s %-31s floor %.2f%s", name(floor), measured, floor.share(),
            share.isPresent() && share.get().median() < floor.share() ? "  BELOW" : "")
        : String.format("%-45s %s", name(floor), measured);
  }

  private static String name(Floors.Floor floor) {
    return floor.benchCase().op() + " " + floor.benchCase().shape() + " " + floor.benchCase().form();
  }
}
