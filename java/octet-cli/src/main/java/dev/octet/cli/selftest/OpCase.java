package dev.octet.cli.selftest;

import dev.octet.Octet;
import dev.octet.op.Op;
import java.util.List;

/**
 * An op with all its parameters and operands, to be run on any engine and in any memory. Its text is one line
 * that says everything but the elements.
 *
 * @param <O> the op
 */
abstract class OpCase<O extends Op> {
  /**
   * Prepares the op.
   *
   * @throws UnsupportedOperationException if the engine does not offer it
   */
  abstract O prepare(Octet octet, Memory memory);

  /** The same for SCALAR, which the others are compared with. */
  O prepareReference(Octet scalar, Memory memory) {
    return prepare(scalar, memory);
  }

  /** Runs the op once. */
  abstract List<Output> run(O op, Memory memory);

  /** Whether a result is right: the same bits, unless the law itself leaves something open. */
  boolean agrees(Output expected, Output actual, long index) {
    return expected.same(actual, index);
  }
}
