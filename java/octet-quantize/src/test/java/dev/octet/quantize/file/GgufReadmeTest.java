package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.BlockFormat;
import dev.octet.Shape;
import dev.octet.quantize.BlockQuantizer;
import dev.octet.testing.Repository;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows of GGUF compiles and runs. */
class GgufReadmeTest {
  @Test
  void exampleIsTheProgramThatIsCompiled() {
    Repository.assertReadmeShows(
        "java/octet-quantize/src/test/java/dev/octet/quantize/file/MultiplyByGguf.java");
  }

  @Test
  void exampleRuns(@TempDir Path folder) {
    int n = 48;
    int k = 512;
    Random random = new Random(4);
    float[] w = new float[n * k];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) random.nextGaussian();
    }
    float[] x = new float[k];
    for (int i = 0; i < k; i++) {
      x[i] = (float) random.nextGaussian();
    }
    Path path = folder.resolve("model.gguf");
    Shape shape = Shape.of(n, k);
    String name = "blk.0.attn_q.weight";
    try (GgufWriter writer = new GgufWriter(path, List.of(new GgufWriter.Slot(name, GgufType.Q4_K, shape)),
        Map.of())) {
      writer.write(name, BlockQuantizer.quantize(BlockFormat.Q4_K, shape, w).data());
      writer.commit();
    }
    float[] y = MultiplyByGguf.run(path, x);
    for (int row = 0; row < n; row++) {
      double exact = 0;
      for (int i = 0; i < k; i++) {
        exact += (double) w[row * k + i] * x[i];
      }
      // Weights are off by some 0.07, activations by 0.01, of 512 products of numbers around 1.
      assertTrue(Math.abs(y[row] - exact) < 8, row + ": " + exact + ", got " + y[row]);
    }
  }
}
