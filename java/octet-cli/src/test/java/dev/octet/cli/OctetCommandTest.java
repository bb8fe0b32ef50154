package dev.octet.cli;

import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Shape;
import dev.octet.quantize.file.WeightFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands as people call them: output, exit codes, files. */
class OctetCommandTest {
  @TempDir
  Path folder;
  private Path model;

  @BeforeEach
  void model() {
    model = Models.gaussian(folder);
  }

  @Test
  void anInputIsNeverOverwritten() throws java.io.IOException {
    byte[] before = Files.readAllBytes(model);
    Path link = Files.createSymbolicLink(folder.resolve("link.safetensors"), model);
    for (Path out : List.of(model, link)) {
      Run run = octet("quantize", model.toString(), "-o", out.toString(), "-s", "int8-dynamic");
      assertEquals(1, run.exit());
      assertTrue(run.err().contains("is the input"), run.err());
    }
    Run report = octet("verify", model.toString(), model.toString(), "--report", model.toString());
    assertEquals(1, report.exit());
    assertTrue(report.err().contains("--report: " + model + " is the input"), report.err());
    assertEquals(-1, java.util.Arrays.mismatch(before, Files.readAllBytes(model)));
  }

  @Test
  void infoNamesEveryEngineAndWhy() {
    Run text = octet("info");
    assertEquals(0, text.exit(), text.err());
    for (Engine engine : Engine.values()) {
      assertTrue(text.out().contains(engine.name()), text.out());
    }
    assertTrue(text.out().contains("ONEDNN not available"), text.out());
    assertFalse(text.out().contains("\u001b"), "colours without a terminal");
    Run json = octet("info", "--json");
    assertEquals(Engine.values().length, json.json().get("engines").size());
    assertEquals("SCALAR", json.json().get("engines").get(3).get("engine").asText());
  }

  @Test
  void adviceDependsOnWhatIsThere() {
    assertTrue(InfoCommand.advice(List.of(new EngineStatus(Engine.NATIVE, true, "avx512vnni kernels", null)))
        .contains("nothing to do"));
    assertTrue(InfoCommand.advice(List.of(new EngineStatus(Engine.NATIVE, true, "avx2 kernels", null)))
        .contains("VNNI"));
    assertTrue(
        InfoCommand.advice(List.of(new EngineStatus(Engine.NATIVE, false, "no library for this system", null),
            new EngineStatus(Engine.VECTOR, true, "", null))).contains("see what NATIVE says"));
    assertTrue(InfoCommand.advice(List.of(new EngineStatus(Engine.NATIVE, false, "", null),
        new EngineStatus(Engine.VECTOR, false, "", null))).contains("--add-modules"));
  }

  @Test
  void quantizeWithOutputsLast() {
    Path out = folder.resolve("int4.safetensors");
    Run run = octet("quantize", model, "-o", out, "-s", "int4-dynamic", "--outputs-last", "a", "--json");
    assertEquals(0, run.exit(), run.err());
    assertEquals("[\"a.weight\"]", run.json().get("outputsLast").toString());
    assertTrue(run.json().get("tensors").toString().contains("S4 per group of 32 (outputs last)"), run.out());
    try (WeightFile file = WeightFile.open(out)) {
      assertEquals(1, file.outputAxis("a.weight"));
      assertEquals(0, file.quantized("a.weight").quantization().axis());
    }
    Run none = octet("quantize", model, "-o", out, "-s", "int4-dynamic", "--outputs-last", "no");
    assertEquals(1, none.exit());
    assertTrue(none.err().contains("got \"no\", which is none's"), none.err());
  }

  @Test
  void globsThatMatchNothingAreNamed() {
    Run run = octet("quantize", model, "-o", folder.resolve("globs.safetensors"), "-s", "int8-dynamic",
        "--exclude", "a.weight", "--exclude", "a");
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.out().contains("no layer has a name that \"a.weight\" matches"), run.out());
    assertFalse(run.out().contains("\"a\" matches"), run.out());
  }

  @Test
  void quantizeInspectVerify() {
    Path out = folder.resolve("int8.safetensors");
    Run quantized = octet("quantize", model, "-o", out, "--scheme", "int8-dynamic", "--exclude", "head*",
        "--json");
    assertEquals(0, quantized.exit(), quantized.err());
    assertEquals(2, quantized.json().get("quantized").size());
    try (WeightFile file = WeightFile.open(out)) {
      assertEquals(List.of("a.weight", "b.weight"), file.quantizedNames().stream().sorted().toList());
      assertEquals("int8-dynamic", file.metadata().get("octet.scheme"));
    }
    Run inspected = octet("inspect", out);
    assertTrue(inspected.out().contains("S8 [64, 64] per channel on axis 0"), inspected.out());
    assertTrue(inspected.out().contains("\n2 weights are quantized already: S8 per channel\n"),
        inspected.out());
    assertEquals(5, octet("inspect", out, "--json").json().get("tensors").size());
    Run again = octet("quantize", out, "-o", folder.resolve("again.safetensors"), "-s", "int8-dynamic");
    assertTrue(again.out().contains("carried over: 2 weights are quantized already: S8 per channel"),
        again.out());
    Path page = folder.resolve("report.html");
    Run verified = octet("verify", model, out, "--report", page);
    assertEquals(0, verified.exit(), verified.out());
    assertTrue(verified.out().contains("3 tensors, of which 2 changed"), verified.out());
    assertTrue(Files.exists(page));
    Run strict = octet("verify", model, out, "--min-sqnr", "60", "--json");
    assertEquals(1, strict.exit());
    assertEquals(2, strict.json().get("tooFar").size());
    assertFalse(strict.json().get("good").asBoolean());
  }

  /** A model of two files goes through every command that reads weights. */
  @Test
  void shardedSafetensors() throws IOException {
    Path shards = Files.createDirectory(folder.resolve("sharded"));
    try (WeightFile file = WeightFile.open(model)) {
      Models.write(shards.resolve("1.safetensors"),
          Map.of("a.weight", file.tensor("a.weight").floats(), "b.weight",
              file.tensor("b.weight").floats()),
          Shape.of(64, 64));
      Models.write(shards.resolve("2.safetensors"),
          Map.of("head.weight", file.tensor("head.weight").floats()),
          Shape.of(64, 64));
    }
    Path index = shards.resolve("model.safetensors.index.json");
    Files.writeString(index, """
        {"metadata": {"total_size": 49152}, "weight_map": {"a.weight": "1.safetensors",
         "b.weight": "1.safetensors", "head.weight": "2.safetensors"}}
        """);
    Run inspected = octet("inspect", shards);
    assertTrue(inspected.out().startsWith("sharded safetensors, 3 tensors, 49.2 kB"), inspected.out());
    Path out = folder.resolve("int8.safetensors");
    Run quantized = octet("quantize", index, "-o", out, "--scheme", "int8-dynamic", "--json");
    assertEquals(0, quantized.exit(), quantized.err());
    assertEquals(49152, quantized.json().get("bytesBefore").asLong());
    for (Path reference : List.of(shards, index, model)) {
      Run verified = octet("verify", reference, out, "--min-sqnr", "30");
      assertEquals(0, verified.exit(), verified.out());
      assertTrue(verified.out().contains("3 tensors, of which 3 changed"), verified.out());
    }
    assertEquals(0, octet("verify", model, shards, "--json").exit());
    Files.delete(shards.resolve("2.safetensors"));
    Run missing = octet("quantize", index, "-o", out, "--scheme", "int8-dynamic");
    assertEquals(1, missing.exit());
    assertTrue(missing.err().contains("there is no file \"2.safetensors\""), missing.err());
  }

  @Test
  void includeAndGroups() {
    Path out = folder.resolve("int4.safetensors");
    Run run = octet("quantize", model, "-o", out, "--scheme", "int4-weight-only", "--group", 64, "--include",
        "a",
        "--json");
    assertEquals(0, run.exit(), run.err());
    try (WeightFile file = WeightFile.open(out)) {
      assertEquals(List.of("a.weight"), file.quantizedNames());
      assertEquals(64, file.quantized("a.weight").quantization().groupSize());
    }
  }

  @Test
  void namesThatSteerAreShownOnThePage() throws IOException {
    String name = "<b>\u001b[31m\u202e.weight";
    Path odd = folder.resolve("odd.safetensors");
    Models.write(odd, Map.of(name, new float[64 * 64]), Shape.of(64, 64));
    Path page = folder.resolve("odd.html");
    assertEquals(0, octet("verify", odd, odd, "--report", page).exit());
    assertEquals(1, octet("verify", odd, model, "--report", folder.resolve("missing.html")).exit());
    for (String html : List.of(Files.readString(page), Files.readString(folder.resolve("missing.html")))) {
      assertTrue(html.contains("&lt;b&gt;\\u001b[31m\\u202e.weight"), html);
      assertTrue(html.chars().noneMatch(c -> c == '\u001b' || c == '\u202e'), html);
    }
  }

  @Test
  void verifyMissesTensors() {
    Path other = folder.resolve("other.safetensors");
    Models.write(other, Map.of("a.weight", new float[64 * 64]), Shape.of(64, 64));
    Run run = octet("verify", model, other);
    assertEquals(1, run.exit());
    assertTrue(run.out().contains("missing or of another shape: head.weight"), run.out());
    assertTrue(run.out().contains("below 10.0 dB: a.weight"), run.out());
  }

  @Test
  void failuresAreOneLineAndLeaveNothing() throws IOException {
    Path out = folder.resolve("out.safetensors");
    Files.writeString(folder.resolve("bad.safetensors"), "no such thing at all");
    for (Path in : List.of(folder.resolve("none.safetensors"), folder.resolve("bad.safetensors"))) {
      Run run = octet("quantize", in, "-o", out, "--scheme", "int8-dynamic");
      assertEquals(1, run.exit(), run.err());
      assertEquals(1, run.err().strip().lines().count(), run.err());
      assertTrue(run.err().contains(in.getFileName().toString()), run.err());
      assertTrue(octet("--stacktrace", "inspect", in).err().contains("\tat "));
    }
    float[] values = new float[64 * 64];
    values[64 * 3 + 5] = Float.NaN;
    Path nan = folder.resolve("nan.safetensors");
    Models.write(nan, Map.of("x.weight", values), Shape.of(64, 64));
    Files.writeString(out, "before");
    Run run = octet("quantize", nan, "-o", out, "--scheme", "int8-dynamic");
    assertEquals(1, run.exit());
    assertEquals("octet: tensor x.weight: values[3, 5]: expected a finite number, got NaN; "
        + "leave the layer as it is, --exclude x\n", run.err());
    assertEquals("before", Files.readString(out));
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.noneMatch(file -> file.toString().endsWith(".part")));
    }
    assertEquals(2, octet("quantize", model, "-o", out, "--scheme", "int9").exit());
    assertEquals(2, octet("nonsense").exit());
    assertEquals(2, octet("bench", "--shapes", "1x2").exit());
  }

  @Test
  void completionAndHelp() {
    Run completion = octet("generate-completion");
    assertEquals(0, completion.exit());
    assertTrue(completion.out().contains("int8-dynamic") && completion.out().contains("moving-average")
        && completion.out().contains("clipping")
        && completion.out().contains("complete "),
        "schemes and observers by name");
    Run help = octet("--help");
    assertTrue(help.out().contains("Exit codes") && help.out().contains("quantize"), help.out());
    assertTrue(octet("--version").out().startsWith("octet "));
  }
}
