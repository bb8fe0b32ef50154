package dev.octet.quantize.file;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What names in the graphs of a model begin with: no two graphs have the same, even if two nodes do. */
final class OnnxPaths {
  /**
   * Names of nodes that exporters make of modules have some hundred characters, and models three or four
   * graphs in each other. A longer path, which every name in the graph would begin with, is replaced by a
   * number.
   */
  private static final int MAX_LENGTH = 4096;

  private final Set<String> taken = new HashSet<>();
  /** The last number behind a path that is taken. */
  private final Map<String, Integer> numbers = new HashMap<>();

  /**
   * Makes a path of a graph's own.
   *
   * @param path the names of the nodes around it, each with a slash behind it
   * @return the path, with a number where another graph has it
   */
  String unique(String path) {
    String wanted = path.length() > MAX_LENGTH ? "graph_" + taken.size() + "/" : path;
    String unique = wanted;
    while (!taken.add(unique)) {
      unique = wanted.substring(0, Math.max(0, wanted.length() - 1)) + "_"
          + numbers.merge(wanted, 2, (last, two) -> last + 1) + "/";
    }
    return unique;
  }
}
