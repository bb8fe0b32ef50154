package dev.octet.internal.vector.products;

import dev.octet.internal.call.BatchCall;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.vector.common.Form;

/** A running call of products that is cut into tiles: some rows times some columns of one product. */
final class ProductTiles extends BatchCall {
  /** Fewer rows than this do not pay for packing the right operand. */
  private static final int LEAST_ROWS = 32;
  /** Columns of a tile, where panels are no wider: packed, they stay in the second cache. */
  private static final int TILE_COLUMNS = 256;

  /** Columns of a panel. */
  int width;
  private int tileColumns;
  private int tileRows;
  private int columnTiles;
  private int rowTiles;

  /**
   * Cuts the call.
   *
   * @param threads that may share it
   * @param macsPerNano multiplications of one thread in a nanosecond, roughly
   */
  void cut(int threads, double macsPerNano) {
    int n = sizes.n();
    width = Form.PRODUCTS.panelColumns(n);
    tileColumns = Math.max(width, TILE_COLUMNS / width * width);
    columnTiles = Math.ceilDiv(n, tileColumns);
    double nanos = (double) sizes.batch() * sizes.m() * sizes.k() * n / macsPerNano;
    int wanted = Cutting.JAVA_PRODUCT.tiles(nanos, threads);
    long others = (long) sizes.batch() * columnTiles;
    int byRows = others < wanted
        ? (int) Math.min(Math.ceilDiv(wanted, others), Math.ceilDiv(sizes.m(), LEAST_ROWS))
        : 1;
    tileRows = Math.ceilDiv(sizes.m(), byRows);
    rowTiles = Math.ceilDiv(sizes.m(), tileRows);
  }

  /** How many tiles there are. */
  int tiles() {
    return Math.multiplyExact(sizes.batch(), rowTiles * columnTiles);
  }

  /** The product that a tile is of. */
  int product(int number) {
    return number / (rowTiles * columnTiles);
  }

  /** The first row of a tile. */
  int row(int number) {
    return number % rowTiles * tileRows;
  }

  /** The row behind the last one of a tile. */
  int endRow(int number) {
    return Math.min(sizes.m(), row(number) + tileRows);
  }

  /** The first column of a tile. */
  int column(int number) {
    return number / rowTiles % columnTiles * tileColumns;
  }

  /** How many columns a tile has. */
  int columns(int number) {
    return Math.min(tileColumns, sizes.n() - column(number));
  }
}
