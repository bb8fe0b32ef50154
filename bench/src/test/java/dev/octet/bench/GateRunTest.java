package dev.octet.bench;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perTensor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Engine;
import dev.octet.Isa;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.bench.foreign.LimitLoops;
import dev.octet.bench.report.RoundTimes;
import dev.octet.bench.shape.BenchCase;
import dev.octet.bench.shape.Peer;
import dev.octet.op.MatMul;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateRunTest {
  private static final Path PROGRAMS = BenchFolder.shapes().resolveSibling("target/native");

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
    assertEquals(1, new GateRun(folder, PROGRAMS).run());
    assertEquals(0, new GateRun(folder, folder).run(), "nothing to measure the limit with");
    Files.writeString(floors, "matmul 64x256x256 u8s8s32 0.001\n");
    assertEquals(0, new GateRun(folder, PROGRAMS).run());
  }

  @Test
  void lowerTiersAreHeldToTheirOwn(@TempDir Path folder) throws IOException {
    Isa tier = tier();
    assumeTrue(LimitLoops.here(PROGRAMS).isPresent(), "skipped, bench-loops was not built for this CPU");
    assumeTrue(tier != Isa.BASELINE, "skipped, no lower tier here");
    Files.writeString(folder.resolve(Tiers.name(tier) + ".txt"), "matmul 64x256x256 u8s8s32 0.001\n");
    Path floors = folder.resolve("baseline.txt");
    Files.writeString(floors, "matmul 64x256x256 u8s8s32 9\n");
    assertEquals(1, new GateRun(folder, PROGRAMS).run());
    Files.writeString(floors, "matmul 64x256x256 u8s8s32 0.001\n");
    assertEquals(0, new GateRun(folder, PROGRAMS).run());
  }

  @Test
  void withoutFloorsOfTheTierEverythingPasses(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("avx512vnni.txt"), "matmul 64x256x256 u8s8s32 9\n");
    assertEquals(0, new GateRun(folder, PROGRAMS).run(Optional.of(Isa.AVX2), List.of(Isa.BASELINE)));
    assertEquals(0, new GateRun(folder, PROGRAMS).run(Optional.empty(), List.of()));
  }

  @Test
  void aRowThatDidNotRunDoesNotPass() {
    BenchCase own = BenchCase.of("octet-native", "matmul", "64x256x256", "u8s8s32", 1);
    RoundTimes limit = new RoundTimes(own.by(Peer.LIMIT), "read", new double[]{1});
    assertEquals(Optional.empty(),
        GateRun.share(List.of(new RoundTimes(own, "a kernel", new double[]{2})), own));
    assertEquals(0.5,
        GateRun.share(List.of(limit, new RoundTimes(own, "a kernel", new double[]{2})), own).orElseThrow()
            .median());
    assertEquals(own + ": took no turns, so that it cannot be held to its floor; the reason is above",
        assertThrows(IllegalStateException.class, () -> GateRun.share(List.of(limit), own)).getMessage());
  }
}
