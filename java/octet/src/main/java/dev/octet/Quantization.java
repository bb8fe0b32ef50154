package dev.octet;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Scales and zero points of a quantized tensor: an integer {@code q} stands for the real number
 * {@code scale * (q - zeroPoint)}. There is one scale and zero point for the whole tensor, one per channel
 * (index on an axis), or one per group of consecutive indices along an axis. Immutable.
 *
 * <p>
 * Per group, the parameters form a tensor of the quantized tensor's shape with the grouped axis divided by
 * the group size, rounded up, in row-major order: weights {@code [K][N]} in groups of 32 along axis 0 have
 * scales {@code [K/32][N]} (as ONNX's blocked QuantizeLinear defines it).
 *
 * <p>
 * A scale of 0 means that every integer under it stands for 0, as files have it for pruned channels and
 * all-zero groups. Scales of groups may be negative, as tools choose them that map the number of largest
 * magnitude to the end of the range which is one larger: -8 of S4. Fixed weights may have such scales;
 * activations and results, which are divided by their scales, may not, see {@link #checkPositiveScales}.
 *
 * <p>
 * Zero points are within the range of the type; those of U4 in groups may also be 16, which GPTQ's first
 * format stores as 15.
 */
public final class Quantization {
  /** Number of scales of a tensor. */
  public enum Granularity {
    /** One scale for the whole tensor. */
    PER_TENSOR,
    /** One scale for each index on an axis. */
    PER_CHANNEL,
    /** One scale for each group of consecutive indices along an axis, and each index of the other axes. */
    PER_GROUP
  }

  private final Granularity granularity;
  private final int axis;
  private final int groupSize;
  private final float[] scales;
  private final int @Nullable [] zeroPoints;

  private Quantization(Granularity granularity, int axis, int groupSize, float[] scales,
      int @Nullable [] zeroPoints) {
    this.granularity = granularity;
    this.axis = axis;
    this.groupSize = groupSize;
    this.scales = Objects.requireNonNull(scales, "scales").clone();
    this.zeroPoints = zeroPoints == null ? null : zeroPoints.clone();
    if (granularity != Granularity.PER_TENSOR && axis < 0) {
      throw new IllegalArgumentException("axis: expected >= 0, got " + axis);
    }
    if (granularity == Granularity.PER_GROUP && groupSize < 1) {
      throw new IllegalArgumentException("groupSize: expected >= 1, got " + groupSize);
    }
    // The copy is checked: the caller's array may change meanwhile.
    for (int i = 0; i < this.scales.length; i++) {
      float scale = this.scales[i];
      boolean mayBeNegative = granularity == Granularity.PER_GROUP;
      if (!Float.isFinite(scale) || (scale < 0 && !mayBeNegative)) {
        throw new IllegalArgumentException("scales[" + i + "]: expected "
            + (mayBeNegative ? "a finite number" : "0 or a positive finite number") + ", got " + scale);
      }
      this.scales[i] = scale + 0f; // -0 becomes 0
    }
    if (zeroPoints != null && zeroPoints.length != scales.length) {
      throw new IllegalArgumentException(
          "zeroPoints: expected " + scales.length + " (one for each scale), got " + zeroPoints.length);
    }
  }

  /**
   * Returns a quantization with one scale and zero point 0 for the whole tensor.
   *
   * @param scale the scale, 0 or positive, finite
   * @return the quantization
   * @throws IllegalArgumentException if the scale is negative or not finite
   */
  public static Quantization perTensor(float scale) {
    return new Quantization(Granularity.PER_TENSOR, -1, 0, new float[]{scale}, null);
  }

  /**
   * Returns a quantization with one scale and one zero point for the whole tensor.
   *
   * @param scale the scale, 0 or positive, finite
   * @param zeroPoint the integer that stands for 0, within the range of the type it is used with
   * @return the quantization
   * @throws IllegalArgumentException if the scale is negative or not finite
   */
  public static Quantization perTensor(float scale, int zeroPoint) {
    return new Quantization(Granularity.PER_TENSOR, -1, 0, new float[]{scale}, new int[]{zeroPoint});
  }

  /**
   * Returns a quantization with a scale for each index on an axis and zero points 0.
   *
   * @param axis the axis, 0 for the outermost
   * @param scales one scale for each index on the axis, 0 or positive, finite; copied
   * @return the quantization
   * @throws IllegalArgumentException if a scale is negative or not finite or the axis is negative
   */
  public static Quantization perChannel(int axis, float[] scales) {
    return new Quantization(Granularity.PER_CHANNEL, axis, 0, scales, null);
  }

  /**
   * Returns a quantization with a scale and a zero point for each index on an axis.
   *
   * @param axis the axis, 0 for the outermost
   * @param scales one scale for each index on the axis, 0 or positive, finite; copied
   * @param zeroPoints one zero point for each scale; copied
   * @return the quantization
   * @throws IllegalArgumentException if a scale is negative or not finite, the lengths differ or the axis is
   *         negative
   */
  public static Quantization perChannel(int axis, float[] scales, int[] zeroPoints) {
    return new Quantization(Granularity.PER_CHANNEL, axis, 0, scales,
        Objects.requireNonNull(zeroPoints, "zeroPoints"));
  }

  /**
   * Returns a quantization with a scale for each group of indices along an axis and zero points 0.
   *
   * @param axis the axis that is cut into groups, 0 for the outermost
   * @param groupSize the number of consecutive indices that share a scale, 1 or more
   * @param scales the scales in the row-major order that the class comment defines, finite; copied
   * @return the quantization
   * @throws IllegalArgumentException if a scale is not finite, or axis or groupSize is out of range
   */
  public static Quantization perGroup(int axis, int groupSize, float[] scales) {
    return new Quantization(Granularity.PER_GROUP, axis, groupSize, scales, null);
  }

  /**
   * Returns a quantization with a scale and a zero point for each group of indices along an axis.
   *
   * @param axis the axis that is cut into groups, 0 for the outermost
   * @param groupSize the number of consecutive indices that share a scale, 1 or more
   * @param scales the scales in the row-major order that the class comment defines, finite; copied
   * @param zeroPoints one zero point for each scale; copied
   * @return the quantization
   * @throws IllegalArgumentException if a scale is not finite, the lengths differ, or axis or groupSize is
   *         out of range
   */
  public static Quantization perGroup(int axis, int groupSize, float[] scales, int[] zeroPoints) {
    return new Quantization(Granularity.PER_GROUP, axis, groupSize, scales,
        Objects.requireNonNull(zeroPoints, "zeroPoints"));
  }

  /**
   * Returns whether {@link dev.octet.op.DynamicMatMul} and {@link dev.octet.op.WeightOnlyMatMul} take weights
   * in groups of a size.
   *
   * @param groupSize a number of consecutive indices that share a scale
   * @return true for 16, 32, 64, 128 and 256
   */
  public static boolean isGroupSizeOfProducts(long groupSize) {
    return groupSize >= 16 && groupSize <= 256 && Long.bitCount(groupSize) == 1;
  }

  /**
   * Returns whether there are scales per tensor, per channel or per group.
   *
   * @return the granularity
   */
  public Granularity granularity() {
    return granularity;
  }

  /**
   * Returns the axis of the channels or groups.
   *
   * @return the axis, 0 for the outermost; -1 if per tensor
   */
  public int axis() {
    return axis;
  }

  /**
   * Returns the number of consecutive indices that share a scale.
   *
   * @return the group size; 0 unless per group
   */
  public int groupSize() {
    return groupSize;
  }

  /**
   * Returns the number of scales.
   *
   * @return the number; 1 if per tensor
   */
  public int count() {
    return scales.length;
  }

  /**
   * Returns a scale.
   *
   * @param index 0 to {@link #count()} - 1
   * @return the scale
   * @throws IndexOutOfBoundsException if the index is out of range
   */
  public float scale(int index) {
    return scales[index];
  }

  /**
   * Returns a zero point.
   *
   * @param index 0 to {@link #count()} - 1
   * @return the zero point; 0 where none was given
   * @throws IndexOutOfBoundsException if the index is out of range
   */
  public int zeroPoint(int index) {
    return zeroPoints == null ? Objects.checkIndex(index, scales.length) * 0 : zeroPoints[index];
  }

  /**
   * Returns the scales.
   *
   * @return a copy
   */
  public float[] scales() {
    return scales.clone();
  }

  /**
   * Returns the zero points.
   *
   * @return a copy; all 0 where none were given
   */
  public int[] zeroPoints() {
    return zeroPoints == null ? new int[scales.length] : zeroPoints.clone();
  }

  /**
   * Returns whether every zero point is 0.
   *
   * @return true if every zero point is 0
   */
  public boolean isSymmetric() {
    if (zeroPoints != null) {
      for (int zeroPoint : zeroPoints) {
        if (zeroPoint != 0) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Returns the index of the scale and zero point of an element.
   *
   * @param shape the shape of the quantized tensor, which these parameters fit (not checked)
   * @param element the row-major index of the element (not checked)
   * @return an index for {@link #scale} and {@link #zeroPoint}
   */
  public int parameterIndex(Shape shape, long element) {
    Objects.requireNonNull(shape, "shape");
    if (granularity == Granularity.PER_TENSOR) {
      return 0;
    }
    long inner = 1;
    for (int a = axis + 1; a < shape.rank(); a++) {
      inner *= shape.dim(a);
    }
    long length = shape.dim(axis);
    long onAxis = element / inner % length;
    if (granularity == Granularity.PER_CHANNEL) {
      return (int) onAxis;
    }
    long groups = Math.ceilDiv(length, groupSize);
    long outer = element / inner / length;
    return (int) ((outer * groups + onAxis / groupSize) * inner + element % inner);
  }

  /**
   * Checks that these parameters fit the type and the shape of a tensor.
   *
   * @param operand the name of the tensor, for the message
   * @param type the element type, a quantized one
   * @param shape the shape of the tensor
   * @throws IllegalArgumentException if the number of scales does not fit the shape, the axis is beyond its
   *         rank or a zero point is outside the range of the type
   */
  public void check(String operand, DataType type, Shape shape) {
    Objects.requireNonNull(shape, "shape");
    checkZeroPoints(operand, type);
    checkShape(operand, shape);
  }

  /**
   * Checks that the number of scales fits a shape. The check does not depend on the number of scales. A
   * tensor without elements may also have no scales.
   *
   * @param operand the name of the tensor, for the message
   * @param shape the shape of the tensor
   * @throws IllegalArgumentException if the number of scales does not fit the shape or the axis is beyond its
   *         rank
   */
  public void checkShape(String operand, Shape shape) {
    Objects.requireNonNull(operand, "operand");
    Objects.requireNonNull(shape, "shape");
    if (granularity == Granularity.PER_TENSOR) {
      return;
    }
    if (axis >= shape.rank()) {
      throw new IllegalArgumentException(
          operand + ": quantization axis " + axis + " is beyond its shape " + shape);
    }
    if (shape.elements() == 0 && scales.length == 0) {
      return;
    }
    long expected = shape.dim(axis);
    if (granularity == Granularity.PER_GROUP) {
      expected = 1;
      for (int a = 0; a < shape.rank(); a++) {
        expected *= a == axis ? Math.ceilDiv(shape.dim(a), groupSize) : shape.dim(a);
      }
    }
    if (scales.length != expected) {
      throw new IllegalArgumentException(
          operand + ": expected " + expected + " scales for shape " + shape + " "
              + this + ", got " + scales.length);
    }
  }

  /**
   * Checks that no scale is 0 or negative, so that real numbers can be quantized by division.
   *
   * @param operand the name of the tensor, for the message
   * @throws IllegalArgumentException if a scale is 0 or negative
   */
  public void checkPositiveScales(String operand) {
    Objects.requireNonNull(operand, "operand");
    for (int i = 0; i < scales.length; i++) {
      if (scales[i] <= 0) {
        throw new IllegalArgumentException(operand + ": scales[" + i + "] is "
            + (scales[i] == 0 ? "0" : scales[i])
            + ", which only fixed weights may have; expected a positive finite number");
      }
    }
  }

  /**
   * Checks that every zero point is within the range of a type, or of U4 in groups up to 16.
   *
   * @param operand the name of the tensor, for the message
   * @param type the element type, a quantized one
   * @throws IllegalArgumentException if a zero point is outside the range or the type is not a quantized one
   */
  public void checkZeroPoints(String operand, DataType type) {
    Objects.requireNonNull(operand, "operand");
    Objects.requireNonNull(type, "type");
    if (!type.isQuantized()) {
      throw new IllegalArgumentException(operand + ": expected a type of 4 or 8 bits, got " + type);
    }
    int max = type == DataType.U4 && granularity == Granularity.PER_GROUP ? 16 : type.max();
    for (int i = 0; i < scales.length; i++) {
      int zeroPoint = zeroPoint(i);
      if (zeroPoint < type.min() || zeroPoint > max) {
        throw new IllegalArgumentException(operand + ": zero point " + zeroPoint + " (index " + i
            + ") is outside the range of " + type + ", " + type.min() + " to " + max);
      }
    }
  }

  @Override
  @SuppressWarnings("exports") // of an annotation, see module-info
  public boolean equals(@Nullable Object other) {
    return other instanceof Quantization q && granularity == q.granularity && axis == q.axis
        && groupSize == q.groupSize && Arrays.equals(scales, q.scales)
        && Arrays.equals(zeroPoints(), q.zeroPoints());
  }

  @Override
  public int hashCode() {
    return Objects.hash(granularity, axis, groupSize, Arrays.hashCode(scales));
  }

  /** Returns the granularity, with scale and zero point if per tensor. */
  @Override
  public String toString() {
    return switch (granularity) {
      case PER_TENSOR -> "per tensor (scale " + scales[0] + ", zero point " + zeroPoint(0) + ")";
      case PER_CHANNEL -> "per channel on axis " + axis;
      case PER_GROUP -> "per group of " + groupSize + " along axis " + axis;
    };
  }
}
