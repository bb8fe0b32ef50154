package dev.octet.internal.liboctet;

import dev.octet.Isa;

/**
 * How a call is cut into tiles of rows times columns: long enough that handing them out costs nothing, short
 * enough that a caller does not wait long for one that a helper has in flight. One object serves one call
 * after the other.
 */
final class TileGrid {
  /** Columns of a tile are a multiple of this. */
  static final int PANEL = 64;
  /** Shorter calls stay on one thread: a second one loses below 4 us of work for each. */
  private static final double ALONE_NANOS = 8_000;
  private static final double SHORTEST_TILE = 4_000;
  private static final double LONGEST_TILE = 50_000;
  /** A tile for each thread is one too few where one of them is late. */
  private static final int TILES_A_THREAD = 4;
  /** Weights of so many bytes stay in the second cache while row after row passes. */
  private static final long CACHED_WEIGHTS = 512 << 10;
  /** Fewer rows than this do not pay for reading the weights. */
  private static final int LEAST_ROWS = 24;

  private int rows;
  private int n;
  private int rowsPerTile;
  private int rowTiles;
  private int panels;
  private int columnTiles;

  /**
   * What a product takes, roughly: within a factor of two is near enough for cutting it.
   *
   * @param k inner size
   * @param n columns
   * @param weightBits of one weight in memory
   * @param macsPerNano multiplications in a nanosecond
   */
  record Cost(int k, int n, int weightBits, double macsPerNano) {
    /** Bytes that a second cache holds. */
    private static final double NEAR = 1 << 20;
    /**
     * Bytes a nanosecond from there and from beyond: between what weights take that were used just now (180
     * and 80 on Zen 5) and what others do. One row times 768 x 768 was shared once, and took 4.4 us, not 3.2.
     */
    private static final double READ_NEAR = 100;
    private static final double READ_FAR = 50;

    /** The cost on a tier with 8-bit dot products where the tier has them. */
    static Cost ofDots(int k, int n, int weightBits, Isa isa) {
      return new Cost(k, n, weightBits, dotsPerNano(isa));
    }

    /** Multiplications of 8-bit products in a nanosecond. */
    static double dotsPerNano(Isa isa) {
      return switch (isa) {
        case BASELINE -> 2;
        case AVX2, AVX512 -> 60;
        case AVXVNNI -> 180;
        case AVX512VNNI -> 360;
      };
    }

    /** The nanoseconds of a call. */
    double nanos(int rows) {
      double macs = (double) rows * k * n;
      double bytes = weightBytes();
      return Math.max(macs / macsPerNano, bytes / (bytes <= NEAR ? READ_NEAR : READ_FAR));
    }

    double weightBytes() {
      return (double) k * n * weightBits / 8;
    }
  }

  /**
   * Cuts a call.
   *
   * @param cost of the product
   * @param rowCount rows of the call, at least 1
   * @param threads that share it
   * @param mostRows the most rows of a tile
   */
  void cut(Cost cost, int rowCount, int threads, int mostRows) {
    rows = rowCount;
    n = cost.n();
    panels = Math.ceilDiv(n, PANEL);
    double nanos = cost.nanos(rowCount);
    int wanted = 1;
    if (threads > 1 && nanos >= ALONE_NANOS) {
      double tile = Math.clamp(nanos / ((double) threads * TILES_A_THREAD), SHORTEST_TILE, LONGEST_TILE);
      wanted = (int) Math.min(1 << 20, Math.ceil(nanos / tile));
    }
    int cached = wanted == 1
        ? 1
        : (int) Math.clamp(Math.ceil(cost.weightBytes() / CACHED_WEIGHTS), 1, panels);
    int byRows = Math.clamp(Math.ceilDiv(wanted, cached), 1, Math.max(1, rowCount / LEAST_ROWS));
    columnTiles = Math.min(panels, Math.max(byRows > 1 ? cached : 1, Math.ceilDiv(wanted, byRows)));
    rowsPerTile = Math.min(mostRows, Math.ceilDiv(rowCount, byRows));
    rowTiles = Math.ceilDiv(rowCount, rowsPerTile);
  }

  /** The number of tiles. */
  int tiles() {
    return rowTiles * columnTiles;
  }

  /** The first row of a tile; tiles of the same columns follow each other, so that weights stay in caches. */
  int firstRow(int tile) {
    return tile % rowTiles * rowsPerTile;
  }

  int rows(int tile) {
    return Math.min(rowsPerTile, rows - firstRow(tile));
  }

  int firstColumn(int tile) {
    return panel(tile / rowTiles) * PANEL;
  }

  int columns(int tile) {
    return Math.min(n, panel(tile / rowTiles + 1) * PANEL) - firstColumn(tile);
  }

  private int panel(int columnTile) {
    return (int) ((long) panels * columnTile / columnTiles);
  }
}
