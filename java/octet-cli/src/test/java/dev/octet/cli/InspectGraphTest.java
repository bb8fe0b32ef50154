package dev.octet.cli;

import static dev.octet.cli.OnnxBytes.initializer;
import static dev.octet.cli.OnnxBytes.input;
import static dev.octet.cli.OnnxBytes.model;
import static dev.octet.cli.OnnxBytes.node;
import static dev.octet.cli.OnnxBytes.output;
import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The graph of an ONNX file, by octet inspect. */
class InspectGraphTest {
  private static final int F32 = 1;

  @TempDir
  Path folder;

  private Path write(byte[] model) throws IOException {
    return Files.write(folder.resolve("model.onnx"), model);
  }

  private Path linear() throws IOException {
    return write(model(13, input("x", F32, "rows", 4), initializer("w", 4, 8), node("MatMul", "x", "w", "p"),
        node("Relu", "p", "r"), node("Sigmoid", "r", "y"), output("y", F32, "rows", 8)));
  }

  @Test
  void whatIsInAGraphAndWhatWouldRunIt() throws IOException {
    Run run = octet("inspect", linear());
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.out().startsWith("ONNX, 1 tensors, 128 B, 0 quantized"), run.out());
    for (String part : new String[]{"graph of 3 nodes; opsets: [ONNX 13]", "input   F32  [rows, 4]", "MatMul",
        "prepared: 2 nodes", "FloatChain  "}) {
      assertTrue(run.out().contains(part), run.out() + " does not say: " + part);
    }
    assertFalse(run.out().contains("theRelu"), run.out());
    assertTrue(octet("inspect", linear(), "--nodes").out().contains("theRelu (Relu), theSigmoid (Sigmoid)"));
  }

  @Test
  void theSameAsJson() throws IOException {
    Run run = octet("inspect", linear(), "--json");
    assertEquals(0, run.exit(), run.err());
    JsonNode graph = run.json().get("graph");
    assertEquals("{\"MatMul\":1,\"Relu\":1,\"Sigmoid\":1}", graph.get("operators").toString());
    assertEquals("[\"rows\",4]", graph.get("inputs").get(0).get("shape").toString());
    assertEquals(13, graph.get("opsets").get("").asInt());
    assertEquals(2, graph.get("nodes").size());
    assertEquals("[]", graph.get("missing").toString());
    assertEquals(1, run.json().get("tensors").size());
  }

  @Test
  void whatIsMissingIsNamedAllAtOnce() throws IOException {
    Path model = write(model(13, input("x", F32, "rows", 4), node("Foo", "x", "a"), node("Bar", "a", "b"),
        node("Relu", "b", "y"), output("y", F32, "rows", 4)));
    Run run = octet("inspect", model);
    assertEquals(1, run.exit(), run.err());
    assertTrue(run.out().contains("2 not offered, so that the model does not run:"), run.out());
    assertTrue(run.out().contains("node theFoo (Foo)") && run.out().contains("node theBar (Bar)"), run.out());
    Run json = octet("inspect", model, "--json");
    assertEquals(1, json.exit());
    assertEquals("[\"node theFoo (Foo)\",\"node theBar (Bar)\"]",
        json.json().get("graph").get("missing").toString());
    Run weights = octet("inspect", model, "--weights");
    assertEquals(0, weights.exit());
    assertFalse(weights.out().contains("Foo"), weights.out());
  }

  @Test
  void aGraphThatIsNoneIsSaidBehindTheWeights() throws IOException {
    Path opset = write(OnnxBytes.graph(initializer("w", 4, 8)));
    Run run = octet("inspect", opset);
    assertEquals(1, run.exit());
    assertTrue(run.out().startsWith("ONNX, 1 tensors") && run.out().contains("which opset of ONNX"),
        run.out());
    Run old = octet("inspect",
        write(model(6, input("x", F32, 4), node("Relu", "x", "y"), output("y", F32, 4))));
    assertEquals(1, old.exit());
    assertTrue(old.out().contains("opset 6 is not offered"), old.out());
    Run value = octet("inspect", write(model(13, node("Relu", "none", "y"), output("y", F32, 4))), "--json");
    assertEquals(1, value.exit());
    assertTrue(value.json().get("graph").get("error").asText().contains("none"), value.out());
  }

  @Test
  void anEngineMayBeAskedFor() throws IOException {
    Run run = octet("inspect", linear(), "--engine", "scalar");
    assertEquals(0, run.exit(), run.err());
  }
}
