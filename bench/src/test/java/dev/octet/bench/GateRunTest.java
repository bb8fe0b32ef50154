package dev.octet.bench;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perTensor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Engine;
import dev.octet.Isa;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.bench.foreign.LimitLoops;
import dev.octet.harness.gate.Gate;
import dev.octet.harness.report.Machine;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import dev.octet.op.MatMul;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateRunTest {
  private static final Path PROGRAMS = BenchFolder.shapes().resolveSibling("target/native");

  /** A CPU that promises no tier. */
  private static final Machine ANY = machine();

  private static Machine machine(String... flags) {
    return new Machine("a CPU", "1-2-3", 2, List.of(flags), List.of());
  }

  private static Isa tier() {
    Optional<Isa> highest = Tiers.highest();
    assumeTrue(highest.isPresent(), "skipped, no engine NATIVE here");
    return highest.orElseThrow();
  }

  @Test
  void tiersAreThoseOfTheKernels() {
    List<Isa> tiers = new ArrayList<>(List.of(tier()));
    tiers.addAll(Tiers.lower());
    assertEquals(tiers.size() - 1, Peers.tiers().size(), "a tier without a peer: " + tiers);
    for (Isa tier : tiers) {
      try (Octet octet = Octet.builder().engine(Engine.NATIVE).isa(tier).open();
          Arena arena = Arena.ofConfined()) {
        QTensor weights = QTensor.of(S8, Shape.of(64, 64), perTensor(1), arena.allocate(64 * 64));
        MatMul product = octet.matMul().input(U8, perTensor(1)).weights(weights, WeightLayout.IN_OUT)
            .outputS32()
            .prepare();
        String kernels = Tiers.name(tier == Isa.AVX512 ? Isa.AVX2 : tier); // it has none of its own
        assertTrue(product.kernel().endsWith("__" + kernels), tier + ", but " + product.kernel());
      }
    }
    assertEquals(Isa.BASELINE, tiers.getLast(), "every CPU has it");
  }

  /** No machine does anything in a ninth of the least time, and every machine in 1000 times as much. */
  @Test
  void floorsDecide(@TempDir Path folder) throws IOException {
    Isa tier = tier();
    assumeTrue(LimitLoops.here(PROGRAMS).isPresent(), "skipped, bench-loops was not built for this CPU");
    Path floors = folder.resolve(Tiers.name(tier) + ".txt");
    Files.writeString(floors, "matmul 64x256x256 u8s8s32 9\n");
    assertEquals(1, new GateRun(folder, PROGRAMS, false).run());
    Files.writeString(floors, "matmul 64x256x256 u8s8s32 0.001\n");
    assertEquals(0, new GateRun(folder, PROGRAMS, true).run());
  }

  @Test
  void lowerTiersAreHeldToTheirOwn(@TempDir Path folder) throws IOException {
    Isa tier = tier();
    assumeTrue(LimitLoops.here(PROGRAMS).isPresent(), "skipped, bench-loops was not built for this CPU");
    assumeTrue(tier != Isa.BASELINE, "skipped, no lower tier here");
    Files.writeString(folder.resolve(Tiers.name(tier) + ".txt"), "matmul 64x256x256 u8s8s32 0.001\n");
    Path floors = folder.resolve("baseline.txt");
    Files.writeString(floors, "matmul 64x256x256 u8s8s32 9\n");
    assertEquals(1, new GateRun(folder, PROGRAMS, true).run());
    Files.writeString(floors, "matmul 64x256x256 u8s8s32 0.001\n");
    assertEquals(0, new GateRun(folder, PROGRAMS, true).run());
  }

  @Test
  void withoutFloorsOfTheTierEverythingPasses(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("avx512vnni.txt"), "matmul 64x256x256 u8s8s32 9\n");
    assertEquals(0,
        new GateRun(folder, PROGRAMS, true).run(ANY, Optional.of(Isa.AVX2), List.of(Isa.BASELINE)));
  }

  private static String said(int code, Callable<Integer> run) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertEquals(code, run.call());
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** In continuous integration a gate that has nothing to measure with does not pass. */
  @Test
  void whatCannotBeMeasuredFailsWhereItIsRequired(@TempDir Path folder) throws Exception {
    String none = "not measured: no engine NATIVE here: ";
    String said = said(1, () -> new GateRun(folder, PROGRAMS, true).run(ANY, Optional.empty(), List.of()));
    assertTrue(said.contains("\nFAILED: " + none), said);
    said = said(0, () -> new GateRun(folder, PROGRAMS, false).run(ANY, Optional.empty(), List.of()));
    assertTrue(said.contains("\n" + none) && !said.contains("FAILED"), said);

    Isa tier = tier();
    String name = Tiers.name(tier) + ".txt";
    Files.writeString(folder.resolve(name), "matmul 8x64x96 u8s8s32 0.001\n");
    String loops = "not measured: limit: bench-loops was not built, or is not for this CPU";
    said = said(1, () -> new GateRun(folder, folder, true).run(ANY, Optional.of(tier), List.of()));
    assertTrue(
        said.contains("\nFAILED: " + Tiers.name(tier) + ": " + name + ":1: matmul 8x64x96 u8s8s32: " + loops),
        said);
    said = said(0, () -> new GateRun(folder, folder, false).run(ANY, Optional.of(tier), List.of()));
    assertTrue(said.contains(loops) && !said.contains("FAILED"), said);
  }

  @Test
  void aTierBelowThatOfTheCpuFailsWhereItIsRequired(@TempDir Path folder) throws Exception {
    Machine vnni = machine("avx2", "fma", "avx512f", "avx512bw", "avx512_vnni");
    String said = said(1,
        () -> new GateRun(folder, folder, true).run(vnni, Optional.of(Isa.AVX2), List.of()));
    assertTrue(said.contains(
        "\nFAILED: expected engine NATIVE on avx512vnni, by the flags of this CPU, got avx2\n"), said);
    assertEquals(Optional.of(Isa.AVX512VNNI), Tiers.promisedBy(vnni));
    assertEquals(Optional.of(Isa.AVX512), Tiers.promisedBy(machine("avx2", "fma", "avx512bw")));
    assertEquals(Optional.of(Isa.AVXVNNI), Tiers.promisedBy(machine("avx2", "fma", "avx_vnni")));
    assertEquals(Optional.of(Isa.AVX2), Tiers.promisedBy(machine("avx2", "fma")));
    assertEquals(Optional.empty(), Tiers.promisedBy(machine("avx2")));
    assertEquals(Optional.empty(), Tiers.promisedBy(ANY));
  }

  @Test
  void tiersWithoutFloorsAreNamed(@TempDir Path folder) throws Exception {
    Isa tier = tier();
    assumeTrue(tier != Isa.BASELINE, "skipped, no lower tier here");
    Files.writeString(folder.resolve(Tiers.name(tier) + ".txt"), "matmul 8x64x96 u8s8s32 0.001\n");
    String said = said(0,
        () -> new GateRun(folder, folder, false).run(ANY, Optional.of(tier), List.of(Isa.BASELINE)));
    assertTrue(said.contains("not measured: engine NATIVE on baseline: there is no baseline.txt"), said);
  }

  @Test
  void aRowThatDidNotRunDoesNotPass() {
    BenchCase own = BenchCase.of("octet-native", "matmul", "64x256x256", "u8s8s32", 1);
    RoundTimes limit = new RoundTimes(own.by(Peer.LIMIT), "read", new double[]{1});
    RoundTimes ran = new RoundTimes(own, "a kernel", new double[]{2});
    assertEquals(Gate.Measured.nothing("no loops"), GateRun.measured(List.of(ran), own, "no loops", ""));
    assertEquals(0.5, GateRun.measured(List.of(limit, ran), own, "", "").share().orElseThrow().median());
    assertEquals(Gate.Measured.broken("octet-native: no kernel"),
        GateRun.measured(List.of(limit), own, "", "octet-native: no kernel"));
    assertEquals(Gate.Measured.broken("octet-native took no turns"),
        GateRun.measured(List.of(), own, "no loops", ""));
  }
}
