package dev.octet.cli;

import dev.octet.quantize.Glob;
import dev.octet.quantize.file.SchemeChoice;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which layers {@code --include} and {@code --exclude} choose, by their names without {@code .weight}.
 *
 * @param include only these; none for all
 * @param exclude not these, included or not
 */
record LayerGlobs(List<String> include, List<String> exclude) {
  /** Whether a layer is chosen. */
  boolean holds(String layer) {
    return (include.isEmpty() || isIn(include, layer)) && !isIn(exclude, layer);
  }

  private static boolean isIn(List<String> globs, String layer) {
    return globs.stream().anyMatch(glob -> Glob.of(glob).matches(layer));
  }

  /**
   * Warns of globs that match no layer: a name that was mistyped leaves a layer as nobody wanted it.
   *
   * @param tensors names of tensors
   */
  List<String> unmatched(Collection<String> tensors) {
    List<String> layers = tensors.stream().map(SchemeChoice::layer).toList();
    return Stream.concat(include.stream(), exclude.stream())
        .filter(glob -> layers.stream().noneMatch(Glob.of(glob)::matches))
        .map(glob -> "no layer has a name that \"" + glob
            + "\" matches; names of layers have no .weight at the end")
        .toList();
  }
}
