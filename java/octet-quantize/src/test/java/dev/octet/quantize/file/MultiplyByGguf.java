package dev.octet.quantize.file;

import dev.octet.BlockTensor;
import dev.octet.Octet;
import dev.octet.op.DynamicMatMul;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** The program of the README: the lines between the two marks stand there word for word. */
final class MultiplyByGguf {
  private MultiplyByGguf() {}

  static float[] run(Path path, float[] x) {
    // README
    try (Octet octet = Octet.open(); GgufFile file = GgufFile.open(path)) {
      BlockTensor weights = file.tensor("blk.0.attn_q.weight").block(); // Q4_K [N][K], in the mapped file
      try (DynamicMatMul query = octet.dynamicMatMul().weights(weights).prepare()) {
        float[] y = new float[(int) weights.rows()];
        query.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), 1); // as many rows as a prompt has
        return y;
      }
    }
    // README
  }
}
