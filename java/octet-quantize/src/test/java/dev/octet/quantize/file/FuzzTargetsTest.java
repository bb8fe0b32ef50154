package dev.octet.quantize.file;

import dev.octet.testing.FuzzTarget;
import dev.octet.testing.Fuzzing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What ci/fuzz runs for minutes holds for seconds: seeds and some mutations of them. */
class FuzzTargetsTest {
  private static final int INPUTS = 60;

  static Stream<FuzzTarget> targets() {
    return Stream.of(new SafetensorsTarget(), new ShardedSafetensorsTarget(), new OnnxTarget(),
        new ModelSlimTarget(), new RecordedInputsTarget(), new ConfigTarget(), new GgufTarget(),
        new GgufPartsTarget());
  }

  @ParameterizedTest
  @MethodSource("targets")
  void everyInputIsReadOrRefused(FuzzTarget target, @TempDir Path folder) throws IOException {
    Fuzzing.mutate(target, INPUTS, folder);
  }
}
