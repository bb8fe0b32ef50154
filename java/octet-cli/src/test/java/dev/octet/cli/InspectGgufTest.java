package dev.octet.cli;

import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.octet.Shape;
import dev.octet.quantize.file.GgufType;
import dev.octet.quantize.file.GgufValue;
import dev.octet.quantize.file.GgufWriter;
import dev.octet.quantize.file.GgufWriter.Slot;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GGUF files, by octet inspect. */
class InspectGgufTest {
  @TempDir
  Path folder;
  private Path path;

  @BeforeEach
  void write() {
    path = folder.resolve("model.gguf");
    Map<String, GgufValue> metadata = new LinkedHashMap<>();
    metadata.put("general.architecture", GgufValue.of("llama"));
    metadata.put("general.name", GgufValue.of("a\u001b[31m" + "b".repeat(100)));
    metadata.put("llama.block_count", GgufValue.u32(2));
    metadata.put("tags", new GgufValue(GgufValue.Type.STRING, List.of("x", "y")));
    metadata.put("tokens", new GgufValue(GgufValue.Type.STRING, Collections.nCopies(17, "t")));
    List<Slot> slots = List.of(new Slot("blk.0.attn_q.weight", GgufType.Q4_K, Shape.of(4, 256)),
        new Slot("blk.0.attn_k.weight", GgufType.Q6_K, Shape.of(2, 256)),
        new Slot("blk.0.odd", GgufType.IQ1_S, Shape.of(256)),
        new Slot("norm", GgufType.F32, Shape.of(256)));
    try (GgufWriter writer = new GgufWriter(path, slots, metadata)) {
      writer.floats("blk.0.attn_q.weight", 0, new float[1024]);
      writer.floats("blk.0.attn_k.weight", 0, new float[512]);
      writer.write("blk.0.odd", MemorySegment.ofArray(new byte[50]));
      writer.floats("norm", 0, new float[256]);
      writer.commit();
    }
  }

  @Test
  void metadataAndTensors() {
    Run run = octet("inspect", path);
    assertEquals(0, run.exit(), run.err());
    assertTrue(
        run.out()
            .startsWith("GGUF, version 3, 4 tensors, 2.07 kB, 1 Q4_K, 1 Q6_K, 1 IQ1_S, 1 F32\n"),
        run.out());
    for (String part : new String[]{"general.architecture  llama\n", "llama.block_count     2\n",
        "tags                  [x, y]\n", "tokens                STRING[17]\n", "\\u001b[31m", "bbb...\n",
        "blk.0.attn_q.weight   Q4_K  [4, 256]    576 B  4.500\n",
        "blk.0.attn_k.weight   Q6_K  [2, 256]    420 B  6.563\n"}) {
      assertTrue(run.out().contains(part), run.out() + " does not say: " + part);
    }
    assertFalse(run.out().contains("\u001b"), run.out());
  }

  @Test
  void asJson() {
    JsonNode json = octet("inspect", path, "--json").json();
    assertEquals("GGUF", json.get("format").asText());
    assertEquals(3, json.get("version").asInt());
    assertEquals(576 + 420 + 50 + 1024, json.get("bytes").asInt());
    assertEquals(2, json.get("metadata").get("llama.block_count").asInt());
    assertEquals("y", json.get("metadata").get("tags").get(1).asText());
    assertEquals("STRING[17]", json.get("metadata").get("tokens").asText());
    assertEquals(1, json.get("types").get("Q4_K").asInt());
    JsonNode odd = json.get("tensors").get(2);
    assertEquals("IQ1_S", odd.get("type").asText());
    assertFalse(odd.get("readable").asBoolean());
    assertEquals(1.5625, odd.get("bitsPerWeight").asDouble());
    assertEquals(4, json.get("tensors").get(0).get("shape").get(0).asInt());
  }

  @Test
  void aModelInSeveralFiles() throws IOException {
    for (int part = 0; part < 2; part++) {
      Map<String, GgufValue> metadata = new LinkedHashMap<>();
      metadata.put("split.no", new GgufValue(GgufValue.Type.U16, (long) part));
      metadata.put("split.count", new GgufValue(GgufValue.Type.U16, 2L));
      metadata.put("split.tensors.count", new GgufValue(GgufValue.Type.I32, 2L));
      String name = "t" + part + ".weight";
      try (GgufWriter writer = new GgufWriter(folder.resolve("m-0000" + (part + 1) + "-of-00002.gguf"),
          List.of(new Slot(name, GgufType.F32, Shape.of(2, 256))), metadata)) {
        writer.floats(name, 0, new float[512]);
        writer.commit();
      }
    }
    Path first = folder.resolve("m-00001-of-00002.gguf");
    Path second = folder.resolve("m-00002-of-00002.gguf");
    Run run = octet("inspect", first);
    assertTrue(run.out().startsWith("GGUF, version 3, 2 files, 2 tensors, 4.10 kB, 2 F32\n"), run.out());
    assertTrue(run.out().contains("t1.weight   F32  [2, 256]  2.05 kB  32.00\n"), run.out());
    JsonNode files = octet("inspect", first, "--json").json().get("files");
    assertEquals(first.toString(), files.get(0).asText());
    assertTrue(files.get(1).asText().endsWith("m-00002-of-00002.gguf"), files.toString());
    Run other = octet("inspect", second);
    assertEquals(1, other.exit());
    assertTrue(other.err().contains(
        "GGUF: this is part 2 of 2 of a model; open the first, m-00001-of-00002.gguf"), other.err());
    Path out = folder.resolve("whole.gguf");
    assertEquals(0, octet("quantize", first, "-o", out, "--scheme", "q8_0").exit());
    assertEquals(0, octet("verify", first, out).exit());
    Files.delete(second);
    assertTrue(octet("inspect", first).err().contains("part 2: there is no file \"m-00002-of-00002.gguf\""));
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    bytes[4] = 1;
    Run run = octet("inspect", Files.write(folder.resolve("old.gguf"), bytes));
    assertEquals(1, run.exit());
    assertTrue(run.err().contains("old.gguf: GGUF: expected version 2 or 3, got version 1"), run.err());
    Run quantize = octet("quantize", path, "-o", folder.resolve("out.safetensors"), "--scheme",
        "int8-dynamic");
    assertEquals(1, quantize.exit());
    assertTrue(quantize.err().contains("safetensors has no types of blocks, which blk.0.attn_q.weight Q4_K"),
        quantize.err());
  }
}
