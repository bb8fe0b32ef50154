package dev.octet.harness.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Figures as they are kept beside a file of contests, {@code -figures} in its name.
 *
 * @param origin where they come from, {@link Origin#lines}
 * @param figures the figures, those of a topic next to each other
 */
public record FiguresFile(List<String> origin, List<Figure> figures) {
  /** Copies the lists. */
  public FiguresFile {
    origin = List.copyOf(origin);
    figures = List.copyOf(figures);
  }

  /** Whether the run was to see that it runs, not to quote. */
  public boolean quick() {
    return Origin.isQuick(origin);
  }

  /** The file of figures beside a file of medians. */
  public static Path beside(Path csv) {
    return RoundsFile.beside(csv, "figures");
  }

  /**
   * Writes the file; the folder is made. Where there are no figures an older file is removed.
   *
   * @param file the file of figures
   * @throws IOException if that fails
   */
  public void write(Path file) throws IOException {
    if (figures.isEmpty()) {
      Files.deleteIfExists(file);
      return;
    }
    CommentedCsv.write(file, origin, Figure.HEADER, figures.stream().map(Figure::toCsv));
  }

  /**
   * Reads a file.
   *
   * @param file the file of figures
   * @return its figures, none where there is no such file
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if a line is none, with file and line number
   */
  public static FiguresFile read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return new FiguresFile(List.of(), List.of());
    }
    List<String> origin = new ArrayList<>();
    List<Figure> figures = CommentedCsv.read(file, Figure.HEADER, origin, Figure::parse);
    return new FiguresFile(origin, figures);
  }
}
