package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.quantize.file.MalformedFileException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Files that are wrong or not offered: an error with the node's name, when they are prepared or run. */
class HostileModelsTest {
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().threads(1).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  private static TestModel model() {
    return new TestModel(13).input("x", ElementType.F32, "n", 4).output("y", ElementType.F32);
  }

  private static void malformed(TestModel model, String... parts) {
    says(assertThrows(MalformedFileException.class, () -> model.open().prepare(octet)), parts);
  }

  private static void notOffered(TestModel model, String... parts) {
    says(assertThrows(UnsupportedOperationException.class, () -> model.open().prepare(octet)), parts);
  }

  /** Prepared, and refused with an input of two rows. */
  private static void refusedByRun(TestModel model, String... parts) {
    try (PreparedOnnx prepared = model.open().prepare(octet)) {
      Map<String, Tensor> inputs = Map.of("x", Tensor.floats(Shape.of(2, 4), new float[8]));
      says(assertThrows(RuntimeException.class, () -> prepared.run(inputs)), parts);
    }
  }

  private static void says(RuntimeException e, String... parts) {
    assertTrue(e instanceof IllegalArgumentException || e instanceof UnsupportedOperationException,
        e.toString());
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage() + " does not say: " + part);
    }
  }

  @Test
  void missingOperatorsAreNamedAllAtOnce() {
    TestModel model = model().node("Relu", "x", "a").node("Frobnicate", "a", "b").node("GRU", "b", "c")
        .node("Relu", "c", "y");
    model.graph
        .addNode(NodeProto.newBuilder().setDomain("com.acme").setOpType("Relu").setName("other").addInput("x")
            .addOutput("z"));
    model.node("Loop", "x", "w").attribute("body", GraphProto.newBuilder().setName("body").build());
    notOffered(model, "4 not offered", "node theFrobnicate1 (Frobnicate)", "node theGRU2 (GRU)",
        "node other (com.acme:Relu)", "node theLoop5 (Loop): graphs inside of nodes");
  }

  @Test
  void functionsOfTheModelAreNamed() throws IOException {
    ModelProto.Builder model = ModelProto.parseFrom(model().node("Relu", "x", "y").bytes()).toBuilder();
    model.addFunctionsBuilder().setName("Relu").setDomain("").addInput("a").addOutput("b");
    UnsupportedOperationException e = assertThrows(UnsupportedOperationException.class,
        () -> OnnxModel.open(new ByteArrayInputStream(model.build().toByteArray())).prepare(octet));
    says(e, "node theRelu0 (Relu): functions of the model's own");
  }

  @Test
  void attributesThatAreNotKnownAreNamedToo() {
    notOffered(model().node("Relu", "x", "y").attribute("slope", 1f), "node theRelu0 (Relu)",
        "attribute slope");
    notOffered(model().node("Cast", "x", "y").attribute("to", 11), "node theCast0 (Cast)", "element type 11");
    malformed(model().node("Concat", "x x", "y"), "node theConcat0 (Concat)", "axis");
    malformed(model().node("Softmax", "x", "y").attribute("axis", 1f), "node theSoftmax0 (Softmax)", "axis",
        "integer");
  }

  @Test
  void opsetsAreRefusedByNumber() {
    for (int opset : new int[]{8, 24, 0, -1}) {
      notOffered(
          new TestModel(opset).input("x", ElementType.F32).output("y", ElementType.F32).node("Relu", "x",
              "y"),
          "opset " + opset, "9 to 23");
    }
    byte[] none = ModelProto.newBuilder().setGraph(GraphProto.newBuilder()).build().toByteArray();
    says(assertThrows(MalformedFileException.class, () -> OnnxModel.open(new ByteArrayInputStream(none))),
        "opset");
  }

  @Test
  void cyclesAreFound() {
    malformed(model().node("Add", "x b", "a").node("Relu", "a", "b").node("Relu", "b", "y"),
        "node theAdd0 (Add)",
        "cycle");
    malformed(model().node("Add", "x y", "y"), "node theAdd0 (Add)", "cycle");
  }

  @Test
  void namesThatAreMissingOrTwice() {
    malformed(model().node("Add", "x nobody", "y"), "\"nobody\"", "node theAdd0 (Add)");
    malformed(
        new TestModel(13).input("x", ElementType.F32).output("z", ElementType.F32).node("Relu", "x", "y"),
        "\"z\"", "an output of the graph");
    malformed(model().node("Relu", "x", "y").node("Erf", "x", "y"), "\"y\"", "node theErf1");
    malformed(model().input("x", ElementType.F32).node("Relu", "x", "y"), "\"x\"");
    malformed(model().node("Add", "x -", "y"), "node theAdd0 (Add)", "input 1 is left out");
    malformed(model().node("Relu", "x x", "y"), "node theRelu0 (Relu)", "got 2");
    malformed(model().node("Relu", "x", "y z"), "node theRelu0 (Relu)", "at most 1 outputs");
    malformed(new TestModel(13).input("x", ElementType.F32).node("Relu", "x", "y"), "no outputs");
    malformed(model().output("y", ElementType.F32).node("Relu", "x", "y"), "\"y\"",
        "output of the graph twice");
  }

  @Test
  void nodesInAnyOrderAreRun() {
    TestModel model = model().node("Relu", "a", "y").node("Erf", "x", "a");
    try (PreparedOnnx prepared = model.open().prepare(octet)) {
      Map<String, Tensor> y = prepared.run(Map.of("x", Tensor.floats(Shape.of(1, 4), -1, 0, 0, 100)));
      assertEquals(Shape.of(1, 4), y.get("y").shape());
      assertEquals(1, y.get("y").floats()[3], 1e-6f);
    }
  }

  @Test
  void outputsMayBeLeftOut() {
    for (String outputs : List.of("q", "q - z", "- y")) {
      TestModel model = new TestModel(13).input("x", ElementType.F32, 2).node("DynamicQuantizeLinear", "x",
          outputs);
      String name = outputs.endsWith("y") ? "y" : "q";
      model.output(name, name.equals("y") ? ElementType.F32 : ElementType.U8);
      try (PreparedOnnx prepared = model.open().prepare(octet)) {
        Tensor y = prepared.run(Map.of("x", Tensor.floats(Shape.of(2), 0, 255))).get(name);
        assertEquals(name.equals("y") ? 1f : (byte) 255,
            name.equals("y") ? y.floats()[0] : y.data().get(ValueLayout.JAVA_BYTE, 1));
      }
    }
  }

  @Test
  void typesThatDoNotFit() {
    TestModel integers = model().initializer("i", TestModel.vector(1, 2, 3, 4));
    malformed(integers.node("Add", "x i", "y"), "node theAdd0 (Add)", "F32", "I64");
    malformed(model().node("MatMulInteger", "x x", "y"), "node theMatMulInteger0", "U8", "got F32");
    malformed(model().node("Gather", "x x", "y"), "node theGather0 (Gather)", "input 1", "got F32");
    TestModel half = model().node("Identity", "h", "y");
    half.graph.addInitializer(TensorProto.newBuilder().setName("h").setDataType(10).addDims(1)
        .setRawData(ByteString.copyFrom(new byte[2])));
    notOffered(half, "node theIdentity0 (Identity)", "element type");
    notOffered(model().input("h", ElementType.OTHER).node("Relu", "x", "y"), "input h");
  }

  @Test
  void shapesThatDoNotFit() {
    malformed(model().initializer("w", Tensor.floats(Shape.of(3), 1, 2, 3)).node("Add", "x w", "y"),
        "node theAdd0 (Add)", "[?, 4] and [3]");
    malformed(
        model().initializer("w", Tensor.floats(Shape.of(3, 2), new float[6])).node("MatMul", "x w", "y"),
        "node theMatMul0 (MatMul)", "[?, 4]", "[3, 2]");
    malformed(model().node("Transpose", "x", "y").attribute("perm", new long[]{0, 0}), "node theTranspose0",
        "perm");
    malformed(model().node("Softmax", "x", "y").attribute("axis", 2L), "node theSoftmax0", "axis", "got 2");
    malformed(model().initializer("s", TestModel.vector(2, -1, -1)).node("Reshape", "x s", "y"),
        "theReshape0",
        "at most one -1");
    refusedByRun(model().initializer("s", TestModel.vector(3, -1)).node("Reshape", "x s", "y"), "theReshape0",
        "[2, 4]", "[3, -1]");
    refusedByRun(model().node("Add", "x t", "y").node("Transpose", "x", "t"), "node theAdd0 (Add)",
        "[2, 4] and [4, 2]");
    malformed(model().initializer("s", TestModel.vector(-5, 4)).node("Expand", "x s", "y"), "theExpand0",
        "lengths >= 0");
    refusedByRun(model().initializer("s", TestModel.vector(7)).node("Gather", "x s", "y"), "theGather0",
        "index 0", "got 7");
  }

  @Test
  void sizesThatOverflow() {
    long large = 1L << 40;
    malformed(new TestModel(13).initializer("s", TestModel.vector(large, large)).output("y", ElementType.F32)
        .node("ConstantOfShape", "s", "y"), "theConstantOfShape0", "overflow");
    malformed(model().initializer("s", TestModel.vector(large, large, 4)).node("Expand", "x s", "y"),
        "theExpand0",
        "overflow");
    refusedByRun(model().initializer("s", TestModel.vector(large, 1)).node("ConstantOfShape", "s", "c")
        .node("ReduceMean", "c", "m").node("Add", "x m", "y"), "theConstantOfShape0", "memory");
    refusedByRun(model().initializer("s", TestModel.vector(1L << 58, 1, 1)).node("Expand", "x s", "e")
        .node("ReduceMean", "e", "y").attribute("axes", new long[]{0}), "theExpand0", "overflow");
  }

  @Test
  void constantsThatGrowAreNotComputedBefore() {
    TestModel model = model().initializer("w", Tensor.floats(Shape.of(1000), new float[1000]));
    String last = "w";
    for (int i = 0; i < 40; i++) {
      model.node("Concat", last + " " + last, "w" + i).attribute("axis", 0L);
      last = "w" + i;
    }
    model.node("ReduceMean", last, "m").node("Add", "x m", "y");
    refusedByRun(model, "(Concat)", "memory");
  }

  @Test
  void shapesThatDependOnElementsAreRefused() {
    TestModel model = new TestModel(13).input("x", ElementType.F32, null, null).input("s", ElementType.I64, 2)
        .output("y", ElementType.F32).node("Reshape", "x s", "y");
    try (PreparedOnnx prepared = model.open().prepare(octet)) {
      Map<String, Tensor> inputs = Map.of("x", Tensor.floats(Shape.of(2, 4), new float[8]), "s",
          TestModel.vector(4, 2));
      says(assertThrows(UnsupportedOperationException.class, () -> prepared.run(inputs)), "node theReshape0",
          "depends on the elements");
    }
  }

  @Test
  void integersDividedByZero() {
    TestModel model = new TestModel(13).input("x", ElementType.I64, 2).output("y", ElementType.I64).node(
        "Div",
        "x x", "y");
    try (PreparedOnnx prepared = model.open().prepare(octet)) {
      Map<String, Tensor> inputs = Map.of("x", TestModel.vector(1, 0));
      says(assertThrows(IllegalArgumentException.class, () -> prepared.run(inputs)), "node theDiv0 (Div)",
          "by 0");
    }
  }

  @Test
  void whatIsNoModel() {
    for (byte[] bytes : new byte[][]{{}, {1, 2, 3}, "ONNX".getBytes(StandardCharsets.UTF_8)}) {
      assertThrows(MalformedFileException.class, () -> OnnxModel.open(new ByteArrayInputStream(bytes)));
    }
  }
}
