package dev.octet.harness.shape;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The shapes of a real model, one a line; the format is in {@code bench/shapes/README.md}.
 *
 * @param entries the shapes in the order of the file
 */
public record ShapeFile(List<Entry> entries) {
  private static final String DTYPES = "dtypes:";
  private static final String PEERS = "peers:";

  /**
   * A line.
   *
   * @param shape the shape
   * @param forms the forms that the file asks for, empty: the op's own
   * @param peers whom the file asks for, empty: those of the suite
   */
  public record Entry(BenchShape shape, List<Form> forms, List<Peer> peers) {
    /** Copies the lists. */
    public Entry {
      forms = List.copyOf(forms);
      peers = List.copyOf(peers);
    }
  }

  /** Copies the list. */
  public ShapeFile {
    entries = List.copyOf(entries);
  }

  /**
   * Reads a file.
   *
   * @param file the file
   * @return its shapes
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if a line is none, with file and line number
   */
  public static ShapeFile read(Path file) throws IOException {
    List<Entry> entries = new ArrayList<>();
    List<Form> forms = List.of();
    List<Peer> peers = List.of();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replaceFirst("#.*", "").strip();
      try {
        if (line.startsWith(DTYPES)) {
          forms = words(line, DTYPES).map(Form::parse).toList();
        } else if (line.startsWith(PEERS)) {
          peers = words(line, PEERS).map(Peer::named).toList();
        } else if (!line.isEmpty()) {
          entries.add(new Entry(BenchShape.parse(line), forms, peers));
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(file.getFileName() + ":" + (i + 1) + ": " + e.getMessage(), e);
      }
    }
    return new ShapeFile(entries);
  }

  private static Stream<String> words(String line, String key) {
    return Stream.of(line.substring(key.length()).strip().split("\\s+")).filter(word -> !word.isEmpty());
  }
}
