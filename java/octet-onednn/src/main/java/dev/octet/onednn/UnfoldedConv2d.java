package dev.octet.onednn;

import dev.octet.DataType;
import dev.octet.engine.BackendContext;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Window;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.ImageCall;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.epilogue.Staging;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.pack.Signs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Convolution as a product of matrices: the window of every output becomes a row. For what oneDNN's own
 * convolution does not do exactly, or only on a slow path. Padded taps are the zero point, so that one
 * compensation holds for all outputs. Where a weight is the sum of several bytes, all of them are in the
 * matrix and the row is repeated.
 *
 * <p>
 * Copying costs a byte for each multiplication divided by the output channels: a few percent above 256 of
 * them.
 */
final class UnfoldedConv2d extends TiledKernel<UnfoldedConv2d.Call, UnfoldedConv2d.State>
    implements
      Conv2dKernel {
  private final Conv2dSpec spec;
  private final Window window;
  private final ConvForm form;
  private final BackendContext context;
  private final Epilogue epilogue;
  private final int k;
  private final int parts;
  private final boolean signed;
  private final int outChannels;
  private final int outputBytes;
  private final List<IntProduct> products = new ArrayList<>();
  private final Group resources = new Group();

  /**
   * Packs weights.
   *
   * @param context the threads that share a call, and the tier of kernels beside oneDNN's
   * @param rule which implementations may run
   * @param spec the op
   * @param form how the channels are grouped
   * @param parts of the weights, each as {@link ConvForm#write} leaves it; read now only
   * @param epilogue with the terms of outputs that see the whole window
   * @throws UnsupportedOperationException if oneDNN has no implementation that may run
   */
  UnfoldedConv2d(BackendContext context, Int8Rule rule, Conv2dSpec spec, ConvForm form,
      List<NativeMemory> parts,
      Epilogue epilogue) {
    super(context.workers());
    this.context = context;
    this.spec = spec;
    this.window = spec.window();
    this.form = form;
    this.epilogue = epilogue;
    this.k = form.perChannel(window);
    this.parts = parts.size();
    this.signed = spec.input().type() == DataType.S8;
    this.outChannels = spec.weights().outChannels();
    this.outputBytes = spec.output().type().bits() / 8;
    long bytes = (long) k * form.out();
    try (NativeMemory matrix = NativeMemory.allocate(parts.size() * bytes)) {
      for (int group = 0; group < form.groups(); group++) {
        for (int part = 0; part < parts.size(); part++) {
          MemorySegment.copy(parts.get(part).segment(), group * bytes, matrix.segment(), part * bytes, bytes);
        }
        products.add(resources.add(new IntProduct(rule, "conv2d", matrix.segment(),
            Math.multiplyExact(k, parts.size()), form.out(), context.workers().threads())));
      }
      if (products.getFirst().isDoubled()) {
        throw new AssertionError("parts are within the limits");
      }
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** What one running tile needs. */
  final class State extends StatePool.State {
    private final Group owned = new Group();
    private final List<IntProduct.Lane> lanes = new ArrayList<>();
    private final Scratch rows = owned.add(new Scratch());
    private final Staging staging = owned.add(new Staging(context.isa()));
    private final byte[] row = new byte[k];

    State() {
      for (IntProduct product : products) {
        lanes.add(owned.add(product.new Lane()));
      }
    }

    @Override
    protected void clear() {
      staging.clear();
    }

    @Override
    public void close() {
      owned.close();
    }
  }

  /** A running call; a tile is some outputs in their order. */
  static final class Call extends ImageCall {
    private long pixels;
    private int tilePixels;
  }

  @Override
  protected void tile(Call call, State state, int tile) {
    long first = (long) tile * call.tilePixels;
    int count = (int) Math.min(call.tilePixels, call.pixels - first);
    for (int group = 0; group < form.groups(); group++) {
      multiply(call, state, group, first, count);
    }
  }

  private void multiply(Call call, State state, int group, long first, int count) {
    IntProduct product = products.get(group);
    IntProduct.Lane lane = state.lanes.get(group);
    int block = product.blockRows();
    NativeMemory rows = state.rows.memory((long) Math.ceilDiv(count, block) * block * product.inner());
    for (int i = 0; i < count; i++) {
      unfold(call, state, group, first + i, rows.segment(), (long) i * product.inner());
    }
    for (int panel = 0; panel < product.panels(); panel++) {
      int c0 = product.firstColumn(panel);
      int some;
      for (int i = 0; i < count; i += some) {
        some = product.part(Math.min(block, count - i));
        MemorySegment accumulators = lane.multiply(panel, some, rows.address() + (long) i * product.inner(),
            MemorySegment.NULL);
        int channel = group * form.out() + c0;
        state.staging.accumulators(accumulators, 0, lane.stride(panel))
            .output(call.dst.segment, call.dst.first + (first + i) * outChannels + channel, outChannels);
        epilogue.apply(state.staging, some, channel, channel + product.columns(panel));
      }
    }
  }

  /** The window of one output, once for each part of the weights. */
  private void unfold(Call call, State state, int group, long pixel, MemorySegment to, long at) {
    int x = (int) (pixel % call.outWidth);
    int y = (int) (pixel / call.outWidth % call.outHeight);
    long image = pixel / call.outWidth / call.outHeight * call.height;
    long left = (long) x * window.strideWidth() - window.padLeft();
    for (int ky = 0; ky < window.kernelHeight(); ky++) {
      long sy = (long) y * window.strideHeight() - window.padTop() + (long) ky * window.dilationHeight();
      int from = ky * window.kernelWidth() * form.in();
      if (sy < 0 || sy >= call.height) {
        Arrays.fill(state.row, from, from + window.kernelWidth() * form.in(),
            (byte) spec.input().zeroPoint());
      } else {
        line(call, state.row, from,
            call.src.first + (image + sy) * call.width * spec.inChannels() + firstChannel(group), left);
      }
    }
    for (int part = 0; part < parts; part++) {
      MemorySegment.copy(state.row, 0, to, ValueLayout.JAVA_BYTE, at + (long) part * k, k);
    }
    if (signed) {
      Signs.flip(to, at, (long) parts * k);
    }
  }

  /** The taps of one row of the window. */
  private void line(Call call, byte[] row, int from, long line, long left) {
    int channels = form.merged() * form.realIn();
    for (int kx = 0; kx < window.kernelWidth(); kx++) {
      long sx = left + (long) kx * window.dilationWidth();
      int at = from + kx * form.in();
      if (sx < 0 || sx >= call.width) {
        Arrays.fill(row, at, at + form.in(), (byte) spec.input().zeroPoint());
      } else {
        MemorySegment.copy(call.src.segment, ValueLayout.JAVA_BYTE, line + sx * spec.inChannels(), row, at,
            channels);
      }
    }
  }

  /** The first channel of the source that a group reads. */
  private int firstChannel(int group) {
    return group / form.repeat() * form.merged() * form.realIn();
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    Call call = begin();
    try {
      call.set(src, 1, dst, outputBytes);
      call.size(batch, height, width, window.outHeight(height), window.outWidth(width));
      call.pixels = (long) batch * call.outHeight * call.outWidth;
      int wanted = Cutting.ONEDNN.tiles((double) call.pixels * k * outChannels / RowKernel.MACS_PER_NANO,
          threads());
      int band = products.getFirst().bandRows();
      call.tilePixels = Math.clamp(Math.ceilDiv(call.pixels, wanted), 1, band);
      run(call, Math.toIntExact(Math.ceilDiv(call.pixels, call.tilePixels)));
    } finally {
      end(call);
    }
  }

  @Override
  protected Call newCall() {
    return new Call();
  }

  @Override
  protected State newState() {
    return new State();
  }

  @Override
  public String name() {
    return "onednn:unfold+" + products.getFirst().implementation() + (parts > 1 ? "+parts" + parts : "")
        + Names.epilogue(spec.output().type());
  }

  @Override
  public long packedBytes() {
    long bytes = epilogue.bytes();
    for (IntProduct product : products) {
      bytes += product.bytes();
    }
    return bytes;
  }

  @Override
  public long scratchBytes(long rows) {
    IntProduct product = products.getFirst();
    return (long) product.bandRows() * product.inner() + 4L * product.blockRows() * product.widestPanel()
        + product.scratchpadBytes() + k + Staging.bytes();
  }

  @Override
  public void close() {
    super.close();
    resources.close();
  }
}
