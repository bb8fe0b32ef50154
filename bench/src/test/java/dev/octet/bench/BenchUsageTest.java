package dev.octet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.bench.usage.WrongUsage;
import dev.octet.harness.report.RoundsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Command lines of ci/bench that are wrong: a line, no stack trace, nothing measured. */
class BenchUsageTest {
  private static String wrong(String... args) {
    return WrongUsage.of(BenchSuite.commandLine(args), "ci/bench", args);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "matmul --threads 0 | --threads: expected numbers from 1 to 32768, got 0",
      "matmul --threads 1,-2 | --threads: expected numbers from 1 to 32768, got -2",
      "networks --batch 0 | --batch: expected numbers from 1 to 1024, got 0",
      "networks --size 7 | --size: expected a number from 32 to 4096, got 7",
      "gate --against a.csv | --against: expected suite all, got suite gate",
      "matmul --results a.csv | --results: expected suite all, got suite matmul",
      "matmul --model-folder . | --model-folder: expected suite models, got suite matmul",
      "models --model-folder nowhere | --model-folder: expected a folder, which ci/models fills, got nowhere",
      "texts --against a.csv | --against: expected suite all, got suite texts",
      "all --require | --require: expected suite gate, got suite all",
      "matmul --dtypes f33 | --dtypes: dtype \"f33\": expected source, weights and destination, for example u8s8u8q, f32s4g32f32 or f32",
      "matmul --shapes minilm --peers mkl | nothing to measure: of mkl nobody takes a shape of these files in these dtypes; left out: mkl: ci/peers --mkl fetches it, --mkl names its folder"})
  void values(String args, String message) {
    assertEquals(message, wrong(args.split(" ")));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "matmul --peers nobody | --peers: peer \"nobody\": expected one of [octet-scalar, ",
      "matmul --shapes nothing | --shapes: expected a file of shapes, or one of [bert-base, ",
      "matmul --threads two | Invalid value for option '--threads' (<threads>): 'two' is not an int",
      "everything | Invalid value for positional parameter at index 0 (SUITE): expected one of [all, figures, ",
      "matmul --nothing | Unknown option: '--nothing'", "--list | Missing required parameter: 'SUITE'"})
  void beginnings(String args, String message) {
    String said = wrong(args.split(" "));
    assertTrue(said.startsWith(message), said);
  }

  @Test
  void files(@TempDir Path folder) throws IOException {
    Path shapes = Files.writeString(folder.resolve("shapes.txt"), "1x2x3\nseven\n");
    assertTrue(wrong("matmul", "--shapes", shapes.toString())
        .startsWith("--shapes: shapes.txt:2: shape \"seven\": expected "));
    assertEquals("--out: expected a file that can be written, got " + folder,
        wrong("matmul", "--out", folder.toString()));
    assertEquals("--out: expected a file that can be written, got " + shapes.resolve("a.csv"),
        wrong("matmul", "--out", shapes.resolve("a.csv").toString()));
    Path none = folder.resolve("none.csv");
    for (String option : new String[]{"--against", "--results"}) {
      assertEquals(option + ": expected a file, got " + folder.resolve("none-rounds.csv")
          + ", which is not there", wrong("all", option, none.toString()));
    }
    Files.writeString(folder.resolve("none-rounds.csv"), "x\n");
    assertEquals(
        "--against: none-rounds.csv:1: expected peer,op,shape,dtype,threads,kernel,us of each round, "
            + "got \"x\": no header above it",
        wrong("all", "--against", none.toString()));
    new RoundsFile(List.of(), "another CPU", List.of()).write(none);
    String against = wrong("all", "--against", none.toString());
    assertTrue(against.startsWith("--against: not comparable: one run is of another CPU, the other one of "),
        against);
    assertEquals("--mkl: expected a folder with libmkl_rt.so.3, which ci/peers --mkl fetches, got " + folder,
        wrong("all", "--mkl", folder.toString()));
    assertEquals(
        "--ggml: expected a folder with libggml-base.so and libggml-cpu-*.so, which ci/peers fetches, got "
            + folder,
        wrong("llama-decode", "--ggml", folder.toString()));
  }
}
