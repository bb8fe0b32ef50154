package dev.octet.internal.liboctet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Isa;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CpuTest {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  @Test
  void agreesWithTheKernel() throws IOException {
    assumeTrue(Cpu.get().failure() == null, () -> "no liboctet: " + Cpu.get().description());
    assumeTrue(Files.exists(CPUINFO), "no " + CPUINFO);
    Set<String> flags = Files.readAllLines(CPUINFO).stream()
        .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
        .findFirst().map(line -> Set.of(line.substring(line.indexOf(':') + 1).strip().split("\\s+")))
        .orElse(Set.of());
    assertEquals(byFlags(flags), Cpu.get().isa(), Cpu.get().description());
    assertEquals(flags.contains("avx_vnni"), Cpu.get().avxVnni());
    assertSame(Cpu.get(), Cpu.get());
  }

  /** Linux shows the flags of what it enables: on 64-bit Arm as features, of which asimd is always there. */
  private static Isa byFlags(Set<String> flags) {
    if (flags.contains("asimd")) {
      return !flags.contains("asimddp") ? Isa.NEON : flags.contains("i8mm") ? Isa.I8MM : Isa.DOTPROD;
    }
    if (!flags.containsAll(List.of("avx2", "fma"))) {
      return Isa.BASELINE;
    }
    if (flags.containsAll(List.of("avx512f", "avx512bw", "avx512vl", "avx512dq"))) {
      return flags.contains("avx512_vnni") ? Isa.AVX512VNNI : Isa.AVX512;
    }
    return flags.contains("avx_vnni") ? Isa.AVXVNNI : Isa.AVX2;
  }

  @Test
  void tiersHaveTheNumbersOfTheHeader() {
    assertEquals(new Cpu(Isa.BASELINE, false, false, "baseline (CPU)", null), Cpu.of(0, 0, false, false));
    assertEquals(new Cpu(Isa.AVX2, false, false, "avx2 (CPU)", null), Cpu.of(1, 1, false, false));
    assertEquals(new Cpu(Isa.AVXVNNI, false, false, "avxvnni (CPU)", null), Cpu.of(2, 2, false, false));
    assertEquals(new Cpu(Isa.AVX512, false, false, "avx512 (CPU)", null), Cpu.of(3, 3, false, false));
    assertEquals(new Cpu(Isa.AVX512VNNI, false, false, "avx512vnni (CPU)", null), Cpu.of(4, 4, false, false));
    assertEquals(new Cpu(Isa.AVX512VNNI, false, true, "avx512vnni (CPU), AMX", null),
        Cpu.of(4, 4, false, true));
    assertEquals(new Cpu(Isa.NEON, false, false, "neon (CPU)", null), Cpu.of(5, 5, false, false));
    assertEquals(new Cpu(Isa.DOTPROD, false, false, "dotprod (CPU)", null), Cpu.of(6, 6, false, false));
    assertEquals(new Cpu(Isa.I8MM, false, false, "i8mm (CPU)", null), Cpu.of(7, 7, false, false));
  }

  /** The numbers of Java that are looked up by name, and those that liboctet returns, are one set. */
  @Test
  void everyTierHasOneNumber() {
    for (Isa isa : Isa.values()) {
      assertSame(isa, Cpu.of(Names.tier(isa), Names.tier(isa), false, false).isa());
    }
  }

  @Test
  void whatTheSystemHoldsBackIsTold() {
    assertEquals(
        new Cpu(Isa.AVX2, false, false, "avx2 (CPU); avx512vnni not enabled by the operating system", null),
        Cpu.of(1, 4, false, false));
    assertEquals(
        new Cpu(Isa.BASELINE, false, false, "baseline (CPU); avx2 not enabled by the operating system", null),
        Cpu.of(0, 1, false, false));
  }

  @Test
  void withoutLibraryItIsTheBaselineAndTheReasonIsKept() {
    ChildJvm.Result result = ChildJvm
        .of(Print.class, List.of("-D" + Liboctet.PATH_PROPERTY + "=/nowhere"), List.of(Cpu.class)).run();
    assertEquals(0, result.exit(), result.output());
    List<String> lines = result.output().lines().toList();
    assertEquals("BASELINE", lines.get(0));
    assertEquals("baseline (CPU not detected, see NATIVE)", lines.get(1));
    assertTrue(lines.get(2).contains("/nowhere/liboctet.so does not exist"), lines.get(2));
  }

  /** Runs in a child: detection happens once in a process. */
  static final class Print {
    private Print() {}

    public static void main(String[] args) {
      System.out.println(Cpu.get().isa());
      System.out.println(Cpu.get().description());
      System.out.println(Cpu.get().failure());
    }
  }

  @Test
  void aLoadedLibraryLeavesNoFailure() {
    assumeTrue("require".equals(System.getProperty("octet.test.native")),
        "built without octet.native=require");
    assertNull(Cpu.get().failure());
  }
}
