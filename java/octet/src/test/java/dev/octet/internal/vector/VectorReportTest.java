package dev.octet.internal.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.MatMul;
import dev.octet.testing.ChildJvm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What engine VECTOR says of itself, and that it needs no native access. */
@Tag("species")
class VectorReportTest {
  @Test
  void theReportAndTheKernelSayWhichFormRuns() {
    boolean api = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    try (Octet octet = Octet.builder().engine(Engine.VECTOR).open();
        MatMul op = octet.matMul().input(DataType.U8, Quantization.perTensor(1))
            .weights(QTensor.of(DataType.S8, Shape.of(1, 1), Quantization.perTensor(1), new byte[]{1}),
                WeightLayout.IN_OUT)
            .outputS32().prepare()) {
      String line = octet.report().lines().filter(text -> text.startsWith("VECTOR")).findFirst()
          .orElseThrow();
      if (api) {
        assertTrue(line.matches("VECTOR: in use: pure Java, Vector API with \\d+ bits"), line);
        String bits = line.replaceAll("\\D", "");
        assertEquals("vector:u8s8_s32_pt_matmul__simd" + bits, op.kernel());
      } else {
        assertEquals("VECTOR: in use: pure Java, plain loops; faster with --add-modules jdk.incubator.vector",
            line);
        assertEquals("vector:u8s8_s32_pt_matmul__plain", op.kernel());
      }
    }
  }

  /** A product over confined memory, large enough for all threads, where restricted methods throw. */
  static final class Sealed {
    private Sealed() {}

    public static void main(String[] arguments) {
      int size = 256;
      byte[] w = new byte[size * size];
      Arrays.fill(w, (byte) 1);
      try (Octet octet = Octet.builder().engine(Engine.VECTOR).threads(4).open();
          Arena arena = Arena.ofConfined();
          MatMul op = octet.matMul().input(DataType.U8, Quantization.perTensor(1))
              .weights(QTensor.of(DataType.S8, Shape.of(size, size), Quantization.perTensor(1), w),
                  WeightLayout.IN_OUT)
              .outputS32().prepare()) {
        MemorySegment x = arena.allocate((long) size * size).fill((byte) 3);
        MemorySegment y = arena.allocate(4L * size * size);
        op.run(x, y, size);
        for (int i = 0; i < size * size; i++) {
          if (y.getAtIndex(ValueLayout.JAVA_INT, i) != 3 * size) {
            throw new AssertionError(i + ": " + y.getAtIndex(ValueLayout.JAVA_INT, i));
          }
        }
        System.out.println("done");
      }
    }
  }

  @Test
  void runsWithoutNativeAccess() {
    ChildJvm.Result result = ChildJvm.of(Sealed.class, List.of(), List.of(Octet.class)).withoutNativeAccess()
        .run();
    assertEquals(0, result.exit(), result.output());
    assertTrue(result.output().contains("done"), result.output());
  }
}
