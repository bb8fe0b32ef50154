package dev.octet.bench.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.BlockFormat;
import dev.octet.harness.report.Measurement;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.turns.Effort;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlockContestTest {
  private static final Effort SHORT = new Effort(0, 3, 0);

  @ParameterizedTest
  @EnumSource
  void octetIsCheckedAndTimed(BlockFormat format) {
    BlockSetting setting = new BlockSetting(format, 256, 2, 3, 1);
    try (BlockContest contest = new BlockContest(setting)) {
      contest.addOctet(Peer.OCTET_SCALAR);
      List<String> lines = new ArrayList<>();
      List<Measurement> rows = contest.time(SHORT, lines);
      assertEquals(1, lines.size());
      Measurement row = rows.getFirst();
      assertEquals("matmul-3matrices 2x256x256 f32" + format.name().toLowerCase(Locale.ROOT) + "f32",
          row.op() + " " + row.shape() + " " + row.dtype());
      assertTrue(row.medianMicros() > 0 && row.gops() > 0);
    }
  }

  @Test
  void settings() {
    BlockSetting one = new BlockSetting(BlockFormat.Q4_K, 4096, 1, 1, 1);
    assertEquals("1x4096x4096 f32q4_kf32, one matrix of 9.4 MB, 1 thread", one.toString());
    BlockSetting rotating = new BlockSetting(BlockFormat.Q6_K, 4096, 1, 12, 2);
    assertEquals("1x4096x4096 f32q6_kf32, 12 matrices in rotation of 13.8 MB, 2 threads",
        rotating.toString());
  }
}
