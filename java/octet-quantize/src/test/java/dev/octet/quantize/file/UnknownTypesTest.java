package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.Shape;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Types of safetensors that Octet does not know, as later versions may have them: copied by byte and name.
 */
class UnknownTypesTest {
  @TempDir
  Path folder;
  private Path in;

  @BeforeEach
  void model() {
    // 15 elements of 3 bits and 2 of 24, and a name that is another type's in ONNX
    in = new TensorFiles().with("a.weight", StoredType.F32, 4, 4).other("codes", "F3_E1M1", 6, 3, 5)
        .other("wide", "F24", 6, 2).other("nibbles", "U4", 3, 6).other("none", "F3_E1M1", 0, 0)
        .other("q.weight", "F2", 3, 4, 3).floats("q.weight_scale", new float[]{1, 2, 3, 4}, 4, 1)
        .write(folder.resolve("in.safetensors"));
  }

  @Test
  void bytesTypesAndShapesAreCopied() {
    Path out = folder.resolve("out.safetensors");
    QuantizationSummary summary = NothingIsLost.quantize(in, out, QuantizationScheme.int8Dynamic());
    assertEquals(List.of("a.weight"), summary.names(Outcome.QUANTIZED));
    assertEquals(
        Map.of("of type F3_E1M1", 2L, "of type F24", 1L, "of type U4", 1L, "of an unknown form weights", 2L),
        summary.counts(Outcome.COPIED));
    for (Path path : List.of(in, out)) {
      try (WeightFile file = WeightFile.open(path)) {
        StoredTensor codes = file.tensor("codes");
        assertEquals("codes F3_E1M1 [3, 5]", codes.toString());
        assertEquals(StoredType.OTHER, codes.type());
        assertEquals(Shape.of(3, 5), codes.shape());
        assertEquals(6, codes.data().byteSize());
        assertEquals("nibbles U4 [6]", file.tensor("nibbles").toString());
        assertThrows(UnsupportedOperationException.class, codes::floats);
      }
    }
    try (WeightFile before = WeightFile.open(in); WeightFile after = WeightFile.open(out)) {
      FileComparison comparison = FileComparison.of(before, after, (name, done, total) -> {
      });
      assertEquals(List.of(), comparison.missing());
      assertEquals(Map.of("codes", "F3_E1M1", "wide", "F24", "nibbles", "U4", "none", "F3_E1M1"),
          comparison.tensors().stream().filter(row -> !row.name().contains("weight"))
              .collect(
                  java.util.stream.Collectors.toMap(FileComparison.Row::name, FileComparison.Row::form)));
    }
  }

  /** Codes of a type to come: the scales that tools put beside codes are no layers. */
  @Test
  void scalesOfUnknownCodesAreNoLayers() {
    Map<String, List<String>> beside = Map.ofEntries(
        Map.entry(".weight",
            List.of(".scales", ".scale", ".biases", ".weight_scale", ".weight_scale_inv", ".weight_scales",
                ".weight_absmax", ".weight.absmax", ".scale_weight", ".SCB")),
        Map.entry(".qweight", List.of(".scales", ".weight_scales")),
        Map.entry(".weight_packed", List.of(".weight_scale", ".weight_global_scale")),
        Map.entry(".W_q", List.of(".scale")), Map.entry(".codes", List.of(".codebooks", ".scales")),
        Map.entry("_blocks", List.of("_scales")), Map.entry("", List.of("_scale", "_scale_inv")));
    beside.forEach((codes, endings) -> endings.forEach(ending -> {
      Path model = new TensorFiles().other("m.q" + codes, "F8_E3M4", 128, 4, 32)
          .with("m.q" + ending, StoredType.F32, 4, 4).with("m.o.weight", StoredType.F32, 4, 4)
          .write(folder.resolve("codes.safetensors"));
      QuantizationSummary summary = NothingIsLost.quantize(model, folder.resolve("codes-out.safetensors"),
          QuantizationScheme.int8Dynamic());
      assertEquals(List.of("m.o.weight"), summary.names(Outcome.QUANTIZED), codes + " and " + ending);
    }));
  }

  /** The scales of an unknown type too: nothing else of the layer is one. */
  @Test
  void scalesOfUnknownTypes() {
    Path model = new TensorFiles().with("m.q_blocks", StoredType.U8, 4, 64, 16)
        .other("m.q_scales", "F8_E7M1", 256, 4, 64).with("m.q_bias", StoredType.F32, 4, 64)
        .write(folder.resolve("scales.safetensors"));
    try (WeightFile file = WeightFile.open(model)) {
      assertEquals(List.of(new ForeignWeights("an unknown form", "m.q",
          List.of("m.q_bias", "m.q_blocks", "m.q_scales"))), file.foreign());
    }
  }

  /** The same bytes of another type are other numbers. */
  @Test
  void typesOfDifferentNamesDiffer() {
    Path other = new TensorFiles().other("codes", "F3_E2M0", 6, 3, 5).write(folder.resolve("other"));
    Path one = new TensorFiles().other("codes", "F3_E1M1", 6, 3, 5).write(folder.resolve("one"));
    try (WeightFile before = WeightFile.open(one); WeightFile after = WeightFile.open(other)) {
      FileComparison.Row row = FileComparison.of(before, after, (name, done, total) -> {
      }).tensors().getFirst();
      assertEquals(Double.POSITIVE_INFINITY, row.noise());
    }
  }
}
