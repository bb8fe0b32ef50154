package dev.octet.onednn;

import dev.octet.internal.call.Operand;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.pack.Signs;
import dev.octet.internal.pack.Sums;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The rows of a running tile as a product reads them: dense, unsigned, of a length that suits oneDNN, in
 * blocks of rows of which the last may be read beyond its end. Where the caller's rows are all that already,
 * they are read where they are.
 */
final class SourceRows implements Resource {
  /** Bytes that are copied faster than oneDNN is told of a new address. */
  private static final int COPIED = 512;

  private final Scratch scratch = new Scratch();
  private MemorySegment rows;
  private long offset;
  private long stride;
  private long address;
  private MemorySegment keep = MemorySegment.NULL;
  private int tail;
  private long tailAddress;

  /**
   * How rows are to lie.
   *
   * @param k elements of a row
   * @param pieces how many products a row is cut into
   * @param piece elements of each, the last one rounded up
   * @param doubled whether each piece is there twice, one behind the other
   * @param block rows of a block
   */
  record Form(int k, int pieces, int piece, boolean doubled, int block) {
    /** Bytes that one product reads of a row. */
    int pieceBytes() {
      return doubled ? Math.multiplyExact(2, piece) : piece;
    }

    /** Bytes from one row to the next. */
    int inner() {
      return Math.multiplyExact(pieces, pieceBytes());
    }

    private int length(int piece) {
      return Math.min(this.piece, k - piece * this.piece);
    }
  }

  /**
   * Memory to write rows into, dense rows of inner bytes.
   *
   * @param form how they lie
   * @param count how many there will be; whole blocks can be read
   */
  MemorySegment reserve(Form form, int count) {
    NativeMemory memory = scratch
        .memory((long) Math.ceilDiv(count, form.block()) * form.block() * form.inner());
    rows = memory.segment();
    offset = 0;
    stride = form.inner();
    address = memory.address();
    keep = MemorySegment.NULL;
    tail = Integer.MAX_VALUE;
    return rows;
  }

  /**
   * After rows were written into {@link #reserve}, each in one run: repeats pieces where the form says so.
   */
  void repeat(Form form, int count) {
    for (int row = 0; form.doubled() && row < count; row++) {
      long start = (long) row * form.inner();
      // From the last piece on: none is overwritten before it has moved.
      for (int piece = form.pieces() - 1; piece >= 0; piece--) {
        long to = start + (long) piece * form.pieceBytes();
        MemorySegment.copy(rows, start + (long) piece * form.piece(), rows, to, form.length(piece));
        MemorySegment.copy(rows, to, rows, to + form.piece(), form.length(piece));
      }
    }
  }

  /**
   * Takes the caller's rows.
   *
   * @param form how they are to lie
   * @param src the caller's bytes
   * @param at its byte that the first row begins with
   * @param rowStride bytes from one row to the next
   * @param count how many
   * @param signed whether they are S8, so that 128 is to be added
   * @param last how many rows are multiplied last, where that is not a full block; 0: none
   * @param lastRead how many rows that reads, at least as many
   */
  void take(Form form, Operand src, long at, long rowStride, int count, boolean signed, int last,
      int lastRead) {
    MemorySegment view = src.segment;
    long from = src.first + at;
    boolean dense = rowStride == form.k() || count == 1;
    boolean exact = form.inner() == form.k();
    boolean worthIt = (long) count * form.k() > COPIED;
    if (dense && exact && !signed && !src.isHeap() && worthIt) {
      rows = view;
      offset = from;
      stride = form.k();
      address = src.address + at;
      keep = src.keep;
      copyTail(form, count, last, lastRead);
      return;
    }
    MemorySegment to = reserve(form, count);
    if (dense && exact) {
      copy(view, from, to, 0, (long) count * form.k(), signed);
      return;
    }
    for (int row = 0; row < count; row++) {
      copy(view, from + row * rowStride, to, (long) row * form.inner(), form.k(), signed);
    }
    repeat(form, count);
  }

  private static void copy(MemorySegment src, long from, MemorySegment dst, long to, long bytes,
      boolean signed) {
    MemorySegment.copy(src, from, dst, to, bytes);
    if (signed) {
      Signs.flip(dst, to, bytes);
    }
  }

  private void copyTail(Form form, int count, int last, int lastRead) {
    tail = Integer.MAX_VALUE;
    if (last > 0 && lastRead > last) {
      tail = count - last;
      NativeMemory memory = scratch.memory((long) lastRead * form.k());
      MemorySegment.copy(rows, offset + (long) tail * form.k(), memory.segment(), 0, (long) last * form.k());
      tailAddress = memory.address();
    }
  }

  /** The address of the block that begins with a row. */
  long address(int row) {
    return row >= tail ? tailAddress : address + row * stride;
  }

  /** What keeps the block alive that begins with a row. */
  MemorySegment keep(int row) {
    return row >= tail ? MemorySegment.NULL : keep;
  }

  /** Writes the sum of each row's bytes, S32. */
  void sums(Form form, int count, MemorySegment sums) {
    if (!form.doubled()) {
      Sums.rowsUnsigned(rows, offset, stride, count, form.k(), sums, 0);
      return;
    }
    for (int row = 0; row < count; row++) {
      int sum = 0;
      for (int piece = 0; piece < form.pieces(); piece++) {
        sum += Sums.unsigned(rows, row * stride + (long) piece * form.pieceBytes(), form.length(piece));
      }
      sums.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * row, sum);
    }
  }

  /** Lets go of the caller's memory. */
  void clear() {
    rows = null;
    keep = MemorySegment.NULL;
  }

  @Override
  public void close() {
    scratch.close();
  }
}
