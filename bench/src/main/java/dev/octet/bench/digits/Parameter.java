package dev.octet.bench.digits;

/** Numbers that an optimizer moves, with their gradient. */
record Parameter(Kind kind, float[] value, float[] gradient) {
  /** What an optimizer does with it besides following the gradient. */
  enum Kind {
    /** Decays towards 0. */
    WEIGHT,
    /** Nothing else. */
    SHIFT,
    /** A scale of a fake quantizer: it stays positive. */
    STEP
  }

  /** A step that training would push through 0 stays here. */
  private static final float LEAST_STEP = 1e-6f;

  static Parameter of(Kind kind, float[] value) {
    return new Parameter(kind, value, new float[value.length]);
  }

  void add(int i, float change) {
    float moved = value[i] + change;
    value[i] = kind == Kind.STEP ? Math.max(LEAST_STEP, moved) : moved;
  }
}
