package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.op.BatchMatMul;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.MatMul;
import dev.octet.testing.ChildJvm;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Native memory: bounded while shapes vary, given back at close, not growing with the number of ops. */
@ExtendWith(SplitAllowed.class)
class LifecycleTest {
  private static final long SEED = 20250106;
  private static final int K = 64;
  private static final int N = 96;
  private static final int PREPARED = 100_000;
  private static final int CALLS = 10_000;

  private static MatMul.Builder matMul(Octet octet) {
    return octet.matMul().input(DataType.S8, Quantization.perTensor(0.1f))
        .weights(QTensor.of(DataType.S8, Shape.of(K, N), Quantization.perTensor(0.1f), new byte[K * N]),
            WeightLayout.IN_OUT)
        .output(DataType.U8, Quantization.perTensor(1));
  }

  private static float[] ones(int count) {
    float[] result = new float[count];
    Arrays.fill(result, 1);
    return result;
  }

  @Test
  void everythingIsGivenBackAtClose() {
    DnnlLibrary.get();
    long before = NativeMemory.inUse();
    Random random = new Random(SEED);
    try (Octet octet = Octet.builder().engine(Engine.ONEDNN).threads(2).open();
        Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(1 << 20);
      MemorySegment result = arena.allocate(1 << 20);
      MatMul exact = matMul(octet).prepare();
      MatMul fused = matMul(octet).allowInexactEpilogue().prepare();
      DynamicMatMul dynamic = octet.dynamicMatMul()
          .weights(QTensor.of(DataType.S8, Shape.of(K, N), Quantization.perTensor(1), new byte[K * N]),
              WeightLayout.IN_OUT)
          .prepare();
      BatchMatMul batch = octet.batchMatMul().left(DataType.U8, Quantization.perTensor(1))
          .right(DataType.S8, Quantization.perTensor(1)).outputS32().prepare();
      for (int i = 0; i < 100; i++) {
        int rows = 1 + random.nextInt(600);
        exact.run(bytes, result, rows);
        fused.run(bytes, result, rows);
        dynamic.run(bytes, result, rows);
        batch.run(bytes, bytes, result, 2, 1 + rows / 4, 1 + random.nextInt(100), 1 + random.nextInt(100));
      }
      // Four ops: scratch and packed weights of kilobytes each, in the states of three threads at most.
      assertTrue(NativeMemory.inUse() - before < 20 << 20, "in use: " + (NativeMemory.inUse() - before));
      exact.close();
      fused.close();
    }
    assertEquals(before, NativeMemory.inUse(), "the rest is given back with the Octet");
  }

  @Test
  void anOpThatIsRefusedLeavesNothingBehind() {
    DnnlLibrary.get();
    long before = NativeMemory.inUse();
    QTensor groups = QTensor.of(DataType.S8, Shape.of(K, N), Quantization.perGroup(0, 32, ones(2 * N)),
        new byte[K * N]);
    try (Octet octet = Octet.builder().engine(Engine.ONEDNN).open()) {
      String message = assertThrows(UnsupportedOperationException.class,
          () -> octet.dynamicMatMul().weights(groups, WeightLayout.IN_OUT).prepare()).getMessage();
      assertTrue(message.contains("weights per group are not offered"), message);
    }
    assertEquals(before, NativeMemory.inUse());
  }

  /** Many ops and many shapes; prints how much the process has grown. */
  static final class Cycles {
    private Cycles() {}

    public static void main(String[] args) throws IOException {
      try (Octet octet = Octet.builder().engine(Engine.ONEDNN).threads(1).open();
          Arena arena = Arena.ofConfined()) {
        MemorySegment bytes = arena.allocate(1 << 20);
        MemorySegment result = arena.allocate(1 << 20);
        long start = 0;
        for (int i = 0; i < PREPARED; i++) {
          try (MatMul op = matMul(octet).prepare()) {
            op.run(bytes, result, 3);
          }
          start = i == PREPARED / 10 ? resident() : start;
        }
        System.out.println("grown by prepare and close: " + (resident() - start) + " KB");
        Random random = new Random(SEED);
        try (MatMul exact = matMul(octet).prepare();
            MatMul fused = matMul(octet).allowInexactEpilogue().prepare();
            BatchMatMul batch = octet.batchMatMul().left(DataType.U8, Quantization.perTensor(1))
                .right(DataType.S8, Quantization.perTensor(1)).outputS32().prepare()) {
          for (int i = 0; i < CALLS; i++) {
            int rows = 1 + random.nextInt(600);
            switch (i % 3) {
              case 0 -> exact.run(bytes, result, rows);
              case 1 -> fused.run(bytes, result, rows);
              default -> batch.run(bytes, bytes, result, 2, 1 + rows / 4, 1 + random.nextInt(100),
                  1 + random.nextInt(100));
            }
            start = i == CALLS / 10 ? resident() : start;
          }
        }
        System.out.println("grown by shapes: " + (resident() - start) + " KB");
      }
    }

    private static long resident() throws IOException {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElseThrow();
    }
  }

  @Test
  void theProcessDoesNotGrow() {
    // A heap of fixed size that is resident from the start: what grows then is native. The working memory of
    // C2, up
    // to 39 MB where it compiles late on a busy machine, would be counted too; that of C1 is below 2 MB.
    ChildJvm.Result result = ChildJvm.of(Cycles.class,
        List.of("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-D" + Int8Rule.SPLIT + "=true",
            "-Doctet.onednn.path=" + DnnlLibrary.directory(System.getProperty(DnnlLibrary.PATH))),
        List.of(Octet.class, OneDnnProvider.class, ChildJvm.class)).run();
    assertEquals(0, result.exit(), result.output());
    System.out.print(result.output());
    List<String> grown = result.output().lines().filter(line -> line.startsWith("grown by")).toList();
    assertEquals(2, grown.size(), result.output());
    for (String line : grown) {
      assertTrue(Long.parseLong(line.replaceAll("[^-\\d]", "")) < 16 << 10, line);
    }
  }
}
