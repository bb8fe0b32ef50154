package dev.octet.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.quantize.file.GgufFile;
import dev.octet.testing.ChildJvm;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The program, as it is started. */
class LlamaMainTest {
  @TempDir
  Path folder;

  private static ChildJvm.Result run(String... arguments) {
    return ChildJvm.of(LlamaMain.class, List.of("-Doctet.cache=" + System.getProperty("octet.cache")),
        List.of(Octet.class, GgufFile.class, CommandLine.class), arguments).run();
  }

  @Test
  void generates() {
    Path path = TestModels.write(folder, SeededModel.SMALL, true);
    int[] tokens = {1, 2, 3, 0, 0, 0, 0};
    try (Octet octet = Octet.builder().threads(1).open();
        LlamaModel model = LlamaModel.open(path, octet, null);
        LlamaContext context = new LlamaContext(model, 7)) {
      tokens[3] = LlamaContext.best(context.run(tokens, 0, 3));
      for (int i = 4; i < tokens.length; i++) {
        tokens[i] = LlamaContext.best(context.run(tokens, i - 1, 1));
      }
    }
    String expected = Arrays.stream(tokens, 3, 7).mapToObj(token -> token + "\n")
        .collect(Collectors.joining());
    for (Engine engine : TestModels.engines()) {
      assertEquals(new ChildJvm.Result(0, expected),
          run(path.toString(), "1,2,3", "--generate", "4", "--threads", "2", "--engine", engine.name()));
    }
  }

  @Test
  void saysWhatIsWrong() {
    Path path = TestModels.write(folder, SeededModel.SMALL, true);
    assertEquals(new ChildJvm.Result(1, "llama: tokens[1]: expected 0 to 319, got 400\n"),
        run(path.toString(), "1,400"));
  }
}
