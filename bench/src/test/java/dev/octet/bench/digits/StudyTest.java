package dev.octet.bench.digits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.bench.digits.Study.Agreement;
import dev.octet.bench.digits.Study.Row;
import dev.octet.bench.digits.Study.Size;
import dev.octet.harness.report.Figure;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/**
 * A small study, some seconds long, has the shape of that in docs/numbers.md; its figures are the same
 * everywhere.
 */
class StudyTest {
  private static final Size SMALL = new Size(1_500, 500, 12, 5);
  private static final long SEED = 1;

  @Test
  void theTableHasItsShape() throws ExecutionException, InterruptedException {
    List<Row> rows = new Study(SMALL, SEED, line -> {
    }).run(2);
    String table = "seed " + SEED + "\n" + String.join("\n", Digits.table(rows));
    assertEquals(12, rows.size());
    for (Row row : rows) {
      String where = row.network() + " " + row.precision() + ", " + table;
      assertTrue(row.fp32() > 60, where);
      if (row.precision().weightBits() == 8) {
        assertEquals(row.fp32(), row.ptq(), 1, where);
      }
      assertTrue(row.qat() >= row.fp32() - 2, where);
      assertTrue(row.integers().get("AUTO").taken(), where);
      assertTrue(row.integers().get("SCALAR").taken(), where);
      row.integers().forEach((engine, agreement) -> assertAgrees(row, engine, agreement, where));
    }
    assertTrue(lost(rows) > 2, table);
    List<Figure> figures = Digits.figures(rows, SMALL.testImages());
    assertEquals(12 * 4, figures.stream().filter(figure -> figure.what().equals("top-1")).count());
    Row last = rows.getLast();
    assertEquals(Figure.of("Training for integers", "MLP W4A4 per channel", "PTQ", "top-1", "share",
        last.ptq() / 100), figures.get(12 * 4 - 3));
    assertTrue(figures.contains(Figure.of("Training for integers", "a network at most", "octet-scalar",
        "images that differ", "of 500", 0)), figures.toString());
  }

  /** On 500 images none may differ: one would be 0.2 %. */
  private static void assertAgrees(Row row, String engine, Agreement agreement, String where) {
    if (agreement.taken()) {
      assertEquals(0, agreement.differing(), engine + ", " + where);
      assertEquals(row.qat(), agreement.top1(), engine + ", " + where);
    }
  }

  /** What W4A4 costs without training, the mean of its rows. */
  private static double lost(List<Row> rows) {
    return rows.stream().filter(row -> row.precision().bits().equals("W4A4"))
        .mapToDouble(row -> row.fp32() - row.ptq()).average().orElseThrow();
  }
}
