package dev.octet.internal.vector.simd;

import static dev.octet.internal.vector.simd.Lanes.COUNT;
import static dev.octet.internal.vector.simd.Lanes.FLOATS;

import dev.octet.BinaryOp;
import dev.octet.engine.BinaryLaw;
import dev.octet.internal.vector.loops.Span;
import dev.octet.internal.vector.loops.Target;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Binary ops over whole vectors, a loop each: a choice between vectors inside of a loop would make objects of
 * them. An operand whose step is 0 is read at the same place again and again. An op without a loop is
 * computed element by element: DIVIDE, whose quotients are of binary64.
 *
 * <p>
 * Loops are called by an interface that has several of them, so that C2 compiles each on its own: with all of
 * them in one method it stopped inlining on the way, and add made objects of its vectors, 98,304 elements in
 * 14 ms instead of 10 us.
 */
final class SimdBinary {
  private static final Map<BinaryOp, Loop> LOOPS = new EnumMap<>(
      Map.of(BinaryOp.ADD, SimdBinary::add, BinaryOp.SUBTRACT, SimdBinary::add, BinaryOp.MULTIPLY,
          SimdBinary::multiply, BinaryOp.MAXIMUM, SimdBinary::maximum, BinaryOp.MINIMUM,
          SimdBinary::maximum));

  private SimdBinary() {}

  /** Computes whole vectors. */
  interface Loop {
    /**
     * Runs.
     *
     * @param span of both operands, with their steps, and dst
     * @param whole elements, a multiple of a vector's
     * @param mask see {@link Lanes#mask}
     * @param law the numbers
     */
    void run(Span span, int whole, int mask, BinaryLaw law);
  }

  /** Returns the loop of an op, or null where there is none. */
  static Loop loop(BinaryOp op) {
    return LOOPS.get(op);
  }

  private static void add(Span span, int whole, int mask, BinaryLaw law) {
    MemorySegment left = span.left;
    MemorySegment right = span.right;
    MemorySegment dst = span.dst;
    long leftAt = span.leftAt;
    long rightAt = span.rightAt;
    long to = span.dstAt;
    int leftStep = span.leftStep;
    int rightStep = span.rightStep;
    Target target = new Target(law.zeroPoint(), law.lo(), law.hi());
    float leftFactor = law.leftFactor();
    float rightFactor = law.rightFactor();
    FloatVector fixed = FloatVector.broadcast(FLOATS, law.fixed());
    for (int i = 0; i < whole; i += COUNT) {
      IntVector a = Lanes.bytes(left, leftAt + (long) i * leftStep, mask);
      IntVector b = Lanes.bytes(right, rightAt + (long) i * rightStep, mask);
      FloatVector inner = Lanes.floats(b).fma(FloatVector.broadcast(FLOATS, rightFactor), fixed);
      FloatVector t = Lanes.floats(a).fma(FloatVector.broadcast(FLOATS, leftFactor), inner);
      Lanes.store(Lanes.round(t, target), dst, to + i);
    }
  }

  private static void multiply(Span span, int whole, int mask, BinaryLaw law) {
    MemorySegment left = span.left;
    MemorySegment right = span.right;
    MemorySegment dst = span.dst;
    long leftAt = span.leftAt;
    long rightAt = span.rightAt;
    long to = span.dstAt;
    int leftStep = span.leftStep;
    int rightStep = span.rightStep;
    Target target = new Target(law.zeroPoint(), law.lo(), law.hi());
    int leftZero = law.leftZeroPoint();
    int rightZero = law.rightZeroPoint();
    float factor = law.leftFactor();
    float fixed = law.fixed();
    for (int i = 0; i < whole; i += COUNT) {
      IntVector a = Lanes.bytes(left, leftAt + (long) i * leftStep, mask);
      IntVector b = Lanes.bytes(right, rightAt + (long) i * rightStep, mask);
      FloatVector product = Lanes.floats(a.sub(leftZero)).mul(Lanes.floats(b.sub(rightZero)));
      FloatVector t = product.mul(factor).add(fixed);
      Lanes.store(Lanes.round(t, target), dst, to + i);
    }
  }

  private static void maximum(Span span, int whole, int mask, BinaryLaw law) {
    MemorySegment left = span.left;
    MemorySegment right = span.right;
    MemorySegment dst = span.dst;
    long leftAt = span.leftAt;
    long rightAt = span.rightAt;
    long to = span.dstAt;
    int leftStep = span.leftStep;
    int rightStep = span.rightStep;
    Target target = new Target(law.zeroPoint(), law.lo(), law.hi());
    int leftZero = law.leftZeroPoint();
    int rightZero = law.rightZeroPoint();
    float leftFactor = law.leftFactor();
    float rightFactor = law.rightFactor();
    float divisor = law.divisor();
    for (int i = 0; i < whole; i += COUNT) {
      IntVector a = Lanes.bytes(left, leftAt + (long) i * leftStep, mask);
      IntVector b = Lanes.bytes(right, rightAt + (long) i * rightStep, mask);
      FloatVector x = Lanes.floats(a.sub(leftZero)).mul(leftFactor);
      FloatVector y = Lanes.floats(b.sub(rightZero)).mul(rightFactor);
      FloatVector t = x.max(y).div(divisor);
      Lanes.store(Lanes.round(t, target), dst, to + i);
    }
  }
}
