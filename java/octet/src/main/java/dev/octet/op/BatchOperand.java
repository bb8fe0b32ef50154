package dev.octet.op;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Operand of the broadcasting run of {@link BatchMatMul}, with the scales and zero points of the run: dense,
 * one for each row of a left operand or column of a right operand. Immutable; the memory is borrowed.
 *
 * @param data the elements, dense, one byte each
 * @param scales F32, positive and finite (not checked); null if the operand was prepared with one scale.
 *        Ignored with S32 output
 * @param zeroPoints S32, within the range of the type (not checked); null if all are 0 or the operand was
 *        prepared with one zero point
 */
@SuppressWarnings("exports") // of an annotation, see module-info
public record BatchOperand(MemorySegment data, @Nullable MemorySegment scales,
    @Nullable MemorySegment zeroPoints) {
  /** Creates an operand. Each run checks the segments. */
  public BatchOperand {
    Objects.requireNonNull(data, "data");
  }

  /**
   * Returns an operand without scales and zero points.
   *
   * @param data the elements
   * @return the operand
   */
  public static BatchOperand of(MemorySegment data) {
    return new BatchOperand(data, null, null);
  }

  /**
   * Returns an operand with scales, and zero points 0.
   *
   * @param data the elements
   * @param scales F32, one for each row of a left operand or column of a right operand
   * @return the operand
   */
  public static BatchOperand of(MemorySegment data, @Nullable MemorySegment scales) {
    return new BatchOperand(data, scales, null);
  }

  /**
   * Returns an operand with scales and zero points.
   *
   * @param data the elements
   * @param scales F32, one for each row of a left operand or column of a right operand; may be null with S32
   *        output
   * @param zeroPoints S32, as many as scales
   * @return the operand
   */
  public static BatchOperand of(MemorySegment data, @Nullable MemorySegment scales,
      @Nullable MemorySegment zeroPoints) {
    return new BatchOperand(data, scales, zeroPoints);
  }
}
