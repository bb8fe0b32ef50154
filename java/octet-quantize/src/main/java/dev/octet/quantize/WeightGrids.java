package dev.octet.quantize;

import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;

/** The grids of a matrix {@code [out][in]}: one, one a row, or one a row and group. */
final class WeightGrids {
  /** Chooses the grid of weights that share one. */
  @FunctionalInterface
  interface Choice {
    Grid choose(double[] weights, int from, int to);
  }

  private final WeightScheme scheme;
  private final int in;
  /** Consecutive weights of a row that share a grid. */
  private final int width;
  private final int perRow;
  private final Grid[] grids;

  WeightGrids(WeightScheme scheme, int out, int in) {
    this.scheme = scheme;
    this.in = in;
    this.width = scheme.granularity() == Granularity.PER_GROUP ? scheme.groupSize() : in;
    this.perRow = Math.ceilDiv(in, width);
    this.grids = new Grid[scheme.granularity() == Granularity.PER_TENSOR ? 1 : out * perRow];
  }

  /** Chooses all. */
  void chooseAll(double[] weights, Choice choice) {
    if (grids.length == 1) {
      grids[0] = choice.choose(weights, 0, weights.length);
      return;
    }
    for (int i = 0; i < grids.length; i++) {
      int from = i / perRow * in + i % perRow * width;
      grids[i] = choice.choose(weights, from, Math.min(from + width, (i / perRow + 1) * in));
    }
  }

  /** Chooses that of a group, or the row, that begins at a weight; nothing where none begins there. */
  void chooseAt(double[] weights, int row, int column, Choice choice) {
    if (column % width == 0) {
      int from = row * in + column;
      grids[row * perRow + column / width] = choice.choose(weights, from,
          Math.min(from + width, (row + 1) * in));
    }
  }

  Grid at(int row, int column) {
    return grids.length == 1 ? grids[0] : grids[row * perRow + column / width];
  }

  Quantization quantization() {
    return switch (scheme.granularity()) {
      case PER_TENSOR -> Grid.perTensor(grids[0]);
      case PER_CHANNEL -> Grid.perChannel(0, grids);
      case PER_GROUP -> Grid.perGroup(1, scheme.groupSize(), grids);
    };
  }
}
