package dev.octet.internal.liboctet;

import dev.octet.DataType;
import dev.octet.Isa;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Conv3dSpec;
import dev.octet.engine.ConvTransposePhase;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import dev.octet.engine.Window;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.ValueLayout;

/**
 * A convolution as C runs it: packed weights, and the struct with its tables. Signed images are multiplied as
 * unsigned ones with 128 added, and unsigned weights as signed ones with 128 taken off; zero points move
 * along.
 */
final class ConvPlan implements Resource {
  private final PackedConv weights;
  private final NativeMemory plan;

  private ConvPlan(PackedConv weights, NativeMemory plan) {
    this.weights = weights;
    this.plan = plan;
  }

  /** Packs the weights of a convolution and makes its tables. */
  static ConvPlan of(Conv2dSpec spec, Isa isa) {
    return of(spec, false, isa, sizes(spec));
  }

  /** The same for some of the outputs of a transposed convolution, among which they are written. */
  static ConvPlan of(ConvTransposePhase phase, Window whole, Isa isa) {
    PlanWriter writer = sizes(phase.convolution());
    writer.number("output_stride_height", whole.strideHeight());
    writer.number("output_stride_width", whole.strideWidth());
    writer.number("first_output_row", phase.firstRow());
    writer.number("first_output_column", phase.firstColumn());
    return of(phase.convolution(), false, isa, writer);
  }

  /** The same for volumes. */
  static ConvPlan of(Conv3dSpec spec, Isa isa) {
    PlanWriter writer = sizes(spec.rows());
    writer.number("frame_rows", spec.window().kernelHeight());
    writer.number("dilation_depth", spec.depth().dilation());
    return of(spec.rows(), true, isa, writer);
  }

  private static ConvPlan of(Conv2dSpec spec, boolean volumes, Isa isa, PlanWriter writer) {
    ConvWeights shape = spec.weights();
    double window = (double) shape.height() * shape.width() * shape.inPerGroup();
    if (window > Integer.MAX_VALUE - 3) {
      throw new UnsupportedOperationException(
          "weights: kernels of NATIVE take windows of up to 2^31 - 4 bytes, "
              + "these have " + (long) window);
    }
    int tier = Names.tier(isa);
    int form = form(writer);
    PackedConv weights = PackedConv.of(shape, spec.groups(), spec.window(), form, volumes, isa);
    try {
      int[] sums = weights.sums();
      writer.number("form", form);
      tables(writer, spec, sums, sums.length / shape.outChannels());
      writer.address("weights", weights.address());
      writer.number("kernel", ConvFunctions.kernel(tier, Names.type(spec.input().type()),
          Names.type(spec.output().type())));
      return new ConvPlan(weights, writer.write());
    } catch (RuntimeException | Error e) {
      weights.release();
      throw e;
    }
  }

  private static PlanWriter sizes(Conv2dSpec spec) {
    return sizes(spec.weights(), spec.groups(), spec.window());
  }

  /** See octet_conv2d_form. */
  static int form(PlanWriter sizes) {
    try (NativeMemory plan = sizes.write()) {
      return ConvFunctions.form(plan.address());
    }
  }

  /** The fields that say how large everything is. */
  static PlanWriter sizes(ConvWeights weights, int groups, Window window) {
    PlanWriter plan = new PlanWriter(ConvFunctions.PLAN);
    plan.number("in_channels", weights.inPerGroup());
    plan.number("out_channels", weights.outChannels() / groups);
    plan.number("groups", groups);
    plan.number("kernel_height", window.kernelHeight());
    plan.number("kernel_width", window.kernelWidth());
    plan.number("stride_height", window.strideHeight());
    plan.number("stride_width", window.strideWidth());
    plan.number("dilation_height", window.dilationHeight());
    plan.number("dilation_width", window.dilationWidth());
    plan.number("pad_top", window.padTop());
    plan.number("pad_left", window.padLeft());
    return plan;
  }

  /** Tables as octet_conv2d_run reads them, or octet_conv2d_scaled_run. */
  private static void tables(PlanWriter plan, Conv2dSpec spec, int[] sums, int rows) {
    ConvWeights weights = spec.weights();
    OutputSpec output = spec.output();
    int out = weights.outChannels();
    int perRow = (int) ((long) weights.height() * weights.width() * weights.inPerGroup() / rows);
    boolean atRun = spec.input().atRun();
    int zeroPoint = atRun ? 1 : spec.input().zeroPoint() + (spec.input().type() == DataType.S8 ? 128 : 0);
    int shift = weights.type() == DataType.U8 ? 128 : 0;
    int[] offsets = new int[out];
    int[] zeroPoints = new int[out];
    int[] skipped = new int[sums.length];
    float[] multipliers = new float[out];
    boolean asymmetric = false;
    for (int o = 0; o < out; o++) {
      zeroPoints[o] = weights.zeroPoint(o) - shift;
      asymmetric |= zeroPoints[o] != 0;
      offsets[o] = spec.bias() == null ? 0 : spec.bias()[o];
      for (int row = 0; row < rows; row++) {
        int at = row * out + o;
        skipped[at] = zeroPoint * (sums[at] - perRow * zeroPoints[o]);
        offsets[o] -= atRun ? 0 : skipped[at];
      }
      multipliers[o] = Numbers.multiplier(spec.input(), weights.scale(o), output);
    }
    plan.table("offsets", offsets);
    plan.table("weight_zero_points", asymmetric ? zeroPoints : null);
    plan.table("skipped", zeroPoint == 0 ? null : skipped);
    plan.table("multipliers", output.type() == DataType.S32 ? null : multipliers);
    plan.table("bias", spec.floatBias());
    plan.number("input_zero_point", atRun ? spec.input().type().min() : spec.input().zeroPoint());
    plan.output(output);
  }

  /** Where the struct is. */
  long address() {
    return plan.address();
  }

  long bytes() {
    return weights.bytes() + plan.bytes();
  }

  /** The name of the kernel. */
  String kernel() {
    return Names.of(plan.segment().get(ValueLayout.JAVA_INT,
        ConvFunctions.PLAN.byteOffset(PathElement.groupElement("kernel"))));
  }

  @Override
  public void close() {
    plan.close();
    weights.release();
  }
}
