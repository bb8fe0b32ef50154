package dev.octet.bench.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
    LimitLoops limit = loops.orElseThrow();
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
