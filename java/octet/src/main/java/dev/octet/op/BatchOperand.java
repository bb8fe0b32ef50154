package dev.octet.op;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * An operand of a {@link BatchMatMul} with the scales and zero points that come with the run: one for each
 * row of a left operand, {@code [batch][m]}, one for each column of a right operand, {@code [batch][n]},
 * dense; where an operand is repeated over the batch, its scales and zero points are too. Immutable; the
 * memory is borrowed.
 *
 * @param data the elements, one byte each
 * @param scales F32, positive and finite (not checked), may be unaligned; null where the operand was prepared
 *        with one scale, or the output is S32
 * @param zeroPoints S32, within the range of the operand's type (not checked), may be unaligned; null: all 0,
 *        or the one that the operand was prepared with
 */
public record BatchOperand(MemorySegment data, MemorySegment scales, MemorySegment zeroPoints) {
  /** Any segments; what must be there is checked by each run. */
  public BatchOperand {
    Objects.requireNonNull(data, "data");
  }

  /**
   * An operand without scales of its own.
   *
   * @param data the elements
   * @return the operand
   */
  public static BatchOperand of(MemorySegment data) {
    return new BatchOperand(data, null, null);
  }

  /**
   * An operand with scales, zero points 0.
   *
   * @param data the elements
   * @param scales F32, one for each row of a left or column of a right operand
   * @return the operand
   */
  public static BatchOperand of(MemorySegment data, MemorySegment scales) {
    return new BatchOperand(data, scales, null);
  }

  /**
   * An operand with scales and zero points.
   *
   * @param data the elements
   * @param scales F32, one for each row of a left or column of a right operand; null with S32 output
   * @param zeroPoints S32, as many
   * @return the operand
   */
  public static BatchOperand of(MemorySegment data, MemorySegment scales, MemorySegment zeroPoints) {
    return new BatchOperand(data, scales, zeroPoints);
  }
}
