package dev.octet.internal.vector.images;

import dev.octet.engine.PadKernel;
import dev.octet.engine.PadSpec;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.LineCall;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Form;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A border around images: copies of lines, and of a piece of border. */
public final class VectorPad extends TiledKernel<LineCall, VectorPad.Nothing> implements PadKernel {
  /** Bytes in a nanosecond, roughly. */
  private static final double RATE = 8;
  /** Bytes of the piece of border. */
  private static final int PIECE = 4096;

  private final PadSpec spec;
  private final MemorySegment border;

  public VectorPad(Workers workers, PadSpec spec) {
    super(workers);
    this.spec = spec;
    byte[] piece = new byte[PIECE];
    Arrays.fill(piece, (byte) spec.value());
    this.border = MemorySegment.ofArray(piece);
  }

  @Override
  protected LineCall newCall() {
    return new LineCall();
  }

  @Override
  protected Nothing newState() {
    return new Nothing();
  }

  @Override
  public String name() {
    return Form.name("pad_", spec.type());
  }

  @Override
  public long packedBytes() {
    return PIECE;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width, int channels) {
    if (batch == 0 || channels == 0) {
      return;
    }
    LineCall call = begin();
    try {
      call.set(src, 1, dst, 1);
      call.size(batch, height, width, spec.top() + height + spec.bottom(),
          spec.left() + width + spec.right());
      call.channels(channels);
      double nanos = call.lines * (double) call.outBytes() / RATE;
      call.perTile = Cutting.STREAM.elements(call.lines, nanos, threads(call), 1);
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  @Override
  protected void tile(LineCall call, Nothing state, int number) {
    long end = call.firstOf(number) + call.countOf(number);
    MemorySegment dst = call.dst.segment;
    long left = (long) spec.left() * call.channels;
    long bytes = call.inBytes();
    for (long line = call.firstOf(number); line < end; line++) {
      long to = call.dst.first + line * call.outBytes();
      long row = line % call.outHeight - spec.top();
      if (row < 0 || row >= call.height) {
        fill(dst, to, call.outBytes());
      } else {
        fill(dst, to, left);
        MemorySegment.copy(call.src.segment,
            call.src.first + (line / call.outHeight * call.height + row) * bytes, dst, to + left, bytes);
        fill(dst, to + left + bytes, call.outBytes() - left - bytes);
      }
    }
  }

  private void fill(MemorySegment dst, long to, long count) {
    for (long done = 0; done < count; done += PIECE) {
      MemorySegment.copy(border, 0, dst, to + done, Math.min(PIECE, count - done));
    }
  }

  /** A tile has nothing for itself. */
  static final class Nothing extends StatePool.State {}
}
