package dev.octet.op;

import dev.octet.internal.dispatch.Checks;

/**
 * Where the operands and results of a {@link BatchMatMul} lie in their segments, in elements. Immutable. A
 * batch stride of 0 repeats an operand for every product of the batch. Operands may lie inside each other
 * (heads side by side in the rows of tokens, a cache that is longer than what is used of it); results must
 * not share an element.
 *
 * @param leftBatch from one left operand to the next
 * @param leftRow from one row of a left operand to the next
 * @param rightBatch from one right operand to the next
 * @param rightRow from one stored row of a right operand to the next: rows are K long where the right operand
 *        is transposed, else N
 * @param outBatch from one result to the next
 * @param outRow from one row of a result to the next
 * @see BatchMatMul#denseStrides(int, int, int)
 */
public record BatchStrides(long leftBatch, long leftRow, long rightBatch, long rightRow, long outBatch,
    long outRow) {
  /**
   * Any strides; whether they fit the sizes is checked by each run.
   *
   * @throws IllegalArgumentException if one is negative
   */
  public BatchStrides {
    Checks.notNegative("leftBatch", leftBatch);
    Checks.notNegative("leftRow", leftRow);
    Checks.notNegative("rightBatch", rightBatch);
    Checks.notNegative("rightRow", rightRow);
    Checks.notNegative("outBatch", outBatch);
    Checks.notNegative("outRow", outRow);
  }

  /**
   * The same with another place of the left operands.
   *
   * @param batch from one left operand to the next; 0 repeats it
   * @param row from one row to the next
   * @return new strides
   * @throws IllegalArgumentException if one is negative
   */
  public BatchStrides left(long batch, long row) {
    return new BatchStrides(batch, row, rightBatch, rightRow, outBatch, outRow);
  }

  /**
   * The same with another place of the right operands.
   *
   * @param batch from one right operand to the next; 0 repeats it
   * @param row from one stored row to the next
   * @return new strides
   * @throws IllegalArgumentException if one is negative
   */
  public BatchStrides right(long batch, long row) {
    return new BatchStrides(leftBatch, leftRow, batch, row, outBatch, outRow);
  }

  /**
   * The same with another place of the results.
   *
   * @param batch from one result to the next
   * @param row from one row to the next
   * @return new strides
   * @throws IllegalArgumentException if one is negative
   */
  public BatchStrides out(long batch, long row) {
    return new BatchStrides(leftBatch, leftRow, rightBatch, rightRow, batch, row);
  }
}
