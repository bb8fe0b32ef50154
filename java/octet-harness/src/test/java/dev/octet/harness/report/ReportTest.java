package dev.octet.harness.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.harness.shape.BenchCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** results.csv, the table and the line about the machine. */
class ReportTest {
  private static Measurement measured(String peer, String form, double micros, double bytes) {
    return Measurement.of(BenchCase.of(peer, "matmul", "64x768x768", form, 1), micros, peer + " kernel",
        bytes);
  }

  @Test
  void rowsAreWrittenAsTheyCome(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("made/results.csv");
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    Origin origin = new Origin(Machine.here(), "a test", "0123456789ab", List.of(), false);
    try (ResultsCsv csv = new ResultsCsv(file, origin)) {
      List<String> head = Stream.concat(origin.lines().stream().map(line -> "# " + line),
          Stream.of("peer,op,shape,dtype,threads,median_us,gops")).toList();
      assertEquals(head, Files.readAllLines(file));
      csv.add(measured("octet-onednn", "s8s8s8q", 150.9876, 0));
      assertEquals(Stream.concat(head.stream(),
          Stream.of("octet-onednn,matmul,64x768x768,s8s8s8q,1,150.988,500.024")).toList(),
          Files.readAllLines(file));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aRowIsReadBack() {
    Measurement row = Measurement.parse("limit,read,L2,u8,2,1.500,148.000");
    assertEquals("limit,read,L2,u8,2,1.500,148.000", row.toCsv());
    assertEquals(2, row.threads());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "limit,read,L2,u8,2,1.5", "limit,read,L2,u8,two,1.5,148",
      "limit,read,L2,u8,2,1.5,148,"})
  void whatIsNoRowIsRefused(String line) {
    assertThrows(IllegalArgumentException.class, () -> Measurement.parse(line));
  }

  @Test
  void tableComparesWithFloatAndCAndLimit() {
    List<String> lines = new ResultTable(List.of(measured("limit", "f32", 400, Double.NaN),
        measured("onednn-c", "f32", 500, Double.NaN), measured("ort", "f32", 1000, 464),
        measured("limit", "u8s8u8q", 100, Double.NaN), measured("onednn-c", "u8s8u8q", 110, Double.NaN),
        measured("octet-onednn", "u8s8u8q", 125, 0.0))).lines();
    assertEquals(
        """

            matmul 64x768x768, 1 thread
              dtype        peer             median us      GOPS   x f32 x onednn-c of limit    B/op  kernel
              f32          limit              400.000     188.7                                      limit kernel
              f32          onednn-c           500.000     151.0    1.00       1.00     0.80          onednn-c kernel
              f32          ort               1000.000      75.5    0.50       0.50     0.40     464  ort kernel
              u8s8u8q      limit              100.000     755.0                                      limit kernel
              u8s8u8q      onednn-c           110.000     686.3    4.55       1.00     0.91          onednn-c kernel
              u8s8u8q      octet-onednn       125.000     604.0    4.00       0.88     0.80       0  octet-onednn kernel""",
        String.join("\n", lines));
  }

  @Test
  void withoutOneDnnFromCTheBindingsAreTheFloatBaseline() {
    String table = String.join("\n",
        new ResultTable(List.of(measured("ort", "f32", 1000, 464), measured("octet-onednn", "f32", 600, 0),
            measured("octet-native", "u8s8u8q", 100, 0))).lines());
    assertTrue(table.contains("100.000     755.0    6.00"), table);
  }

  @Test
  void groupsKeepOpsShapesAndThreadsApart() {
    List<Measurement> rows = new ArrayList<>();
    for (int threads = 1; threads <= 2; threads++) {
      rows.add(Measurement.of(BenchCase.of("ort", "add", "2x3", "s8s8s8", threads), 1, "", Double.NaN));
      rows.add(Measurement.of(BenchCase.of("ort", "quantize", "2x3", "f32u8", threads), 1, "", Double.NaN));
    }
    List<String> heads = new ResultTable(rows).lines().stream().filter(line -> line.matches(".* threads?"))
        .toList();
    assertEquals(
        List.of("add 2x3, 1 thread", "quantize 2x3, 1 thread", "add 2x3, 2 threads",
            "quantize 2x3, 2 threads"),
        heads);
  }

  @Test
  void machineIsReadFromTheSystem(@TempDir Path folder) throws IOException {
    Path cpuinfo = Files.writeString(folder.resolve("cpuinfo"), """
        processor\t: 0
        cpu family\t: 26
        model\t\t: 2
        model name\t: Some CPU @ 2 GHz
        stepping\t: 1
        flags\t\t: fpu avx2 fma sse2 avx512_vnni
        """);
    int index = 0;
    for (String[] cache : new String[][]{{"1", "Data", "48K"}, {"1", "Instruction", "32K"},
        {"3", "Unified", "36M"},
        {"2", "Unified", "2048K"}}) {
      Path one = Files.createDirectories(folder.resolve("cache/index" + index++));
      Files.writeString(one.resolve("level"), cache[0] + "\n");
      Files.writeString(one.resolve("type"), cache[1] + "\n");
      Files.writeString(one.resolve("size"), cache[2] + "\n");
    }
    Machine machine = Machine.read(cpuinfo, folder.resolve("cache"));
    assertEquals("Some CPU @ 2 GHz", machine.cpu());
    assertEquals("26-2-1", machine.family());
    assertTrue(machine.key().startsWith("Some CPU @ 2 GHz 26-2-1, "), machine.key());
    assertTrue(machine.key().endsWith(Runtime.version().toString()), machine.key());
    assertEquals(List.of("avx2", "fma", "avx512_vnni"), machine.flags());
    assertEquals(List.of(48L << 10, 2L << 20, 36L << 20), machine.caches());
    assertTrue(machine.describe().contains("48 KB, 2048 KB, 36864 KB"), machine.describe());
    Machine unknown = Machine.read(folder.resolve("none"), folder.resolve("none"));
    assertEquals(List.of(), unknown.caches());
    assertTrue(unknown.describe().contains("caches: unknown"), unknown.describe());
    assertEquals("", unknown.family());
  }
}
