package dev.octet.cli;

import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.octet.Shape;
import dev.octet.minilm.ModelFiles;
import dev.octet.onnx.value.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole model by the command: all-MiniLM-L6-v2 in FP32. */
class RunCommandTest {
  @TempDir
  static Path folder;
  private static Path model;

  @BeforeAll
  static void write() throws IOException {
    model = Files.write(folder.resolve("minilm.onnx"), ModelFiles.read(ModelFiles.FP32_MODEL));
  }

  @Test
  void inputsThatAreNotGivenAreMadeUp() {
    Run run = octet("run", model, "--dim", "batch_size=2", "--dim", "sequence_length=5", "--json");
    assertEquals(0, run.exit(), run.err());
    JsonNode json = run.json();
    assertEquals(11, json.get("opset").asInt());
    JsonNode output = json.get("outputs").get(0);
    assertEquals("last_hidden_state", output.get("name").asText());
    assertEquals("[2,5,384]", output.get("shape").toString());
    assertTrue(json.get("nodes").size() > 100, json.get("nodes").toString());
  }

  @Test
  void arraysOfNumPyGoInAndOut() {
    Shape shape = Shape.of(1, 4);
    Path ids = folder.resolve("ids.npy");
    Path ones = folder.resolve("ones.npy");
    Path zeros = folder.resolve("zeros.npy");
    Path rewritten = folder.resolve("rewritten.npy");
    Path plain = folder.resolve("plain.npy");
    Npy.write(ids, Tensor.longs(shape, 101, 7592, 2088, 102));
    Npy.write(ones, Tensor.longs(shape, 1, 1, 1, 1));
    Npy.write(zeros, Tensor.longs(shape, new long[4]));
    for (boolean rewrites : new boolean[]{true, false}) {
      Path out = rewrites ? rewritten : plain;
      Run run = octet("run", model, "--input", "input_ids=" + ids, "--input", "attention_mask=" + ones,
          "--input",
          "token_type_ids=" + zeros, "--output", "last_hidden_state=" + out, "--runs", "2", "--nodes",
          rewrites ? "--threads=1" : "--no-rewrites");
      assertEquals(0, run.exit(), run.err());
      assertTrue(run.out().contains("last_hidden_state  "), run.out());
      assertEquals(rewrites, run.out().contains("RowNorm"), run.out());
      assertEquals(rewrites, run.out().contains("for 10 nodes"), run.out());
    }
    assertEquals(Shape.of(1, 4, 384), Npy.read(rewritten).shape());
    assertArrayEquals(Npy.read(plain).floats(), Npy.read(rewritten).floats(), 1e-4f);
  }

  @Test
  void profilesSayWhereTheTimeGoes() {
    Object[] command = {"run", model, "--dim", "batch_size=1", "--dim", "sequence_length=5", "--runs", "3",
        "--profile"};
    Run run = octet(command);
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.out().contains("timed node by node a run takes "), run.out());
    assertTrue(run.out().contains("(median of 3)"), run.out());
    String operators = run.out().substring(run.out().lastIndexOf("operator "));
    double shares = operators.lines().skip(1).mapToDouble(
        line -> Double.parseDouble(line.replaceAll(".* ([0-9.]+) %$", "$1"))).sum();
    assertEquals(100, shares, 1.5, operators);
    assertFalse(run.out().substring(run.out().indexOf("timed node by node")).contains("view"), run.out());

    Run inJson = octet(Stream.concat(Stream.of(command), Stream.of("--json")).toArray());
    JsonNode profile = inJson.json().get("profile");
    JsonNode nodes = inJson.json().get("nodes");
    assertEquals(3, profile.get("runs").asInt());
    assertEquals(nodes.size(), profile.get("nodes").size());
    double sum = 0;
    for (int i = 0; i < nodes.size(); i++) {
      JsonNode time = profile.get("nodes").get(i);
      assertEquals(nodes.get(i), time.get("node"));
      sum += time.get("medianMicros").asDouble();
    }
    double before = Double.MAX_VALUE;
    int counted = 0;
    for (JsonNode operator : profile.get("operators")) {
      double micros = operator.get("medianMicros").asDouble();
      assertTrue(micros <= before, profile.get("operators").toString());
      before = micros;
      sum -= micros;
      counted += operator.get("nodes").asInt();
    }
    assertEquals(0, sum, 1e-6, "operators are the sums of their nodes");
    assertEquals(nodes.size(), counted);
    assertNull(octet("run", model, "--dim", "batch_size=1", "--dim", "sequence_length=5", "--json").json()
        .get("profile"));
  }

  private static void refused(String part, Object... args) {
    Run run = octet(args);
    assertEquals(1, run.exit(), run.out() + run.err());
    assertTrue(run.err().contains(part), run.err());
  }

  @Test
  void whatDoesNotFitIsNamed() throws IOException {
    refused("--dim: expected the length of batch_size", "run", model);
    refused("the model has no dimension depth", "run", model, "--dim", "depth=3");
    refused("the model has no input mask", "run", model, "--input", "mask=none.npy");
    refused("the model has no output hidden", "run", model, "--dim", "batch_size=1", "--dim",
        "sequence_length=3",
        "--output", "hidden=none.npy");
    for (String option : new String[]{"--runs", "--threads"}) {
      Run run = octet("run", model, option, "0");
      assertEquals(2, run.exit(), run.err());
      assertTrue(run.err().contains(option + ": expected "), run.err());
    }
    refused("cannot read", "run", folder.resolve("none.onnx"));
    Path damaged = Files.write(folder.resolve("damaged.onnx"), new byte[]{1, 2, 3});
    refused("damaged.onnx: ", "run", damaged);
    Path short0 = folder.resolve("short.npy");
    Npy.write(short0, Tensor.longs(Shape.of(3), 1, 2, 3));
    refused("input_ids", "run", model, "--input", "input_ids=" + short0, "--dim", "batch_size=1", "--dim",
        "sequence_length=3");
  }
}
