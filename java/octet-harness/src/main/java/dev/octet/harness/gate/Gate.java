package dev.octet.harness.gate;

import dev.octet.harness.report.Spread;
import dev.octet.harness.shape.BenchCase;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Holds measured shares of the limit to floors. A row below its floor is measured again, twice at most: a
 * neighbour on the machine spoils a measurement now and then, a slow kernel is slow each time. What could not
 * be measured is said, and fails where it has to be measured.
 */
public final class Gate {
  /** Begins what is said where nothing could be measured. */
  public static final String NOT_MEASURED = "not measured: ";

  private static final int TRIES = 3;

  private final Function<BenchCase, Measured> measure;
  private final boolean required;
  private final Consumer<String> say;

  /**
   * What came of a measurement.
   *
   * @param share of the limit, or nothing where it could not be measured
   * @param why it could not be measured, else ""
   * @param broken whether what is held to a floor did not run, which is its fault and not the machine's
   */
  public record Measured(Optional<Spread> share, String why, boolean broken) {
    /** A share of the limit. */
    public static Measured of(Spread share) {
      return new Measured(Optional.of(share), "", false);
    }

    /** Nothing, because this machine has nothing to measure with. */
    public static Measured nothing(String why) {
      return new Measured(Optional.empty(), why, false);
    }

    /** Nothing, because what is held to a floor did not run. */
    public static Measured broken(String why) {
      return new Measured(Optional.empty(), why, true);
    }
  }

  /**
   * Creates a gate over a way to measure.
   *
   * @param measure measures the share of the limit of a case
   * @param required whether a row that could not be measured fails where its floor binds
   * @param say takes a line for each measurement
   */
  public Gate(Function<BenchCase, Measured> measure, boolean required, Consumer<String> say) {
    this.measure = measure;
    this.required = required;
    this.say = say;
  }

  /**
   * Measures rows.
   *
   * @param floors the rows
   * @param binding whether floors are those of this CPU; if not, each row is measured once and passes
   * @return the rows that stayed below their floors, did not run, or were not measured and had to be, in
   *         words that begin with file and line of the floor
   */
  public List<String> failures(Floors floors, boolean binding) {
    List<String> failures = new ArrayList<>();
    for (Floors.Floor floor : floors.rows()) {
      Measured measured = measure(floor, binding);
      Optional<Spread> share = measured.share();
      String failure = share.isEmpty()
          ? (required || measured.broken() ? NOT_MEASURED + measured.why() : "")
          : below(floor, share)
              ? String.format(Locale.ROOT, "%s of the limit, expected %.2f at least, %d times", share.get(),
                  floor.share(), TRIES)
              : "";
      if (binding && !failure.isEmpty()) {
        failures.add(floor.where() + ": " + name(floor) + ": " + failure);
      }
    }
    return failures;
  }

  private Measured measure(Floors.Floor floor, boolean binding) {
    Measured measured = measure.apply(floor.benchCase());
    say.accept(line(floor, binding, measured));
    for (int i = 1; i < TRIES && binding && below(floor, measured.share()); i++) {
      measured = measure.apply(floor.benchCase());
      say.accept(line(floor, true, measured));
    }
    return measured;
  }

  private static boolean below(Floors.Floor floor, Optional<Spread> share) {
    return share.isPresent() && share.get().median() < floor.share();
  }

  private static String line(Floors.Floor floor, boolean binding, Measured measured) {
    if (measured.share().isEmpty()) {
      return String.format("%-45s %s", name(floor), NOT_MEASURED + measured.why());
    }
    return binding
        ? String.format(Locale.ROOT, "%-45s %-31s floor %.2f%s", name(floor), measured.share().get(),
            floor.share(), below(floor, measured.share()) ? "  BELOW" : "")
        : String.format("%-45s %s", name(floor), measured.share().get());
  }

  private static String name(Floors.Floor floor) {
    return floor.benchCase().op() + " " + floor.benchCase().shape() + " " + floor.benchCase().form();
  }
}
