package dev.octet.onednn;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perTensor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.Conv2d;
import dev.octet.op.MatMul;
import dev.octet.testing.ChildJvm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Programs open and run ops on threads of their own with small stacks. A native library that needs more than
 * there is ends the process, so each engine is tried in a child.
 */
class SmallStackTest {
  private static final long STACK = 180 << 10;

  @ParameterizedTest
  @EnumSource(Engine.class)
  void openingPreparingAndRunningNeedLittle(Engine engine) {
    ChildJvm.Result result = ChildJvm.of(Program.class,
        List.of("--add-modules", "jdk.incubator.vector",
            "-Doctet.onednn.path=" + DnnlLibrary.directory(System.getProperty(DnnlLibrary.PATH))),
        List.of(Octet.class, OneDnnProvider.class), engine.name()).run();
    assertEquals(0, result.exit(), result.output());
    boolean missing = engine == Engine.NATIVE && result.output().contains("is not available");
    assertTrue(missing || result.output().contains("a product and a convolution ran"), result.output());
  }

  /** Does everything on one thread with a small stack. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws InterruptedException {
      Thread thread = new Thread(null, () -> run(Engine.valueOf(args[0])), "small", STACK);
      thread.start();
      thread.join();
    }

    private static void run(Engine engine) {
      try (Octet octet = Octet.builder().engine(engine).threads(1).open()) {
        multiply(octet);
        if (octet.engines().stream().filter(EngineStatus::available)
            .noneMatch(status -> status.engine() == Engine.NATIVE)) {
          convolve(octet); // which NATIVE lacks
        }
        System.out.println("a product and a convolution ran");
      } catch (UnsupportedOperationException e) {
        System.out.println(e.getMessage());
      }
    }

    private static void multiply(Octet octet) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment ones = arena.allocate(64 * 64).fill((byte) 1);
        MemorySegment out = arena.allocate(64 * 64 * 4, 64);
        MatMul product = octet.matMul().input(U8, perTensor(1))
            .weights(QTensor.of(S8, Shape.of(64, 64), perTensor(1), ones), WeightLayout.IN_OUT).outputS32()
            .prepare();
        product.run(ones, out, 64);
      }
    }

    private static void convolve(Octet octet) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment ones = arena.allocate(16 * 16 * 16).fill((byte) 1);
        MemorySegment out = arena.allocate(16 * 16 * 16 * 4, 64);
        Conv2d conv = octet.conv2d().input(U8, perTensor(1))
            .weights(QTensor.of(S8, Shape.of(16, 16, 3, 3), perTensor(1), ones.asSlice(0, 16 * 16 * 9)),
                WeightLayout.OIHW)
            .padding(1).outputS32().prepare();
        conv.run(ones, out, 1, 16, 16);
      }
    }
  }
}
