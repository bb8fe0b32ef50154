package dev.octet.bench.subject;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.octet.DataType;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.MatMulShape;
import dev.octet.harness.shape.Peer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What a Java program does without a library, on one thread and on heap arrays: products that engine VECTOR
 * has to beat.
 */
final class JavaSubject implements Subject {
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment output;
  private final String kernel;
  private final MatMulShape shape;
  private Runnable body;
  private int[] integers;
  private float[] floats;

  private JavaSubject(BenchCase benchCase, Inputs inputs) {
    this.output = inputs.destination(arena);
    this.kernel = benchCase.peer().toString();
    this.shape = (MatMulShape) benchCase.shape();
  }

  /** Whether a peer can run here: all but the plain loop use the Vector API. */
  static boolean isHere(Peer peer) {
    return peer == Peer.JAVA_LOOP || ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  static JavaSubject open(BenchCase benchCase, Inputs.Weights range) {
    if (!isHere(benchCase.peer())) {
      throw new UnsupportedOperationException(
          benchCase.peer() + " needs the Vector API: --add-modules jdk.incubator.vector");
    }
    Inputs inputs = new Inputs(benchCase, range);
    JavaSubject subject = new JavaSubject(benchCase, inputs);
    if (benchCase.peer() == Peer.JAVA_F32) {
      subject.floats(inputs);
    } else {
      subject.bytes(inputs, benchCase.form().source() == DataType.U8, benchCase.peer() == Peer.JAVA_LOOP);
    }
    return subject;
  }

  private void bytes(Inputs inputs, boolean unsigned, boolean plain) {
    byte[] x = inputs.source(arena, 0).toArray(JAVA_BYTE);
    byte[] w = inputs.weights(arena).toArray(JAVA_BYTE);
    byte[][] columns = new byte[shape.n()][shape.k()];
    for (int i = 0; i < w.length; i++) {
      columns[i % shape.n()][i / shape.n()] = w[i];
    }
    integers = new int[shape.m() * shape.n()];
    int k = shape.k();
    body = () -> {
      for (int row = 0; row < shape.m(); row++) {
        for (int column = 0; column < columns.length; column++) {
          integers[row * columns.length + column] = plain
              ? dot(x, row * k, columns[column], unsigned ? 0xff : -1)
              : JavaVectors.dot(x, row * k, columns[column], unsigned);
        }
      }
    };
  }

  /** With 0xff, x is unsigned; with -1, signed. */
  private static int dot(byte[] x, int from, byte[] column, int mask) {
    int sum = 0;
    for (int i = 0; i < column.length; i++) {
      sum += (x[from + i] & mask) * column[i];
    }
    return sum;
  }

  private void floats(Inputs inputs) {
    float[] x = inputs.source(arena, 0).toArray(JAVA_FLOAT_UNALIGNED);
    JavaVectors.Product product = new JavaVectors.Product(inputs.weights(arena).toArray(JAVA_FLOAT_UNALIGNED),
        shape.m(), shape.k(), shape.n());
    floats = new float[shape.m() * shape.n()];
    body = () -> product.run(x, floats);
  }

  @Override
  public void run() {
    body.run();
  }

  @Override
  public String kernel() {
    return kernel;
  }

  @Override
  public MemorySegment output() {
    if (integers != null) {
      MemorySegment.copy(integers, 0, output, JAVA_INT_UNALIGNED, 0, integers.length);
    } else {
      MemorySegment.copy(floats, 0, output, JAVA_FLOAT_UNALIGNED, 0, floats.length);
    }
    return output;
  }

  @Override
  public void close() {
    arena.close();
  }
}
