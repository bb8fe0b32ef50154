package dev.octet.testing;

import java.util.Map;

/** Tolerance 0, and a failure message that says everything there is to know. */
final class Comparison {
  private Comparison() {}

  /**
   * Compares results, bit by bit where the case does not say otherwise.
   *
   * @param what who is compared with whom, and how to repeat it
   * @param opCase where the results come from
   * @param expected by name; all of them are compared
   * @param actual by name
   * @throws AssertionError on the first difference, with the number of differences
   */
  static void check(String what, OpCase opCase, Map<String, Tensor> expected, Map<String, Tensor> actual) {
    if (!expected.keySet().equals(actual.keySet())) {
      throw new AssertionError(what + ": results " + actual.keySet() + " instead of " + expected.keySet());
    }
    expected.forEach((name, tensor) -> check(what, opCase, name, tensor, actual.get(name)));
  }

  private static void check(String what, OpCase opCase, String name, Tensor expected, Tensor actual) {
    // Results with gaps between rows are flat, others have a shape of their own.
    boolean flat = expected.shape().rank() == 1 || actual.shape().rank() == 1;
    if (expected.type() != actual.type() || expected.elements() != actual.elements()
        || (!flat && !expected.shape().equals(actual.shape()))) {
      throw new AssertionError(what + ": " + name + " is " + actual + " instead of " + expected + "\n"
          + opCase.describe());
    }
    long first = -1;
    long differences = 0;
    for (long i = 0; i < expected.elements(); i++) {
      if (!opCase.agrees(name, i, expected, actual)) {
        first = first < 0 ? i : first;
        differences++;
      }
    }
    if (differences > 0) {
      throw new AssertionError(
          what + ": " + differences + " of " + expected.elements() + " elements of " + name
              + " differ; the first at index " + first + ": expected " + expected.show(first) + ", got "
              + actual.show(first) + "\n" + opCase.describe() + "\n" + opCase.explain(name, first));
    }
  }
}
