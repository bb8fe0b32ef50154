package dev.octet.testing;

import java.lang.foreign.SegmentAllocator;
import java.util.Map;

/**
 * One op with all its parameters and operands: what every suite runs, on any engine and in any memory, and
 * can explain when a result is wrong.
 */
interface OpCase {
  /**
   * Prepares the op, runs it once, closes it.
   *
   * @param subject the engine under test
   * @param memory where every operand and result lies, weights included
   * @return the results by name; gaps between strided rows are part of them
   */
  Map<String, Tensor> run(Subject subject, SegmentAllocator memory);

  /**
   * What the law says, in plain memory, gaps untouched; written apart from any engine.
   *
   * @return the results by name; empty where the outside judge sees everything that the op can do
   */
  default Map<String, Tensor> law() {
    return Map.of();
  }

  /** The op and all its parameters, without the operands' elements. */
  String describe();

  /**
   * Where an element lies and how it comes about: row, column, accumulator, scale, zero points.
   *
   * @param result the name of the result
   * @param index the element of the result
   * @return one line
   */
  String explain(String result, long index);

  /**
   * Whether a result is right.
   *
   * @param result the name of the result
   * @param index the element of the result
   * @param expected what somebody else found
   * @param actual what came
   * @return whether both have the same bits, unless the law itself leaves something open
   */
  default boolean agrees(String result, long index, Tensor expected, Tensor actual) {
    return expected.same(index, actual);
  }
}
