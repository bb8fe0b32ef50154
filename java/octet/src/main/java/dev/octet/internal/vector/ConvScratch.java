package dev.octet.internal.vector;

import dev.octet.internal.call.StatePool;
import dev.octet.internal.vector.loops.Span;
import java.lang.foreign.MemorySegment;

/** Arrays and place of one running tile of a convolution. */
final class ConvScratch extends StatePool.State {
  /** Bytes of an image that are copied at a time. */
  static final int PIECE = 8192;

  final byte[] bytes = new byte[PIECE];
  final Elements loops = new Elements();
  final Span span = new Span();
  /** The image as the tile sees it, padding included; grown when a tile needs more. */
  float[] floats = {};
  short[] shorts = {};
  /** A line before it is in order. */
  short[] line = {};
  int[] sums = {};
  private MemorySegment sumSegment;
  /** Offsets of taps in {@link #shorts}, and of their weights. */
  int[] taps = {};
  int[] tapWeights = {};
  /** The first output of the tile, and outputs of a line. */
  int y;
  int x;
  int outputs;
  /** Whether {@link #floats} holds what the tile sees. */
  boolean whole;
  /** Columns of {@link #floats}. */
  int columns;
  /** Starts of columns that are a stride apart. */
  int phases;
  /** The rows of taps of which some lie in the image, end excluded. */
  int first;
  int end;

  float[] floats(int count) {
    if (floats.length < count) {
      floats = new float[count];
    }
    return floats;
  }

  short[] shorts(int count) {
    if (shorts.length < count) {
      shorts = new short[count];
    }
    return shorts;
  }

  short[] line(int count) {
    if (line.length < count) {
      line = new short[count];
    }
    return line;
  }

  MemorySegment sums(int count) {
    if (sums.length < count) {
      sums = new int[count];
      sumSegment = MemorySegment.ofArray(sums);
    }
    return sumSegment;
  }

  void tapCount(int count) {
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
