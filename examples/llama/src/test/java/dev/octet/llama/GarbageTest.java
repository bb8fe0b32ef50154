package dev.octet.llama;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.testing.Garbage;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A decoded token makes no garbage. */
class GarbageTest {
  @TempDir
  Path folder;

  @ParameterizedTest
  @CsvSource({"NATIVE, 1", "NATIVE, 2", "VECTOR, 1"})
  void none(Engine engine, int threads) {
    TestModels.assumeIsHere(engine);
    Path path = TestModels.write(folder, SeededModel.SMALL, false);
    int[] tokens = TestModels.tokens(SeededModel.SMALL, 20);
    try (Octet octet = Octet.builder().engine(engine).threads(threads).open();
        LlamaModel model = LlamaModel.open(path, octet, null);
        LlamaContext context = new LlamaContext(model, 40)) {
      context.run(tokens, 0, 18);
      int[] next = {tokens[18]};
      Garbage.assertNone("a token on " + engine, () -> {
        next[0] = LlamaContext.best(context.run(next, 0, 1));
        if (context.tokens() == 40) {
          context.truncate(18);
        }
      });
    }
  }
}
