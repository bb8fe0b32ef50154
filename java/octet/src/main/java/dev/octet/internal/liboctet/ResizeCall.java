package dev.octet.internal.liboctet;

import dev.octet.internal.call.LineCall;
import dev.octet.internal.call.Scratch;

/** A call that resizes images, with the table of their lines: it is made anew where the sizes change. */
final class ResizeCall extends LineCall {
  private final Scratch memory = new Scratch();
  private int tableHeight;
  private int tableWidth;
  private int tableChannels;
  /** The address of the table. */
  long table;

  /** Makes the table for images whose sizes are set. */
  void makeTable(long plan) {
    if (height == tableHeight && width == tableWidth && channels == tableChannels) {
      return;
    }
    // The table is not that of any size if making it fails.
    tableHeight = 0;
    table = memory.of(ResizeFunctions.tableBytes(plan, this));
    ResizeFunctions.makeTable(plan, this);
    tableHeight = height;
    tableWidth = width;
    tableChannels = channels;
  }

  @Override
  public void close() {
    memory.close();
  }
}
