package dev.octet.internal.vector.simd;

import static dev.octet.engine.FloatLaw.SUMS;
import static dev.octet.internal.vector.simd.Lanes.COUNT;
import static dev.octet.internal.vector.simd.Lanes.FLOATS;

import dev.octet.engine.FloatLaw;
import dev.octet.internal.vector.loops.ElementLoops;
import dev.octet.internal.vector.loops.FunctionLoops;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions of floats with the Vector API. What is less than a vector is done one by one. Methods that take
 * or give a vector are small, as {@link Lanes} says why.
 */
public final class SimdFunctions implements FunctionLoops {
  private static final int ONE_BITS = Float.floatToRawIntBits(1);
  private static final int MANTISSA_BITS = 23;

  /** Without state. */
  public SimdFunctions() {}

  private static int whole(int n) {
    return n - n % COUNT;
  }

  private static FloatVector all(float x) {
    return FloatVector.broadcast(FLOATS, x);
  }

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(FLOATS, x, at);
  }

  @Override
  public void multiply(float[] x, float factor, int n) {
    int whole = whole(n);
    for (int i = 0; i < whole; i += COUNT) {
      load(x, i).mul(factor).intoArray(x, i);
    }
    for (int i = whole; i < n; i++) {
      x[i] *= factor;
    }
  }

  @Override
  public void add(float[] x, float[] other, int n) {
    int whole = whole(n);
    for (int i = 0; i < whole; i += COUNT) {
      load(x, i).add(load(other, i)).intoArray(x, i);
    }
    for (int i = whole; i < n; i++) {
      x[i] += other[i];
    }
  }

  @Override
  public float largest(float[] x, int n) {
    int whole = whole(n);
    float most = whole == 0 ? Float.NEGATIVE_INFINITY : largestOfVectors(x, whole);
    for (int i = whole; i < n; i++) {
      most = Math.max(most, x[i]);
    }
    return most;
  }

  /**
   * Compares, and passes NaNs over: the maximum of Java, which tells NaNs and zeros apart, is six
   * instructions on AVX-512. Lanes are compared with each other as ints in the order of floats.
   */
  private static float largestOfVectors(float[] x, int whole) {
    FloatVector most = all(Float.NEGATIVE_INFINITY);
    for (int i = 0; i < whole; i += COUNT) {
      most = larger(most, load(x, i));
    }
    int largest = Lanes.ordered(most.reinterpretAsInts()).reduceLanes(VectorOperators.MAX);
    return Float.intBitsToFloat(ElementLoops.ordered(largest));
  }

  /** That of two which is larger; x where y is NaN. */
  private static FloatVector larger(FloatVector x, FloatVector y) {
    return x.blend(y, y.compare(VectorOperators.GT, x));
  }

  @Override
  public void exponentials(float[] x, float most, int n) {
    int whole = whole(n);
    for (int i = 0; i < whole; i += COUNT) {
      exponential(atLeast(load(x, i).sub(most))).intoArray(x, i);
    }
    for (int i = whole; i < n; i++) {
      x[i] = FloatLaw.exponential(Math.max(FloatLaw.LOWEST, x[i] - most));
    }
  }

  /** Limited from below; NaN stays NaN. */
  private static FloatVector atLeast(FloatVector x) {
    return x.blend(FloatLaw.LOWEST, x.compare(VectorOperators.LT, FloatLaw.LOWEST));
  }

  private static FloatVector exponential(FloatVector x) {
    FloatVector t = shifted(x);
    return polynomial(rest(x, t.sub(FloatLaw.MAGIC))).mul(power(t));
  }

  private static FloatVector shifted(FloatVector x) {
    return x.fma(all(FloatLaw.LOG2_E), all(FloatLaw.MAGIC));
  }

  private static FloatVector rest(FloatVector x, FloatVector n) {
    return n.fma(all(-FloatLaw.LN2_LOW), n.fma(all(-FloatLaw.LN2_HIGH), x));
  }

  private static FloatVector power(FloatVector t) {
    return bits(t).add(ONE_BITS).reinterpretAsFloats();
  }

  private static IntVector bits(FloatVector t) {
    return t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
  }

  private static FloatVector polynomial(FloatVector r) {
    return last(high(r), r).fma(r.mul(r), r).add(1);
  }

  private static FloatVector high(FloatVector r) {
    return exponentialStep(exponentialStep(all(FloatLaw.exponentialTerm(0)), r, 1), r, 2);
  }

  private static FloatVector last(FloatVector p, FloatVector r) {
    return exponentialStep(exponentialStep(exponentialStep(p, r, 3), r, 4), r, 5);
  }

  private static FloatVector exponentialStep(FloatVector p, FloatVector r, int i) {
    return p.fma(r, all(FloatLaw.exponentialTerm(i)));
  }

  /** One group of partial sums after the other: a vector that stays in its register. */
  @Override
  public void sums(float[] x, float[] sums, int n) {
    int whole = whole(n);
    for (int group = 0; group < Math.min(SUMS, whole); group += COUNT) {
      FloatVector sum = load(sums, group);
      for (int i = group; i < whole; i += SUMS) {
        sum = sum.add(load(x, i));
      }
      sum.intoArray(sums, group);
    }
    for (int i = whole; i < n; i++) {
      sums[i % SUMS] += x[i];
    }
  }

  @Override
  public void squares(float[] x, float mean, float[] sums, int n) {
    int whole = whole(n);
    for (int group = 0; group < Math.min(SUMS, whole); group += COUNT) {
      FloatVector sum = load(sums, group);
      for (int i = group; i < whole; i += SUMS) {
        FloatVector difference = load(x, i).sub(mean);
        difference.intoArray(x, i);
        sum = difference.fma(difference, sum);
      }
      sum.intoArray(sums, group);
    }
    for (int i = whole; i < n; i++) {
      x[i] -= mean;
      sums[i % SUMS] = Math.fma(x[i], x[i], sums[i % SUMS]);
    }
  }

  @Override
  public void normalize(float[] x, float factor, float[] weights, float[] bias, int first, int n) {
    int whole = whole(n);
    for (int i = 0; i < whole; i += COUNT) {
      load(x, i).mul(factor).fma(load(weights, first + i), load(bias, first + i)).intoArray(x, i);
    }
    for (int i = whole; i < n; i++) {
      x[i] = Math.fma(x[i] * factor, weights[first + i], bias[first + i]);
    }
  }

  @Override
  public void gelu(float[] x, int n) {
    int whole = whole(n);
    for (int i = 0; i < whole; i += COUNT) {
      FloatVector v = load(x, i);
      FloatVector z = v.mul(FloatLaw.ROOT_OF_HALF).min(FloatLaw.ERF_LIMIT).max(-FloatLaw.ERF_LIMIT);
      v.mul(0.5f).mul(erf(z, z.mul(z)).add(1)).intoArray(x, i);
    }
    for (int i = whole; i < n; i++) {
      x[i] = FloatLaw.gelu(x[i]);
    }
  }

  private static FloatVector erf(FloatVector z, FloatVector z2) {
    return z.mul(aboveLast(aboveHigh(z2), z2)).div(below(z2));
  }

  private static FloatVector aboveHigh(FloatVector z2) {
    return above(above(above(all(FloatLaw.erfAbove(0)), z2, 1), z2, 2), z2, 3);
  }

  private static FloatVector aboveLast(FloatVector p, FloatVector z2) {
    return above(above(above(p, z2, 4), z2, 5), z2, 6);
  }

  private static FloatVector above(FloatVector p, FloatVector z2, int i) {
    return p.fma(z2, all(FloatLaw.erfAbove(i)));
  }

  private static FloatVector below(FloatVector z2) {
    return belowLast(below(below(all(FloatLaw.erfBelow(0)), z2, 1), z2, 2), z2);
  }

  private static FloatVector belowLast(FloatVector q, FloatVector z2) {
    return below(below(q, z2, 3), z2, 4);
  }

  private static FloatVector below(FloatVector q, FloatVector z2, int i) {
    return q.fma(z2, all(FloatLaw.erfBelow(i)));
  }

  @Override
  public void geluTanh(float[] x, int n) {
    int whole = whole(n);
    for (int i = 0; i < whole; i += COUNT) {
      FloatVector v = load(x, i);
      v.div(exponential(argument(v)).add(1)).intoArray(x, i);
    }
    for (int i = whole; i < n; i++) {
      x[i] = FloatLaw.geluTanh(x[i]);
    }
  }

  private static FloatVector argument(FloatVector x) {
    return within(x.mul(FloatLaw.TANH_FACTOR).mul(cubic(x)));
  }

  private static FloatVector cubic(FloatVector x) {
    return x.mul(x).fma(all(FloatLaw.TANH_CUBE), all(1));
  }

  private static FloatVector within(FloatVector v) {
    return v.min(FloatLaw.HIGHEST).max(FloatLaw.LOWEST);
  }
}
