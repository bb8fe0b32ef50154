package dev.octet.cli;

import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.octet.BlockFormat;
import dev.octet.Shape;
import dev.octet.quantize.file.GgufFile;
import dev.octet.quantize.file.GgufType;
import dev.octet.quantize.file.GgufValue;
import dev.octet.quantize.file.GgufWriter;
import dev.octet.quantize.file.GgufWriter.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** octet quantize and octet verify of GGUF files. */
class QuantizeGgufTest {
  @TempDir
  Path folder;
  private Path in;
  private Path out;

  @BeforeEach
  void write() {
    in = folder.resolve("model-f16.gguf");
    out = folder.resolve("out.gguf");
    List<Slot> slots = List.of(new Slot("blk.0.attn_q.weight", GgufType.F16, Shape.of(4, 256)),
        new Slot("blk.0.attn_k.weight", GgufType.F16, Shape.of(2, 256)),
        new Slot("blk.0.short.weight", GgufType.F32, Shape.of(2, 96)),
        new Slot("blk.0.attn_norm.weight", GgufType.F32, Shape.of(256)));
    Random random = new Random(1);
    try (GgufWriter writer = new GgufWriter(in, slots,
        Map.of("general.architecture", GgufValue.of("llama")))) {
      for (Slot slot : slots) {
        float[] values = new float[(int) slot.shape().elements()];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextGaussian();
        }
        writer.floats(slot.name(), 0, values);
      }
      writer.commit();
    }
  }

  @Test
  void toBlocks() {
    Run run = octet("quantize", in, "-o", out, "--scheme", "q4_k");
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.out().contains(": 2 tensors quantized as Q4_K; 4.86 kB before, 2.66 kB after, in "),
        run.out());
    assertTrue(run.out().endsWith("  quantized: 2 Q4_K\n  copied: 1 rows of 96 are no whole blocks of 256, "
        + "1 of fewer than two dimensions\n"), run.out());
    try (GgufFile file = GgufFile.open(out)) {
      assertEquals(Optional.of(BlockFormat.Q4_K), file.tensor("blk.0.attn_q.weight").type().block());
      assertEquals(GgufValue.u32(14), file.values().get("general.file_type"));
    }
    Run again = octet("quantize", out, "-o", folder.resolve("again.gguf"), "--scheme", "q8_0");
    assertTrue(again.out().contains("  quantized: 1 Q8_0\n  carried over: 2 weights are quantized already: "
        + "Q4_K\n  copied: 1 of fewer than two dimensions\n"), again.out());
  }

  @Test
  void chosenByGlobs() {
    JsonNode json = octet("quantize", in, "-o", out, "--scheme", "Q8_0", "--json", "--include", "blk.*",
        "--exclude", "*.attn_k", "--exclude", "nothing").json();
    assertEquals("[\"blk.0.attn_q.weight\",\"blk.0.short.weight\"]", json.get("quantized").toString());
    assertEquals("Q8_0", json.get("scheme").asText());
    assertEquals("copied", json.get("tensors").get(1).get("outcome").asText());
    assertEquals("not chosen", json.get("tensors").get(1).get("as").asText());
    assertEquals(1, json.get("warnings").size());
    assertTrue(json.get("warnings").get(0).asText().contains("\"nothing\""));
    assertEquals(2048 + 1024 + 768 + 1024, json.get("bytesBefore").asInt());
    assertEquals(4 * 8 * 34 + 1024 + 2 * 3 * 34 + 1024, json.get("bytesAfter").asInt());
    Run none = octet("quantize", in, "-o", out, "--scheme", "q6_k", "--include", "x");
    assertTrue(none.out().contains("no tensor was quantized"), none.out());
  }

  @Test
  void verified() throws IOException {
    assertEquals(0, octet("quantize", in, "-o", out, "--scheme", "q6_k").exit());
    Path page = folder.resolve("report.html");
    Run run = octet("verify", in, out, "--min-sqnr", "30", "--report", page);
    assertEquals(0, run.exit(), run.out() + run.err());
    assertTrue(run.out().lines().anyMatch(line -> line.matches("blk.0.attn_q.weight +3\\d\\.\\d .* Q6_K *")),
        run.out());
    assertTrue(run.out().contains("4 tensors, of which 2 changed; SQNR of those 3"), run.out());
    assertTrue(Files.readString(page).contains("Q6_K"));
    assertEquals(1, octet("verify", in, out, "--min-sqnr", "60").exit());
    // against integers of the same weights, in safetensors
    Path integers = folder.resolve("out.safetensors");
    assertEquals(0, octet("quantize", in, "-o", integers, "--scheme", "int8-dynamic").exit());
    Run mixed = octet("verify", integers, out, "--min-sqnr", "30");
    assertEquals(0, mixed.exit(), mixed.out() + mixed.err());
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() {
    Path safetensors = Models.write(folder.resolve("in.safetensors"),
        Map.of("a.weight", new float[2 * 256]), Shape.of(2, 256));
    Run run = octet("quantize", safetensors, "-o", out, "--scheme", "q4_0");
    assertEquals(1, run.exit());
    assertTrue(run.err().contains("in.safetensors: expected a GGUF file for a GGUF output"), run.err());
    assertEquals(1, octet("quantize", folder.resolve("none.gguf"), "-o", out, "--scheme", "q4_0").exit());
    usage("--scheme q4_0: is for a GGUF output, whose name ends in .gguf; got ", in, "-o",
        folder.resolve("out.safetensors"), "--scheme", "q4_0");
    usage("--scheme: a GGUF output takes [q4_0, q8_0, q4_k, q6_k, mxfp4], got int8-dynamic", in, "-o", out,
        "--scheme", "int8-dynamic");
    usage("--rounding and --outputs-last: not for a GGUF output", in, "-o", out, "--scheme", "q4_0",
        "--rounding", "clipping");
    usage("--group: --scheme q4_0 has no groups", in, "-o", out, "--scheme", "q4_0", "--group", "32");
    usage("--calibration: --scheme q4_0", in, "-o", out, "--scheme", "q4_0", "--calibration", safetensors);
    Run self = octet("quantize", in, "-o", in, "--scheme", "q4_0");
    assertEquals(1, self.exit());
    assertTrue(self.err().contains("is the input"), self.err());
    assertFalse(Files.exists(out));
  }

  private static void usage(String message, Object... args) {
    Object[] all = new Object[args.length + 1];
    all[0] = "quantize";
    System.arraycopy(args, 0, all, 1, args.length);
    Run run = octet(all);
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.err().contains(message), run.err());
  }
}
