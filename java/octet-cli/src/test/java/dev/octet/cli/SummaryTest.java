package dev.octet.cli;

import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.octet.Shape;
import dev.octet.quantize.file.SafetensorsWriter;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import dev.octet.quantize.file.StoredType;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands say of tensors that are out of the ordinary. */
class SummaryTest {
  @TempDir
  Path folder;

  @Test
  void numbersThatBecame0AreTold() {
    float[] values = new float[4 * 8];
    Arrays.fill(values, 8, 32, Float.MIN_VALUE);
    Path in = Models.write(folder.resolve("small.safetensors"), Map.of("a.weight", values), Shape.of(4, 8));
    Path out = folder.resolve("out.safetensors");
    Run run = octet("quantize", in, "-o", out, "-s", "int8-dynamic");
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.out().contains(
        "became 0, too small for a scale in binary32: all numbers under 3 scales of a.weight\n"), run.out());
    assertEquals("{\"a.weight\":3}",
        octet("quantize", in, "-o", out, "-s", "int8-dynamic", "--json").json().get("vanished").toString());
  }

  @Test
  void typesThatAreNotKnownAreShownByName() {
    Path in = folder.resolve("types.safetensors");
    try (SafetensorsWriter writer = new SafetensorsWriter(in,
        List.of(new Slot("codes", StoredType.OTHER, Shape.of(3, 5), 6, "F3_E1M1")), Map.of())) {
      writer.write("codes", MemorySegment.ofArray(new byte[6]));
      writer.commit();
    }
    assertTrue(octet("inspect", in).out().lines().anyMatch(line -> line.matches("codes +F3_E1M1 +.*6 B.*")),
        octet("inspect", in).out());
    assertEquals("F3_E1M1",
        octet("inspect", in, "--json").json().get("tensors").get(0).get("type").asText());
    Run run = octet("quantize", in, "-o", folder.resolve("out.safetensors"), "-s", "int8-dynamic");
    assertTrue(run.out().contains("  copied: 1 of type F3_E1M1\n"), run.out());
  }

  /** What no number of decibels tells is a list of its own, and a difference. */
  @Test
  void whatIsNotComparableIsListed() {
    float[] values = new float[32];
    Arrays.fill(values, 1);
    float[] off = values.clone();
    off[3] = 1.25f;
    float[] nan = values.clone();
    nan[5] = Float.NaN;
    Path in = Models.write(folder.resolve("in.safetensors"),
        Map.of("same.weight", values, "off.weight", values, "nan.weight", values), Shape.of(4, 8));
    Path out = Models.write(folder.resolve("out.safetensors"),
        Map.of("same.weight", values, "off.weight", off, "nan.weight", nan), Shape.of(4, 8));
    Run run = octet("verify", in, out);
    assertEquals(1, run.exit(), run.out());
    assertTrue(run.out().contains("3 tensors, of which 2 changed; SQNR of those 27.1 dB, not all of it "
        + "comparable; "), run.out());
    assertTrue(run.out().endsWith("\nnot comparable, or NaN or infinite in one file only: nan.weight\n"),
        run.out());
    assertFalse(run.out().contains("below"), run.out());
    JsonNode json = octet("verify", in, out, "--min-sqnr", "50", "--json").json();
    assertEquals("[\"off.weight\"]", json.get("tooFar").toString());
    assertEquals("[\"nan.weight\"]", json.get("notComparable").toString());
    assertEquals(27.1, json.get("sqnr").asDouble(), 0.05);
    json.get("tensors").forEach(row -> {
      boolean comparable = !row.get("name").asText().equals("nan.weight");
      assertEquals(comparable, row.get("comparable").asBoolean());
      assertEquals(comparable, row.get("maxError").isNumber());
      assertEquals(row.get("name").asText().equals("off.weight"), row.get("sqnr").isNumber());
    });
    Run zeros = octet("verify", Models.write(folder.resolve("zeros.safetensors"),
        Map.of("same.weight", values, "off.weight", new float[32]), Shape.of(4, 8)), out);
    assertTrue(zeros.out().lines().anyMatch(line -> line.matches("off.weight +-Infinity .*")), zeros.out());
    assertTrue(zeros.out().contains("below 10.0 dB: off.weight\n"), zeros.out());
    Path only = Models.write(folder.resolve("only.safetensors"),
        Map.of("same.weight", values, "off.weight", values, "nan.weight", nan), Shape.of(4, 8));
    Run one = octet("verify", in, only);
    assertEquals(1, one.exit());
    assertTrue(one.out().contains("3 tensors, of which 1 changed; not all of it comparable; "), one.out());
  }

  private static float[] transposed(float[] values, int rows, int columns) {
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i % columns * rows + i / columns] = values[i];
    }
    return result;
  }

  @Test
  void transposedWeightsAreCompared() {
    float[] values = new float[48 * 32];
    Random random = new Random(5);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Path in = Models.write(folder.resolve("in.safetensors"), Map.of("a.weight", values), Shape.of(48, 32));
    Path turned = Models.write(folder.resolve("turned.safetensors"),
        Map.of("a.weight", transposed(values, 48, 32)), Shape.of(32, 48));
    Path out = folder.resolve("out.safetensors");
    assertEquals(0, octet("quantize", turned, "-o", out, "-s", "int8-dynamic").exit());
    Run exact = octet("verify", in, turned);
    assertEquals(0, exact.exit(), exact.out());
    assertTrue(exact.out().lines().anyMatch(line -> line.matches("a.weight +equal .*F32, transposed *")),
        exact.out());
    Run quantized = octet("verify", in, out, "--min-sqnr", "40", "--json");
    assertEquals(0, quantized.exit(), quantized.out());
    assertTrue(quantized.json().get("tensors").get(0).get("transposed").asBoolean());
    // the shape alone is not enough
    Path other = Models.write(folder.resolve("other.safetensors"), Map.of("a.weight", values),
        Shape.of(32, 48));
    Run different = octet("verify", in, other);
    assertEquals(1, different.exit());
    assertTrue(different.out().contains("missing or of another shape: a.weight"), different.out());
  }
}
