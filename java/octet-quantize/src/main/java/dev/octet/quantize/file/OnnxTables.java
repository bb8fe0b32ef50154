package dev.octet.quantize.file;

import dev.octet.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tables that a Gather looks something up in: rows of integers that become floats behind it, matrices that
 * are multiplied with, and scales, which are no weights.
 */
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

  /**
   * A table of matrices, such as those of experts, that are looked up and multiplied with.
   *
   * @param table the constant
   * @param axes what its axes mean to the product
   */
  record Stack(String table, WeightAxes axes) {}

  private static final int MAX_STEPS = 8;
  /** Operators that move numbers and change none. */
  private static final Set<String> MOVES = Set.of("Gather", "Reshape", "Squeeze", "Flatten", "Expand",
      "Identity", "Cast");

  private final OnnxEdges edges;
  /** From constants that are read as scales or zero points to the operator. */
  private final Map<String, String> parameters = new HashMap<>();

  OnnxTables(OnnxEdges edges) {
    this.edges = edges;
    for (OnnxNode node : edges.values.nodes) {
      if (node.op.equals("DequantizeLinear") || node.op.equals("QuantizeLinear")) {
        parameter(node.input(1), node.op);
        parameter(node.input(2), node.op);
      }
    }
  }

  private void parameter(String value, String op) {
    String at = value;
    for (int step = 0; step < MAX_STEPS && !at.isEmpty(); step++) {
      edges.values.parts(at).forEach(source -> parameters.putIfAbsent(source.tensor(), op));
      OnnxNode producer = edges.producer(at);
      at = producer != null && MOVES.contains(producer.op) ? producer.input(0) : "";
    }
  }

  /** Why a constant is scales or zero points and no weight; null where nothing says so. */
  String parameterOf(String constant) {
    if (parameters.containsKey(constant)) {
      return "scales or zero points of " + parameters.get(constant);
    }
    for (String ending : List.of("_scale", "_scales")) {
      if (constant.endsWith(ending)) {
        String name = constant.substring(0, constant.length() - ending.length());
        for (String codes : List.of(name, name + "_q", name + "_quantized")) {
          StoredTensor tensor = edges.values.tensors.get(codes);
          if (tensor != null && !tensor.type().isFloat() && tensor.type() != StoredType.BOOL) {
            return "named as the scales of " + codes;
          }
        }
      }
    }
    return null;
  }

  /** Whether a table holds a matrix, not a row, for each index on an axis. */
  boolean isOfMatrices(String table, int along) {
    Shape shape = edges.values.tensors.get(table).shape();
    int axes = 0;
    for (int a = 0; a < shape.rank(); a++) {
      axes += a != along && shape.dim(a) > 1 ? 1 : 0;
    }
    return axes > 1;
  }

  /**
   * The table whose matrices a value is: they are on its last two axes, however many indices are looked up.
   *
   * @param value an input of a product
   * @param use what the product makes of it
   * @return null where the value is none, or is changed in other ways on its way to the product
   */
  Stack stack(String value, OnnxUse use) {
    if (use.output() >= 0 || use.summed() >= 0 || use.summed() == OnnxUse.SEVERAL) {
      return null;
    }
    boolean turned = false;
    OnnxNode node = edges.producer(value);
    for (int step = 0; step < MAX_STEPS && node != null && !node.op.equals("Gather"); step++) {
      List<Integer> axes = node.list("perm");
      boolean swap = node.op.equals("Transpose")
          && (axes.equals(List.of(1, 0)) || axes.equals(List.of(0, 2, 1)));
      if (!swap && !node.op.equals("Identity") && !node.op.equals("Cast")) {
        return null;
      }
      turned ^= swap;
      node = edges.producer(node.input(0));
    }
    OnnxValues.Source table = node == null || !node.op.equals("Gather") ? null : edges.source(node.input(0));
    if (table == null) {
      return null;
    }
    int stored = edges.values.tensors.get(table.tensor()).shape().rank();
    int rank = table.rank(stored);
    int along = node.integer("axis", 0);
    along = along < 0 ? along + rank : along;
    int last = turned ? use.summed() : use.output();
    int other = turned ? use.output() : use.summed();
    OnnxUse read = new OnnxUse(use.input(), last, other);
    WeightAxes axes = along < 0 || along >= rank - 2 ? null : read.axes(table, stored);
    return axes == null ? null : new Stack(table.tensor(), axes);
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
