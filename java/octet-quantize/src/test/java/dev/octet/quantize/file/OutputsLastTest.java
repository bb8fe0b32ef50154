package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.DataType;
import dev.octet.quantize.LayerScheme;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.WeightScheme;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import dev.octet.testing.Repository;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights whose output features are the last axis, in files that do not say so. */
class OutputsLastTest {
  private static final QuantizationScheme INT8 = QuantizationScheme.int8Dynamic();
  private static final QuantizationScheme INT4 = QuantizationScheme
      .of(LayerScheme.weightsOnly(WeightScheme.perGroup(DataType.S4, 32, true)));

  @TempDir
  Path folder;

  private record Done(QuantizationSummary summary, FileComparison comparison) {
    double sqnr() {
      return comparison.tensors().getFirst().sqnr();
    }
  }

  private Done quantize(WeightFile in, QuantizationScheme scheme) {
    Path out = folder.resolve("out.safetensors");
    try (in) {
      QuantizationSummary summary = WeightQuantizer.quantize(in, out, new SchemeChoice(scheme),
          WeightQuantizer.Method.NEAREST, List.of(), Map.of(), (tensor, done, total) -> {
          });
      try (WeightFile written = WeightFile.open(out)) {
        return new Done(summary, FileComparison.of(in, written, (tensor, done, total) -> {
        }));
      }
    }
  }

  /** The experts of a case, {@code [E][N][K]}, and the same numbers as {@code [E][K][N]}. */
  private Path turned(Path path) {
    try (WeightFile file = WeightFile.open(path)) {
      StoredTensor tensor = file.tensors().getFirst();
      int experts = tensor.shape().intDim(0);
      int out = tensor.shape().intDim(1);
      int in = tensor.shape().intDim(2);
      float[] values = tensor.floats();
      float[] turned = new float[values.length];
      for (int e = 0; e < values.length; e++) {
        turned[e / (out * in) * out * in + e % in * out + e / in % out] = values[e];
      }
      return new TensorFiles().floats("stack.weight", turned, experts, in, out)
          .write(folder.resolve("turned.safetensors"));
    }
  }

  private static Path moe() {
    Optional<Path> path = Repository.shared("cases/moe.safetensors");
    assumeTrue(path.isPresent(), "skipped, no conformance data");
    return path.orElseThrow();
  }

  @Test
  void turnedExpertsHaveTheScalesOfTheOriginal() {
    Path turned = turned(moe());
    for (QuantizationScheme scheme : List.of(INT8, INT4)) {
      double original = quantize(WeightFile.open(moe()), scheme).sqnr();
      Done done = quantize(OutputsLast.of(WeightFile.open(turned), List.of("*")), scheme);
      assertEquals(original, done.sqnr(), 1e-9);
      assertTrue(scheme == INT4 || original > 44.4, "int8: " + original);
      String form = scheme == INT4 ? "S4 per group of 32" : "S8 per group of 64";
      assertEquals("1 " + form + " (outputs last)", done.summary().text(Outcome.QUANTIZED));
      try (WeightFile written = WeightFile.open(folder.resolve("out.safetensors"))) {
        String name = written.quantizedNames().getFirst();
        assertEquals(new WeightAxes(2, 1), written.axes(name));
        assertEquals(1, written.quantized(name).quantization().axis());
      }
      assertTrue(scheme == INT4 || quantize(WeightFile.open(turned), scheme).sqnr() < original - 0.05,
          "without being told");
    }
  }

  /** What is copied keeps its axes, so that it is read rightly the next time. */
  @Test
  void copiesKeepTheirAxes() {
    Path turned = turned(moe());
    String name;
    try (WeightFile file = OutputsLast.of(WeightFile.open(turned), List.of("*"))) {
      name = file.tensors().getFirst().name();
      WeightQuantizer.quantize(file, folder.resolve("copy.safetensors"),
          new SchemeChoice(INT8.exclude("*")), WeightQuantizer.Method.NEAREST, List.of(), Map.of(),
          (tensor, done, total) -> {
          });
    }
    try (WeightFile copy = WeightFile.open(folder.resolve("copy.safetensors"))) {
      assertEquals(new WeightAxes(2, 1), copy.axes(name));
    }
    assertTrue(quantize(WeightFile.open(folder.resolve("copy.safetensors")), INT8).sqnr() > 44.4);
  }

  @Test
  void matrices() {
    Path in = new TensorFiles().with("h.attn.weight", StoredType.F32, 64, 96)
        .with("h.norm.weight", StoredType.F32, 64).with("head.weight", StoredType.F32, 96, 64)
        .write(folder.resolve("in.safetensors"));
    Done done = quantize(OutputsLast.of(WeightFile.open(in), List.of("h.*")), INT4);
    assertEquals("1 S4 per group of 32 (outputs last), 1 S4 per group of 32",
        done.summary().text(Outcome.QUANTIZED));
    try (WeightFile written = WeightFile.open(folder.resolve("out.safetensors"))) {
      assertEquals(0, written.quantized("h.attn.weight").quantization().axis());
      assertEquals(new WeightAxes(1, 0), written.axes("h.attn.weight"));
      assertEquals(1, written.quantized("head.weight").quantization().axis());
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Path in = new TensorFiles().with("conv.weight", StoredType.F32, 3, 3, 8, 16)
        .with("norm.weight", StoredType.F32, 8).with("codes", StoredType.I8, 4, 4)
        .write(folder.resolve("in.safetensors"));
    refused(WeightFile.open(in), "conv", "got conv.weight F32 [3, 3, 8, 16], which \"conv\" matches");
    for (String none : List.of("norm", "codes", "nothing")) {
      refused(WeightFile.open(in), none, "got \"" + none + "\", which is none's");
    }
    WeightFile onnx = OnnxFile.of(MemorySegment.ofArray(OnnxFileTest
        .model(ai.onnx.proto.OnnxMl.GraphProto.newBuilder()
            .addInitializer(OnnxFileTest.floats("w", new float[4], 2, 2)))
        .build().toByteArray()));
    refused(onnx, "w", "the graph of an ONNX model says");
  }

  private static void refused(WeightFile file, String glob, String message) {
    String said = assertThrows(IllegalArgumentException.class, () -> OutputsLast.of(file, List.of(glob)))
        .getMessage();
    assertTrue(said.startsWith("outputs last: ") && said.contains(message), said);
  }
}
