package dev.octet.quantize.file;

import dev.octet.Shape;

/** Tables of integers whose rows are looked up by a Gather and become floats behind it. */
final class OnnxTables {
  /**
   * What a DequantizeLinear makes floats of.
   *
   * @param weight the integers
   * @param scale their scales
   * @param zeroPoint their zero points; empty where there are none
   * @param axis of the scales in the weight, where there are several
   * @param blockSize of the scales, 0 where they are per channel
   */
  record Read(String weight, String scale, String zeroPoint, int axis, int blockSize) {}

  private final OnnxEdges edges;

  OnnxTables(OnnxEdges edges) {
    this.edges = edges;
  }

  /** What a DequantizeLinear reads: the table itself where it comes behind a lookup; null if not known. */
  Read of(OnnxNode node) {
    Read plain = new Read(node.input(0), node.input(1), node.input(2), node.integer("axis", 1),
        node.integer("block_size", 0));
    OnnxNode lookup = edges.producer(plain.weight);
    OnnxValues.Source table = lookup == null || !lookup.op.equals("Gather")
        ? null
        : edges.source(lookup.input(0));
    if (table == null) {
      return plain;
    }
    Shape shape = table.shape(edges.values.tensors.get(table.tensor()).shape());
    if (shape == null) {
      return null; // steps that do not fit the table
    }
    int along = lookup.integer("axis", 0);
    along = along < 0 ? along + shape.rank() : along;
    String scale = edges.constant(plain.scale);
    if (scale.isEmpty()) {
      return rows(plain, lookup, along, shape.rank());
    }
    if (edges.elements(scale) == 1) {
      return new Read(lookup.input(0), plain.scale, plain.zeroPoint, 0, 0);
    }
    int axis = plain.blockSize > 0 ? WeightAxes.NONE : axis(plain.axis, along, shape, edges.elements(scale));
    return axis == WeightAxes.NONE
        ? null
        : new Read(lookup.input(0), plain.scale, plain.zeroPoint, axis, 0);
  }

  /**
   * The axis of a table that an axis of its rows is. The rows have the axes of the indices in the place of
   * the one that is looked up; how many there are, only axes from the end do not depend on.
   */
  private static int axis(int ofRows, int along, Shape table, long scales) {
    int found = WeightAxes.NONE;
    for (int a = 0; a < table.rank(); a++) {
      boolean may = a != along && (ofRows < 0
          ? a == ofRows + table.rank() && a > along
          : a < along ? a == ofRows : ofRows >= along);
      if (may && table.dim(a) == scales) {
        if (found != WeightAxes.NONE) {
          return WeightAxes.NONE; // one of two
        }
        found = a;
      }
    }
    return found;
  }

  /** Scales that are looked up like the rows: each row has its own, or its own ones in blocks. */
  private Read rows(Read plain, OnnxNode lookup, int along, int rank) {
    String scale = table(plain.scale, lookup);
    String zeroPoint = plain.zeroPoint.isEmpty() ? "" : table(plain.zeroPoint, lookup);
    if (scale.isEmpty() || along != 0 || plain.zeroPoint.isEmpty() != zeroPoint.isEmpty()) {
      return null;
    }
    return new Read(lookup.input(0), scale, zeroPoint, plain.blockSize > 0 ? rank - 1 : 0, plain.blockSize);
  }

  /** The constant that a value is looked up in by the same indices, on the same axis. */
  private String table(String value, OnnxNode lookup) {
    OnnxNode other = edges.producer(value);
    return other != null && other.op.equals("Gather") && other.input(1).equals(lookup.input(1))
        && other.integer("axis", 0) == lookup.integer("axis", 0) ? edges.constant(other.input(0)) : "";
  }
}
