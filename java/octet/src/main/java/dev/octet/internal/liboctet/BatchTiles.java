package dev.octet.internal.liboctet;

import dev.octet.internal.call.BatchCall;
import dev.octet.internal.call.Cutting;

/**
 * A running call of products that is cut into tiles: some products each, or a part of one, some rows times
 * some columns.
 */
class BatchTiles extends BatchCall {
  private int productsPerTile;
  private int rowsPerTile;
  private int columnsPerTile;
  private int batchTiles;
  private int rowTiles;
  private int columnTiles;

  /**
   * Cuts the call.
   *
   * @param nanos of the call on one thread
   * @param threads that may share it
   * @param leastRows fewer rows of a product make no tile
   */
  final void cut(double nanos, int threads, int leastRows) {
    int batch = sizes.batch();
    int panels = Math.ceilDiv(sizes.n(), ProductCost.PANEL);
    int wanted = Cutting.PRODUCT.tiles(nanos, threads);
    productsPerTile = Math.ceilDiv(batch, Math.min(batch, wanted));
    batchTiles = Math.ceilDiv(batch, productsPerTile);
    int ofProduct = Math.ceilDiv(wanted, batchTiles);
    columnsPerTile = Math.ceilDiv(panels, Math.min(panels, ofProduct)) * ProductCost.PANEL;
    columnTiles = Math.ceilDiv(sizes.n(), columnsPerTile);
    int byRows = Math.clamp(Math.ceilDiv(ofProduct, columnTiles), 1, Math.max(1, sizes.m() / leastRows));
    rowsPerTile = Math.ceilDiv(sizes.m(), byRows);
    rowTiles = Math.ceilDiv(sizes.m(), rowsPerTile);
  }

  /** How many tiles there are. */
  final int tiles() {
    return batchTiles * rowTiles * columnTiles;
  }

  /** The first product of a tile. */
  final int product(int number) {
    return number / (rowTiles * columnTiles) * productsPerTile;
  }

  /** How many products a tile has. */
  final int products(int number) {
    return Math.min(productsPerTile, sizes.batch() - product(number));
  }

  /** The first row of a tile. */
  final int row(int number) {
    return number % rowTiles * rowsPerTile;
  }

  /** How many rows a tile has. */
  final int rows(int number) {
    return Math.min(rowsPerTile, sizes.m() - row(number));
  }

  /** The first column of a tile, a multiple of {@link ProductCost#PANEL}. */
  final int column(int number) {
    return number / rowTiles % columnTiles * columnsPerTile;
  }

  /** How many columns a tile has. */
  final int columns(int number) {
    return Math.min(columnsPerTile, sizes.n() - column(number));
  }
}
