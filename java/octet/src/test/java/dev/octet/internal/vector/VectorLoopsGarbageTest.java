package dev.octet.internal.vector;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.octet.BinaryOp;
import dev.octet.Engine;
import dev.octet.GeluForm;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.testing.ChildJvm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Once the vector loops are taken for compiled, each of them is: none makes objects of its vectors. Long
 * calls from the first one on, in a JVM that has waited for the warm-up, as a service has that runs for a
 * while.
 */
class VectorLoopsGarbageTest {
  @Test
  void loopsOverElementsMakeNoObjects() {
    ChildJvm.Result result = ChildJvm.of(Loops.class,
        List.of("--add-modules=jdk.incubator.vector", "-Doctet.vector.eager=true"), List.of(Octet.class))
        .run();
    assertEquals(0, result.exit(), result.output());
    assertEquals(List.of(), result.output().lines().filter(line -> line.startsWith("garbage")).toList());
    assertEquals("14 ops", result.output().lines().toList().getLast());
  }

  /** Runs in a child. */
  static final class Loops {
    private static final int COUNT = 100_000;
    /**
     * After so many calls of 6,250 rounds each, what is not compiled will not be: with four busy threads
     * beside it on two cores C2 was done after 318 at most.
     */
    private static final int CALLS = 5000;
    /** So many calls in a row without garbage have all that they run compiled. */
    private static final int CLEAN = 50;
    /** A call makes at most this many bytes on the way there; an object a vector would be 100,000. */
    private static final int MOST = 10_000;

    private Loops() {}

    public static void main(String[] arguments) {
      Quantization q = Quantization.perTensor(0.5f, 3);
      try (Octet octet = Octet.builder().engine(Engine.VECTOR).threads(1).open();
          Arena arena = Arena.ofShared()) {
        MemorySegment floats = arena.allocate(4L * COUNT, 64);
        MemorySegment bytes = arena.allocate(COUNT, 64);
        MemorySegment others = arena.allocate(10L * COUNT, 64);
        int ops = 0;
        for (BinaryOp op : BinaryOp.values()) {
          try (var pair = octet.binary(op).left(S8, q).right(S8, q).output(S8, q).prepare()) {
            check(op.toString(), () -> pair.run(bytes, bytes, others, COUNT));
            ops++;
          }
        }
        try (var quantize = octet.quantize().output(U8, q).prepare();
            var dequantize = octet.dequantize().input(U8, q).prepare()) {
          check("quantize", () -> quantize.run(floats, bytes, COUNT));
          check("dequantize", () -> dequantize.run(bytes, floats, COUNT));
          ops += 2;
        }
        try (var resize = octet.resize().input(U8).outputSize(158, 158).linear().prepare()) {
          check("resize of narrow pixels", () -> resize.run(bytes, others, 1, 100, 125, 4));
          check("resize of wide pixels", () -> resize.run(bytes, others, 1, 10, 20, 40));
          ops += 2;
        }
        try (var softmax = octet.softmax().prepare();
            var norm = octet.layerNorm().weights(new float[1000]).prepare();
            var erf = octet.gelu(GeluForm.ERF);
            var tanh = octet.gelu(GeluForm.TANH)) {
          check("softmax", () -> softmax.run(floats, floats, others, COUNT / 1000, 1000));
          check("layer norm", () -> norm.run(floats, floats, others, COUNT / 1000));
          check("gelu", () -> erf.run(floats, others, COUNT));
          check("gelu by tanh", () -> tanh.run(floats, others, COUNT));
          ops += 4;
        }
        System.out.println(ops + " ops");
      }
    }

    private static void check(String what, Runnable call) {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long last = 0;
      int clean = 0;
      for (int i = 0; i < CALLS && clean < CLEAN; i++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        call.run();
        last = threads.getCurrentThreadAllocatedBytes() - before;
        clean = last > MOST ? 0 : clean + 1;
      }
      if (clean < CLEAN) {
        System.out.println("garbage of " + what + ": " + last + " bytes in a call");
      }
    }
  }
}
