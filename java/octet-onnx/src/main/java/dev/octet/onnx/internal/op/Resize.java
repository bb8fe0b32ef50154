package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Resizes images of floats: each element of the result is the nearest one, or lies between four of them. The
 * arithmetic of coordinates, in binary32, is that of the numerics law for images of 8 bits.
 *
 * @param linear whether elements lie between others; along the last two axes only
 * @param coordinates where an element of the result lies in the image
 * @param nearest which element is the nearest one
 * @param axes which are resized; null where all are
 * @param older whether the second input has the scales, as in opset 10
 */
public record Resize(boolean linear, Coordinates coordinates, Nearest nearest, long[] axes, boolean older)
    implements
      IntegerOp {
  /** How far from the middle between two elements a coordinate still counts as the middle. */
  private static final float MIDDLE = 1e-6f;

  /** The words of coordinate_transformation_mode. */
  enum Coordinates {
    HALF_PIXEL, PYTORCH_HALF_PIXEL, ALIGN_CORNERS, ASYMMETRIC, TF_HALF_PIXEL_FOR_NN;

    float place(int i, int in, int out, float scale) {
      float place = switch (this) {
        case HALF_PIXEL -> (i + 0.5f) / scale - 0.5f;
        case PYTORCH_HALF_PIXEL -> out == 1 ? 0 : (i + 0.5f) / scale - 0.5f;
        case ALIGN_CORNERS -> out == 1 ? 0 : (float) i * (in - 1) / (out - 1);
        case ASYMMETRIC -> i / scale;
        case TF_HALF_PIXEL_FOR_NN -> (i + 0.5f) / scale;
      };
      return Math.clamp(place, 0f, (float) (in - 1));
    }
  }

  /** The words of nearest_mode. */
  enum Nearest {
    ROUND_PREFER_FLOOR, ROUND_PREFER_CEIL, FLOOR, CEIL;

    int element(float place) {
      int before = (int) place;
      float rest = place - before;
      boolean middle = Math.abs(rest - 0.5f) < MIDDLE;
      boolean behind = switch (this) {
        case FLOOR -> false;
        case CEIL -> rest > 0;
        case ROUND_PREFER_FLOOR -> rest > 0.5f && !middle;
        case ROUND_PREFER_CEIL -> rest >= 0.5f || middle;
      };
      return behind ? before + 1 : before;
    }
  }

  static Resize read(Attributes attributes) {
    boolean linear = attributes.choice("mode", "nearest", Set.of("nearest", "linear")).equals("linear");
    boolean older = attributes.opset() < 11;
    Coordinates coordinates = word(attributes, "coordinate_transformation_mode",
        older ? Coordinates.ASYMMETRIC : Coordinates.HALF_PIXEL, Coordinates.values());
    Nearest nearest = word(attributes, "nearest_mode", older ? Nearest.FLOOR : Nearest.ROUND_PREFER_FLOOR,
        Nearest.values());
    attributes.ignore("cubic_coeff_a"); // of cubic interpolation
    attributes.ignore("exclude_outside"); // likewise
    attributes.ignore("extrapolation_value"); // of a part of the image
    if (attributes.integer("antialias", 0) != 0) {
      throw new UnsupportedOperationException("attribute antialias is not offered");
    }
    attributes.choice("keep_aspect_ratio_policy", "stretch", Set.of("stretch"));
    return new Resize(linear, coordinates, nearest, attributes.integers("axes"), older);
  }

  private static <E extends Enum<E>> E word(Attributes attributes, String name, E otherwise, E[] offered) {
    String word = attributes.text(name, otherwise.name().toLowerCase(Locale.ROOT));
    for (E one : offered) {
      if (one.name().toLowerCase(Locale.ROOT).equals(word)) {
        return one;
      }
    }
    throw new UnsupportedOperationException("attribute " + name + ": " + word + " is not offered");
  }

  @Override
  public String type() {
    return "Resize";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, older ? 2 : 1, older ? 2 : 4);
    Inputs.type(inputs, 0, Set.of(ElementType.F32, ElementType.I8, ElementType.U8));
    Known x = inputs.getFirst();
    Scaling scaling = scaling(inputs);
    if (!x.hasRank()) {
      return List.of(Known.of(x.type()));
    }
    if (scaling == null) {
      return List.of(Known.of(x.type(), Dims.unknown(x.rank())));
    }
    long[] dims = x.dims().clone();
    int[] along = along(x.rank());
    for (int i = 0; i < along.length; i++) {
      long length = dims[along[i]];
      if (scaling.sizes != null) {
        dims[along[i]] = scaling.sizes[i];
      } else if (length >= 0) {
        dims[along[i]] = (long) Math.floor(scaling.scales[i] * (float) length);
      }
      if (length == 0 && dims[along[i]] != 0) {
        throw new IllegalArgumentException("axis " + along[i] + " of " + x + " has no element to take");
      }
    }
    return List.of(Known.of(x.type(), dims));
  }

  private int[] along(int rank) {
    if (axes == null) {
      return IntStream.range(0, rank).toArray();
    }
    Dims.axes("axes", axes, rank); // none of them twice
    return LongStream.of(axes).mapToInt(axis -> Dims.axis("axes", axis, rank)).toArray();
  }

  /** What the inputs say: one of the two. */
  private record Scaling(float[] scales, long[] sizes) {}

  /** Null where it is not known yet. */
  private Scaling scaling(List<Known> inputs) {
    Known scales = Inputs.optional(inputs, older ? 1 : 2);
    Known sizes = older ? null : Inputs.optional(inputs, 3);
    Known x = inputs.getFirst();
    int count = axes != null ? axes.length : x.hasRank() ? x.rank() : -1;
    if (sizes != null) {
      long[] lengths = Inputs.lengths(inputs, 3);
      check(sizes, count);
      return lengths == null ? null : new Scaling(null, lengths);
    }
    if (scales == null) {
      throw new IllegalArgumentException("expected scales or sizes, both are left out");
    }
    Inputs.type(inputs, older ? 1 : 2, Set.of(ElementType.F32));
    check(scales, count);
    if (!scales.isConstant()) {
      return null;
    }
    float[] factors = Elements.floats(scales);
    for (float factor : factors) {
      if (!(factor > 0 && factor < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "scales: expected numbers above 0, got " + Arrays.toString(factors));
      }
    }
    return new Scaling(factors, null);
  }

  private static void check(Known numbers, int count) {
    if (numbers.isShaped() && (numbers.rank() != 1 || (count >= 0 && numbers.elements() != count))) {
      throw new IllegalArgumentException("expected a number for each of " + count + " axes, got " + numbers);
    }
  }

  /** Whether it is known that images alone are resized, and no batch or channels. */
  boolean scalesImages(List<Known> inputs) {
    Scaling scaling = scaling(inputs);
    Known x = inputs.getFirst();
    if (scaling == null) {
      return false;
    }
    int[] along = along(x.rank());
    for (int i = 0; i < along.length; i++) {
      boolean keeps = scaling.sizes == null ? scaling.scales[i] == 1 : scaling.sizes[i] == x.dims()[along[i]];
      if (along[i] < 2 && !keeps) {
        return false;
      }
    }
    return scaling.sizes == null || (image(along, 2) >= 0 && image(along, x.rank() - 1) >= 0);
  }

  private static int image(int[] along, int axis) {
    return Arrays.stream(along).boxed().toList().indexOf(axis);
  }

  /** Sets the size of images of {@link #scalesImages}: those of one dimension have one row. */
  void setSize(dev.octet.op.Resize.Builder builder, List<Known> inputs) {
    Scaling scaling = scaling(inputs);
    int rank = inputs.getFirst().rank();
    int[] along = along(rank);
    int rows = rank == 4 ? image(along, 2) : -1;
    int columns = image(along, rank - 1);
    if (scaling.sizes == null) {
      builder.outputFactors(rows < 0 ? 1 : scaling.scales[rows], columns < 0 ? 1 : scaling.scales[columns]);
    } else {
      builder.outputSize(rows < 0 ? 1 : Runs.count("rows", scaling.sizes[rows]),
          Runs.count("columns", scaling.sizes[columns]));
    }
  }

  /** Of images of 8 bits. */
  @Override
  public Settled settle(List<Known> inputs) {
    ByteResize bytes = ByteResize.of(this, inputs);
    if (bytes == null || inputs.getFirst().type() == ElementType.F32) {
      throw new UnsupportedOperationException(
          "of images of 8 bits, other axes than those of pixels, sizes that are no constants, and "
              + coordinates
              + " are not offered");
    }
    return new Settled(new ChannelsFirst(bytes), 0);
  }

  @Override
  public Kernel kernel(Packs packs, List<Known> inputs) {
    if (inputs.getFirst().type() != ElementType.F32) {
      Settled settled = settle(inputs);
      return new Selected(settled.op().kernel(packs, settled.of(inputs)), true, settled.operands());
    }
    return (in, out) -> plan(in, out.getFirst());
  }

  private Step plan(List<Known> inputs, Known y) {
    Known x = inputs.getFirst();
    if (Arrays.equals(x.dims(), y.dims())) {
      return (in, out, scratch) -> MemorySegment.copy(in[0], 0, out[0], 0, y.bytes());
    }
    Scaling scaling = scaling(inputs);
    if (scaling == null) {
      throw new UnsupportedOperationException("scales that depend on the elements of inputs are not offered");
    }
    float[] scales = new float[x.rank()];
    Arrays.fill(scales, 1);
    int[] along = along(x.rank());
    for (int i = 0; i < along.length; i++) {
      int axis = along[i];
      scales[axis] = scaling.sizes == null ? scaling.scales[i] : (float) y.dims()[axis] / x.dims()[axis];
    }
    ResizeAxis[] all = new ResizeAxis[x.rank()];
    for (int axis = 0; axis < all.length; axis++) {
      all[axis] = new ResizeAxis(this, Runs.array("an axis", x.dims()[axis]),
          Runs.array("an axis", y.dims()[axis]), scales[axis]);
    }
    if (!linear) {
      return new NearestResize(all);
    }
    int planes = all.length - 2;
    for (int axis = 0; axis < planes; axis++) {
      if (all[axis].in() != all[axis].out()) {
        throw new UnsupportedOperationException(
            "linear interpolation is not offered along axis " + axis + ", only along the last two");
      }
    }
    if (planes < 0) {
      throw new UnsupportedOperationException("linear interpolation is not offered of " + x);
    }
    return new LinearResize(Dims.product(x.dims(), 0, planes), all[planes], all[planes + 1]);
  }
}
