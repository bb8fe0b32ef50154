package dev.octet.cli;

import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Shape;
import dev.octet.quantize.file.SafetensorsWriter;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import dev.octet.quantize.file.StoredTensor;
import dev.octet.quantize.file.StoredType;
import dev.octet.quantize.file.WeightFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fixed scales of inputs: which layers get them, from which recorded rows, and what is said of the others.
 */
class InputScalesTest {
  @TempDir
  Path folder;
  private final Map<String, Slot> slots = new LinkedHashMap<>();

  private InputScalesTest with(String name, StoredType type, long... dims) {
    slots.put(name, new Slot(name, type, Shape.of(dims)));
    return this;
  }

  /** Floats are 0.5, bytes 0x3f. */
  private Path write(String file) {
    Path path = folder.resolve(file);
    try (SafetensorsWriter writer = new SafetensorsWriter(path, List.copyOf(slots.values()), Map.of())) {
      slots.values().forEach(slot -> {
        ByteBuffer bytes = ByteBuffer.allocate((int) slot.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
          if (slot.type() == StoredType.F32) {
            bytes.putFloat(0.5f);
          } else {
            bytes.put((byte) 0x3f);
          }
        }
        writer.write(slot.name(), MemorySegment.ofArray(bytes.array()));
      });
      writer.commit();
    }
    slots.clear();
    return path;
  }

  private Run quantize(Path in, String scheme, Path calibration, Object... more) {
    Object[] arguments = {"quantize", in, "-o", folder.resolve("out.safetensors"), "-s", scheme,
        "--calibration", calibration};
    return octet(Stream.concat(Stream.of(arguments),
        Stream.of(more)).toArray());
  }

  /** The layers that have an input scale in the output. */
  private List<String> scaled() {
    try (WeightFile file = WeightFile.open(folder.resolve("out.safetensors"))) {
      return file.tensors().stream().map(StoredTensor::name).filter(name -> name.endsWith(".input_scale"))
          .map(name -> name.replace(".input_scale", "")).sorted().toList();
    }
  }

  /** What is not quantized has no integers to be multiplied with integers of its input. */
  @Test
  void onlyQuantizedLayersHaveThem() {
    Path model = with("a.weight", StoredType.F32, 4, 8).with("norm.weight", StoredType.F32, 8)
        .with("fp8.weight", StoredType.F8_E4M3, 4, 8).with("fp8.weight_scale", StoredType.F32, 4, 1)
        .with("odd.weight", StoredType.I8, 4, 8).with("odd.weight_scale", StoredType.F32, 3)
        .with("ids.weight", StoredType.I64, 4, 8).with("left.weight", StoredType.F32, 4, 8)
        .with("kept.weight", StoredType.I8, 4, 8).with("kept.weight_scale", StoredType.F32, 4, 1)
        .write("model.safetensors");
    for (String layer : List.of("a", "norm", "fp8", "odd", "ids", "left", "kept", "of.another.model")) {
      with(layer + ".input", StoredType.F32, 2, 8);
    }
    Path calibration = write("inputs.safetensors");
    Run run = quantize(model, "int8-static", calibration, "--exclude", "left");
    assertEquals(0, run.exit(), run.err());
    assertEquals(List.of("a", "kept"), scaled());
  }

  /** Of packed weights the file has half the features. */
  @Test
  void packedWeightsThatAreKept() {
    Path model = with("a.weight", StoredType.F32, 4, 64).write("model.safetensors");
    Path int4 = folder.resolve("int4.safetensors");
    assertEquals(0, octet("quantize", model, "-o", int4, "-s", "int4-weight-only").exit());
    Path calibration = with("a.input", StoredType.F32, 2, 64).write("inputs.safetensors");
    Run run = quantize(int4, "int4-static", calibration);
    assertEquals(0, run.exit(), run.err());
    assertEquals(List.of("a"), scaled());
  }

  /** A range of nothing has a scale of 1, under which all inputs below a half are 0. */
  @Test
  void inputsThatWereAlways0AreTold() {
    Path model = with("a.weight", StoredType.F32, 4, 8).with("b.weight", StoredType.F32, 4, 8)
        .write("model.safetensors");
    Path calibration = Models.write(folder.resolve("inputs.safetensors"),
        Map.of("a.input", new float[16], "b.input", new float[]{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
            0}),
        Shape.of(2, 8));
    for (String observer : List.of("min-max", "moving-average", "percentile", "entropy", "mse")) {
      Run run = quantize(model, "int8-static", calibration, "--observer", observer);
      assertEquals(0, run.exit(), run.err());
      assertEquals(List.of("scale of the input is 1, inputs always 0 in the calibration: all features of a"),
          run.out().lines().filter(line -> line.contains("always 0")).toList(), observer);
      assertEquals("[\"a\"]", quantize(model, "int8-static", calibration, "--observer", observer, "--json")
          .json().get("zeroInputs").toString());
    }
    Run both = quantize(model, "int8-static", calibration, "--rounding", "gptq");
    assertTrue(
        both.out().contains("rounded to nearest, inputs always 0 in the calibration: 8 features of a\n"),
        both.out());
    assertTrue(
        both.out().contains("rounded to nearest, inputs always 0 in the calibration: 7 features of b\n"),
        both.out());
    assertTrue(both.out().contains("scale of the input is 1, inputs always 0 in the calibration: all"),
        both.out());
  }

  /** The weight that is named as one has the inputs; the other is one of which nothing was recorded. */
  @Test
  void aTensorThatIsNamedLikeTheLayerOfAnother() {
    Path model = with("l", StoredType.F32, 4, 6).with("l.weight", StoredType.F32, 4, 8)
        .with("m", StoredType.F32, 4, 8).write("model.safetensors");
    Path calibration = with("l.input", StoredType.F32, 2, 8).with("m.input", StoredType.F32, 2, 8)
        .write("inputs.safetensors");
    for (String rounding : List.of("nearest", "gptq")) {
      Run run = quantize(model, "int8-static", calibration, "--rounding", rounding, "--json");
      assertEquals(0, run.exit(), run.err());
      assertEquals("[\"l\"]", run.json().get("withoutInputScale").toString());
      assertEquals(List.of("l", "m"), scaled());
      if (rounding.equals("gptq")) {
        assertEquals("[\"l\"]", run.json().get("roundedToNearest").toString());
      }
    }
  }

  /** To leave the layer out would quantize nothing: the file is not the one that was meant. */
  @Test
  void outputsOfStaticSchemesAreQuantizedAlready() throws IOException {
    Path model = with("a.weight", StoredType.F32, 4, 8).with("b", StoredType.F32, 4, 8)
        .write("model.safetensors");
    Path a = with("a.input", StoredType.F32, 2, 8).write("a.safetensors");
    Path b = with("b.input", StoredType.F32, 2, 8).write("b.safetensors");
    for (Map.Entry<Path, String> layer : Map.of(a, "a.weight", b, "b").entrySet()) {
      assertEquals(0, quantize(model, "int8-static", layer.getKey()).exit());
      Path once = folder.resolve("once.safetensors");
      Files.move(folder.resolve("out.safetensors"), once,
          StandardCopyOption.REPLACE_EXISTING);
      Run again = quantize(once, "int8-static", layer.getKey());
      assertEquals(1, again.exit());
      assertEquals("octet: tensor " + layer.getValue().replace(".weight", "")
          + ".input_scale: the file has it "
          + "already: " + layer.getValue() + " is quantized, with a fixed scale of its input; quantize the "
          + "file that this one was made from\n", again.err());
      assertFalse(Files.exists(folder.resolve("out.safetensors")));
    }
    // a tensor of the model by that name is another matter
    Path own = with("a.weight", StoredType.F32, 4, 8).with("a.input_scale", StoredType.F32, 1)
        .write("own.safetensors");
    assertTrue(quantize(own, "int8-static", a).err().contains("--exclude a\n"));
  }

  /** The calibration is at fault, not the weight. */
  @Test
  void numbersOfTheCalibrationThatAreNone() {
    Path model = with("a.weight", StoredType.F32, 4, 8).write("model.safetensors");
    float[] inputs = new float[16];
    inputs[11] = Float.NaN;
    Path calibration = Models.write(folder.resolve("inputs.safetensors"), Map.of("a.input", inputs),
        Shape.of(2, 8));
    Run run = quantize(model, "int8-dynamic", calibration, "--rounding", "gptq");
    assertEquals("octet: tensor a.weight: a.input[1, 3]: expected a finite number, got NaN\n", run.err());
  }
}
