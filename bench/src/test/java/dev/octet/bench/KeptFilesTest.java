package dev.octet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Isa;
import dev.octet.harness.gate.Floors;
import dev.octet.harness.shape.BenchOp;
import dev.octet.harness.shape.BenchShape;
import dev.octet.harness.shape.Form;
import dev.octet.harness.shape.ShapeFile;
import dev.octet.harness.shape.ShapeFile.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shapes and floors of the repository. */
class KeptFilesTest {
  @ParameterizedTest
  @ValueSource(strings = {"bert-base", "minilm", "llama-decode", "resnet50", "mobilenetv2", "odd", "overhead",
      "callers", "smoke", "turns", "rows", "tiers", "engines"})
  void filesOfTheRepositoryAreMeasured(String name) throws IOException {
    List<Entry> entries = entries(name);
    assertFalse(entries.isEmpty());
    Set<BenchShape> shapes = new HashSet<>();
    for (Entry entry : entries) {
      assertTrue(shapes.add(entry.shape()), name + " has " + entry.shape() + " twice");
      for (Form form : entry.forms()) {
        assertTrue(Stream.of(BenchOp.values()).anyMatch(op -> op.takes(entry.shape()) && op.takes(form)),
            name + ": no op measures " + entry.shape() + " in " + form);
      }
    }
  }

  @Test
  void everyFileOfTheRepositoryIsDescribed() throws IOException {
    String text = Files.readString(BenchFolder.shapes().resolve("README.md"));
    try (Stream<Path> files = Files.list(BenchFolder.shapes())) {
      files.map(file -> file.getFileName().toString()).filter(file -> file.endsWith(".txt"))
          .forEach(file -> assertTrue(text.contains("`" + file + "`"), file));
    }
  }

  /** The shapes that targets are set for. */
  @Test
  void listedShapesAreThere() throws IOException {
    Set<String> here = Stream.concat(
        Stream.of("bert-base", "llama-decode", "minilm", "odd").flatMap(KeptFilesTest::texts),
        Stream.of("resnet50", "mobilenetv2", "overhead").flatMap(KeptFilesTest::texts))
        .collect(Collectors.toSet());
    for (String shape : List.of("1x768x768", "1x4096x4096", "4x1024x1024", "16x768x3072", "64x768x768",
        "128x768x768",
        "128x768x3072", "256x256x256", "512x512x512", "7x333x129", "33x65x17", "1x16x16", "1x64x64",
        "b12_128x32x128", "4096x4096",
        "n1_64x56x56_oc64_k3s1p1", "n1_128x28x28_oc128_k3s1p1", "n1_256x14x14_oc256_k3s1p1",
        "n1_512x7x7_oc512_k3s1p1",
        "n1_3x224x224_oc64_k7s2p3", "n1_64x56x56_oc64_k1s1p0", "n1_32x112x112_oc32_k3s1p1_dw",
        "n1_144x56x56_oc144_k3s2p1_dw", "n1_512x14x14_oc512_k3s1p1_dw")) {
      assertTrue(here.contains(shape), shape);
    }
  }

  private static Stream<String> texts(String file) {
    try {
      return entries(file).stream().map(entry -> entry.shape().toString());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Entry> entries(String file) throws IOException {
    return ShapeFile.read(BenchFolder.shapes().resolve(file + ".txt")).entries();
  }

  @Test
  void floorsAreLowEnoughForABusyMachine() throws IOException {
    List<Floors.Floor> rows = Floors.read(BenchFolder.shapes().resolveSibling("gate/avx512vnni.txt")).rows();
    assertTrue(rows.size() >= 12, rows.toString());
    assertEquals(rows.size(), new HashSet<>(rows.stream().map(Floors.Floor::benchCase).toList()).size());
    for (Floors.Floor floor : rows) {
      assertTrue(floor.benchCase().op().takes(floor.benchCase().shape()), floor.toString());
      assertTrue(floor.share() < 0.75, floor + ": too high for a busy machine");
    }
  }

  /** A file that is named after no tier holds nothing to its floors. */
  @Test
  void floorsAreOfTiers() throws IOException {
    List<Path> files = GateRun.files(BenchFolder.shapes().resolveSibling("gate"));
    assertTrue(files.size() >= 3, files.toString());
    for (Path file : files) {
      String tier = file.getFileName().toString().replace(".txt", "");
      assertTrue(Stream.of(Isa.values()).anyMatch(isa -> Tiers.name(isa).equals(tier)), file.toString());
      assertFalse(Floors.read(file).rows().isEmpty(), file.toString());
    }
  }
}
