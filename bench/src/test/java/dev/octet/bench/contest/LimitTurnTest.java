package dev.octet.bench.contest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.bench.BenchFolder;
import dev.octet.bench.foreign.LimitLoops;
import dev.octet.harness.shape.BenchCase;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitTurnTest {
  /** Their products take 4 times what reading takes, but less than a call from Java that is not compiled. */
  @ParameterizedTest
  @CsvSource({"8x64x96", "16x64x64", "7x333x129"})
  void smallProductsAreNotHeldAgainstReading(String shape) {
    Optional<LimitLoops> loops = LimitLoops.here(BenchFolder.shapes().resolveSibling("target/native"));
    assumeTrue(loops.isPresent(), "skipped, bench-loops was not built for this CPU");
    for (int i = 0; i < 10; i++) {
      try (LimitTurn limit = new LimitTurn(loops.orElseThrow(),
          BenchCase.of("limit", "matmul", shape, "u8s8s32", 1))) {
        assertEquals("multiply bytes", limit.kernel());
      }
    }
  }
}
