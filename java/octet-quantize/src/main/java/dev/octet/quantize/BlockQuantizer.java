package dev.octet.quantize;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Quantizes floats to blocks as GGUF files have them: Q4_0, Q8_0, Q4_K, Q6_K and MXFP4. Scales are searched
 * for the least squared error of a block, from those on that its peak or its range gives, which the result is
 * never worse than. The result depends on the values alone.
 */
public final class BlockQuantizer {
  private static final int GROUP = 32;
  /** E2M1 times 2: the magnitudes of the first 8 codes; the other 8 are negative. */
  private static final int[] E2M1 = {0, 1, 2, 3, 4, 6, 8, 12};
  /** With a larger one the largest code is no float. */
  private static final int MAX_EXPONENT = 252;

  private BlockQuantizer() {}

  /**
   * Returns whether floats can be quantized to a format.
   *
   * @param format a format
   * @return true for Q4_0, Q8_0, Q4_K, Q6_K and MXFP4
   */
  public static boolean isOffered(BlockFormat format) {
    return switch (Objects.requireNonNull(format, "format")) {
      case Q4_0, Q8_0, Q4_K, Q6_K, MXFP4 -> true;
      default -> false;
    };
  }

  /**
   * Quantizes a tensor.
   *
   * @param format one that {@link #isOffered}
   * @param shape the shape; the innermost dimension is a multiple of {@link BlockFormat#elements}
   * @param values the elements, row-major
   * @return the blocks, in memory of their own
   * @throws UnsupportedOperationException if the format is not offered
   * @throws IllegalArgumentException if rows are no whole blocks, the number of values is not that of the
   *         shape, or a value is not finite or beyond what a block's scale can hold
   */
  public static BlockTensor quantize(BlockFormat format, Shape shape, float[] values) {
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(values, "values");
    if (values.length != shape.elements()) {
      throw new IllegalArgumentException(
          "values: expected the " + shape.elements() + " of " + shape + ", got " + values.length);
    }
    if (shape.rank() == 0 || shape.dim(shape.rank() - 1) % format.elements() != 0) {
      throw new IllegalArgumentException(
          "shape: expected rows of whole blocks of " + format.elements() + " for "
              + format + ", got " + shape);
    }
    return BlockTensor.of(format, shape, MemorySegment.ofArray(quantize(format, values, 0, values.length)));
  }

  /**
   * Quantizes consecutive elements of a row, or of several.
   *
   * @param format one that {@link #isOffered}
   * @param values has the elements
   * @param from the index of the first
   * @param count how many, a multiple of {@link BlockFormat#elements}
   * @return the bytes of the blocks
   * @throws IndexOutOfBoundsException if there are fewer values
   * @throws UnsupportedOperationException if the format is not offered
   * @throws IllegalArgumentException if the elements are no whole blocks, or a value is not finite or beyond
   *         what a block's scale can hold
   */
  public static byte[] quantize(BlockFormat format, float[] values, int from, int count) {
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(values, "values");
    Objects.checkFromIndexSize(from, count, values.length);
    if (!isOffered(format)) {
      throw new UnsupportedOperationException(
          "format: floats are quantized to Q4_0, Q8_0, Q4_K, Q6_K and MXFP4, not to " + format);
    }
    if (count % format.elements() != 0) {
      throw new IllegalArgumentException(
          "count: expected whole blocks of " + format.elements() + " for " + format + ", got " + count);
    }
    for (int i = from; i < from + count; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "values[" + i + "]: expected a finite number, got " + values[i]);
      }
    }
    ByteBuffer blocks = ByteBuffer.allocate(Math.multiplyExact(count / format.elements(), format.bytes()))
        .order(ByteOrder.LITTLE_ENDIAN);
    for (int at = from; at < from + count; at += format.elements()) {
      switch (format) {
        case Q4_0 -> fourBits(values, at, blocks);
        case Q8_0 -> eightBits(values, at, blocks);
        case MXFP4 -> mxfp4(values, at, blocks);
        case Q4_K -> Q4KBlock.put(values, at, blocks);
        default -> Q6KBlock.put(values, at, blocks);
      }
    }
    return blocks.array();
  }

  private static void fourBits(float[] x, int at, ByteBuffer blocks) {
    float scale = requireScale(LeastSquares.scale(x, at, GROUP, -8, 7, true), x, at, GROUP);
    blocks.putShort(Float.floatToFloat16(scale));
    double inverse = LeastSquares.inverse(scale);
    byte[] codes = new byte[GROUP];
    for (int i = 0; i < GROUP; i++) {
      codes[i] = (byte) (LeastSquares.nearest(x[at + i], inverse, -8, 7) + 8);
    }
    putNibbles(codes, blocks);
  }

  private static void eightBits(float[] x, int at, ByteBuffer blocks) {
    float scale = requireScale(LeastSquares.scale(x, at, GROUP, -127, 127, true), x, at, GROUP);
    blocks.putShort(Float.floatToFloat16(scale));
    double inverse = LeastSquares.inverse(scale);
    for (int i = 0; i < GROUP; i++) {
      blocks.put((byte) LeastSquares.nearest(x[at + i], inverse, -127, 127));
    }
  }

  /**
   * The usual power of two keeps the peak below 8 times it, where 7 and more become 6; the next holds all.
   */
  private static void mxfp4(float[] x, int at, ByteBuffer blocks) {
    float peak = Math.abs(LeastSquares.peak(x, at, GROUP));
    int usual = peak == 0 ? 0 : Math.max(0, Math.getExponent(peak) - 2 + 127);
    int exponent = usual;
    double least = Double.POSITIVE_INFINITY;
    for (int candidate : new int[]{usual, usual + 1, usual - 1}) {
      if (candidate >= 0 && candidate <= MAX_EXPONENT) {
        double error = mxfp4Error(x, at, candidate);
        if (error < least) {
          least = error;
          exponent = candidate;
        }
      }
    }
    blocks.put((byte) exponent);
    byte[] codes = new byte[GROUP];
    for (int i = 0; i < GROUP; i++) {
      codes[i] = (byte) e2m1(x[at + i], exponent);
    }
    putNibbles(codes, blocks);
  }

  private static double mxfp4Error(float[] x, int at, int exponent) {
    double sum = 0;
    for (int i = at; i < at + GROUP; i++) {
      int code = e2m1(x[i], exponent);
      double error = Math.abs(x[i]) - Math.scalb((double) E2M1[code & 7], exponent - 128);
      sum += error * error;
    }
    return sum;
  }

  /** The code whose value is nearest; of two the one with the even last bit. */
  private static int e2m1(float value, int exponent) {
    double magnitude = Math.scalb((double) Math.abs(value), 128 - exponent);
    int code = 0;
    while (code < 7) {
      double middle = (E2M1[code] + E2M1[code + 1]) / 2.0;
      if (magnitude < middle || (magnitude == middle && code % 2 == 0)) {
        break;
      }
      code++;
    }
    return value < 0 ? code + 8 : code;
  }

  /** Half a byte for each of two elements that are as far apart as there are bytes, the earlier one low. */
  static void putNibbles(byte[] codes, ByteBuffer blocks) {
    int half = codes.length / 2;
    for (int i = 0; i < half; i++) {
      blocks.put((byte) (codes[i] | codes[half + i] << 4));
    }
  }

  /** Refuses a block whose scale is beyond binary16. */
  static float requireScale(float scale, float[] x, int at, int count) {
    if (!Float.isFinite(scale)) {
      throw new IllegalArgumentException("values: the block of values[" + at + "], with "
          + LeastSquares.peak(x, at, count) + ", needs a scale beyond binary16");
    }
    return scale;
  }
}
