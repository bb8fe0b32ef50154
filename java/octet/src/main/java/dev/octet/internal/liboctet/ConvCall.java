package dev.octet.internal.liboctet;

import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.ImageCall;

/** A running convolution; a tile is some lines of outputs of one image, of a part of the output channels. */
final class ConvCall extends ImageCall {
  /** Bytes of a line of an image, and of outputs. */
  long inBytes;
  long outBytes;
  /** Lines of a tile. */
  private int lines;
  private int lineTiles;
  private int panelTiles;

  /**
   * Cuts a call whose operands, sizes and lines are set.
   *
   * @param wanted tiles, about
   * @param mostTiles of the lines of an image
   * @param copied bytes of the image that a line of outputs copies from a heap array, about
   * @param panels of output channels that may be shared out
   */
  void cut(int wanted, int mostTiles, long copied, int panels) {
    int each = Math.ceilDiv(wanted, batch);
    lineTiles = Math.min(each, mostTiles);
    if (hasHeap()) {
      // What is copied back is whole lines, so panels stay together.
      long line = outBytes + copied;
      lineTiles = (int) Math.max(lineTiles, Math.min(mostTiles, outHeight * line / Cutting.COPIED_BYTES));
      panelTiles = 1;
    } else {
      panelTiles = Math.min(panels, Math.ceilDiv(each, lineTiles));
    }
    lines = Math.ceilDiv(outHeight, lineTiles);
    lineTiles = Math.ceilDiv(outHeight, lines);
  }

  /** Returns the number of tiles. */
  int tiles() {
    return Math.toIntExact((long) batch * lineTiles * panelTiles);
  }

  /** Returns the first line of a tile. */
  int firstLine(int tile) {
    return tile % lineTiles * lines;
  }

  /** Returns the line behind the last one of a tile. */
  int endLine(int tile) {
    return Math.min(firstLine(tile) + lines, outHeight);
  }

  /** Returns the first of some panels that a tile has; of the next part of them it is the end. */
  int firstPanel(int tile, int panels) {
    return (int) ((long) panels * part(tile) / panelTiles);
  }

  /** Returns the panel behind the last one that a tile has. */
  int endPanel(int tile, int panels) {
    return (int) ((long) panels * (part(tile) + 1) / panelTiles);
  }

  private int part(int tile) {
    return tile / lineTiles % panelTiles;
  }

  /** Returns the image of a tile. */
  int image(int tile) {
    return tile / lineTiles / panelTiles;
  }
}
