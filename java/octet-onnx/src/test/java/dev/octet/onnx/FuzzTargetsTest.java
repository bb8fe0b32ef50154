package dev.octet.onnx;

import dev.octet.Octet;
import dev.octet.onnx.value.Tensor;
import dev.octet.testing.Fuzzing;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ci/fuzz runs for minutes holds for seconds: seeds and some mutations of them. */
class FuzzTargetsTest {
  private static final int INPUTS = Integer.getInteger("octet.test.fuzz", 600);

  @Test
  void seedsAreModelsThatRun(@TempDir Path folder) {
    for (byte[] seed : new OnnxModelTarget().seeds(folder)) {
      try (Octet octet = Octet.builder().threads(1).open();
          PreparedOnnx prepared = OnnxModel.open(new ByteArrayInputStream(seed)).prepare(octet)) {
        Map<String, Tensor> inputs = OnnxModelTarget.inputs(prepared);
        TestData.assertSame("seed", OnnxRuntimeJudge.run(seed, inputs), prepared.run(inputs), 2e-5);
      }
    }
  }

  @Test
  void everyModelIsRunOrRefused(@TempDir Path folder) throws IOException {
    Fuzzing.mutate(new OnnxModelTarget(), INPUTS, folder);
  }
}
