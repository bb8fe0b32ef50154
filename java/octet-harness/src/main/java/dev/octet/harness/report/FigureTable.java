package dev.octet.harness.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Figures of a topic as text: a row for each subject and peer with a column for each quantity, or, of one
 * quantity, a row for each subject with a column for each peer.
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

  /**
   * Makes the table of one quantity, of medians, which stands at the head of the first column.
   *
   * @param figures those of a topic and a quantity, in the order that rows and columns are to have
   * @throws IllegalArgumentException if they are of several quantities, or of none
   */
  public static FigureTable byPeer(List<Figure> figures) {
    List<String> quantities = figures.stream().map(Figure::quantity).distinct().toList();
    if (quantities.size() != 1) {
      throw new IllegalArgumentException("expected figures of one quantity, got " + quantities);
    }
    Set<String> peers = new LinkedHashSet<>();
    Map<String, Map<String, String>> rows = new LinkedHashMap<>();
    for (Figure figure : figures) {
      peers.add(figure.peer());
      rows.computeIfAbsent(figure.subject(), subject -> new LinkedHashMap<>())
          .put(figure.peer(), figure.medianText());
    }
    List<List<String>> cells = new ArrayList<>();
    rows.forEach((subject, texts) -> cells.add(Stream.concat(Stream.of(subject),
        peers.stream().map(peer -> texts.getOrDefault(peer, ""))).toList()));
    return new FigureTable(Stream.concat(quantities.stream(), peers.stream()).toList(), cells);
  }
}
