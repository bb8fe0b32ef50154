package dev.octet.internal.dispatch;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perTensor;
import static dev.octet.WeightLayout.IN_OUT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Shape;
import dev.octet.op.MatMul;
import dev.octet.testing.ChildJvm;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Engine NATIVE where no JVM has run it: in a child that believes to be on another system, with the library
 * of this machine.
 */
class UnprovenPlatformTest {
  private static final Path BUILD = Path.of(System.getProperty("octet.test.native.dir", "none"));

  /** Runs in the child. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      try (Octet octet = Octet.open()) {
        octet.report().lines().filter(line -> line.startsWith("NATIVE")).forEach(System.out::println);
        byte[] ones = new byte[16];
        Arrays.fill(ones, (byte) 1);
        MatMul layer = octet.matMul().input(U8, perTensor(1, 0))
            .weights(QTensor.of(S8, Shape.of(4, 4), perTensor(1), ones), IN_OUT)
            .output(S8, perTensor(1)).prepare();
        byte[] y = new byte[4];
        for (int i = 0; i < 2; i++) {
          layer.run(MemorySegment.ofArray(new byte[]{1, 2, 3, 4}), MemorySegment.ofArray(y), 1);
        }
        System.out.println(layer.engine() + " " + Arrays.toString(y));
      }
    }
  }

  private static List<String> lines(String... options) {
    assumeTrue(Files.exists(BUILD.resolve("liboctet.so")), "no native build");
    List<String> all = new ArrayList<>(
        List.of("-Dos.name=Plan 9", "-Doctet.library.path=" + BUILD, "-Doctet.threads=1"));
    all.addAll(List.of(options));
    ChildJvm.Result result = ChildJvm.of(Program.class, all, List.of(Octet.class)).run();
    assertEquals(0, result.exit(), result.output());
    return result.output().lines().toList();
  }

  @Test
  void itIsNotLoadedUnlessThePropertySaysSo() {
    List<String> lines = lines();
    assertTrue(
        lines.getFirst().startsWith("NATIVE: not available: no JVM has run liboctet on plan9-x86_64 yet"),
        lines.getFirst());
    assertEquals("VECTOR [10, 10, 10, 10]", lines.getLast());
  }

  @Test
  void withThePropertyItRunsAndIsHeldToScalar() {
    List<String> lines = lines("-Doctet.native.unproven=true");
    assertTrue(
        lines.getFirst()
            .contains("each held to SCALAR at its first use: no JVM has run them on plan9-x86_64"),
        lines.getFirst());
    assertEquals("NATIVE [10, 10, 10, 10]", lines.getLast());
  }
}
