package dev.octet.internal.liboctet;

import dev.octet.engine.Kernel;
import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.LineCall;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;

/**
 * Images to images in C, line by line: tiles are some lines of results, of one image or of several. A call
 * that is over within microseconds is one downcall that takes heap memory too; of longer ones what lies in
 * heap arrays is copied tile by tile.
 *
 * @param <C> the arguments of a call
 */
abstract class LineKernel<C extends LineCall> extends TiledKernel<C, Copies> implements Kernel {
  private final NativeMemory memory;
  private final String name;
  /** The address of the plan. */
  final long plan;

  /**
   * For a plan.
   *
   * @param workers the threads that share a call
   * @param kernel its number
   * @param writer has written the plan
   */
  LineKernel(Workers workers, int kernel, PlanWriter writer) {
    super(workers);
    this.name = Names.of(kernel);
    this.memory = writer.write();
    this.plan = memory.address();
  }

  /** Lines of the result of an image. */
  abstract int outHeight(int height);

  /** Columns of the result of an image. */
  abstract int outWidth(int width);

  /** Nanoseconds of a call, roughly. */
  abstract double nanos(C call);

  /** The first row of an image that a line of its result may read, 0 to height. */
  abstract long firstRow(C call, long line);

  /** The row behind the last one, 0 to height. */
  abstract long endRow(C call, long line);

  /** One downcall that takes any memory, over within microseconds. */
  abstract void quick(C call, MemorySegment src, MemorySegment dst);

  /** One downcall, given where all images and all results would be. */
  abstract void lines(C call, long src, long dst, long first, long count);

  /** Makes what depends on the sizes of a call, which are set, and is the same for all tiles. */
  void sized(C call) {}

  @Override
  protected final Copies newState() {
    return new Copies();
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final long packedBytes() {
    return memory.bytes();
  }

  /** Runs over dense images. */
  public final void run(MemorySegment src, MemorySegment dst, int batch, int height, int width,
      int channels) {
    if (batch == 0 || channels == 0) {
      return;
    }
    C call = begin();
    try {
      call.size(batch, height, width, outHeight(height), outWidth(width));
      call.channels(channels);
      sized(call);
      double nanos = nanos(call);
      if (nanos <= Cutting.QUICK_NANOS) {
        quick(call, src, dst);
        return;
      }
      call.set(src, 1, dst, 1);
      call.perTile = perTile(call, nanos);
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  private long perTile(C call, double nanos) {
    long lines = Cutting.STREAM.elements(call.lines, nanos, threads(call), 1);
    if (!call.hasHeap()) {
      return lines;
    }
    // The rows that one line reads more than the one before it, about.
    double rows = Math.max(1, (double) call.height / call.outHeight);
    double bytes = call.inBytes() * rows + call.outBytes();
    // No more tiles than an int can count.
    return Math.min(lines, Math.max(1 + (long) (Cutting.COPIED_BYTES / bytes), call.lines >>> 30));
  }

  @Override
  protected final void tile(C call, Copies copies, int number) {
    long line = call.firstOf(number);
    long count = call.countOf(number);
    long last = line + count - 1;
    long first = line / call.outHeight * call.height + firstRow(call, line % call.outHeight);
    long end = Math.max(first,
        last / call.outHeight * call.height + endRow(call, last % call.outHeight));
    long srcBytes = (end - first) * call.inBytes();
    long dstBytes = count * call.outBytes();
    copies.begin(call, srcBytes + dstBytes);
    long src = copies.in(call.src, first * call.inBytes(), srcBytes) - first * call.inBytes();
    long dst = copies.out(call.dst, line * call.outBytes(), dstBytes);
    lines(call, src, dst - line * call.outBytes(), line, count);
    copies.back(dst, call.dst, line * call.outBytes(), dstBytes);
  }

  @Override
  public final void close() {
    super.close();
    memory.close();
  }
}
