package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/**
 * One call of a {@link BatchMatMulKernel}: {@code out[b] = left[b] * right[b]} for {@code batch} products of
 * {@code m x k} by {@code k x n} ({@code n x k} where the right operand is transposed). Strides are in
 * elements; a batch stride of 0 repeats the operand, and then its run-time scales too.
 *
 * @param left the left operands
 * @param leftScales F32 scale of each row, {@code [batch][m]}; null unless the left operand is per row
 * @param leftZeroPoints S32 zero point of each row; null: all 0
 * @param right the right operands
 * @param rightScales F32 scale of each column, {@code [batch][n]}; null unless the right operand is per
 *        column
 * @param rightZeroPoints S32 zero point of each column; null: all 0
 * @param out the results
 * @param batch the number of products
 * @param m rows of the left operand
 * @param k columns of the left operand
 * @param n columns of the result
 * @param leftBatch from one left operand to the next
 * @param leftRow from one row of the left operand to the next
 * @param rightBatch from one right operand to the next
 * @param rightRow from one stored row of the right operand to the next
 * @param outBatch from one result to the next
 * @param outRow from one row of the result to the next
 */
public record BatchMatMulCall(MemorySegment left, MemorySegment leftScales, MemorySegment leftZeroPoints,
    MemorySegment right, MemorySegment rightScales, MemorySegment rightZeroPoints, MemorySegment out,
    int batch, int m,
    int k, int n, long leftBatch, long leftRow, long rightBatch, long rightRow, long outBatch, long outRow) {}
