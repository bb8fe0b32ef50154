package dev.octet.harness.shape;

/**
 * One thing to measure.
 *
 * @param peer who computes
 * @param op what
 * @param shape on which shape
 * @param form in which numbers
 * @param threads with how many threads for one call
 */
public record BenchCase(Peer peer, BenchOp op, BenchShape shape, Form form, int threads) {
  /**
   * Makes a case of the words of results.csv.
   *
   * @param peer a peer that {@link Peer#of} takes
   * @param op an op that {@link BenchOp#named} takes
   * @param shape a shape of the op
   * @param form a dtype of the op
   * @param threads 1 or more
   * @return the case
   * @throws IllegalArgumentException if a word is none, the op takes no such shape or dtype, or threads is
   *         less than 1
   */
  public static BenchCase of(String peer, String op, String shape, String form, int threads) {
    BenchCase benchCase = new BenchCase(Peer.of(peer), BenchOp.named(op), BenchShape.parse(shape),
        Form.parse(form), threads);
    if (!benchCase.op.takes(benchCase.shape)) {
      throw new IllegalArgumentException(
          "shape of " + op + ": expected " + benchCase.op.shapeWords() + ", got \"" + shape + "\"");
    }
    if (!benchCase.op.takes(benchCase.form)) {
      throw new IllegalArgumentException(
          "dtype of " + op + ": expected one such as " + benchCase.op.formWords() + ", got \"" + form + "\"");
    }
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected 1 or more, got " + threads);
    }
    return benchCase;
  }

  /** The same work by another peer. */
  public BenchCase by(Peer other) {
    return new BenchCase(other, op, shape, form, threads);
  }

  /** The same work with another number of threads. */
  public BenchCase with(int others) {
    return new BenchCase(peer, op, shape, form, others);
  }

  /** The same work in other numbers. */
  public BenchCase in(Form other) {
    return new BenchCase(peer, op, shape, other, threads);
  }

  /** Whether its arithmetic is that of floats. */
  public boolean inFloats() {
    return form.isFloat() || op == BenchOp.WEIGHT_ONLY;
  }

  /** Bytes that have to be read and written at least: every operand once, scales and biases left out. */
  public long bytes() {
    return form.source().bytes(shape.sourceElements() * (op == BenchOp.ADD || op == BenchOp.MULTIPLY ? 2 : 1))
        + form.weights().bytes(shape.weightElements())
        + form.destination().bytes(shape.destinationElements());
  }

  @Override
  public String toString() {
    return peer + " " + op + " " + shape + " " + form + " " + threads
        + (threads == 1 ? " thread" : " threads");
  }
}
