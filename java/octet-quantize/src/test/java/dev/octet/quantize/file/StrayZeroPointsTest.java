package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tensors that are named as zero points of what has none: they are copied, and said to be. */
class StrayZeroPointsTest {
  @TempDir
  Path folder;

  @Test
  void besideWhatIsCopied() {
    Path in = new TensorFiles().with("a.weight", StoredType.F32, 4, 32)
        .with("a.weight_zero_point", StoredType.I8, 4, 1).with("codes", StoredType.I8, 4, 32)
        .with("codes_zero_point", StoredType.I8, 4, 1).with("norm", StoredType.F32, 8)
        .with("norm_zero_point", StoredType.F32, 4, 32).with("alone_zero_point", StoredType.F32, 4, 32)
        .write(folder.resolve("in.safetensors"));
    QuantizationSummary summary = NothingIsLost.quantize(in, folder.resolve("out.safetensors"),
        QuantizationScheme.int8Dynamic().exclude("a"));
    assertEquals(List.of("alone_zero_point"), summary.names(Outcome.QUANTIZED), "a weight like any other");
    Map<String, Long> copied = summary.counts(Outcome.COPIED);
    for (String weight : List.of("a.weight", "codes", "norm")) {
      assertEquals(1, copied.get("named as the zero points of " + weight + ", which has none"),
          copied.toString());
    }
  }

  /** Octet's own metadata says that all zero points are 0. */
  @Test
  void besideWhatIsKept() {
    Path in = new TensorFiles().with("a", StoredType.I8, 4, 8)
        .floats("a_scale", new float[]{1, 2, 3, 4}, 4, 1).with("a_zero_point", StoredType.I8, 4, 1)
        .metadata(StoredQuantization.KEY,
            "{\"a\":{\"type\":\"S8\",\"shape\":[4,8],\"axis\":0,\"scale\":\"a_scale\"}}")
        .write(folder.resolve("in.safetensors"));
    QuantizationSummary summary = NothingIsLost.quantize(in, folder.resolve("out.safetensors"),
        QuantizationScheme.int8Dynamic());
    assertEquals(List.of("a"), summary.names(Outcome.KEPT));
    assertEquals(Map.of("named as the zero points of a, which has none", 1L),
        summary.counts(Outcome.COPIED));
  }
}
