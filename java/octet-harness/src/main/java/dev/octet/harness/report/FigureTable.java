package dev.octet.harness.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Figures of a topic as text: a row for each subject and peer, a column for each quantity.
 *
 * @param head names of the columns
 * @param rows cells; empty where a subject lacks a quantity
 */
public record FigureTable(List<String> head, List<List<String>> rows) {
  private record Row(String subject, String peer) {}

  /** Copies the lists. */
  public FigureTable {
    head = List.copyOf(head);
    rows = rows.stream().map(List::copyOf).toList();
  }

  /**
   * Makes the table.
   *
   * @param figures those of a topic, in the order that rows and columns are to have
   */
  public static FigureTable of(List<Figure> figures) {
    Set<String> columns = new LinkedHashSet<>();
    Map<Row, Map<String, String>> rows = new LinkedHashMap<>();
    for (Figure figure : figures) {
      columns.add(figure.quantity());
      rows.computeIfAbsent(new Row(figure.subject(), figure.peer()), row -> new LinkedHashMap<>())
          .put(figure.quantity(), figure.text());
    }
    List<List<String>> cells = new ArrayList<>();
    rows.forEach((row, texts) -> cells.add(Stream.concat(Stream.of(row.subject, row.peer),
        columns.stream().map(column -> texts.getOrDefault(column, ""))).toList()));
    return new FigureTable(Stream.concat(Stream.of("what", "by whom"), columns.stream()).toList(), cells);
  }
}
