package dev.octet.harness.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FigureTest {
  @Test
  void fewSamplesHaveLeastAndMost() {
    Figure figure = Figure.of("t", "s", "p", "w", "us", 30, 10, 20);
    assertEquals(new Figure("t", "s", "p", "w", "us", 20, 10, 30, 3), figure);
    assertEquals("20.0 [10.0 30.0]", figure.text());
    assertEquals("t,s,p,w,us,20.0,10.0,30.0,3", figure.toCsv());
    assertThrows(IllegalArgumentException.class, () -> Figure.of("t", "s", "p", "w", "us"));
  }

  @Test
  void whatIsNoCellOfTheFileIsRefused() {
    for (String wrong : List.of("a,b", "a\nb", "#a", "")) {
      IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
          () -> Figure.of("t", wrong, "p", "w", "us", 1));
      assertEquals("expected text without comma, # and end of line, got \"" + wrong + "\"", e.getMessage());
    }
  }

  @Test
  void manySamplesHavePercentiles() {
    double[] samples = IntStream.rangeClosed(0, 100).mapToDouble(i -> i).toArray();
    assertEquals("50.0 [10.0 90.0]", Figure.of("t", "s", "p", "w", "us", samples).text());
  }

  @Test
  void aStarBehindAMedianWhoseSamplesAreFarApart() {
    assertEquals("20.0*", Figure.of("t", "s", "p", "w", "us", 30, 10, 20).medianText());
    assertEquals("20.0*", new Figure("t", "s", "p", "w", "us", 20, 18.9, 21, 9).medianText());
    assertEquals("20.0", new Figure("t", "s", "p", "w", "us", 20, 19, 21, 9).medianText());
    assertEquals("0", Figure.of("t", "s", "p", "w", "bytes", 0, 0).medianText());
  }

  @Test
  void oneQuantityByPeer() {
    FigureTable table = FigureTable.byPeer(List.of(Figure.of("t", "one", "a", "w", "us", 1, 2, 3),
        Figure.of("t", "one", "b", "w", "us", 4), Figure.of("t", "two", "b", "w", "us", 5)));
    assertEquals(
        new FigureTable(List.of("w, us", "a", "b"),
            List.of(List.of("one", "2.00*", "4.00"), List.of("two", "", "5.00"))),
        table);
    assertEquals("expected figures of one quantity, got [w, us, w, ms]",
        assertThrows(IllegalArgumentException.class, () -> FigureTable.byPeer(
            List.of(Figure.of("t", "s", "p", "w", "us", 1), Figure.of("t", "s", "p", "w", "ms", 1))))
            .getMessage());
  }

  @Test
  void digits() {
    assertEquals("0", Figure.of("t", "s", "p", "w", "bytes", 0).text());
    assertEquals("0.0625", Figure.of("t", "s", "p", "w", "us", 0.0625).text());
    assertEquals("1.25", Figure.of("t", "s", "p", "w", "us", 1.25).text());
    assertEquals("0.1 [0.0 100.0]", Figure.of("t", "s", "p", "w", "%", 0.0625, 0.04, 100).text());
    assertEquals("t,s,p,w,%,0.0625,0.0625,0.0625,1", Figure.of("t", "s", "p", "w", "%", 0.0625).toCsv());
    assertEquals("123457", Figure.of("t", "s", "p", "w", "us", 123456.7).text());
  }

  @Test
  void fileIsReadAsWritten(@TempDir Path folder) throws IOException {
    Path file = FiguresFile.beside(folder.resolve("new/turns.csv"));
    assertEquals(folder.resolve("new/turns-figures.csv"), file);
    FiguresFile written = new FiguresFile(List.of("CPU: some", "JDK: some"),
        List.of(Figure.of("t", "s 1x2", "p", "w", "us", 1, 2, 4), Figure.of("u", "s", "p", "w", "MB", 5)));
    written.write(file);
    assertEquals(written, FiguresFile.read(file));
    FiguresFile none = new FiguresFile(List.of(), List.of());
    assertEquals(none, FiguresFile.read(folder.resolve("none.csv")));
    new FiguresFile(List.of("CPU: some"), List.of()).write(file);
    assertEquals(none, FiguresFile.read(file), "figures of an older run beside a new one");
  }

  @Test
  void errorsNameTheLine(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("turns-figures.csv");
    for (String wrong : List.of("t,s,p,w,us,1,2", "t,s,p,w,us,1,2,x,3")) {
      Files.writeString(file, "# CPU\n" + Figure.HEADER + "\n" + wrong + "\n");
      IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> FiguresFile.read(file));
      assertEquals("turns-figures.csv:3: expected " + Figure.HEADER + ", got \"" + wrong + "\"",
          e.getMessage());
    }
  }
}
