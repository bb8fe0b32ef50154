package dev.octet.internal.call;

import java.util.stream.IntStream;

/**
 * How a product is cut into tiles of rows times columns. Columns are cut between panels, as the weights are
 * packed. Tiles of the same columns follow each other, so that weights stay in caches. One object serves one
 * call after the other.
 */
public final class Grid {
  /** Weights of so many bytes stay in the second cache while row after row passes. */
  private static final long CACHED_WEIGHTS = 512 << 10;

  /** Columns of each matrix of weights, and of the panels that they are packed in. */
  private final int[] columns;
  private final int panelColumns;
  private final int panels;
  private final int leastRows;
  private final int rowGrain;
  private int rows;
  private int rowsPerTile;
  private int rowTiles;
  private int columnTiles;

  /**
   * For products with the same weights.
   *
   * @param columns of the result
   * @param panelColumns columns of a panel; the last one may have fewer
   * @param leastRows fewer rows than this do not pay for reading the weights
   * @param rowGrain the rows of a tile are a multiple of this, where there is more than one
   */
  public Grid(int columns, int panelColumns, int leastRows, int rowGrain) {
    this(new int[]{columns}, panelColumns, leastRows, rowGrain);
  }

  /**
   * For products with several matrices of weights.
   *
   * @param columns of each matrix; in the result they follow each other
   * @param panelColumns columns of a panel; the last one of a matrix may have fewer
   * @param leastRows as for one matrix
   * @param rowGrain as for one matrix
   */
  public Grid(int[] columns, int panelColumns, int leastRows, int rowGrain) {
    this.columns = columns.clone();
    this.panelColumns = panelColumns;
    this.panels = IntStream.of(columns).map(n -> Math.ceilDiv(n, panelColumns)).sum();
    this.leastRows = leastRows;
    this.rowGrain = rowGrain;
  }

  /**
   * Cuts a call.
   *
   * @param rowCount rows of the call, at least 1
   * @param wanted about how many tiles there should be
   * @param weightBytes of all panels, for weights that should stay in a cache while rows pass; 0: it does not
   *        matter
   * @param mostRows the most rows of a tile
   */
  public void cut(int rowCount, int wanted, double weightBytes, int mostRows) {
    int cached = wanted == 1 ? 1 : (int) Math.clamp(Math.ceil(weightBytes / CACHED_WEIGHTS), 1, panels);
    int byRows = Math.clamp(Math.ceilDiv(wanted, cached), 1, Math.max(1, rowCount / leastRows));
    // As many for each thread where there are more.
    int more = Math.ceilDiv(Math.ceilDiv(rowCount, mostRows), byRows) * byRows;
    int each = Math.ceilDiv(Math.ceilDiv(rowCount, Math.max(byRows, more)), rowGrain) * rowGrain;
    cut(rowCount, Math.min(mostRows, each), 1);
    columnTiles = Math.min(panels, Math.max(byRows > 1 ? cached : 1, Math.ceilDiv(wanted, rowTiles)));
  }

  /**
   * Cuts a call into so many parts.
   *
   * @param rowCount rows of the call, at least 1
   * @param eachRows the rows of a tile
   * @param byColumns how many parts the panels are cut into, at most as many as there are
   */
  public void cut(int rowCount, int eachRows, int byColumns) {
    rows = rowCount;
    rowsPerTile = eachRows;
    rowTiles = Math.ceilDiv(rowCount, eachRows);
    columnTiles = byColumns;
  }

  /** Returns the number of tiles. */
  public int tiles() {
    return rowTiles * columnTiles;
  }

  /** Returns the first row of a tile. */
  public int firstRow(int tile) {
    return tile % rowTiles * rowsPerTile;
  }

  /** Returns the rows of a tile. */
  public int rows(int tile) {
    return Math.min(rowsPerTile, rows - firstRow(tile));
  }

  /** Returns the first panel of a tile. */
  public int firstPanel(int tile) {
    return panel(tile / rowTiles);
  }

  /** Returns the panel behind the last one of a tile. */
  public int endPanel(int tile) {
    return panel(tile / rowTiles + 1);
  }

  /** Returns the first column of a tile. */
  public int firstColumn(int tile) {
    return column(firstPanel(tile));
  }

  /** Returns the columns of a tile. */
  public int columns(int tile) {
    return column(endPanel(tile)) - firstColumn(tile);
  }

  /** The first column of a panel, or the number of all columns. */
  private int column(int panel) {
    int first = 0;
    int rest = panel;
    for (int n : columns) {
      int own = Math.ceilDiv(n, panelColumns);
      if (rest < own) {
        return first + rest * panelColumns;
      }
      rest -= own;
      first += n;
    }
    return first;
  }

  private int panel(int columnTile) {
    return (int) ((long) panels * columnTile / columnTiles);
  }
}
