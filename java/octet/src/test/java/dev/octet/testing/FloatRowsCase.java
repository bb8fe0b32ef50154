package dev.octet.testing;

import static dev.octet.DataType.F32;

import dev.octet.GeluForm;
import dev.octet.op.Gelu;
import dev.octet.op.LayerNorm;
import dev.octet.op.Softmax;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.function.IntSupplier;

/** A softmax, layer norm or GELU of some rows. */
@SuppressWarnings("FloatingPointLiteralPrecision") // constants as they are published
final class FloatRowsCase implements OpCase {
  /** Which function. */
  enum Kind {
    SOFTMAX, LAYER_NORM, GELU_ERF, GELU_TANH;

    /** The name of what an engine offers. */
    String feature() {
      return this == GELU_ERF || this == GELU_TANH ? "GELU" : name();
    }
  }

  /** The law's constants once more, as it prints them. */
  private static final float[] EXPONENTIAL = {1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f,
      4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f};
  private static final float[] ABOVE = {-2.72614225801306e-10f, 2.77068142495902e-08f, -2.10102402082508e-06f,
      -5.69250639462346e-05f, -7.34990630326855e-04f, -2.95459980854025e-03f, -1.60960333262415e-02f};
  private static final float[] BELOW = {-1.45660718464996e-05f, -2.13374055278905e-04f,
      -1.68282697438203e-03f,
      -7.37332916720468e-03f, -1.42647390514189e-02f};

  final Kind kind;
  final int rows;
  final int columns;
  final Tensor x;
  /** A mask of one row, or a residual of all; null where there is none. */
  final Tensor other;
  final float[] weights;
  final float[] bias;
  /** The scale of a softmax, the epsilon of a layer norm. */
  final float number;
  private final boolean inPlace;

  private FloatRowsCase(Dice dice, Kind kind, int rows, int columns, boolean special) {
    this.kind = kind;
    this.rows = rows;
    this.columns = columns;
    this.x = reals(dice, special, rows, columns);
    boolean added = !isGelu() && dice.oneIn(2);
    this.other = !added
        ? null
        : kind == Kind.SOFTMAX ? mask(dice, columns) : reals(dice, false, rows, columns);
    this.weights = kind == Kind.LAYER_NORM ? dice.reals(columns) : null;
    this.bias = kind == Kind.LAYER_NORM && dice.oneIn(2) ? dice.reals(columns) : null;
    this.number = kind == Kind.LAYER_NORM
        ? dice.pick(1e-5f, 1e-12f)
        : dice.pick(1f, 0.125f, dice.between(0.01f, 3f));
    this.inPlace = dice.oneIn(3);
  }

  static FloatRowsCase random(Dice dice, Kind kind, IntSupplier size, boolean special) {
    return new FloatRowsCase(dice, kind, dice.between(1, 5), size.getAsInt(), special);
  }

  private static Tensor reals(Dice dice, boolean special, long... dims) {
    Tensor tensor = Tensor.zeros(F32, dims);
    float range = dice.pick(0.01f, 3f, 10f, 150f);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, special && dice.oneIn(20) ? dice.special() : dice.between(-range, range));
    }
    return tensor;
  }

  private static Tensor mask(Dice dice, int columns) {
    Tensor tensor = Tensor.zeros(F32, columns);
    for (long i = 0; i < columns; i++) {
      tensor.set(i, dice.oneIn(4) ? dice.pick(-Float.MAX_VALUE, -10_000f, Float.NEGATIVE_INFINITY) : 0f);
    }
    return tensor;
  }

  private boolean isGelu() {
    return kind == Kind.GELU_ERF || kind == Kind.GELU_TANH;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    MemorySegment from = x.copyTo(memory).data();
    MemorySegment added = other == null ? null : other.copyTo(memory).data();
    MemorySegment to = inPlace ? from : Operands.memory(memory, 4 * x.elements());
    switch (kind) {
      case SOFTMAX -> {
        try (Softmax op = subject.check(subject.octet().softmax().scale(number).prepare())) {
          if (added == null) {
            op.run(from, to, rows, columns);
          } else {
            op.run(from, added, to, rows, columns);
          }
        }
      }
      case LAYER_NORM -> {
        LayerNorm.Builder builder = subject.octet().layerNorm().weights(weights).epsilon(number);
        try (LayerNorm op = subject.check((bias == null ? builder : builder.bias(bias)).prepare())) {
          if (added == null) {
            op.run(from, to, rows);
          } else {
            op.run(from, added, to, rows);
          }
        }
      }
      case GELU_ERF, GELU_TANH -> {
        GeluForm form = kind == Kind.GELU_ERF ? GeluForm.ERF : GeluForm.TANH;
        try (Gelu op = subject.check(subject.octet().gelu(form))) {
          op.run(from, to, x.elements());
        }
      }
    }
    return Map.of("y", new Tensor(F32, x.shape(), to));
  }

  /** An operand with what is added to it, before anything else. */
  private float operand(int row, int column) {
    float value = x.real((long) row * columns + column);
    if (kind == Kind.SOFTMAX) {
      value *= number;
    }
    return other == null
        ? value
        : value + other.real(kind == Kind.SOFTMAX
            ? column
            : (long) row * columns + column);
  }

  /** The sum of one of 64 numbers and all that follow it in steps of 64, or of two such. */
  private static float sum(float[] terms, boolean squares, int first, int apart) {
    if (apart < 64) {
      return sum(terms, squares, first, 2 * apart) + sum(terms, squares, first + apart, 2 * apart);
    }
    float sum = 0;
    for (int i = first; i < terms.length; i += 64) {
      sum = squares ? Math.fma(terms[i], terms[i], sum) : sum + terms[i];
    }
    return sum;
  }

  private static float polynomial(float[] terms, float x) {
    float p = 0;
    for (float term : terms) {
      p = Math.fma(p, x, term);
    }
    return p;
  }

  private static float power(float x) {
    float whole = Math.fma(x, 1.44269504f, 12582912f) - 12582912f;
    float r = Math.fma(whole, 2.12194440e-4f, Math.fma(whole, -0.693359375f, x));
    float e = Math.fma(polynomial(EXPONENTIAL, r), r * r, r) + 1;
    return Float.isNaN(e)
        ? e
        : whole < -126 ? 0 : whole > 127 ? Float.POSITIVE_INFINITY : (float) (e * Math.pow(2, whole));
  }

  private static float gelu(float x) {
    float z = Math.clamp(Float.isNaN(x) ? 0 : x * 0.707106781f, -4f, 4f);
    return x * 0.5f * (z * polynomial(ABOVE, z * z) / polynomial(BELOW, z * z) + 1);
  }

  private static float geluTanh(float x) {
    float v = x * -1.59576912f * Math.fma(x * x, 0.044715f, 1f);
    return x / (1 + power(Float.isNaN(v) ? v : Math.clamp(v, -88f, 89f)));
  }

  @Override
  public Map<String, Tensor> law() {
    Tensor y = Tensor.zeros(F32, x.shape().toArray());
    for (int row = 0; row < rows; row++) {
      float[] terms = new float[columns];
      for (int i = 0; i < columns; i++) {
        terms[i] = operand(row, i);
      }
      switch (kind) {
        case SOFTMAX -> softmax(terms);
        case LAYER_NORM -> layerNorm(terms);
        case GELU_ERF, GELU_TANH -> {
          for (int i = 0; i < columns; i++) {
            terms[i] = kind == Kind.GELU_ERF ? gelu(terms[i]) : geluTanh(terms[i]);
          }
        }
      }
      for (int i = 0; i < columns; i++) {
        y.set((long) row * columns + i, terms[i]);
      }
    }
    return Map.of("y", y);
  }

  private static void softmax(float[] terms) {
    float most = Float.NEGATIVE_INFINITY;
    for (float term : terms) {
      most = Math.max(most, term);
    }
    for (int i = 0; i < terms.length; i++) {
      terms[i] = power(Math.max(-88f, terms[i] - most));
    }
    float factor = 1 / sum(terms, false, 0, 1);
    for (int i = 0; i < terms.length; i++) {
      terms[i] *= factor;
    }
  }

  private void layerNorm(float[] terms) {
    float mean = sum(terms, false, 0, 1) / columns;
    for (int i = 0; i < columns; i++) {
      terms[i] -= mean;
    }
    float factor = 1 / (float) Math.sqrt(sum(terms, true, 0, 1) / columns + number);
    for (int i = 0; i < columns; i++) {
      terms[i] = Math.fma(terms[i] * factor, weights[i], bias == null ? 0 : bias[i]);
    }
  }

  /** How far two ways to compute an element may differ. */
  double rounding(long index, Tensor expected) {
    int row = (int) (index / columns);
    double most = 0;
    double mean = 0;
    double squares = 0;
    for (int i = 0; i < columns; i++) {
      most = Math.max(most, Math.abs(operand(row, i)));
      mean += (double) operand(row, i) / columns;
    }
    for (int i = 0; i < columns; i++) {
      squares += Math.pow(operand(row, i) - mean, 2) / columns;
    }
    double y = Math.abs(expected.real(index));
    return 0x1p-24 * switch (kind) {
      // Infinities of the mask are no distance.
      case SOFTMAX -> 2 * (104 + columns / 64.0) * y + 0x1p-100;
      case LAYER_NORM -> 2 * (8 + columns) * (y
          + most * Math.abs(weights[(int) (index % columns)]) / Math.sqrt(squares + number));
      case GELU_ERF, GELU_TANH -> 10 * Math.abs(x.real(index)) + 0x1p-100;
    };
  }

  /** Which NaN it is, the law leaves open. */
  @Override
  public boolean agrees(String result, long index, Tensor expected, Tensor actual) {
    return expected.same(index, actual)
        || (Float.isNaN(expected.real(index)) && Float.isNaN(actual.real(index)));
  }

  @Override
  public String describe() {
    return kind + " [" + rows + ", " + columns + "]" + (other == null ? "" : " with " + other) + ", " + number
        + (bias == null ? "" : ", bias") + (inPlace ? ", in place" : "");
  }

  @Override
  public String explain(String result, long index) {
    return "row " + index / columns + ", column " + index % columns + ": operand "
        + operand((int) (index / columns), (int) (index % columns));
  }
}
