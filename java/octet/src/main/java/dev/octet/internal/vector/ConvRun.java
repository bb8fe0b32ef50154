package dev.octet.internal.vector;

import dev.octet.engine.Conv2dKernel;
import dev.octet.internal.ffm.StatePool;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * How a convolution is cut into tiles, rectangles of output pixels of one image, and how they get to threads.
 * What a tile does is the way's.
 */
abstract class ConvRun implements Conv2dKernel {
  /** Multiplications, for about 5 us: shorter calls stay on one thread, and no tile is shorter than half. */
  private static final double ALONE = 500_000;

  final VectorContext context;
  final ConvForm form;
  private final String name;
  private final StatePool<Call> calls = new StatePool<>(Call::new);

  ConvRun(VectorContext context, ConvForm form, String way) {
    this.context = context;
    this.form = form;
    this.name = Names.conv(form.spec, way);
  }

  /**
   * The most lines and columns of a tile for images of a size.
   *
   * @param call whose tiles are to be set, with everything else set
   */
  abstract void cut(Call call);

  /**
   * Does a tile.
   *
   * @param call the arguments
   * @param image whose it is
   * @param y the first line of results
   * @param lines how many
   * @param x the first column
   * @param columns how many; all where there are several lines
   */
  abstract void tile(Call call, int image, int y, int lines, int x, int columns);

  /** A running call. */
  final class Call extends StatePool.State implements Workers.Tiles {
    final Lent src = new Lent();
    final Lent dst = new Lent();
    int height;
    int width;
    int outHeight;
    int outWidth;
    int tileLines;
    int tileColumns;
    private int tilesDown;
    private int tilesAcross;

    /** The byte of an image's first one in {@link #src}. */
    long imageAt(int image) {
      return src.first + (long) image * height * width * form.channels;
    }

    /** The element of a pixel's first one in {@link #dst}. */
    long pixelAt(int image, int y, int x) {
      return dst.first + (((long) image * outHeight + y) * outWidth + x) * form.outChannels;
    }

    /** Shortens tiles until there are some for each thread, unless they get too short. */
    private void share(int batch, int threads) {
      double work = (double) outHeight * outWidth * form.outChannels * form.in * form.taps() * batch;
      while (tileLines > 1 && tileCount(batch) < 2L * threads && work / tileCount(batch) >= ALONE) {
        tileLines = Math.ceilDiv(tileLines, 2);
      }
    }

    private long tileCount(int batch) {
      tilesDown = Math.ceilDiv(outHeight, tileLines);
      tilesAcross = Math.ceilDiv(outWidth, tileColumns);
      return (long) batch * tilesDown * tilesAcross;
    }

    @Override
    public void run(int number) {
      int across = number % tilesAcross;
      int down = number / tilesAcross % tilesDown;
      int y = down * tileLines;
      int x = across * tileColumns;
      tile(this, number / tilesAcross / tilesDown, y, Math.min(tileLines, outHeight - y), x,
          Math.min(tileColumns, outWidth - x));
    }

    @Override
    public void close() {
      src.clear();
      dst.clear();
    }
  }

  @Override
  public final void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    if (batch == 0) {
      return;
    }
    Call call = calls.take();
    try {
      call.height = height;
      call.width = width;
      call.outHeight = (int) form.window.outHeight(height);
      call.outWidth = (int) form.window.outWidth(width);
      cut(call);
      boolean shared = context.workers.threads() > 1 && Lent.isShareable(src) && Lent.isShareable(dst);
      if (shared) {
        call.share(batch, context.workers.threads());
      }
      int tiles = Math.toIntExact(call.tileCount(batch));
      call.src.set(src, 1, shared && tiles > 1);
      call.dst.set(dst, form.outputBytes(), shared && tiles > 1);
      if (shared && tiles > 1) {
        context.workers.run(tiles, call);
      } else {
        for (int tile = 0; tile < tiles; tile++) {
          call.run(tile);
        }
      }
    } finally {
      call.close();
      calls.give(call);
      Reference.reachabilityFence(src);
      Reference.reachabilityFence(dst);
    }
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public void close() {
    calls.close();
  }
}
