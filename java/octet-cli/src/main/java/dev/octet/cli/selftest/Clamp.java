package dev.octet.cli.selftest;

/**
 * Bounds of a result, in real numbers.
 *
 * @param min may be -Infinity
 * @param max may be Infinity
 */
record Clamp(float min, float max) {
  /** The method of a builder. */
  @FunctionalInterface
  interface Setter {
    Object clamp(float min, float max);
  }

  /** Bounds some steps around 0, ReLU among them, or null: none. */
  static Clamp random(Dice dice, float step) {
    return switch (dice.between(0, 4)) {
      case 0 -> new Clamp(0, Float.POSITIVE_INFINITY);
      case 1 -> new Clamp(0, 100 * step);
      case 2 -> {
        float min = dice.between(-150f, 100f) * step;
        yield new Clamp(min, min + dice.between(0f, 200f) * step);
      }
      default -> null;
    };
  }

  void apply(Setter builder) {
    builder.clamp(min, max);
  }

  /** Within the bounds; NaN is not. */
  double of(double value) {
    return Math.clamp(value, min, max);
  }

  @Override
  public String toString() {
    return "clamp " + min + " to " + max;
  }
}
