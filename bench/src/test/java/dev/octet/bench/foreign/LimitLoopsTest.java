package dev.octet.bench.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Isa;
import dev.octet.bench.BenchFolder;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LimitLoopsTest {
  @Test
  void notBuilt(@TempDir Path folder) {
    assertEquals(Optional.empty(), LimitLoops.here(folder));
  }

  @Test
  void readsAndMultiplies() {
    Optional<LimitLoops> loops = LimitLoops.here(BenchFolder.shapes().resolveSibling("target/native"));
    assumeTrue(loops.isPresent(), "skipped, bench-loops was not built for this CPU");
    useAll(loops.orElseThrow());
  }

  @Test
  void lowerTiersHaveTheirOwn() {
    Path folder = BenchFolder.shapes().resolveSibling("target/native");
    Optional<LimitLoops> loops = LimitLoops.here(folder);
    assumeTrue(loops.isPresent(), "skipped, bench-loops was not built for this CPU");
    for (Isa tier : Isa.values()) {
      LimitLoops.here(folder, tier).ifPresent(LimitLoopsTest::useAll);
    }
    useAll(LimitLoops.here(folder, Isa.BASELINE).orElseThrow());
    assertEquals(Optional.empty(), LimitLoops.here(folder, Isa.NEON), "no tier of this architecture");
    assertEquals("pmaddwd-xmm", LimitLoops.here(folder, Isa.BASELINE).orElseThrow().instruction());
    LimitLoops.here(folder, Isa.AVX2)
        .ifPresent(avx2 -> assertEquals("vpmaddwd-ymm", avx2.instruction()));
    LimitLoops.here(folder, Isa.AVX512)
        .ifPresent(avx512 -> assertEquals("vpmaddwd-zmm", avx512.instruction()));
  }

  private static void useAll(LimitLoops limit) {
    for (long bytes : new long[]{1, 1024, 5_000_000}) {
      try (LimitLoops.Memory memory = limit.new Memory(bytes)) {
        memory.read(2);
      }
    }
    limit.multiply(1);
    limit.multiply(1_000_000);
    limit.multiplyFloats(1);
    limit.multiplyFloats(1_000_000);
  }
}
