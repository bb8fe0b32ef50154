package dev.octet.harness.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.harness.shape.BenchCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contests as they are kept, and as text. */
class RoundsFileTest {
  private static final RoundsFile FILE = new RoundsFile(List.of("CPU: some", "JDK: some"), "some, 25",
      List.of(times("limit", "multiply bytes", 95, 96, 97),
          times("octet-native", "native:a,b", 100, 100, 100),
          times("ort", "ort:QGemm", 200, 200, 300)));

  private static RoundTimes times(String peer, String kernel, double... micros) {
    return new RoundTimes(BenchCase.of(peer, "matmul", "64x768x768", "u8s8s32", 1), kernel, micros);
  }

  @Test
  void mediansAndRoundsAreKept(@TempDir Path folder) throws IOException {
    Path csv = folder.resolve("made/turns.csv");
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      FILE.write(csv);
    } finally {
      Locale.setDefault(before);
    }
    assertEquals(List.of("# CPU: some", "# JDK: some", "# key: some, 25",
        "peer,op,shape,dtype,threads,median_us,gops,of_limit,p10,p90,kernel",
        "limit,matmul,64x768x768,u8s8s32,1,96.000,786.432,,,,multiply bytes",
        "octet-native,matmul,64x768x768,u8s8s32,1,100.000,754.975,0.9600,0.9500,0.9700,native:a;b",
        "ort,matmul,64x768x768,u8s8s32,1,200.000,377.487,0.4750,0.3233,0.4800,ort:QGemm"),
        Files.readAllLines(csv));
    RoundsFile read = RoundsFile.read(csv);
    assertEquals(FILE.origin(), read.origin());
    assertEquals("some, 25", read.key());
    assertEquals(3, read.times().size());
    assertEquals(FILE.times().getLast().benchCase(), read.times().getLast().benchCase());
    assertEquals("native:a;b", read.times().get(1).kernel());
    assertArrayEquals(new double[]{95, 96, 97}, read.times().getFirst().micros());
  }

  @Test
  void whatIsNoRoundIsNamed(@TempDir Path folder) throws IOException {
    Path csv = folder.resolve("turns.csv");
    FILE.write(csv);
    List<String> lines = Files.readAllLines(RoundsFile.rounds(csv));
    for (Map.Entry<String, String> row : Map.ofEntries(Map.entry("", "1 cells"),
        Map.entry("ort,matmul,1x1x1,f32,1,ort", "6 cells"),
        Map.entry("ort,matmul,1x1x1,f32,1,ort,12 x", "For input string: \"x\""),
        Map.entry("ort,matmul,1x1x1,f32,1,ort,12 NaN", "a time of NaN"),
        Map.entry("ort,matmul,1x1x1,f32,1,ort,-12", "a time of -12"),
        Map.entry("ort,matmul,1x1x1,f32,1,ort,12 0", "a time of 0"),
        Map.entry("ort,matmul,1x1x1,f32,1,ort,Infinity", "a time of Infinity"),
        Map.entry("Nobody,matmul,1x1x1,f32,1,ort,12",
            "peer: expected 1 to 40 lower case letters, digits, dots, "
                + "hyphens and underscores, got \"Nobody\""),
        Map.entry("ort,matmul,128x768,u8s8s32,1,ort,12",
            "shape of matmul: expected MxKxN such as 128x768x3072, got \"128x768\""),
        Map.entry("ort,matmul,1x1x1,u8u8,1,ort,12",
            "dtype of matmul: expected one such as f32, u8s8s32, u8s8u8q, s8s8s8q, f32s8f32, got \"u8u8\""),
        Map.entry("ort,matmul,1x1x1,f32,0,ort,12", "threads: expected 1 or more, got 0")).entrySet()) {
      String wrong = row.getKey();
      lines.set(5, wrong);
      Files.write(RoundsFile.rounds(csv), lines);
      IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> RoundsFile.read(csv));
      assertEquals("turns-rounds.csv:6: expected peer,op,shape,dtype,threads,kernel,us of each round, got \""
          + wrong + "\": " + row.getValue(), e.getMessage());
    }
  }

  @Test
  void whatWasCutOffIsNamed(@TempDir Path folder) throws IOException {
    Path csv = folder.resolve("turns.csv");
    FILE.write(csv);
    List<String> lines = Files.readAllLines(RoundsFile.rounds(csv));
    String last = lines.getLast();
    refuses(csv, lines.subList(4, 7),
        "turns-rounds.csv:1: expected peer,op,shape,dtype,threads,kernel,us of each round, got \""
            + lines.get(4) + "\": no header above it");
    refuses(csv, lines.subList(0, 3),
        "turns-rounds.csv: expected a line peer,op,shape,dtype,threads,kernel,us of each round");
    lines.set(6, last.substring(0, last.lastIndexOf(' ')));
    refuses(csv, lines,
        "turns-rounds.csv: ort matmul 64x768x768 u8s8s32 1 thread: expected as many rounds as "
            + "others of its case, 3, got 2");
    lines.set(6, lines.get(5));
    refuses(csv, lines, "turns-rounds.csv: octet-native matmul 64x768x768 u8s8s32 1 thread: twice");
  }

  private static void refuses(Path csv, List<String> lines, String message) throws IOException {
    Files.write(RoundsFile.rounds(csv), lines);
    assertEquals(message,
        assertThrows(IllegalArgumentException.class, () -> RoundsFile.read(csv)).getMessage());
  }

  @Test
  void tableHoldsEverybodyAgainstLimitAndOctet() {
    assertEquals(
        """

            matmul 64x768x768 u8s8s32, 1 thread, 3 rounds
              peer             median us      GOPS  of limit [p10 p90]              octet x [p10 p90]               kernel
              limit               96.000     786.4                                                                  multiply bytes
              octet-native       100.000     755.0  0.960 [0.950 0.970]                                             native:a,b
              ort                200.000     377.5  0.475 [0.323 0.480] UNSTEADY    2.000 [2.000 3.000] UNSTEADY    ort:QGemm""",
        String.join("\n", TurnsTable.lines(FILE.times())));
    assertEquals(List.of(), TurnsTable.lines(List.of()));
  }

  @Test
  void withoutALimitThereIsNoShare() {
    List<RoundTimes> alone = List.of(times("octet-native", "k", 1, 2, 3));
    assertTrue(alone.getFirst().ofLimit(alone).isEmpty());
    assertThrows(IllegalArgumentException.class, () -> times("ort", "k"));
  }
}
