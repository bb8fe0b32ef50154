package dev.octet.onednn;

import dev.octet.DataType;
import dev.octet.engine.BackendContext;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Window;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.epilogue.Staging;
import dev.octet.internal.ffm.Borrowed;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.ffm.StatePool;
import dev.octet.internal.pack.Signs;
import dev.octet.internal.parallel.Pool;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
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
final class UnfoldedConv2d implements Conv2dKernel, Resource {
  /** Multiplications that are worth a second thread: 4 us with VNNI. */
  private static final long PARALLEL_WORK = 1_500_000;

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
  private final StatePool<State> states;
  private final Pool<Call> calls = new Pool<>(Call::new);

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
      this.states = resources.add(new StatePool<>(State::new));
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** What one running tile needs. */
  private final class State extends StatePool.State {
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
    public void close() {
      owned.close();
    }
  }

  /** The arguments of a running call; a tile is some outputs in their order. */
  private final class Call implements Workers.Tiles {
    private MemorySegment src;
    private long srcBase;
    private MemorySegment dst;
    private long dstBase;
    private int height;
    private int width;
    private int outHeight;
    private int outWidth;
    private long pixels;
    private int tilePixels;

    @Override
    public void run(int tile) {
      long first = (long) tile * tilePixels;
      int count = (int) Math.min(tilePixels, pixels - first);
      State state = states.take();
      try {
        for (int group = 0; group < form.groups(); group++) {
          multiply(state, group, first, count);
        }
      } finally {
        state.staging.clear();
        states.give(state);
      }
    }

    private void multiply(State state, int group, long first, int count) {
      IntProduct product = products.get(group);
      IntProduct.Lane lane = state.lanes.get(group);
      int block = product.blockRows();
      NativeMemory rows = state.rows.memory((long) Math.ceilDiv(count, block) * block * product.inner());
      for (int i = 0; i < count; i++) {
        unfold(state, group, first + i, rows.segment(), (long) i * product.inner());
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
              .output(dst, dstBase + (first + i) * outChannels + channel, outChannels);
          epilogue.apply(state.staging, some, channel, channel + product.columns(panel));
        }
      }
    }

    /** The window of one output, once for each part of the weights. */
    private void unfold(State state, int group, long pixel, MemorySegment to, long at) {
      int x = (int) (pixel % outWidth);
      int y = (int) (pixel / outWidth % outHeight);
      long image = pixel / outWidth / outHeight * height;
      long left = (long) x * window.strideWidth() - window.padLeft();
      for (int ky = 0; ky < window.kernelHeight(); ky++) {
        long sy = (long) y * window.strideHeight() - window.padTop() + (long) ky * window.dilationHeight();
        int from = ky * window.kernelWidth() * form.in();
        if (sy < 0 || sy >= height) {
          Arrays.fill(state.row, from, from + window.kernelWidth() * form.in(),
              (byte) spec.input().zeroPoint());
        } else {
          line(state.row, from, srcBase + (image + sy) * width * spec.inChannels() + firstChannel(group),
              left);
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
    private void line(byte[] row, int from, long line, long left) {
      int channels = form.merged() * form.realIn();
      for (int kx = 0; kx < window.kernelWidth(); kx++) {
        long sx = left + (long) kx * window.dilationWidth();
        int at = from + kx * form.in();
        if (sx < 0 || sx >= width) {
          Arrays.fill(row, at, at + form.in(), (byte) spec.input().zeroPoint());
        } else {
          MemorySegment.copy(src, ValueLayout.JAVA_BYTE, line + sx * spec.inChannels(), row, at, channels);
        }
      }
    }

    private void clear() {
      src = null;
      dst = null;
    }
  }

  /** The first channel of the source that a group reads. */
  private int firstChannel(int group) {
    return group / form.repeat() * form.merged() * form.realIn();
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    Call call = calls.take();
    try {
      call.src = Borrowed.view(src);
      call.srcBase = Borrowed.base(src);
      call.dst = Borrowed.elementView(dst, outputBytes);
      call.dstBase = Borrowed.elementBase(dst, outputBytes);
      call.height = height;
      call.width = width;
      call.outHeight = (int) window.outHeight(height);
      call.outWidth = (int) window.outWidth(width);
      call.pixels = (long) batch * call.outHeight * call.outWidth;
      int group = products.getFirst().groupRows();
      int threads = context.workers().threads();
      long perTile = group;
      if (threads > 1 && call.pixels * k * outChannels >= PARALLEL_WORK) {
        perTile = Math.clamp(Math.ceilDiv(call.pixels, threads), 1, group);
      }
      call.tilePixels = (int) perTile;
      int tiles = Math.toIntExact(Math.ceilDiv(call.pixels, perTile));
      if (tiles == 1) {
        call.run(0);
      } else if (tiles > 1) {
        context.workers().run(tiles, call);
      }
    } finally {
      call.clear();
      calls.give(call);
      Reference.reachabilityFence(src);
      Reference.reachabilityFence(dst);
    }
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
    return (long) product.groupRows() * product.inner() + 4L * product.blockRows() * product.widestPanel()
        + product.scratchpadBytes() + k + Staging.bytes();
  }

  @Override
  public void close() {
    resources.close();
  }
}
