package dev.octet.quantize.file;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Names of tensors and of files. */
final class Names {
  /** Names in a message. */
  private static final int MOST = 5;

  /** Letters that two names have at least that are called alike: three letters are in too many. */
  private static final int LEAST_LIKE = 4;
  /** Longer names are not compared: hostile files have long ones, and many. */
  private static final int MOST_LIKE = 100;
  private static final int FAR = Integer.MAX_VALUE;

  private Names() {}

  /** Names for a message: the first few, and how many more there are. */
  static String some(List<String> names) {
    return String.join(", ", names.subList(0, Math.min(MOST, names.size())))
        + (names.size() > MOST ? " and " + (names.size() - MOST) + " more" : "");
  }

  /**
   * For a message, names that could have been meant: the first few, nearest first; empty where there are
   * none.
   */
  static String near(String name, Collection<String> names) {
    List<String> near = names.stream().filter(other -> distance(name, other) != FAR)
        .sorted(Comparator.comparingInt(other -> distance(name, other))).toList();
    return near.isEmpty() ? "" : "; like it " + (near.size() == 1 ? "is " : "are ") + some(near);
  }

  /**
   * How many letters have to be changed, added or removed, of which a quarter is too many; 0 where one is a
   * part of the other; FAR where they are not alike.
   */
  private static int distance(String a, String b) {
    int shorter = Math.min(a.length(), b.length());
    if (shorter < LEAST_LIKE || Math.max(a.length(), b.length()) > MOST_LIKE) {
      return FAR;
    }
    if (a.contains(b) || b.contains(a)) {
      return 0;
    }
    int most = shorter / LEAST_LIKE;
    if (Math.abs(a.length() - b.length()) > most) {
      return FAR;
    }
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, j -> j);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()] <= most ? row[b.length()] : FAR;
  }

  /** The tensor of that name, or an exception that says so. */
  static <T> T require(Map<String, T> tensors, String name) {
    Objects.requireNonNull(name, "name");
    T tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "there is no tensor " + name + " in the file, which has " + tensors.size()
              + near(name, tensors.keySet()));
    }
    return tensor;
  }
}
