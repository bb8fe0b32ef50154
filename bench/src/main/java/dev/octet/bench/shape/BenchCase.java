package dev.octet.bench.shape;

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
  /** A case from the words of results.csv. */
  public static BenchCase of(String peer, String op, String shape, String form, int threads) {
    return new BenchCase(Peer.named(peer), BenchOp.named(op), BenchShape.parse(shape), Form.parse(form),
        threads);
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
