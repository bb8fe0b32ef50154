package dev.octet.cli.selftest;

import dev.octet.DataType;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * How results differ from those of SCALAR.
 *
 * @param where the first element that differs, or what else is wrong
 * @param expected what SCALAR has there
 * @param got what the engine has
 * @param elements how many elements of that result differ
 */
record Difference(String where, String expected, String got, long elements) {
  /** The first difference, or null. */
  static Difference between(OpCase<?> opCase, List<Output> expected, List<Output> actual) {
    for (int i = 0; i < expected.size(); i++) {
      Difference difference = between(opCase, expected.get(i), actual.get(i));
      if (difference != null) {
        return difference;
      }
    }
    return null;
  }

  private static Difference between(OpCase<?> opCase, Output expected, Output actual) {
    if (expected.data().mismatch(actual.data()) < 0) {
      return null;
    }
    long first = -1;
    long count = 0;
    for (long i = 0; i < expected.shape().elements(); i++) {
      if (!opCase.agrees(expected, actual, i)) {
        first = first < 0 ? i : first;
        count++;
      }
    }
    if (count > 0) {
      return new Difference(expected.position(first), expected.show(first), actual.show(first), count);
    }
    boolean halfByte = expected.type().bits() < DataType.U8.bits() && expected.shape().elements() % 2 != 0;
    return halfByte && lastByte(expected) != lastByte(actual)
        ? new Difference("the unused half of the last byte of " + expected.name(),
            "0x%02x".formatted(lastByte(expected)), "0x%02x".formatted(lastByte(actual)), 1)
        : null;
  }

  private static byte lastByte(Output output) {
    return output.data().get(ValueLayout.JAVA_BYTE, output.data().byteSize() - 1);
  }

  /** Something else than wrong elements. */
  static Difference other(String what) {
    return new Difference(what, "", "", 0);
  }
}
