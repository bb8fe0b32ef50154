package dev.octet.internal.call;

/**
 * When a call is shared among threads, and how long its tiles are: long enough that handing them out costs
 * nothing, short enough that a caller does not wait long for one that a helper has in flight. This is the one
 * table of these numbers. Times are estimates: within a factor of two is near enough for cutting a call.
 *
 * @param alone nanoseconds; shorter calls stay on the calling thread
 * @param shortest nanoseconds of a tile, at least
 * @param longest nanoseconds of a tile, at most
 * @param perThread tiles for each thread where they are neither too short nor too long
 */
public record Cutting(double alone, double shortest, double longest, int perThread) {
  /** Four tiles for each thread: one each is too few where one thread is late. */
  private static final int SEVERAL = 4;
  /** Handing a tile out costs below 100 ns, and a helper in flight is waited for no longer than this. */
  private static final double LONGEST = 50_000;

  /** Products in C: a second thread loses below 4 us of work for each. */
  public static final Cutting PRODUCT = new Cutting(8_000, 4_000, LONGEST, SEVERAL);
  /** Products in Java. */
  public static final Cutting JAVA_PRODUCT = new Cutting(5_000, 2_500, LONGEST, SEVERAL);
  /** Streams: two threads read memory less than twice as fast as one. */
  public static final Cutting STREAM = new Cutting(20_000, 8_000, LONGEST, SEVERAL);
  /** oneDNN: a tile each, because a tile prepares its rows anew. */
  public static final Cutting ONEDNN = new Cutting(4_000, 1, Double.POSITIVE_INFINITY, 1);
  /** oneDNN where products are many and small. */
  public static final Cutting ONEDNN_BATCH = new Cutting(4_000, 1, Double.POSITIVE_INFINITY, 8);

  /** The longest call for which the garbage collector may have to wait, in nanoseconds. */
  public static final double QUICK_NANOS = 5_000;
  /** Heap memory is copied in tiles of about so many bytes, which L2 keeps. */
  public static final long COPIED_BYTES = 256 << 10;
  /** Parts of a stream begin at a multiple of this: at a whole byte of 4-bit elements, and at a vector. */
  public static final long GRAIN = 1024;
  /** No call is cut into more tiles than this. */
  private static final int MOST = 1 << 20;

  /**
   * Returns how many tiles a call should have.
   *
   * @param nanos of the call on one thread
   * @param threads that may share it
   * @return 1 where it stays alone
   */
  public int tiles(double nanos, int threads) {
    if (threads == 1 || nanos < alone) {
      return 1;
    }
    double some = Math.clamp((double) threads * perThread, 1, nanos / shortest);
    return (int) Math.min(MOST, Math.ceil(Math.max(some, nanos / longest)));
  }

  /**
   * Returns how many elements of a stream make a tile: a multiple of the grain, and not so few that an int
   * could not count the tiles.
   *
   * @param count elements of the call
   * @param nanos of the call on one thread
   * @param threads that may share it
   * @param grain elements; at least 1
   */
  public long elements(long count, double nanos, int threads, long grain) {
    long each = Math.max(count / tiles(nanos, threads), count >>> 30);
    return Math.max(1, Math.ceilDiv(each, grain)) * grain;
  }
}
