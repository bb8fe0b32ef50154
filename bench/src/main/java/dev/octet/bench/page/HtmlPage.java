package dev.octet.bench.page;

import dev.octet.quantize.PlainText;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** One HTML document that needs nothing beside it. */
final class HtmlPage {
  private static final String STYLE = """
      body { font-family: sans-serif; margin: 2em auto; max-width: 110em; padding: 0 1em; color: #222; }
      figure { margin: 1em 0; overflow-x: auto; }
      div { overflow-x: auto; }
      table { border-collapse: collapse; margin: .5em 0 2em; font-variant-numeric: tabular-nums; }
      caption { text-align: left; padding: .3em 0; color: #555; }
      th, td { padding: .15em .8em; text-align: right; border-bottom: 1px solid #ddd; white-space: nowrap; }
      th:first-child, td:first-child { text-align: left; font-weight: normal; }
      thead th { font-weight: bold; border-bottom: 2px solid #888; }
      pre { background: #f4f4f4; padding: .8em; overflow-x: auto; }
      """;

  private final StringBuilder page = new StringBuilder();

  HtmlPage(String title) {
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
        .append(PlainText.html(title)).append("</title>\n<style>\n").append(STYLE)
        .append("</style>\n</head>\n<body>\n");
    element("h1", title);
  }

  void heading(String text) {
    element("h2", text);
  }

  void paragraph(String text) {
    element("p", text);
  }

  void lines(List<String> lines) {
    element("pre", String.join("\n", lines));
  }

  private void element(String name, String text) {
    page.append('<').append(name).append('>');
    for (String line : text.split("\n", -1)) {
      page.append(PlainText.html(line)).append('\n');
    }
    page.setLength(page.length() - 1);
    page.append("</").append(name).append(">\n");
  }

  /** A document of its own within the page: what it defines has names that recur in the next one. */
  void image(String what, String svg) {
    page.append("<figure><img alt=\"").append(PlainText.html(what))
        .append(". The table below has the same figures.\" src=\"data:image/svg+xml;base64,")
        .append(Base64.getEncoder().encodeToString(svg.getBytes(StandardCharsets.UTF_8)))
        .append("\"></figure>\n");
  }

  /** A table whose first column names the rows. */
  void table(String caption, List<String> head, List<List<String>> rows) {
    page.append("<div><table>\n<caption>").append(PlainText.html(caption)).append("</caption>\n<thead><tr>");
    head.forEach(cell -> cell("th scope=\"col\"", cell));
    page.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : rows) {
      page.append("<tr>");
      for (int i = 0; i < row.size(); i++) {
        cell(i == 0 ? "th scope=\"row\"" : "td", row.get(i));
      }
      page.append("</tr>\n");
    }
    page.append("</tbody>\n</table></div>\n");
  }

  private void cell(String tag, String text) {
    page.append('<').append(tag).append('>').append(PlainText.html(text)).append("</")
        .append(tag, 0, 2).append('>');
  }

  @Override
  public String toString() {
    return page + "</body>\n</html>\n";
  }
}
