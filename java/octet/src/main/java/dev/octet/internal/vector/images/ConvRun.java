package dev.octet.internal.vector.images;

import dev.octet.engine.Conv2dKernel;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.ImageCall;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.vector.common.ConvScratch;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.common.Names;
import dev.octet.internal.vector.common.VectorContext;
import java.lang.foreign.MemorySegment;

/**
 * How a convolution is cut into tiles, rectangles of output pixels of one image, and how they get to threads.
 * What a tile does is the way's.
 */
abstract class ConvRun extends TiledKernel<ConvRun.Call, ConvScratch> implements Conv2dKernel {
  final VectorContext context;
  final ConvForm form;
  private final String name;

  ConvRun(VectorContext context, ConvForm form, String way) {
    super(context.workers, context.images);
    this.context = context;
    this.form = form;
    this.name = Names.conv(form.spec, way);
  }

  @Override
  protected Call newCall() {
    return new Call();
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
   * @param images the tile's own
   * @param image whose it is
   * @param y the first line of results
   * @param lines how many
   * @param x the first column
   * @param columns how many; all where there are several lines
   */
  abstract void tile(Call call, ConvScratch images, int image, int y, int lines, int x, int columns);

  /** A running call. */
  final class Call extends ImageCall {
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
    private void share(int threads) {
      double nanos = (double) outHeight * outWidth * form.outChannels * form.in * form.taps() * batch
          / Form.MACS_PER_NANO;
      while (tileLines > 1 && tileCount() < 2L * threads
          && nanos / tileCount() >= Cutting.JAVA_PRODUCT.alone()) {
        tileLines = Math.ceilDiv(tileLines, 2);
      }
    }

    private long tileCount() {
      tilesDown = Math.ceilDiv(outHeight, tileLines);
      tilesAcross = Math.ceilDiv(outWidth, tileColumns);
      return (long) batch * tilesDown * tilesAcross;
    }
  }

  @Override
  protected final void tile(Call call, ConvScratch images, int number) {
    int across = number % call.tilesAcross;
    int down = number / call.tilesAcross % call.tilesDown;
    int y = down * call.tileLines;
    int x = across * call.tileColumns;
    int image = number / call.tilesAcross / call.tilesDown;
    images.zeroPoint = form.zeroPoint;
    if (form.atRun) {
      images.zeroPoint = call.inputs.zeroPoint(image) - form.flip;
      images.scale = call.inputs.scale(image);
    }
    tile(call, images, image, y, Math.min(call.tileLines, call.outHeight - y), x,
        Math.min(call.tileColumns, call.outWidth - x));
  }

  @Override
  public final void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
    run(src, null, null, dst, batch, height, width);
  }

  @Override
  public final void run(MemorySegment src, MemorySegment scales, MemorySegment zeroPoints,
      MemorySegment dst, int batch, int height, int width) {
    if (batch == 0) {
      return;
    }
    Call call = begin();
    try {
      call.set(src, 1, dst, form.outputBytes());
      call.size(batch, height, width, form.window.outHeight(height), form.window.outWidth(width));
      if (scales != null) {
        call.inputs.set(scales, zeroPoints, form.spec.scaleCount(batch));
      }
      cut(call);
      int threads = threads(call);
      if (threads > 1) {
        call.share(threads);
      }
      run(call, Math.toIntExact(call.tileCount()));
    } finally {
      end(call);
    }
  }

  @Override
  public final String name() {
    return name;
  }
}
