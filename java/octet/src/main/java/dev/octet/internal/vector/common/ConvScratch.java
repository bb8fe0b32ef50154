package dev.octet.internal.vector.common;

import dev.octet.internal.call.StatePool;
import dev.octet.internal.vector.loops.Span;
import java.lang.foreign.MemorySegment;

/** Arrays and place of one running tile of a convolution. */
public final class ConvScratch extends StatePool.State {
  /** Bytes of an image that are copied at a time. */
  public static final int PIECE = 8192;

  public final byte[] bytes = new byte[PIECE];
  public final Elements loops = new Elements();
  public final Span span = new Span();
  /** The image as the tile sees it, padding included; grown when a tile needs more. */
  public float[] floats = {};
  public short[] shorts = {};
  /** A line before it is in order. */
  public short[] line = {};
  public int[] sums = {};
  private MemorySegment sumSegment;
  /** Offsets of taps in {@link #shorts}, and of their weights. */
  public int[] taps = {};
  public int[] tapWeights = {};
  /** Zero point and scale of the tile's image; the zero point as S8. The scale only where it comes at run. */
  public int zeroPoint;
  public float scale;
  /** The first output of the tile, and outputs of a line. */
  public int y;
  public int x;
  public int outputs;
  /** Whether {@link #floats} holds what the tile sees. */
  public boolean whole;
  /** Columns of {@link #floats}. */
  public int columns;
  /** Starts of columns that are a stride apart. */
  public int phases;
  /** The rows of taps of which some lie in the image, end excluded. */
  public int first;
  public int end;

  public float[] floats(int count) {
    if (floats.length < count) {
      floats = new float[count];
    }
    return floats;
  }

  public short[] shorts(int count) {
    if (shorts.length < count) {
      shorts = new short[count];
    }
    return shorts;
  }

  public short[] line(int count) {
    if (line.length < count) {
      line = new short[count];
    }
    return line;
  }

  public MemorySegment sums(int count) {
    if (sums.length < count) {
      sums = new int[count];
      sumSegment = MemorySegment.ofArray(sums);
    }
    return sumSegment;
  }

  public void tapCount(int count) {
    if (taps.length < count) {
      taps = new int[count];
      tapWeights = new int[count];
    }
  }

  @Override
  protected void clear() {
    span.clear();
  }
}
