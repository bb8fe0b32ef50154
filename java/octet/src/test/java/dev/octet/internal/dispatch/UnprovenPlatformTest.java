package dev.octet.internal.dispatch;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perTensor;
import static dev.octet.WeightLayout.IN_OUT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Shape;
import dev.octet.op.MatMul;
import dev.octet.testing.ChildJvm;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @TempDir
  Path dir;

  private List<String> lines(String osName, String file, String... options) throws IOException {
    assumeTrue(Files.exists(BUILD.resolve("liboctet.so")), "no native build");
    Files.copy(BUILD.resolve("liboctet.so"), dir.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    List<String> all = new ArrayList<>(List.of(options));
    all.add("-Doctet.library.path=" + dir);
    return lines(osName, all);
  }

  private static List<String> lines(String osName, List<String> options) {
    List<String> all = new ArrayList<>(List.of("-Dos.name=" + osName, "-Doctet.threads=1"));
    all.addAll(options);
    ChildJvm.Result result = ChildJvm.of(Program.class, all, List.of(Octet.class)).run();
    assertEquals(0, result.exit(), result.output());
    return result.output().lines().toList();
  }

  @ParameterizedTest
  @CsvSource({"Plan 9, plan9, liboctet.so", "Windows 11, windows, liboctet.dll",
      "Mac OS X, macos, liboctet.dylib"})
  void itIsLoadedWhereThePropertySaysSoAndHeldToScalar(String osName, String os, String file)
      throws IOException {
    List<String> without = lines(osName, file);
    assertTrue(without.getFirst()
        .startsWith("NATIVE: not available: no JVM has run liboctet on " + os + "-x86_64 yet"),
        without.getFirst());
    assertEquals("VECTOR [10, 10, 10, 10]", without.getLast());

    List<String> with = lines(osName, file, "-Doctet.native.unproven=true");
    assertTrue(with.getFirst()
        .contains(
            "each kernel held to SCALAR before its first use: no JVM has run them on " + os + "-x86_64"),
        with.getFirst());
    assertEquals("NATIVE [10, 10, 10, 10]", with.getLast());
  }

  /** No property makes a library of nothing. */
  @Test
  void whatTheJarLacksNoPropertyIsAdvisedFor() {
    for (List<String> options : List.of(List.<String>of(), List.of("-Doctet.native.unproven=true"))) {
      List<String> lines = lines("Plan 9", options);
      assertTrue(lines.getFirst().startsWith(
          "NATIVE: not available: this octet jar holds no native library for plan9-x86_64: there are some for "),
          lines.getFirst());
      assertFalse(lines.getFirst().contains("unproven"), lines.getFirst());
      assertEquals("VECTOR [10, 10, 10, 10]", lines.getLast());
    }
  }
}
