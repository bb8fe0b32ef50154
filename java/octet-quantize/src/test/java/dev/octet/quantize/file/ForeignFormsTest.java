package dev.octet.quantize.file;

import static dev.octet.quantize.file.StoredType.BF16;
import static dev.octet.quantize.file.StoredType.F16;
import static dev.octet.quantize.file.StoredType.F32;
import static dev.octet.quantize.file.StoredType.F8_E4M3;
import static dev.octet.quantize.file.StoredType.I16;
import static dev.octet.quantize.file.StoredType.I32;
import static dev.octet.quantize.file.StoredType.I64;
import static dev.octet.quantize.file.StoredType.I8;
import static dev.octet.quantize.file.StoredType.U32;
import static dev.octet.quantize.file.StoredType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Layers as each tool writes them, each beside an ordinary one, which is quantized, and one of a similar
 * name.
 */
class ForeignFormsTest {
  @TempDir
  Path folder;

  /** It is read, and no output. */
  @Test
  void theConfigurationBesideAFileIsOneOfItsFiles() throws IOException {
    Path config = Files.writeString(folder.resolve("config.json"), "{}");
    Path in = new TensorFiles().with("a.weight", F32, 4, 4).write(folder.resolve("in.safetensors"));
    try (WeightFile file = WeightFile.open(in)) {
      assertTrue(file.files().contains(config), file.files().toString());
    }
  }

  /** Saved without the name of its layer, as one layer alone often is; block scales called {@code scale}. */
  @Test
  void scalesOfBareLayersAreNoLayers() {
    for (TensorFiles bare : List.of(
        new TensorFiles().with("qweight", I32, 32, 128).with("scales", F32, 8, 128),
        new TensorFiles().with("weight", U32, 64, 8).with("scales", F32, 64, 2).with("biases", F32, 64, 2),
        new TensorFiles().with("weight_packed", I32, 128, 32).with("weight_scale", F32, 128, 8),
        new TensorFiles().with("a.wq.weight", F8_E4M3, 256, 256).with("a.wq.scale", F32, 2, 2),
        new TensorFiles().with("a.wq.weight", I8, 256, 256).with("a.wq.scales", F32, 2, 2))) {
      QuantizationSummary summary = NothingIsLost.quantize(bare.write(folder.resolve("bare.safetensors")),
          folder.resolve("bare-out.safetensors"), QuantizationScheme.int8Dynamic());
      assertEquals(List.of(), summary.names(QuantizationSummary.Outcome.QUANTIZED));
    }
  }

  private static Map<String, TensorFiles> layers() {
    Map<String, TensorFiles> forms = new LinkedHashMap<>();
    forms.put("GPTQ", new TensorFiles().with("m.q.qweight", I32, 32, 128).with("m.q.qzeros", I32, 8, 16)
        .with("m.q.scales", F16, 8, 128).with("m.q.g_idx", I32, 256));
    forms.put("AWQ", new TensorFiles().with("m.q.qweight", I32, 256, 16).with("m.q.qzeros", I32, 8, 16)
        .with("m.q.scales", F16, 8, 128));
    forms.put("EETQ",
        new TensorFiles().with("m.q.qweight", I8, 64, 32).with("m.q.weight_scales", F16, 1, 32));
    forms.put("compressed-tensors pack-quantized",
        new TensorFiles().with("m.q.weight_packed", I32, 128, 32).with("m.q.weight_scale", BF16, 128, 8)
            .with("m.q.weight_shape", I64, 2));
    forms.put("compressed-tensors NVFP4",
        new TensorFiles().with("m.q.weight_packed", U8, 128, 32).with("m.q.weight_scale", F8_E4M3, 128, 4)
            .with("m.q.weight_global_scale", F32, 1).with("m.q.input_global_scale", F32, 1, 1));
    forms.put("FP8",
        new TensorFiles().with("m.q.weight", F8_E4M3, 64, 32).with("m.q.weight_scale", F32, 64, 1)
            .with("m.q.input_scale", F32, 1, 1));
    forms.put("FP8 per block", new TensorFiles().with("m.q.weight", F8_E4M3, 256, 256)
        .with("m.q.weight_scale_inv", F32, 2, 2));
    forms.put("INT8 per block", new TensorFiles().with("m.q.weight", I8, 256, 256)
        .with("m.q.weight_scale_inv", F32, 2, 2));
    forms.put("8-bit integers", new TensorFiles().with("m.q.weight", I8, 64, 32)
        .with("m.q.weight_scales", F32, 64, 1).with("m.q.weight_zeros", F32, 64, 1));
    forms.put("NVFP4", new TensorFiles().with("m.q.weight", U8, 128, 128)
        .with("m.q.weight_scale", F8_E4M3, 128, 16).with("m.q.weight_scale_2", F32));
    forms.put("MXFP4", new TensorFiles().with("m.q_blocks", U8, 4, 64, 2, 16).with("m.q_scales", U8, 4, 64, 2)
        .with("m.q_bias", BF16, 4, 64));
    forms.put("bitsandbytes 4-bit",
        new TensorFiles().with("m.q.weight", U8, 1024, 1).with("m.q.weight.absmax", U8, 32)
            .with("m.q.weight.nested_absmax", F32, 1).with("m.q.weight.quant_map", F32, 16, 1)
            .with("m.q.weight.quant_state.bitsandbytes__nf4", U8, 80));
    forms.put("bitsandbytes LLM.int8()",
        new TensorFiles().with("m.q.weight", I8, 64, 32).with("m.q.SCB", F32, 64, 1));
    forms.put("MLX", new TensorFiles().with("m.q.weight", U32, 64, 8).with("m.q.scales", BF16, 64, 2)
        .with("m.q.biases", BF16, 64, 2));
    forms.put("quanto", new TensorFiles().with("m.q.weight._data", I8, 64, 32)
        .with("m.q.weight._scale", F32, 64, 1).with("m.q.input_scale", F32, 1, 1));
    forms.put("HQQ", new TensorFiles().with("m.q.W_q", U8, 32, 64).with("m.q.scale", F16, 64, 1)
        .with("m.q.zero", F16, 64, 1));
    forms.put("AQLM",
        new TensorFiles().with("m.q.codes", I8, 64, 8, 2).with("m.q.codebooks", F16, 2, 256, 1, 8)
            .with("m.q.scales", F16, 64, 1, 1, 1));
    forms.put("VPTQ",
        new TensorFiles().with("m.q.indices", I32, 1, 8, 64).with("m.q.centroids.weight", F16, 1, 512)
            .with("m.q.res_centroids.weight", F16, 1, 512).with("m.q.weight_scale", F16, 64)
            .with("m.q.weight_bias", F16, 64).with("m.q.perm", I16, 64));
    forms.put("SpQR", new TensorFiles().with("m.q.dense_weights", I64, 4, 16).with("m.q.row_offsets", I32, 65)
        .with("m.q.col_vals", I32, 40).with("m.q.in_perm", I16, 64));
    forms.put("torchao", new TensorFiles().with("m.q._weight_qdata", I8, 64, 32)
        .with("m.q._weight_scale", F32, 64, 1).with("m.q._weight_zero_point", I8, 64, 1)
        .with("m.q.bias", F32, 64));
    forms.put("an unknown form", new TensorFiles().with("m.q.weight", I32, 64, 8)
        .with("m.q.weight_scale", F32, 64, 8).with("m.q.extra", F32, 8, 8));
    return forms;
  }

  @Test
  void layersAreCopiedAndOrdinaryOnesQuantized() {
    layers().forEach((format, layer) -> {
      Path in = layer.with("m.q_norm.weight", F32, 8, 8).with("head.weight", F32, 32, 64)
          .write(folder.resolve("in.safetensors"));
      try (WeightFile file = WeightFile.open(in)) {
        assertEquals(List.of(format), file.foreign().stream().map(ForeignWeights::format).toList());
        assertEquals(List.of(), file.quantizedNames(), format);
      }
      QuantizationSummary summary = NothingIsLost.quantize(in, folder.resolve("out.safetensors"),
          QuantizationScheme.int8Dynamic());
      assertEquals(List.of("head.weight", "m.q_norm.weight"),
          summary.names(Outcome.QUANTIZED).stream().sorted().toList(), format);
      assertEquals(summary.entries().size() - 2L,
          summary.counts(Outcome.COPIED).get("of " + format + " weights"), format);
    });
  }

  /**
   * What a form that has no sign is called, and that its packed words are left alone, is in the file beside.
   */
  @Test
  void theConfigurationNamesTheForm() throws IOException {
    Path in = new TensorFiles().with("m.q.packed", I32, 64, 8).with("m.q.table", F32, 8, 8)
        .with("head.weight", F32, 32, 64).write(folder.resolve("model.safetensors"));
    for (Map.Entry<String, String> config : Map.of(
        "{\"quantization_config\": {\"quant_method\": \"higgs\"}}", "higgs",
        "{\"quantization_config\": {\"quant_method\": \"compressed-tensors\", \"format\": \"mxfp4\"}}",
        "compressed-tensors mxfp4", "{\"quantization\": {\"bits\": 4, \"group_size\": 64}}", "MLX")
        .entrySet()) {
      Files.writeString(folder.resolve("config.json"), config.getKey());
      try (WeightFile file = WeightFile.open(in)) {
        assertEquals(List.of(config.getValue()),
            file.foreign().stream().map(ForeignWeights::format).distinct().toList());
      }
    }
    for (String other : List.of("no JSON", "[]", "{\"quantization_config\": 3}", "{}")) {
      Files.writeString(folder.resolve("config.json"), other);
      try (WeightFile file = WeightFile.open(in)) {
        assertEquals(List.of(), file.foreign(), other);
      }
    }
  }

  /** Layers of several forms in a file, as its configuration lists them. */
  @Test
  void mixedCheckpoints() throws IOException {
    Path in = new TensorFiles().with("m.a.weight", U8, 64, 32).with("m.a.weight_scale", F8_E4M3, 64, 4)
        .with("m.a.weight_scale_2", F32).with("m.b.weight", F8_E4M3, 64, 32).with("m.b.weight_scale", F32)
        .with("m.b.input_scale", F32).with("m.c.weight", U8, 32, 128)
        .floats("m.c.weight_scale", filled(64, 0.5f), 64, 1).with("m.c.pre_quant_scale", F32, 128)
        .with("m.d.e.weight", I32, 64, 8).with("head.weight", F32, 32, 64)
        .write(folder.resolve("model.safetensors"));
    Files.writeString(folder.resolve("hf_quant_config.json"), """
        {"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "MIXED_PRECISION",
          "quantized_layers": {"m.a": {"quant_algo": "NVFP4", "group_size": 16},
            "m.b": {"quant_algo": "FP8"}, "m.c": {"quant_algo": "W4A16_AWQ"},
            "m.d": {"quant_algo": "W4A8_AWQ"}}}}""");
    try (WeightFile file = WeightFile.open(in)) {
      assertEquals(List.of("NVFP4", "FP8", "ModelOpt W4A16_AWQ", "ModelOpt W4A8_AWQ"), formats(file));
      assertEquals(Map.of(), file.unreadable());
    }
    QuantizationSummary summary = NothingIsLost.quantize(in, folder.resolve("out.safetensors"),
        QuantizationScheme.int8Dynamic());
    assertEquals(List.of("head.weight"), summary.names(Outcome.QUANTIZED));
  }

  /** AutoRound packs like GPTQ or AWQ, or in a form that only its configuration names. */
  @Test
  void autoRound() throws IOException {
    Path in = new TensorFiles().with("m.q.qweight", I32, 32, 128).with("m.q.qzeros", I32, 2, 16)
        .with("m.q.scales", F16, 2, 128).with("head.weight", F32, 32, 64)
        .write(folder.resolve("model.safetensors"));
    for (Map.Entry<String, String> config : Map
        .of("\"auto-round\", \"packing_format\": \"auto_round:auto_gptq\"", "AutoRound, auto_gptq",
            "\"intel/auto-round\", \"bits\": 4", "AutoRound", "\"torchao\", \"quant_type\": {}", "torchao")
        .entrySet()) {
      Files.writeString(folder.resolve("config.json"),
          "{\"quantization_config\": {\"quant_method\": " + config.getKey() + "}}");
      try (WeightFile file = WeightFile.open(in)) {
        assertEquals(List.of(config.getValue()), formats(file));
      }
      assertEquals(List.of("head.weight"), NothingIsLost.quantize(in, folder.resolve("out.safetensors"),
          QuantizationScheme.int4Dynamic()).names(Outcome.QUANTIZED));
    }
  }

  private static List<String> formats(WeightFile file) {
    return file.foreign().stream().map(ForeignWeights::format).toList();
  }

  /** 8-bit weights with scales that fit are read, and not quantized a second time. */
  @Test
  void scalesThatFitAreRead() {
    Path in = new TensorFiles().with("m.q.weight", I8, 64, 32)
        .floats("m.q.weight_scale", filled(64, 0.5f), 64, 1).with("m.q.input_scale", F32, 1, 1)
        .with("head.weight", F32, 32, 64).write(folder.resolve("in.safetensors"));
    Path out = folder.resolve("out.safetensors");
    try (WeightFile file = WeightFile.open(in)) {
      assertEquals(List.of("m.q.weight"), file.quantizedNames());
      assertEquals(false, file.isOurs("m.q.weight"));
    }
    QuantizationSummary summary = NothingIsLost.quantize(in, out, QuantizationScheme.int8Dynamic());
    assertEquals(Map.of("S8 per channel", 1L), summary.counts(Outcome.KEPT));
    assertEquals(Map.of("beside quantized weights", 1L), summary.counts(Outcome.COPIED));
  }

  @Test
  void scalesThatDoNotFitAreShown() {
    for (float[] scales : List.of(filled(64, -1), filled(64, Float.NaN), filled(64, Float.POSITIVE_INFINITY),
        filled(7, 1))) {
      Path in = new TensorFiles().with("mask", U8, 64, 32).floats("mask_scale", scales, scales.length, 1)
          .with("head.weight", F32, 32, 64).write(folder.resolve("in.safetensors"));
      try (WeightFile file = WeightFile.open(in)) {
        assertEquals(List.of(), file.quantizedNames());
        assertTrue(file.unreadable().get("mask").contains("scale"), file.unreadable().toString());
      }
      QuantizationSummary summary = NothingIsLost.quantize(in, folder.resolve("out.safetensors"),
          QuantizationScheme.int8Dynamic());
      assertEquals(List.of("head.weight"), summary.names(Outcome.QUANTIZED));
    }
  }

  /** All types of safetensors that are smaller than a byte, and those of a byte that are no integers. */
  @Test
  void smallTypesAreCopied() {
    TensorFiles files = new TensorFiles();
    Map<StoredType, Long> bytes = Map.of(StoredType.F4, 32L, StoredType.F6_E2M3, 48L, StoredType.F6_E3M2, 48L,
        StoredType.F8_E8M0, 64L, F8_E4M3, 64L, StoredType.F8_E5M2, 64L, StoredType.F8_E4M3FNUZ, 64L,
        StoredType.F8_E5M2FNUZ, 64L, StoredType.C64, 512L, StoredType.BOOL, 64L);
    bytes.keySet().forEach(type -> files.with(type.name(), type, 4, 16));
    Path in = files.write(folder.resolve("in.safetensors"));
    Path out = folder.resolve("out.safetensors");
    assertEquals((long) bytes.size(), NothingIsLost.quantize(in, out, QuantizationScheme.int4Dynamic())
        .entries().stream().filter(entry -> entry.outcome() == Outcome.COPIED).count());
    try (WeightFile file = WeightFile.open(out)) {
      bytes.forEach((type, count) -> {
        assertEquals(type, file.tensor(type.name()).type());
        assertEquals(count, file.tensor(type.name()).data().byteSize(), type.name());
      });
    }
  }

  /** Neither is a tensor of 4 bits in safetensors, nor one whose elements end within a byte. */
  @Test
  void oddElementsAreBytes() {
    assertTrue(StoredType.F4.fitsSafetensors(dev.octet.Shape.of(2, 3)));
    assertTrue(!StoredType.F4.fitsSafetensors(dev.octet.Shape.of(3)));
    assertTrue(!StoredType.F6_E2M3.fitsSafetensors(dev.octet.Shape.of(2)));
    assertTrue(!StoredType.I4.fitsSafetensors(dev.octet.Shape.of(2)));
    assertEquals(DataType.S8, StoredType.I8.quantized().orElseThrow());
  }

  @Test
  void axesOfMetadataAreWithinTheTensor() {
    for (String form : List.of("{\"output_axis\":7}",
        "{\"type\":\"S8\",\"shape\":[4,8],\"output_axis\":2,\"scale\":\"s\"}")) {
      Path in = new TensorFiles().with("a", I8, 4, 8).metadata(StoredQuantization.KEY, "{\"a\":" + form + "}")
          .write(folder.resolve("in.safetensors"));
      String said = assertThrows(MalformedFileException.class, () -> WeightFile.open(in)).getMessage();
      assertTrue(said.contains("output_axis: expected an axis of 2 dimensions"), said);
    }
  }

  private static float[] filled(int count, float value) {
    float[] values = new float[count];
    java.util.Arrays.fill(values, value);
    return values;
  }
}
