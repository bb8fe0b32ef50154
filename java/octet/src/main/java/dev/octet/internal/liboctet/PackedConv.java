package dev.octet.internal.liboctet;

import dev.octet.DataType;
import dev.octet.Isa;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.Window;
import dev.octet.internal.ffm.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Weights of a convolution as kernels of a tier read them, and behind them the sums of each output channel,
 * which compensation needs. U8 weights are packed as S8, 128 less; their zero points move along.
 */
final class PackedConv extends NativePack {
  private static final int ALIGNMENT = 64;
  /** Form, columns of a panel and rows that lie together, groups, sets of depthwise weights, window. */
  private static final Pattern LAYOUT = Pattern
      .compile("liboctet-conv2d-(\\d)-\\d+x\\d-g(\\d{1,10})-s([12])-(\\d{1,10})x(\\d{1,10})x(\\d{1,10})");
  /** More packed bytes than any memory has; sizes up to this do not overflow. */
  private static final double MOST_BYTES = 1L << 55;

  private final long sums;

  private PackedConv(String layout, MemorySegment content, Runnable free, long sums) {
    super(layout, content, free);
    this.sums = sums;
  }

  /**
   * What decides how weights are packed.
   *
   * @param form enum octet_conv2d_form
   * @param groups of the convolution
   * @param sets 2 where depthwise weights lie ready for several lines of outputs, whose windows move by one
   *        row of the image
   * @param height rows of a window
   * @param width columns of a window
   * @param in input channels of a group
   */
  private record Geometry(int form, int groups, int sets, int height, int width, int in) {
    static Geometry of(ConvWeights weights, int groups, Window window, int form, boolean volumes) {
      int sets = !volumes && window.strideHeight() == 1 && window.dilationHeight() == 1 ? 2 : 1;
      return new Geometry(form, groups, sets, weights.height(), weights.width(), weights.inPerGroup());
    }

    /** The name; only depthwise weights depend on the sets. */
    String layout(Isa isa) {
      int layout = MatMulFunctions.layout(Names.tier(isa));
      boolean depthwise = form == ConvFunctions.DEPTHWISE;
      String panel = depthwise ? MatMulFunctions.panelColumns(layout) + "x4" : Names.panels(layout);
      return "liboctet-conv2d-" + form + "-" + panel + "-g" + groups + "-s" + (depthwise ? sets : 1) + "-"
          + height + "x" + width + "x" + in;
    }

    /** The fields of struct octet_conv2d that say how weights are packed. */
    PlanWriter plan(int outChannels) {
      PlanWriter plan = new PlanWriter(ConvFunctions.PLAN);
      plan.number("form", form);
      plan.number("in_channels", in);
      plan.number("out_channels", outChannels / groups);
      plan.number("groups", groups);
      plan.number("kernel_height", height);
      plan.number("kernel_width", width);
      plan.number("stride_height", sets == 2 ? 1 : 2);
      plan.number("stride_width", 1);
      plan.number("dilation_height", 1);
      plan.number("dilation_width", 1);
      return plan;
    }
  }

  /**
   * Packed weights for kernels of a tier and a form: those that are given, held once more, or new ones.
   */
  static PackedConv of(ConvWeights weights, int groups, Window window, int form, boolean volumes, Isa isa) {
    Geometry geometry = Geometry.of(weights, groups, window, form, volumes);
    if (weights.packed() == null) {
      return pack(weights, geometry, isa);
    }
    String layout = geometry.layout(isa);
    if (weights.packed().pack() instanceof PackedConv packed && packed.layout().equals(layout)) {
      packed.retain();
      return packed;
    }
    throw new UnsupportedOperationException("weights: packed as " + weights.packed().pack().layout()
        + ", kernels of this convolution read " + layout
        + ": pack them with its groups, stride, dilation and padding");
  }

  /**
   * Packs.
   *
   * @param weights not packed; read now only
   * @param groups of the convolution
   * @param window of the convolution
   * @param isa the tier of the kernels
   */
  static PackedConv pack(ConvWeights weights, int groups, Window window, Isa isa) {
    int form = ConvPlan.form(ConvPlan.sizes(weights, groups, window));
    return pack(weights, Geometry.of(weights, groups, window, form, false), isa);
  }

  private static PackedConv pack(ConvWeights weights, Geometry geometry, Isa isa) {
    int tier = Names.tier(isa);
    MemorySegment data = weights.tensor().data();
    NativeMemory memory = null;
    try (NativeMemory sizes = geometry.plan(weights.outChannels()).write();
        NativeMemory copy = data.isNative() ? null : NativeMemory.copy(data)) {
      long sums = sumsOffset(sizes.address(), tier);
      memory = NativeMemory.allocate(sums + sumBytes(sizes.address(), weights.outChannels()));
      ConvFunctions.pack(sizes.address(), tier, copy == null ? data : copy.segment(),
          Names.type(weights.type()), Names.convLayout(weights.layout()), memory.address(),
          memory.address() + sums);
      return new PackedConv(geometry.layout(isa), memory.segment(), memory::close, sums);
    } catch (RuntimeException | Error e) {
      if (memory != null) {
        memory.close();
      }
      throw e;
    }
  }

  /** Whether a layout is one of convolutions. */
  static boolean isLayout(String layout) {
    return layout.startsWith("liboctet-conv2d-");
  }

  /**
   * Weights out of a file, see {@link dev.octet.engine.Backend#map}.
   *
   * @throws UnsupportedOperationException if kernels of the tier do not read the layout
   */
  static PackedConv map(String layout, DataType type, Isa isa, int k, int n, MemorySegment content,
      Runnable free) {
    Matcher fields = LAYOUT.matcher(layout);
    if (!fields.matches()) {
      throw new UnsupportedOperationException("the weights are packed as " + layout
          + ", which no convolution of this release reads: pack them again");
    }
    Geometry geometry = new Geometry(number(fields, 1), number(fields, 2), number(fields, 3),
        number(fields, 4), number(fields, 5), number(fields, 6));
    boolean fits = geometry.groups > 0 && n % geometry.groups == 0
        && (double) geometry.height * geometry.width * geometry.in == k
        && geometry.form >= 0 && geometry.form <= ConvFunctions.DEPTHWISE && type.isByte()
        && (geometry.form != ConvFunctions.DEPTHWISE || geometry.in == 1);
    // A panel is padded to all of its columns, rows of a depthwise window to fours.
    if (!fits || 256.0 * k * n > MOST_BYTES) {
      throw new IllegalArgumentException(
          "packed weights: no " + k + " x " + n + " " + type + " weights are packed as " + layout);
    }
    String own = geometry.layout(isa);
    if (!own.equals(layout)) {
      throw new UnsupportedOperationException("the weights are packed as " + layout + ", kernels of "
          + Names.lower(isa) + " read " + own + ": pack them again");
    }
    try (NativeMemory sizes = geometry.plan(n).write()) {
      long sums = sumsOffset(sizes.address(), Names.tier(isa));
      checkSize(content, sums + sumBytes(sizes.address(), n), k, n);
      return new PackedConv(layout, content, free, sums);
    }
  }

  private static int number(Matcher fields, int group) {
    return (int) Math.min(Long.parseLong(fields.group(group)), Integer.MAX_VALUE);
  }

  private static long sumsOffset(long sizes, int tier) {
    return (ConvFunctions.packedBytes(sizes, tier) + ALIGNMENT - 1) & -ALIGNMENT;
  }

  private static long sumBytes(long sizes, int outChannels) {
    return 4L * ConvFunctions.sumRows(sizes) * outChannels;
  }

  /** The sums of each output channel as packed, row by row of the window where the form has them so. */
  int[] sums() {
    return content().asSlice(sums).toArray(ValueLayout.JAVA_INT);
  }
}
