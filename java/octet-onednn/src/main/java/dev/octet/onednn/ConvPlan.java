package dev.octet.onednn;

import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.pack.TapRuns;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * What is known of a convolution once the size of the images is: which outputs see which taps, how the
 * outputs are cut into bands, and what oneDNN compiled for those. Immutable but for what is compiled when
 * first needed.
 */
final class ConvPlan implements Resource {
  /** Compiles a band, or finds that oneDNN must not run it. */
  @FunctionalInterface
  interface Compiler {
    /**
     * Compiles.
     *
     * @return null if no implementation may run
     */
    Compiled compile(int images, Span rows, Span columns);
  }

  /** A compiled band with the weights that it reads. */
  record Compiled(Runner runner, PackedTaps weights, boolean ownsWeights) implements Resource {
    @Override
    public void close() {
      runner.close();
      if (ownsWeights) {
        weights.close();
      }
    }
  }

  /**
   * Outputs along an axis with the same taps in the image.
   *
   * @param first the first output
   * @param end one behind the last one
   * @param run the taps
   */
  record Zone(int first, int end, TapRuns.Run run) {
    /** Whether these outputs see padding alone. */
    boolean isEmpty() {
      return run.firstTap() == run.endTap();
    }
  }

  /**
   * Outputs of an image that are computed together.
   *
   * @param firstRow their first row
   * @param endRow one behind their last row
   * @param firstColumn their first column
   * @param endColumn one behind their last column
   * @param rows the rows of those that see the image; null if none does
   * @param columns the columns of those that see the image
   * @param compiled null if none sees the image
   */
  record Band(int firstRow, int endRow, int firstColumn, int endColumn, Span rows, Span columns,
      Compiled compiled) {}

  /**
   * All bands of an image, or of several together.
   *
   * @param images how many at once
   * @param rowBands in how many bands the rows are cut
   * @param columnBands in how many bands the columns are cut
   * @param bands them
   */
  record Partition(int images, int rowBands, int columnBands, List<Band> bands) {}

  private record Slot(int images, Span rows, Span columns, Compiled compiled) {}

  private final int height;
  private final int width;
  private final Span.Axis rowAxis;
  private final Span.Axis columnAxis;
  private final List<Zone> rowZones;
  private final List<Zone> columnZones;
  private final Epilogue[] epilogues;
  private final Compiler compiler;
  private final List<Slot> slots = new ArrayList<>();
  private volatile List<Partition> partitions = List.of();

  /**
   * Looks at a size.
   *
   * @param height rows of an image
   * @param width columns of an image
   * @param rowAxis of the convolution
   * @param columnAxis of the convolution
   * @param outHeight rows of the result
   * @param outWidth columns of the result
   * @param told whether outputs are told apart by what taps they see; else by whether they see any
   * @param epilogue of the outputs in a zone of rows and a zone of columns
   * @param compiler compiles bands
   */
  ConvPlan(int height, int width, Span.Axis rowAxis, Span.Axis columnAxis, int outHeight, int outWidth,
      boolean told,
      BiFunction<Zone, Zone, Epilogue> epilogue, Compiler compiler) {
    this.height = height;
    this.width = width;
    this.rowAxis = rowAxis;
    this.columnAxis = columnAxis;
    this.compiler = compiler;
    this.rowZones = zones(height, outHeight, rowAxis, told);
    this.columnZones = zones(width, outWidth, columnAxis, told);
    this.epilogues = new Epilogue[rowZones.size() * columnZones.size()];
    for (int i = 0; i < epilogues.length; i++) {
      epilogues[i] = epilogue.apply(rowZones.get(i / columnZones.size()),
          columnZones.get(i % columnZones.size()));
    }
  }

  private static List<Zone> zones(int size, int outputs, Span.Axis axis, boolean told) {
    List<Zone> zones = new ArrayList<>();
    for (TapRuns.Run run : TapRuns.of(size, outputs, axis.taps(), axis.stride(), axis.dilation(),
        axis.padding())) {
      Zone zone = new Zone(run.first(), run.end(), run);
      if (!told && !zones.isEmpty() && zones.getLast().isEmpty() == zone.isEmpty()) {
        Zone last = zones.removeLast();
        zone = new Zone(last.first(), zone.end(), last.run());
      }
      zones.add(zone);
    }
    return List.copyOf(zones);
  }

  /** The rows of the result by what they see. */
  List<Zone> rowZones() {
    return rowZones;
  }

  /** The columns of the result by what they see. */
  List<Zone> columnZones() {
    return columnZones;
  }

  /** The epilogue of outputs, by the indices of their zones. */
  Epilogue epilogue(int rowZone, int columnZone) {
    return epilogues[rowZone * columnZones.size() + columnZone];
  }

  int outHeight() {
    return rowZones.getLast().end();
  }

  int outWidth() {
    return columnZones.getLast().end();
  }

  /**
   * Cuts the result and compiles what is not compiled yet.
   *
   * @param images how many images are convolved at once
   * @param rowBands in how many bands the rows are cut
   * @param columnBands in how many bands the columns are cut; 1 unless an image has one row
   * @return the bands, or null if oneDNN must not run one of them
   */
  Partition partition(int images, int rowBands, int columnBands) {
    Partition partition = find(images, rowBands, columnBands);
    return partition != null ? partition : cut(images, rowBands, columnBands);
  }

  private Partition find(int images, int rowBands, int columnBands) {
    List<Partition> all = partitions;
    for (int i = 0; i < all.size(); i++) {
      Partition p = all.get(i);
      if (p.images == images && p.rowBands == rowBands && p.columnBands == columnBands) {
        return p;
      }
    }
    return null;
  }

  private synchronized Partition cut(int images, int rowBands, int columnBands) {
    Partition made = find(images, rowBands, columnBands);
    if (made != null) {
      return made;
    }
    List<Band> bands = new ArrayList<>();
    for (int r = 0; r < rowBands; r++) {
      int y0 = edge(outHeight(), rowBands, r);
      int y1 = edge(outHeight(), rowBands, r + 1);
      // Several images together, and rows that are not the only one, have to lie as in the images.
      Span rows = seeing(rowZones, rowAxis, height, y0, y1, images > 1);
      for (int c = 0; c < columnBands; c++) {
        int x0 = edge(outWidth(), columnBands, c);
        int x1 = edge(outWidth(), columnBands, c + 1);
        Span columns = seeing(columnZones, columnAxis, width, x0, x1, images > 1 || height > 1);
        Compiled compiled = null;
        if (rows != null && columns != null) {
          compiled = compiled(images, rows, columns);
          if (compiled == null) {
            return null;
          }
        }
        bands.add(new Band(y0, y1, x0, x1, rows, columns, compiled));
      }
    }
    made = new Partition(images, rowBands, columnBands, List.copyOf(bands));
    List<Partition> more = new ArrayList<>(partitions);
    more.add(made);
    partitions = List.copyOf(more);
    return made;
  }

  /** Bands of the same size first, so that few sizes are compiled; the last one has what is left over. */
  private static int edge(int outputs, int bands, int band) {
    return Math.min(outputs, Math.ceilDiv(outputs, bands) * band);
  }

  /** From the first to the last output between two that sees the image; null if none does. */
  private static Span seeing(List<Zone> zones, Span.Axis axis, int size, int first, int end, boolean whole) {
    int firstOut = end;
    int endOut = first;
    for (Zone zone : zones) {
      int from = Math.max(zone.first(), first);
      int to = Math.min(zone.end(), end);
      if (from < to && !zone.isEmpty()) {
        firstOut = Math.min(firstOut, from);
        endOut = Math.max(endOut, to);
      }
    }
    if (firstOut >= endOut) {
      return null;
    }
    return whole ? axis.whole(size, firstOut, endOut) : axis.span(size, firstOut, endOut);
  }

  private Compiled compiled(int images, Span rows, Span columns) {
    for (Slot slot : slots) {
      if (slot.images == images && slot.rows.isLike(rows) && slot.columns.isLike(columns)) {
        return slot.compiled;
      }
    }
    Compiled compiled = compiler.compile(images, rows, columns);
    slots.add(new Slot(images, rows, columns, compiled));
    return compiled;
  }

  /** Nobody may be running. */
  @Override
  public void close() {
    for (Slot slot : slots) {
      if (slot.compiled != null) {
        slot.compiled.close();
      }
    }
    slots.clear();
  }
}
