package dev.octet.internal.vector;

import dev.octet.DataType;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.ConcatKernel;
import dev.octet.engine.ConcatSpec;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import dev.octet.internal.ffm.StatePool;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.loops.Span;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/**
 * Tensors side by side. Dequantize and quantize of a byte are a table of 256 entries; where it changes
 * nothing the bytes are copied.
 */
final class VectorConcat implements ConcatKernel {
  /** Bytes that are worth a second thread, and those of a tile. */
  private static final long ALONE = 128 << 10;
  private static final long TILE = 64 << 10;
  /** Bytes of a heap array that are copied at a time. */
  private static final int PIECE = 16 << 10;

  private final Workers workers;
  private final DataType type;
  /** One an input; null: copied. */
  private final List<byte[]> tables = new ArrayList<>();
  private final StatePool<State> states = new StatePool<>(State::new);

  VectorConcat(Workers workers, ConcatSpec spec) {
    this.workers = workers;
    this.type = spec.output().type();
    for (ActivationSpec input : spec.inputs()) {
      tables.add(table(input, spec.output()));
    }
  }

  private static byte[] table(ActivationSpec input, OutputSpec output) {
    byte[] table = new byte[256];
    boolean same = true;
    for (int i = 0; i < table.length; i++) {
      int q = input.type() == DataType.U8 ? i : (byte) i;
      float real = Numbers.dequantize(q, input.scale(), input.zeroPoint());
      table[i] = (byte) Numbers.quantize(real, output.scale(), output.zeroPoint(), output.type());
      same &= table[i] == (byte) i;
    }
    return same ? null : table;
  }

  @Override
  public String name() {
    return Form.name("concat_", type);
  }

  @Override
  public long packedBytes() {
    return 256L * tables.stream().filter(table -> table != null).count();
  }

  @Override
  public void run(List<MemorySegment> inputs, long[] lengths, MemorySegment dst, long outer) {
    State state = states.take();
    Call call = state.call;
    try {
      long length = 0;
      for (long one : lengths) {
        length += one;
      }
      call.inputs = inputs;
      call.lengths = lengths;
      call.length = length;
      call.dst = dst;
      call.outer = outer;
      call.shared = workers.threads() > 1 && length * outer >= ALONE && outer > 1 && shareable(inputs, dst);
      call.perTile = outer;
      if (call.shared) {
        call.perTile = Math.max(Math.max(1, TILE / length), outer >>> 30);
        workers.run((int) Math.ceilDiv(outer, call.perTile), call);
      } else if (length > 0 && outer > 0) {
        call.run(state, 0, outer);
      }
    } finally {
      call.inputs = null;
      call.lengths = null;
      call.dst = null;
      states.give(state);
      Reference.reachabilityFence(inputs);
      Reference.reachabilityFence(dst);
    }
  }

  private static boolean shareable(List<MemorySegment> inputs, MemorySegment dst) {
    boolean all = Lent.isShareable(dst);
    for (int i = 0; i < inputs.size(); i++) {
      all &= Lent.isShareable(inputs.get(i));
    }
    return all;
  }

  @Override
  public void close() {
    states.close();
  }

  /** A running call. */
  private final class Call implements Workers.Tiles {
    private List<MemorySegment> inputs;
    private long[] lengths;
    private long length;
    private MemorySegment dst;
    private long outer;
    private long perTile;
    private boolean shared;

    @Override
    public void run(int tile) {
      State state = states.take();
      try {
        run(state, tile * perTile, Math.min(outer, (tile + 1) * perTile));
      } finally {
        states.give(state);
      }
    }

    private void run(State state, long first, long end) {
      try {
        state.dst.set(dst, 1, shared);
        long to = state.dst.first;
        for (int input = 0; input < lengths.length; input++) {
          state.src.set(inputs.get(input), 1, shared);
          for (long o = first; o < end; o++) {
            state.row(o * lengths[input], tables.get(input), to + o * length, lengths[input]);
          }
          to += lengths[input];
        }
      } finally {
        state.src.clear();
        state.dst.clear();
      }
    }
  }

  /** What one running call, or one running tile, has for itself. */
  private final class State extends StatePool.State {
    private final Call call = new Call();
    private final Elements loops = new Elements();
    private final Span span = new Span();
    private final Lent src = new Lent();
    private final Lent dst = new Lent();
    private final NativeScratch scratch = new NativeScratch();

    private void row(long first, byte[] table, long to, long count) {
      MemorySegment src = this.src.segment;
      MemorySegment dst = this.dst.segment;
      long from = this.src.first + first;
      if (table == null) {
        MemorySegment.copy(src, from, dst, to, count);
        return;
      }
      boolean copied = loops.nativeOnly() && (this.src.isHeap() || this.dst.isHeap());
      int most = copied ? PIECE : 1 << 30;
      try {
        for (long done = 0; done < count; done += most) {
          span.count = (int) Math.min(most, count - done);
          span.left = src;
          span.leftAt = from + done;
          span.dst = dst;
          span.dstAt = to + done;
          if (copied) {
            MemorySegment piece = scratch.memory(PIECE);
            MemorySegment.copy(src, from + done, piece, 0, span.count);
            span.left = piece;
            span.leftAt = 0;
            span.dst = piece;
            span.dstAt = 0;
          }
          loops.now().lookup(span, table);
          if (copied) {
            MemorySegment.copy(span.dst, 0, dst, to + done, span.count);
          }
        }
      } finally {
        span.clear();
      }
    }

    @Override
    public void close() {}
  }
}
