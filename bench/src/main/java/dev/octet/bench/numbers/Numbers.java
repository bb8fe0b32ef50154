package dev.octet.bench.numbers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Tables of figures in Markdown that nobody types: between a line
 *
 * <pre>
 * &lt;!-- numbers file=bench/results/MACHINE/turns.csv op=matmul,conv cases=128x768x768:u8s8s32 --&gt;
 * </pre>
 *
 * and a line {@code <!-- /numbers -->} stands what the results in the file say; {@code cases} may be left
 * out, and then every case of the ops is a row. Times and shares are those of engine NATIVE, and of another
 * peer with {@code by=octet-vector}; the other columns are ratios to them. With
 * {@code file=.../turns-figures.csv topic=scaling-with-threads} instead of ops it is a topic of a file of
 * figures, a row for each subject and peer; with {@code what=2-threads} as well it is that quantity alone, by
 * medians, a column for each peer and a star where samples were far apart. With
 * {@code file=.../limits.csv limits=dot,fma} it is what a core can do. Within a line
 *
 * <pre>
 * &lt;!-- figure file=bench/results/MACHINE/turns.csv case=matmul:1x768x768:s8s8s8q peer=ort-u8 of=octet --&gt;2.36&lt;!-- /figure --&gt;
 * </pre>
 *
 * is one figure: {@code of=us} the median, {@code of=limit} the share of the limit, {@code of=octet} what the
 * peer took divided by what Octet took; with {@code topic= subject= peer= what=} it is one of a file of
 * figures. Files of quick runs are refused.
 */
public final class Numbers {
  private static final String BEGIN = "<!-- numbers ";
  private static final String BEGIN_END = " -->";
  private static final String END = "<!-- /numbers -->";
  private static final Pattern FIGURE = Pattern
      .compile("<!-- figure ([^<>]+?) -->([^<>]*)<!-- /figure -->");
  /** What begins or ends a figure, or was meant to. */
  private static final Pattern FIGURE_MARK = Pattern.compile("<!--\\s*/?\\s*figures?\\b",
      Pattern.CASE_INSENSITIVE);

  private final Path root;

  /**
   * For a repository.
   *
   * @param root its root, which names of files are relative to
   */
  public Numbers(Path root) {
    this.root = root;
  }

  /** README.md and the Markdown files of docs. */
  public List<Path> documents() throws IOException {
    try (Stream<Path> docs = Files.list(root.resolve("docs"))) {
      return Stream.concat(Stream.of(root.resolve("README.md")),
          docs.filter(file -> file.toString().endsWith(".md")).sorted()).toList();
    }
  }

  /**
   * The text of a document with tables made anew.
   *
   * @param document the file
   * @return its text as it has to be
   * @throws IOException if a file cannot be read
   * @throws IllegalArgumentException if a table's first line is not understood or has no end, with file and
   *         line number
   */
  public String updated(Path document) throws IOException {
    List<String> text = new ArrayList<>();
    List<String> lines = List.of(Files.readString(document).split("\n", -1));
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      try {
        text.add(withFigures(line));
        if (line.startsWith(BEGIN) && line.endsWith(BEGIN_END)) {
          text.addAll(Table.lines(root, line.substring(BEGIN.length(), line.length() - BEGIN_END.length())));
          List<String> rest = lines.subList(i + 1, lines.size());
          int end = rest.indexOf(END) + 1;
          if (end == 0 || rest.subList(0, end - 1).stream().anyMatch(Numbers::isMark)) {
            throw new IllegalArgumentException("no line " + END + " after it");
          }
          text.add(END);
          i += end;
        } else if (isMark(line)) {
          throw new IllegalArgumentException("expected \"" + BEGIN + "..." + BEGIN_END + "\", and \"" + END
              + "\" after a table, alone on a line, got \"" + line + "\"");
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            document.getFileName() + ":" + (i + 1) + ": " + e.getMessage(), e);
      }
    }
    return String.join("\n", text);
  }

  /** A line with its figures made anew. */
  private String withFigures(String line) throws IOException {
    StringBuilder text = new StringBuilder();
    Matcher figure = FIGURE.matcher(line);
    int end = 0;
    while (figure.find()) {
      text.append(line, end, figure.end(1)).append(" -->").append(FigureMark.text(root, figure.group(1)))
          .append("<!-- /figure -->");
      end = figure.end();
    }
    if (FIGURE_MARK.matcher(FIGURE.matcher(line).replaceAll("")).find()) {
      throw new IllegalArgumentException(
          "expected \"<!-- figure ... -->FIGURE<!-- /figure -->\" within the line, got \"" + line.strip()
              + "\"");
    }
    return text.append(line, end, line.length()).toString();
  }

  /** What begins or ends a table, or was meant to. */
  private static boolean isMark(String line) {
    return line.matches("(?is)\\s*<!--\\s*/?\\s*numbers?\\b.*");
  }
}
