package dev.octet;

import dev.octet.Quantization.Granularity;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Quantizer of real numbers, usually the weights of a layer: chooses scales and zero points from the range of
 * the numbers and returns a {@link QTensor}. Immutable and safe for use by multiple threads; every setter
 * returns a new quantizer.
 *
 * {@snippet :
 * QTensor w8 = Quantizer.symmetric(S8).perChannel(1).quantize(floats, Shape.of(768, 3072));
 * QTensor w4 = Quantizer.symmetric(S4).perGroup(32).alongAxis(0).quantize(floats, Shape.of(4096, 4096));
 * }
 *
 * <p>
 * Symmetric quantization: {@code scale = absmax / 127} (S4: 7), zero point 0; the smallest integer, -128 (S4:
 * -8), is never used. Asymmetric quantization: the range from min to max is widened to hold 0,
 * {@code scale = (max - min) / (hi - lo)}, {@code zeroPoint = saturate(rint(lo - min / scale))}. Where all
 * numbers are 0 the scale is 1; an empty tensor has no scales per channel or per group. A number becomes
 * {@code saturate(rint(x / scale) + zeroPoint)}, rounded half to even. All arithmetic is in binary32.
 */
public final class Quantizer {
  /** Native memory of a tensor begins at a cache line. */
  private static final int ALIGNMENT = 64;

  private final DataType type;
  private final boolean symmetric;
  private final Granularity granularity;
  private final int axis;
  private final int groupSize;
  /** Null: chosen from the numbers. */
  private final @Nullable Quantization given;

  private Quantizer(DataType type, boolean symmetric, Granularity granularity, int axis, int groupSize) {
    this(type, symmetric, granularity, axis, groupSize, null);
  }

  private Quantizer(DataType type, boolean symmetric, Granularity granularity, int axis, int groupSize,
      @Nullable Quantization given) {
    this.type = type;
    this.symmetric = symmetric;
    this.granularity = granularity;
    this.axis = axis;
    this.groupSize = groupSize;
    this.given = given;
  }

  /**
   * Returns a symmetric quantizer, with zero point 0; per tensor unless set otherwise.
   *
   * @param type S8 or S4
   * @return a quantizer
   * @throws IllegalArgumentException if the type is not one of these
   */
  public static Quantizer symmetric(DataType type) {
    Objects.requireNonNull(type, "type");
    if (!type.isQuantized() || !type.isSigned()) {
      throw new IllegalArgumentException("type: expected S8 or S4 for symmetric quantization, got " + type);
    }
    return new Quantizer(type, true, Granularity.PER_TENSOR, -1, 0);
  }

  /**
   * Returns an asymmetric quantizer, with a zero point chosen from the numbers; per tensor unless set
   * otherwise.
   *
   * @param type U8, S8, U4 or S4
   * @return a quantizer
   * @throws IllegalArgumentException if the type is not one of these
   */
  public static Quantizer asymmetric(DataType type) {
    Objects.requireNonNull(type, "type");
    if (!type.isQuantized()) {
      throw new IllegalArgumentException("type: expected U8, S8, U4 or S4, got " + type);
    }
    return new Quantizer(type, false, Granularity.PER_TENSOR, -1, 0);
  }

  /**
   * Returns a quantizer with one scale for the whole tensor.
   *
   * @return a new quantizer
   */
  public Quantizer perTensor() {
    return new Quantizer(type, symmetric, Granularity.PER_TENSOR, -1, 0);
  }

  /**
   * Returns a quantizer with a scale for each index on an axis.
   *
   * @param axis 0 for the outermost; for the output features of a layer 1 with {@code [K][N]}, 0 with
   *        {@code [N][K]} and convolutions
   * @return a new quantizer
   * @throws IllegalArgumentException if the axis is negative
   */
  public Quantizer perChannel(int axis) {
    return new Quantizer(type, symmetric, Granularity.PER_CHANNEL, notNegative(axis), 0);
  }

  /**
   * Begins a quantizer with a scale for each group of consecutive indices along an axis;
   * {@link Groups#alongAxis} sets the axis and completes it. The last group is shorter if the length of the
   * axis is not a multiple of the group size.
   *
   * @param groupSize the number of consecutive indices that share a scale, 1 or more; the ops take 16, 32,
   *        64, 128 and 256
   * @return the group size, to be completed by the axis
   * @throws IllegalArgumentException if the group size is less than 1
   */
  public Groups perGroup(int groupSize) {
    if (groupSize < 1) {
      throw new IllegalArgumentException("groupSize: expected >= 1, got " + groupSize);
    }
    return new Groups(this, groupSize);
  }

  /**
   * Returns a quantizer with given parameters, for example from calibration, in place of chosen ones. Numbers
   * beyond their range saturate.
   *
   * @param parameters scales and zero points, of any granularity
   * @return a new quantizer
   * @throws IllegalArgumentException if a scale is 0, a zero point is outside the range of the type, or a
   *         zero point is not 0 and this quantizer is symmetric
   */
  public Quantizer with(Quantization parameters) {
    Objects.requireNonNull(parameters, "parameters");
    if (symmetric && !parameters.isSymmetric()) {
      throw new IllegalArgumentException("parameters: expected zero points 0 for symmetric quantization");
    }
    parameters.checkPositiveScales("parameters");
    parameters.checkZeroPoints("parameters", type);
    return new Quantizer(type, symmetric, parameters.granularity(), parameters.axis(), parameters.groupSize(),
        parameters);
  }

  /** Group size of a quantizer whose axis is not set yet, see {@link Quantizer#perGroup}. */
  public static final class Groups {
    private final Quantizer quantizer;
    private final int groupSize;

    private Groups(Quantizer quantizer, int groupSize) {
      this.quantizer = quantizer;
      this.groupSize = groupSize;
    }

    /**
     * Returns a quantizer with groups along an axis.
     *
     * @param axis 0 for the outermost; for the input features of a layer 0 with {@code [K][N]}, 1 with
     *        {@code [N][K]}
     * @return a new quantizer
     * @throws IllegalArgumentException if the axis is negative
     */
    public Quantizer alongAxis(int axis) {
      return new Quantizer(quantizer.type, quantizer.symmetric, Granularity.PER_GROUP, notNegative(axis),
          groupSize);
    }
  }

  /**
   * Quantizes an array of numbers.
   *
   * @param values the numbers in row-major order, all finite; not modified and not kept
   * @param shape the shape of the numbers
   * @return a tensor with memory of its own, which is freed when it is unreachable
   * @throws IllegalArgumentException if there are too few values, a value is NaN or infinite (the message
   *         names its position), max - min of one channel or group overflows, the axis is beyond the shape,
   *         or parameters set by {@link #with} do not fit the shape
   */
  public QTensor quantize(float[] values, Shape shape) {
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(shape, "shape");
    if (values.length < shape.elements()) {
      throw new IllegalArgumentException(
          "values: expected " + shape.elements() + " for shape " + shape + ", got " + values.length);
    }
    return quantize(MemorySegment.ofArray(values), shape);
  }

  /**
   * Quantizes numbers in memory.
   *
   * @param values the numbers in row-major order as binary32 in the machine's byte order, unaligned, all
   *        finite; native or heap; not modified and not kept
   * @param shape the shape of the numbers
   * @return a tensor with memory of its own, which is freed when it is unreachable
   * @throws IllegalArgumentException if the segment is too small, a value is NaN or infinite (the message
   *         names its position), max - min of one channel or group overflows, the axis is beyond the shape,
   *         or parameters set by {@link #with} do not fit the shape
   */
  public QTensor quantize(MemorySegment values, Shape shape) {
    return quantize(values, shape, Arena.ofAuto());
  }

  /**
   * Quantizes numbers in memory into memory of the caller's choice, such as an arena that is closed when the
   * tensor was packed: native memory that is only unreachable waits for the garbage collector, which does not
   * see its size.
   *
   * @param values the numbers in row-major order as binary32 in the machine's byte order, unaligned, all
   *        finite; native or heap; not modified and not kept
   * @param shape the shape of the numbers
   * @param allocator of the memory of the tensor
   * @return a tensor in memory of the allocator
   * @throws IllegalArgumentException if the segment is too small, a value is NaN or infinite (the message
   *         names its position), max - min of one channel or group overflows, the axis is beyond the shape,
   *         or parameters set by {@link #with} do not fit the shape
   */
  public QTensor quantize(MemorySegment values, Shape shape, SegmentAllocator allocator) {
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(allocator, "allocator");
    long bytes = DataType.F32.bytes(shape.elements());
    if (values.byteSize() < bytes) {
      throw new IllegalArgumentException(
          "values: expected " + bytes + " bytes for F32 " + shape + ", got " + values.byteSize());
    }
    Quantization quantization = choose(values, shape);
    MemorySegment data = allocator.allocate(type.bytes(shape.elements()), ALIGNMENT);
    QuantizedRuns runs = new QuantizedRuns(values, data, type, symmetric ? -type.max() : type.min(),
        quantization);
    forEachRun(shape, runs::quantize);
    return QTensor.of(type, shape, quantization, data);
  }

  /** Scales and zero points from the range of each channel or group. */
  private Quantization choose(MemorySegment values, Shape shape) {
    if (given != null) {
      given.checkShape("values", shape);
    }
    Ranges ranges = new Ranges(values, shape, parameters(shape));
    forEachRun(shape, ranges::widen);
    float[] min = ranges.min();
    float[] max = ranges.max();
    if (given != null) {
      return given;
    }
    float[] scales = new float[min.length];
    int[] zeroPoints = new int[min.length];
    for (int i = 0; i < scales.length; i++) {
      float scale = symmetric
          ? Math.max(-min[i], max[i]) / type.max()
          : (max[i] - min[i]) / (type.max() - type.min());
      if (scale == Float.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "values: the range from " + min[i] + " to " + max[i] + " overflows binary32");
      }
      // 0 where all is zero, or so small that the quotient underflows.
      scales[i] = scale == 0 ? 1 : scale;
      zeroPoints[i] = symmetric
          ? 0
          : Math.clamp((int) Math.rint(type.min() - min[i] / scales[i]), type.min(), type.max());
    }
    return switch (granularity) {
      case PER_TENSOR -> Quantization.perTensor(scales[0], zeroPoints[0]);
      case PER_CHANNEL -> Quantization.perChannel(axis, scales, zeroPoints);
      case PER_GROUP -> Quantization.perGroup(axis, groupSize, scales, zeroPoints);
    };
  }

  /**
   * Returns the number of scales for a shape; 0 for a shape without elements.
   */
  private int parameters(Shape shape) {
    if (granularity == Granularity.PER_TENSOR) {
      return 1;
    }
    if (axis >= shape.rank()) {
      throw new IllegalArgumentException("shape: axis " + axis + " of the quantizer is beyond " + shape);
    }
    if (shape.elements() == 0) {
      return 0;
    }
    if (granularity == Granularity.PER_CHANNEL) {
      return shape.intDim(axis);
    }
    long[] dims = shape.toArray();
    dims[axis] = Math.ceilDiv(dims[axis], groupSize);
    long count = Shape.of(dims).elements();
    if (count > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "shape: " + shape + " in groups of " + groupSize + " needs " + count
              + " scales, more than 2^31 - 1");
    }
    return (int) count;
  }

  /** Sees consecutive elements whose parameters are the same (step 0) or consecutive as well (step 1). */
  @FunctionalInterface
  private interface Runs {
    void visit(long firstElement, int firstParameter, int step, long count);
  }

  /** Visits all elements in row-major order, in runs as long as the parameters allow. */
  private void forEachRun(Shape shape, Runs runs) {
    if (shape.elements() == 0) {
      return;
    }
    if (granularity == Granularity.PER_TENSOR) {
      runs.visit(0, 0, 0, shape.elements());
      return;
    }
    long inner = 1;
    for (int a = axis + 1; a < shape.rank(); a++) {
      inner *= shape.dim(a);
    }
    long length = shape.dim(axis);
    long outer = shape.elements() / inner / length;
    long groups = groupSize == 0 ? 0 : Math.ceilDiv(length, groupSize);
    for (long o = 0; o < outer; o++) {
      if (granularity == Granularity.PER_CHANNEL && inner == 1) {
        runs.visit(o * length, 0, 1, length);
      } else if (granularity == Granularity.PER_CHANNEL) {
        for (int a = 0; a < length; a++) {
          runs.visit((o * length + a) * inner, a, 0, inner);
        }
      } else if (inner == 1) {
        for (long group = 0; group < groups; group++) {
          long first = group * groupSize;
          runs.visit(o * length + first, (int) (o * groups + group), 0, Math.min(groupSize, length - first));
        }
      } else {
        for (long a = 0; a < length; a++) {
          runs.visit((o * length + a) * inner, (int) ((o * groups + a / groupSize) * inner), 1, inner);
        }
      }
    }
  }

  private static int notNegative(int axis) {
    if (axis < 0) {
      throw new IllegalArgumentException("axis: expected >= 0, got " + axis);
    }
    return axis;
  }
}
