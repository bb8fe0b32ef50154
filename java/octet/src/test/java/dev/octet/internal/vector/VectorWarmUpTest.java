package dev.octet.internal.vector;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.testing.ChildJvm;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Results do not depend on how far a JVM has compiled: the same cases, floating point without an exact law
 * included, interpreted only, compiled by C1 only (with the Vector API plain loops stay in both), cold, and
 * hot after many runs, in both forms of the loops. Forms are compared with each other for integers alone: the
 * order of float sums is free.
 */
class VectorWarmUpTest {
  private static final String VECTOR_API = "--add-modules=jdk.incubator.vector";

  /** Prints what the cases give at first and after some hundred runs. */
  static final class Digests {
    private Digests() {}

    public static void main(String[] arguments) {
      int runs = Integer.parseInt(arguments[0]);
      try (Octet octet = Octet.builder().engine(Engine.VECTOR).threads(1).open()) {
        String first = digest(octet);
        String last = first;
        for (int run = 1; run < runs; run++) {
          last = digest(octet);
          if (!last.equals(first)) {
            throw new AssertionError("run " + run + ": " + last + " instead of " + first);
          }
        }
        System.out.println("engine: " + octet.report().lines().filter(line -> line.startsWith("VECTOR"))
            .findFirst().orElseThrow());
        System.out.println("digest: " + last);
      }
    }

    private static String digest(Octet octet) {
      Random random = new Random(7);
      int k = 67;
      int n = 41;
      int rows = 11;
      float[] floats = new float[k * n];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) random.nextGaussian();
      }
      QTensor w = Quantizer.symmetric(S8).perChannel(1).quantize(floats, Shape.of(k, n));
      QTensor w4 = Quantizer.symmetric(S4).perGroup(32).alongAxis(0).quantize(floats, Shape.of(k, n));
      byte[] x = new byte[rows * k];
      random.nextBytes(x);
      MemorySegment bytes = MemorySegment.ofArray(x);
      MemorySegment values = MemorySegment.ofArray(Arrays.copyOf(floats, rows * k));
      byte[] y = new byte[rows * n];
      float[] f = new float[rows * n];
      StringBuilder digest = new StringBuilder();
      try (var matMul = octet.matMul().input(U8, Quantization.perTensor(0.1f, 3))
          .weights(w, WeightLayout.IN_OUT).output(S8, Quantization.perTensor(3.7f, 2)).prepare();
          var dynamic = octet.dynamicMatMul().weights(w, WeightLayout.IN_OUT).prepare();
          var groups = octet.dynamicMatMul().weights(w4, WeightLayout.IN_OUT).prepare();
          var weightOnly = octet.weightOnlyMatMul().weights(w, WeightLayout.IN_OUT).prepare();
          var batch = octet.batchMatMul().left(S8, Quantization.perTensor(0.1f))
              .right(S8, Quantization.perTensor(0.2f)).outputF32().prepare()) {
        for (int some : new int[]{1, 2, 4, rows}) {
          matMul.run(bytes, MemorySegment.ofArray(y), some);
          digest.append(' ').append(Arrays.hashCode(y));
          dynamic.run(values, MemorySegment.ofArray(f), some);
          digest.append(' ').append(Arrays.hashCode(f));
          groups.run(values, MemorySegment.ofArray(f), some);
          digest.append(' ').append(Arrays.hashCode(f));
          batch.run(bytes, MemorySegment.ofArray(x), MemorySegment.ofArray(f), 1, some, 13, 17);
          digest.append(' ').append(Arrays.hashCode(f));
          digest.append(" (");
          weightOnly.run(values, MemorySegment.ofArray(f), some);
          digest.append(Arrays.hashCode(f)).append(')');
          Arrays.fill(f, 0);
        }
      }
      return digest.toString();
    }
  }

  private static ChildJvm child(String runs, String... options) {
    return ChildJvm.of(Digests.class, List.of(options), List.of(Octet.class), runs);
  }

  private static String line(ChildJvm.Result result, String name) {
    assertEquals(0, result.exit(), result.output());
    return result.output().lines().filter(line -> line.startsWith(name)).findFirst()
        .orElseThrow(() -> new AssertionError(result.output()));
  }

  @Test
  void resultsAreTheSameColdAndHot() {
    List<ChildJvm.Result> results = ChildJvm.runTogether(
        List.of(child("1", "-Xint", VECTOR_API), child("300", VECTOR_API, "-Doctet.vector.eager=true"),
            child("1", "-Xint"),
            child("300")));
    results.addAll(ChildJvm.runTogether(List.of(child("30", "-XX:TieredStopAtLevel=1", VECTOR_API),
        child("30", "-XX:TieredStopAtLevel=1"))));
    List<String> api = Stream.of(0, 1, 4).map(i -> line(results.get(i), "digest")).toList();
    List<String> plain = Stream.of(2, 3, 5).map(i -> line(results.get(i), "digest")).toList();
    assertEquals(1, api.stream().distinct().count(), () -> "Vector API: " + api);
    assertEquals(1, plain.stream().distinct().count(), () -> "plain loops: " + plain);
    assertEquals(integers(api.getFirst()), integers(plain.getFirst()));
    String engine = line(results.get(1), "engine");
    assertTrue(engine.contains("Vector API with ") || engine.contains("no vector instructions"), engine);
    assertEquals(
        "engine: VECTOR: in use: pure Java, plain loops; faster with --add-modules jdk.incubator.vector",
        line(results.get(3), "engine"));
  }

  /** Without what came of float arithmetic. */
  private static String integers(String digest) {
    return digest.replaceAll("\\([^)]*\\)", "");
  }
}
