package dev.octet.bench.page;

import dev.octet.harness.report.Figure;
import dev.octet.harness.report.FigureTable;
import dev.octet.harness.report.TimeShares;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A section for each topic of figures: bars of what most rows have first, or a bar of all shares on top of
 * each other for each row where there are shares, and everything as a table.
 */
final class FigureSections {
  private FigureSections() {}

  static void add(List<Figure> figures, HtmlPage page) throws IOException {
    Map<String, List<Figure>> topics = new LinkedHashMap<>();
    figures.forEach(figure -> topics.computeIfAbsent(figure.topic(), topic -> new ArrayList<>()).add(figure));
    for (Map.Entry<String, List<Figure>> topic : topics.entrySet()) {
      page.heading(topic.getKey());
      List<Figure> shares = topic.getValue().stream()
          .filter(figure -> figure.unit().equals(TimeShares.UNIT)).toList();
      if (shares.isEmpty()) {
        bars(topic.getKey(), topic.getValue(), page);
      } else {
        stacks(topic.getKey(), shares, page);
      }
      FigureTable table = FigureTable.of(topic.getValue());
      page.table(topic.getKey() + ": median [10th and 90th percentile, or least and most of a few]",
          table.head(), table.rows());
    }
  }

  /** A bar for each subject and peer, a part of it for each share. */
  private static void stacks(String topic, List<Figure> shares, HtmlPage page) throws IOException {
    List<String> bars = distinct(shares, FigureSections::bar);
    List<Charts.Series> series = new ArrayList<>();
    for (String part : distinct(shares, Figure::what)) {
      series.add(new Charts.Series(part, List.of(), bars.stream()
          .map(bar -> shares.stream().filter(figure -> figure.what().equals(part) && bar(figure).equals(bar))
              .findFirst().map(Figure::median).orElse(0.0))
          .toList()));
    }
    String title = topic + ": shares, " + shares.getFirst().unit();
    page.image(title, Charts.stacks(title, shares.getFirst().unit(), bars, series));
  }

  private static String bar(Figure figure) {
    return figure.subject() + ", " + figure.peer();
  }

  private static void bars(String topic, List<Figure> figures, HtmlPage page) throws IOException {
    List<String> whats = distinct(figures, Figure::quantity);
    String shown = whats.stream().filter(what -> count(figures, what) > 1).findFirst()
        .orElse(whats.getFirst());
    List<Figure> wanted = figures.stream().filter(figure -> figure.quantity().equals(shown)).toList();
    List<String> subjects = distinct(wanted, Figure::subject);
    List<BarChart.Series> series = distinct(wanted, Figure::peer).stream()
        .map(peer -> new BarChart.Series(peer,
            subjects.stream().map(subject -> find(wanted, subject, peer)
                .map(figure -> new BarChart.Bar(figure.median(), figure.low(), figure.high()))).toList()))
        .toList();
    String title = topic + ": " + shown;
    page.image(title, BarChart.svg(title, wanted.getFirst().unit(), subjects, series));
  }

  private static long count(List<Figure> figures, String what) {
    return figures.stream().filter(figure -> figure.quantity().equals(what)).count();
  }

  private static Optional<Figure> find(List<Figure> figures, String subject, String peer) {
    return figures.stream()
        .filter(figure -> figure.subject().equals(subject) && figure.peer().equals(peer)).findFirst();
  }

  private static <T, U> List<U> distinct(List<T> all, Function<T, U> part) {
    Set<U> parts = new LinkedHashSet<>();
    all.forEach(one -> parts.add(part.apply(one)));
    return List.copyOf(parts);
  }
}
