package dev.octet.quantize.file;

import static dev.octet.quantize.file.OnnxFileTest.bytes;
import static dev.octet.quantize.file.OnnxFileTest.floats;
import static dev.octet.quantize.file.OnnxFileTest.model;
import static dev.octet.quantize.file.OnnxFileTest.node;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorAnnotation;
import ai.onnx.proto.OnnxMl.TrainingInfoProto;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.QuantizationSummary.Entry;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What models have beside their graph: how they are trained, and how they are meant to be quantized. */
class OnnxTrainingTest {
  @TempDir
  Path folder;

  private Path write(ModelProto.Builder model) throws IOException {
    return Files.write(folder.resolve("model.onnx"), model.build().toByteArray());
  }

  private static float[] numbers(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i % 5 - 2.25f;
    }
    return values;
  }

  @Test
  void tensorsOfTrainingAreCopied() throws IOException {
    GraphProto.Builder inner = GraphProto.newBuilder().setName("b")
        .addInitializer(floats("deep", numbers(4), 2, 2)).addNode(node("MatMul", List.of("x", "deep"), "z"));
    TrainingInfoProto.Builder training = TrainingInfoProto.newBuilder()
        .setInitialization(GraphProto.newBuilder().setName("i")
            .addNode(NodeProto.newBuilder().setOpType("Constant").addOutput("start").addAttribute(
                AttributeProto.newBuilder().setName("value").setType(AttributeProto.AttributeType.TENSOR)
                    .setT(floats("", numbers(4), 2, 2)))))
        .setAlgorithm(GraphProto.newBuilder().setName("a")
            .addInitializer(floats("momentum", numbers(4), 2, 2))
            .addInitializer(floats("w", numbers(4), 2, 2))
            .addNode(node("MatMul", List.of("x", "momentum"), "m"))
            .addNode(node("Gemm", List.of("m", "v"), "g").addAttribute(AttributeProto.newBuilder()
                .setName("transB").setType(AttributeProto.AttributeType.INT).setI(1)))
            .addNode(
                NodeProto.newBuilder().setOpType("If").addInput("c").addAttribute(AttributeProto.newBuilder()
                    .setName("then_branch").setType(AttributeProto.AttributeType.GRAPH).setG(inner))));
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(floats("w", numbers(4), 2, 2))
        .addInitializer(floats("v", numbers(4), 2, 2)).addNode(node("MatMul", List.of("x", "w"), "p"))
        .addNode(node("MatMul", List.of("p", "v"), "y"));
    Path in = write(model(graph).addTrainingInfo(training));
    QuantizationSummary summary = NothingIsLost.quantize(in, folder.resolve("out.safetensors"),
        QuantizationScheme.int8Dynamic());
    assertEquals(List.of("w", "v"), summary.names(Outcome.QUANTIZED));
    assertEquals(List.of("start", "momentum", "training_0/algorithm/w", "deep"),
        summary.names(Outcome.COPIED));
    summary.entries().stream().filter(entry -> entry.outcome() == Outcome.COPIED).map(Entry::what)
        .forEach(what -> assertEquals("of the model's training", what));
  }

  private static TensorAnnotation.Builder annotation(String tensor, String scales) {
    return TensorAnnotation.newBuilder().setTensorName(tensor)
        .addQuantParameterTensorNames(parameter("SCALE_TENSOR", scales));
  }

  private static StringStringEntryProto.Builder parameter(String key, String tensor) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(tensor);
  }

  /** Scales that are annotated are no weights, whatever their shape; their tensor is quantized already. */
  @Test
  void annotatedTensorsAreOfAnotherTool() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(floats("w", numbers(4), 2, 2))
        .addInitializer(floats("s", numbers(4), 2, 2))
        .addInitializer(bytes("z", 3, new byte[4], 2, 2)).addInitializer(floats("xs", numbers(4), 2, 2))
        .addInitializer(floats("plain", numbers(4), 2, 2))
        .addInitializer(bytes("codes", 3, new byte[]{1, 2, 3, 4}, 2, 2))
        .addInitializer(floats("cs", new float[]{2}))
        .addNode(node("DequantizeLinear", List.of("codes", "cs"), "f"))
        .addNode(node("MatMul", List.of("x", "w"), "p")).addNode(node("MatMul", List.of("p", "plain"), "q"))
        .addNode(node("MatMul", List.of("q", "f"), "y")).addNode(node("MatMul", List.of("s", "xs"), "odd"))
        .addQuantizationAnnotation(
            annotation("w", "s").addQuantParameterTensorNames(parameter("ZERO_POINT_TENSOR", "z")))
        .addQuantizationAnnotation(annotation("x", "xs"))
        .addQuantizationAnnotation(annotation("codes", "cs"));
    Path in = write(model(graph));
    QuantizationSummary summary = NothingIsLost.quantize(in, folder.resolve("out.safetensors"),
        QuantizationScheme.int8Dynamic());
    assertEquals(List.of("plain"), summary.names(Outcome.QUANTIZED));
    assertEquals(List.of("codes"), summary.names(Outcome.KEPT));
    try (WeightFile file = WeightFile.open(in)) {
      assertEquals(
          List.of(new ForeignWeights("ONNX quantization_annotation", "w", List.of("w", "s", "z")),
              new ForeignWeights("ONNX quantization_annotation", "x", List.of("xs"))),
          file.foreign());
      assertTrue(file.isParameter("cs"));
    }
  }
}
