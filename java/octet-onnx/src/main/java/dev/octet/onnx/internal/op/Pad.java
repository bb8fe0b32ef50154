package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Adds elements before and behind axes; a negative number of them takes elements away.
 *
 * @param mode what they are: one number, the elements nearest to the edge mirrored at it, or that at the edge
 * @param pads of older opsets, first those before each axis, then those behind; null where an input has them
 * @param value the number of older opsets
 */
public record Pad(Mode mode, long[] pads, float value) implements Op {
  /** What is added. */
  enum Mode {
    CONSTANT, REFLECT, EDGE
  }

  static Pad read(Attributes attributes) {
    Mode mode = switch (attributes.choice("mode", "constant", Set.of("constant", "reflect", "edge"))) {
      case "constant" -> Mode.CONSTANT;
      case "reflect" -> Mode.REFLECT;
      default -> Mode.EDGE;
    };
    if (attributes.opset() >= 11) {
      return new Pad(mode, null, 0);
    }
    if (!attributes.has("pads")) {
      throw new IllegalArgumentException("attribute pads: expected integers, it is missing");
    }
    return new Pad(mode, attributes.integers("pads"), attributes.real("value", 0));
  }

  /** Whether pads and number are inputs. */
  public boolean byInputs() {
    return pads == null;
  }

  /** Whether what is added is one number. */
  public boolean addsNumber() {
    return mode == Mode.CONSTANT;
  }

  @Override
  public String type() {
    return "Pad";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, pads == null ? 2 : 1, pads == null ? 4 : 1);
    Inputs.type(inputs, 0,
        pads == null ? EnumSet.complementOf(EnumSet.of(ElementType.OTHER)) : Set.of(ElementType.F32));
    if (Inputs.optional(inputs, 2) != null) {
      Inputs.sameType(inputs, 0, 2);
      Inputs.scalar(inputs, 2);
    }
    Known data = inputs.getFirst();
    if (!data.hasRank()) {
      return List.of(Known.of(data.type()));
    }
    long[] all = all(inputs);
    if (all == null) {
      return List.of(Known.of(data.type(), Dims.unknown(data.rank())));
    }
    long[] dims = data.dims().clone();
    for (int axis = 0; axis < dims.length; axis++) {
      long before = all[axis];
      long behind = all[dims.length + axis];
      long length = dims[axis];
      if (length >= 0) {
        check(axis, length, before, behind);
        dims[axis] = Math.addExact(Math.addExact(length, before), behind);
      }
    }
    return List.of(Known.of(data.type(), dims));
  }

  private void check(int axis, long length, long before, long behind) {
    long most = Math.max(before, behind);
    boolean fits = before >= -length && behind >= -length && length + Math.min(before, 0)
        + Math.min(behind, 0) >= 0;
    if (!fits || (most > 0 && mode == Mode.EDGE && length == 0)
        || (mode == Mode.REFLECT && most > 0 && most >= length)) {
      throw new IllegalArgumentException(
          "pads " + before + " and " + behind + " do not fit axis " + axis + " of "
              + length + " elements");
    }
  }

  /** The pads of all axes; null where they are not known yet. */
  private long[] all(List<Known> inputs) {
    int rank = inputs.getFirst().rank();
    boolean hasAxes = Inputs.optional(inputs, 3) != null;
    long[] given = pads == null ? Inputs.integers(inputs, 1) : pads;
    long[] axes = hasAxes ? Inputs.integers(inputs, 3) : LongStream.range(0, rank).toArray();
    if (given == null || axes == null) {
      return null;
    }
    if (given.length != 2 * axes.length) {
      throw new IllegalArgumentException(
          "pads: expected two for each of " + axes.length + " axes, got " + Arrays.toString(given));
    }
    Dims.axes("axes", axes, rank); // none of them twice
    long[] all = new long[2 * rank];
    for (int i = 0; i < axes.length; i++) {
      int axis = Dims.axis("axes", axes[i], rank);
      all[axis] = given[i];
      all[rank + axis] = given[axes.length + i];
    }
    return all;
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in, out.getFirst());
  }

  private Step plan(List<Known> inputs, Known y) {
    Known x = inputs.getFirst();
    long[] all = all(inputs);
    if (all == null) {
      throw new UnsupportedOperationException("pads that depend on the elements of inputs are not offered");
    }
    Filler filler = new Filler(mode, all, x.dims(), y.dims(), x.type().bytes());
    byte[] number = new byte[x.type().bytes()];
    if (pads != null) {
      MemorySegment.ofArray(number).set(Elements.FLOAT, 0, value);
    }
    return (in, out, scratch) -> {
      byte[] element = number;
      if (in.length > 2 && in[2] != null) {
        element = scratch.bytes(number.length);
        MemorySegment.copy(in[2], Elements.BYTE, 0, element, 0, number.length);
      }
      filler.fill(0, in[0], 0, out[0], 0, element);
    };
  }

  /** Writes the result row by row. */
  private record Filler(Mode mode, long[] pads, long[] from, long[] to, int bytes) {
    /** Where an element of an axis comes from; -1 where it is added. */
    private long source(int axis, long index) {
      long at = index - pads[axis];
      long last = from[axis] - 1;
      return switch (mode) {
        case CONSTANT -> at < 0 || at > last ? -1 : at;
        case EDGE -> Math.clamp(at, 0, last);
        case REFLECT -> at < 0 ? -at : at > last ? 2 * last - at : at;
      };
    }

    /** Fills what lies behind an axis; source is negative where all of it is added. */
    private void fill(int axis, MemorySegment x, long source, MemorySegment y, long place, byte[] element) {
      if (axis == to.length) {
        put(source < 0 ? null : x, source, y, place, element);
        return;
      }
      if (axis == to.length - 1) {
        row(axis, x, source, y, place, element);
        return;
      }
      for (long i = 0; i < to[axis]; i++) {
        long at = source < 0 ? -1 : source(axis, i);
        fill(axis + 1, x, at < 0 ? -1 : source * from[axis] + at, y, place * to[axis] + i, element);
      }
    }

    private void row(int axis, MemorySegment x, long source, MemorySegment y, long place, byte[] element) {
      long first = place * to[axis];
      long begin = source < 0 ? to[axis] : Math.clamp(pads[axis], 0, to[axis]);
      long end = source < 0 ? to[axis] : Math.clamp(pads[axis] + from[axis], begin, to[axis]);
      for (long i = 0; i < begin; i++) {
        long at = source < 0 ? -1 : source(axis, i);
        put(at < 0 ? null : x, source * from[axis] + at, y, first + i, element);
      }
      MemorySegment.copy(x, (source * from[axis] + begin - pads[axis]) * bytes * (end > begin ? 1 : 0), y,
          (first + begin) * bytes, (end - begin) * bytes);
      for (long i = end; i < to[axis]; i++) {
        long at = source(axis, i);
        put(at < 0 ? null : x, source * from[axis] + at, y, first + i, element);
      }
    }

    private void put(MemorySegment x, long source, MemorySegment y, long place, byte[] element) {
      if (x == null) {
        MemorySegment.copy(element, 0, y, Elements.BYTE, place * bytes, bytes);
      } else {
        MemorySegment.copy(x, source * bytes, y, place * bytes, bytes);
      }
    }
  }
}
