package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.MatMul;
import dev.octet.op.Op;
import dev.octet.testing.ChildJvm;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apiguardian.api.API;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.util.UnrecoverableExceptions;
import org.opentest4j.AssertionFailedError;

/** Instruction sets below VNNI, which oneDNN is limited to by a variable that it reads once in a process. */
class InstructionSetTest {
  private static final List<Class<?>> CODE = List.of(Octet.class, OneDnnProvider.class, Assertions.class,
      AssertionFailedError.class, UnrecoverableExceptions.class, API.class, ChildJvm.class);

  private static final String NO_VNNI = "no VNNI in ";

  /** Asks for every op of this engine. */
  static final class Asking {
    private Asking() {}

    public static void main(String[] args) {
      QTensor w = QTensor.of(DataType.S8, Shape.of(8, 8), Quantization.perTensor(1), new byte[64]);
      Quantization one = Quantization.perTensor(1);
      try (Octet octet = Octet.builder().engine(Engine.ONEDNN).open()) {
        MatMul.Builder matMul = octet.matMul().input(DataType.U8, one).weights(w, WeightLayout.IN_OUT)
            .output(DataType.S8, one);
        ask("matMul", matMul::prepare);
        ask("fused matMul", matMul.allowInexactEpilogue()::prepare);
        ask("conv2d", octet.conv2d().input(DataType.U8, one)
            .weights(QTensor.of(DataType.S8, Shape.of(8, 3, 3, 8), one, new byte[576]), WeightLayout.OHWI)
            .outputS32()::prepare);
        ask("dynamicMatMul", octet.dynamicMatMul().weights(w, WeightLayout.IN_OUT)::prepare);
        ask("batchMatMul",
            octet.batchMatMul().left(DataType.U8, one).right(DataType.S8, one).outputS32()::prepare);
      }
      try (Octet octet = Octet.open();
          MatMul op = octet.matMul().input(DataType.U8, one)
              .weights(w, WeightLayout.IN_OUT).outputS32().prepare()) {
        System.out.println("auto: " + op.engine());
        System.out.println(octet.report());
      }
    }

    private static void ask(String what, Supplier<? extends Op> prepare) {
      try (Op op = prepare.get()) {
        System.out.println(what + ": prepared " + op.kernel());
      } catch (UnsupportedOperationException e) {
        System.out.println(what + ": refused: " + e.getMessage());
      }
    }
  }

  /** Some of {@link ExactnessTest} and of the tests of convolution. */
  static final class Multiplying {
    private Multiplying() {}

    public static void main(String[] args) {
      if (!Int8Rule.includesVnni(isaHere()) && !Boolean.getBoolean(Int8Rule.SPLIT)) {
        // A CPU with AVX512-VNNI and without AVX-VNNI, as Zen 4, has no VNNI below AVX-512.
        System.out.println(NO_VNNI + isaHere());
        return;
      }
      ExactnessTest.matMuls(4);
      ExactnessTest.batchMatMuls(2);
      ConvExactnessTest.convolutions(150);
      ConvWaysTest.largeSums();
    }
  }

  private static ChildJvm child(Class<?> main, String isa, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("-Doctet.onednn.path=" + DnnlLibrary.directory(System.getProperty(DnnlLibrary.PATH)));
    return ChildJvm.of(main, all, CODE).environment("ONEDNN_MAX_CPU_ISA", isa);
  }

  @Test
  void withoutVnniEveryOpIsRefusedWithTheReason() {
    ChildJvm.Result result = child(Asking.class, "AVX2").run();
    String output = result.output();
    assertEquals(0, result.exit(), output);
    for (String op : List.of("matMul", "fused matMul", "conv2d", "dynamicMatMul", "batchMatMul")) {
      String line = output.lines().filter(l -> l.startsWith(op + ": ")).findFirst().orElse("");
      assertTrue(line.startsWith(op + ": refused: "), output);
      assertTrue(
          line.contains("oneDNN would run gemm:jit on this CPU (avx2), which is not exact without VNNI"),
          line);
      assertTrue(line.contains("-Doctet.onednn.split=true"), line);
    }
    assertFalse(output.contains("auto: ONEDNN"), output);
    assertTrue(output.contains("not exact without VNNI"), "the report says why: " + output);
  }

  @Test
  void splitWeightsAreExactOnEverySetWithoutVnni() {
    String allowed = "-D" + Int8Rule.SPLIT + "=true";
    multiply(List.of(child(Multiplying.class, "SSE41", allowed), child(Multiplying.class, "AVX2", allowed),
        child(Multiplying.class, "AVX512_CORE", allowed)));
  }

  /** What the variable cannot lower further than the CPU goes runs on what is there. */
  @Test
  void plainWeightsAreExactOnEverySetWithVnni() {
    assumeTrue(Int8Rule.includesVnni(isaHere()), "no VNNI");
    List<ChildJvm.Result> results = multiply(
        List.of(child(Multiplying.class, "AVX2_VNNI"), child(Multiplying.class, "AVX512_CORE_VNNI")));
    assertTrue(results.stream().anyMatch(result -> !result.output().contains(NO_VNNI)), results.toString());
  }

  private static String isaHere() {
    DnnlLibrary.get();
    return Dnnl.isa();
  }

  private static List<ChildJvm.Result> multiply(List<ChildJvm> children) {
    List<ChildJvm.Result> results = ChildJvm.runTogether(children);
    for (ChildJvm.Result result : results) {
      assertEquals(0, result.exit(), result.output());
    }
    return results;
  }
}
