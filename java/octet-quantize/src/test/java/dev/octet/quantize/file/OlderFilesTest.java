package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that earlier versions wrote are read, and their text is not taken for that of a new output. */
class OlderFilesTest {
  /**
   * Written before the metadata had input axes: S4 in groups of 32 of a stack [2][2][32] and of a matrix
   * [2][32], and a stack [2][2][4] that was excluded. The numbers are (i * 7 % 15 - 7) / 4.
   */
  private static final String BEFORE_INPUT_AXES = """
      uAIAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCIsIm9jdGV0LnNjaGVtZSI6ImludDQtZHluYW1pYyIsIm9j
      dGV0LnF1YW50aXphdGlvbiI6IntcImV4cGVydHNcIjp7XCJ0eXBlXCI6XCJTNFwiLFwic2hhcGVcIjpbMiwyLDMyXSxcImF4
      aXNcIjoyLFwiZ3JvdXBfc2l6ZVwiOjMyLFwic2NhbGVcIjpcImV4cGVydHNfc2NhbGVcIixcIm91dHB1dF9heGlzXCI6MX0s
      XCJsLndlaWdodFwiOntcInR5cGVcIjpcIlM0XCIsXCJzaGFwZVwiOlsyLDMyXSxcImF4aXNcIjoxLFwiZ3JvdXBfc2l6ZVwi
      OjMyLFwic2NhbGVcIjpcImwud2VpZ2h0X3NjYWxlXCJ9LFwiZXhwZXJ0c19sZWZ0XCI6e1wib3V0cHV0X2F4aXNcIjoxfX0i
      fSwiZXhwZXJ0c19sZWZ0Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDIsNF0sImRhdGFfb2Zmc2V0cyI6WzAsNjRdfSwi
      ZXhwZXJ0c19zY2FsZSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMiwyLDFdLCJkYXRhX29mZnNldHMiOls2NCw4MF19LCJs
      LndlaWdodF9zY2FsZSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMiwxXSwiZGF0YV9vZmZzZXRzIjpbODAsODhdfSwiZXhw
      ZXJ0cyI6eyJkdHlwZSI6IlU4Iiwic2hhcGUiOlsyLDIsMTZdLCJkYXRhX29mZnNldHMiOls4OCwxNTJdfSwibC53ZWlnaHQi
      OnsiZHR5cGUiOiJVOCIsInNoYXBlIjpbMiwxNl0sImRhdGFfb2Zmc2V0cyI6WzE1MiwxODRdfX0AAOC/AAAAAAAA4D8AAIC+
      AADAPwAAAL8AAKA/AABAvwAAgD8AAIC/AABAPwAAoL8AAAA/AADAvwAAgD4AAOC/AACAPgAAgD4AAIA+AACAPgAAgD4AAIA+
      Cffm1cSzopFwb15NPCsaCffm1cSzopFwb15NPCsaCffm1cSzopFwb15NPCsaCffm1cSzopFwb15NPCsaCffm1Qn35tXEs6KR
      cG9eTTwrGgn35tXEs6KRcG9eTTwrGgn3
      """;

  @TempDir
  Path folder;

  private static WeightFile beforeInputAxes() {
    return SafetensorsFile
        .of(MemorySegment.ofArray(Base64.getMimeDecoder().decode(BEFORE_INPUT_AXES)));
  }

  @Test
  void stacksOfBeforeInputAxes() {
    try (WeightFile file = beforeInputAxes()) {
      assertEquals(List.of("experts", "l.weight"), file.quantizedNames().stream().sorted().toList());
      for (String name : file.quantizedNames()) {
        assertEquals(DataType.S4, file.quantized(name).type());
        assertEquals(32, file.quantized(name).quantization().groupSize());
        for (int i = 0; i < 64; i++) {
          assertEquals((i * 7 % 15 - 7) * 0.25f, file.quantized(name).real(i), name + "[" + i + "]");
        }
      }
      assertEquals(new WeightAxes(1, 2), file.axes("experts"));
      assertEquals(new WeightAxes(1, 2), file.axes("experts_left"));
      assertEquals(new WeightAxes(0, 1), file.axes("l.weight"));
    }
  }

  /** What was left out is quantized as the stack that it is; what was quantized is carried over. */
  @Test
  void theyAreQuantizedOnceMore() throws java.io.IOException {
    Path in = folder.resolve("in.safetensors");
    Files.write(in, Base64.getMimeDecoder().decode(BEFORE_INPUT_AXES));
    QuantizationSummary summary = NothingIsLost.quantize(in, folder.resolve("out.safetensors"),
        QuantizationScheme.int8Dynamic());
    assertEquals(Map.of("S8 per group of 4", 1L), summary.counts(Outcome.QUANTIZED));
    assertEquals(Map.of("S4 per group of 32", 2L), summary.counts(Outcome.KEPT));
    try (WeightFile file = WeightFile.open(folder.resolve("out.safetensors"))) {
      assertEquals(null, file.metadata().get("octet.scheme"), "of the input");
      assertEquals("pt", file.metadata().get("format"));
    }
  }

  /** Files of before the metadata named the scales. */
  @Test
  void scalesByName() {
    Path in = new TensorFiles().with("a", StoredType.U8, 4, 8)
        .floats("a_scale", new float[]{2, 2, 2, 2}, 4, 1)
        .with("a_zero_point", StoredType.U8, 4, 1)
        .metadata(StoredQuantization.KEY,
            "{\"a\":{\"type\":\"U4\",\"shape\":[4,16],\"axis\":0,\"output_axis\":1}}")
        .write(folder.resolve("in.safetensors"));
    try (WeightFile file = WeightFile.open(in)) {
      assertTrue(file.isParameter("a_scale") && file.isParameter("a_zero_point"));
      assertEquals(new WeightAxes(1, 0), file.axes("a"));
      assertThrows(MalformedFileException.class, () -> file.quantized("a"), "zero points beyond 4 bits");
    }
  }

  /** The index speaks first, then the shards in their order; what Octet said of the input goes. */
  @Test
  void textOfAnIndexAndItsShards() throws java.io.IOException {
    new TensorFiles().with("a.weight", StoredType.F32, 4, 8).metadata("format", "pt")
        .metadata("both", "first shard").metadata("octet.scheme", "old").metadata("octet.observer", "old")
        .metadata(StoredQuantization.KEY, "{\"gone\":{\"output_axis\":0}}")
        .write(folder.resolve("model-1.safetensors"));
    new TensorFiles().with("b.weight", StoredType.F32, 4, 8).metadata("both", "second shard")
        .metadata("own", "second shard").metadata("said", "by the shard")
        .write(folder.resolve("model-2.safetensors"));
    Files.writeString(folder.resolve("model.safetensors.index.json"),
        "{\"metadata\":{\"total_size\":256,\"said\":\"by the index\"},\"weight_map\":{\"a.weight\":"
            + "\"model-1.safetensors\",\"b.weight\":\"model-2.safetensors\"}}");
    Path out = folder.resolve("out.safetensors");
    try (WeightFile file = WeightFile.open(folder)) {
      WeightQuantizer.quantize(file, out, new SchemeChoice(QuantizationScheme.int8Dynamic()),
          WeightQuantizer.Method.NEAREST, List.of(), Map.of("octet.scheme", "new"), (n, d, t) -> {
          });
    }
    try (WeightFile file = WeightFile.open(out)) {
      Map<String, String> text = new java.util.HashMap<>(file.metadata());
      assertTrue(text.remove(StoredQuantization.KEY).contains("\"b.weight\""));
      assertEquals(Map.of("format", "pt", "both", "first shard", "own", "second shard", "said",
          "by the index", "octet.scheme", "new"), text);
    }
  }
}
