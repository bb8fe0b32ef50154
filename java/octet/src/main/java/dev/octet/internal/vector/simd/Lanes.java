package dev.octet.internal.vector.simd;

import dev.octet.internal.vector.loops.Target;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Between memory and vectors of 32-bit lanes: bytes widened and narrowed, floats rounded.
 *
 * <p>
 * Rounding: with {@code MAGIC = 1.5 * 2^23} the bits of {@code t + MAGIC} are those of MAGIC plus rint(t) for
 * |t| <= 2^22, and as ints in the order of t beyond, negative where t + MAGIC is. So a clamp of these ints
 * saturates, infinities included, without a conversion; only NaN has to be told apart.
 *
 * <p>
 * Every method that takes or gives a vector is of at most 35 bytes of code: C2 inlines those wherever they
 * are called ({@code MaxInlineSize}), larger ones only where it sees them called often.
 */
final class Lanes {
  static final VectorSpecies<Float> FLOATS = Species.FLOATS;
  static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
  /** Lanes of 32 bits. */
  static final int COUNT = FLOATS.length();
  static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final float MAGIC = 12582912f;
  private static final int MAGIC_BITS = Float.floatToRawIntBits(MAGIC);
  /** There is no species of four bytes: they are taken apart within lanes of an int. */
  private static final boolean FOUR = COUNT == 4;
  private static final VectorSpecies<Byte> BYTES = FOUR
      ? ByteVector.SPECIES_64
      : VectorSpecies.of(byte.class, VectorShape.forBitSize(8 * COUNT));
  private static final VarHandle AS_INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ORDER);
  private static final boolean LITTLE = ORDER == ByteOrder.LITTLE_ENDIAN;
  private static final IntVector SHIFTS = IntVector
      .broadcast(INTS, 0).addIndex(LITTLE ? 8 : -8).add(LITTLE ? 0 : 24);

  private Lanes() {}

  /** What {@link #bytes} needs to take bytes as what they are. */
  static int mask(boolean unsigned) {
    return unsigned ? 0xff : -1;
  }

  /** As many bytes as there are lanes. */
  static IntVector bytes(MemorySegment src, long at, int mask) {
    return (FOUR ? four(src.get(ValueLayout.JAVA_INT_UNALIGNED, at)) : widened(src, at)).and(mask);
  }

  /** The same from an array. */
  static IntVector bytes(byte[] src, int at, int mask) {
    return (FOUR ? four((int) AS_INTS.get(src, at)) : widened(src, at)).and(mask);
  }

  /** {@link dev.octet.internal.vector.loops.ElementLoops#ordered} of each lane. */
  static IntVector ordered(IntVector bits) {
    return bits.lanewise(VectorOperators.ASHR, 31).and(Integer.MAX_VALUE).lanewise(VectorOperators.XOR, bits);
  }

  private static IntVector four(int bytes) {
    return signed(IntVector.broadcast(INTS, bytes).lanewise(VectorOperators.LSHR, SHIFTS));
  }

  private static IntVector signed(IntVector lowBytes) {
    return lowBytes.lanewise(VectorOperators.LSHL, 24).lanewise(VectorOperators.ASHR, 24);
  }

  private static IntVector widened(MemorySegment src, long at) {
    return (IntVector) ByteVector.fromMemorySegment(BYTES, src, at, ORDER)
        .convertShape(VectorOperators.B2I, INTS, 0);
  }

  private static IntVector widened(byte[] src, int at) {
    return (IntVector) ByteVector.fromArray(BYTES, src, at).convertShape(VectorOperators.B2I, INTS, 0);
  }

  /** The lowest byte of each lane. */
  static void store(IntVector lanes, MemorySegment dst, long at) {
    if (FOUR) {
      dst.set(ValueLayout.JAVA_INT_UNALIGNED, at, four(lanes));
    } else {
      narrow(lanes, dst, at);
    }
  }

  private static int four(IntVector lanes) {
    return lanes.and(0xff).lanewise(VectorOperators.LSHL, SHIFTS).reduceLanes(VectorOperators.OR);
  }

  private static void narrow(IntVector lanes, MemorySegment dst, long at) {
    ((ByteVector) lanes.convertShape(VectorOperators.I2B, BYTES, 0)).intoMemorySegment(dst, at, ORDER);
  }

  static FloatVector floats(IntVector lanes) {
    return (FloatVector) lanes.convert(VectorOperators.I2F, 0);
  }

  /** {@code sat(rint(t) + zeroPoint)}; NaN gives lo. */
  static IntVector round(FloatVector t, Target target) {
    int shift = MAGIC_BITS - target.zeroPoint();
    return clamped(t, shift + target.lo(), shift + target.hi()).sub(shift);
  }

  private static IntVector clamped(FloatVector t, int lo, int hi) {
    return rounded(t).max(lo).min(hi).blend(lo, nan(t));
  }

  /** The same with a zero point for each lane. */
  static IntVector round(FloatVector t, IntVector zeroPoints, Target target) {
    return shifted(t, zeroPoints.neg().add(MAGIC_BITS), target);
  }

  private static IntVector shifted(FloatVector t, IntVector shift, Target target) {
    return clamped(t, shift.add(target.lo()), shift.add(target.hi())).sub(shift);
  }

  private static IntVector clamped(FloatVector t, IntVector lo, IntVector hi) {
    return rounded(t).max(lo).min(hi).blend(lo, nan(t));
  }

  /** Rounded, but for {@link #MAGIC_BITS}. */
  private static IntVector rounded(FloatVector t) {
    return t.add(MAGIC).reinterpretAsInts();
  }

  private static VectorMask<Integer> nan(FloatVector t) {
    return t.test(VectorOperators.IS_NAN).cast(INTS);
  }
}
