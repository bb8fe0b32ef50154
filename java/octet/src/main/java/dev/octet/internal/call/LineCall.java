package dev.octet.internal.call;

/** A call over a batch of NHWC images; a tile is some lines of results, counted through all images. */
public class LineCall extends ImageCall {
  /** The number of channels, of images and of results. */
  public int channels;
  /** Lines of results of all images. */
  public long lines;
  /** Lines of a tile. */
  public long perTile;

  /** Sets the number of channels, and with the sizes that are set the number of lines. */
  public final void channels(int count) {
    channels = count;
    lines = (long) batch * outHeight;
  }

  /** Returns the bytes of a line of an image. */
  public final long inBytes() {
    return (long) width * channels;
  }

  /** Returns the bytes of a line of a result. */
  public final long outBytes() {
    return (long) outWidth * channels;
  }

  /** Returns the number of tiles. */
  public final int tiles() {
    return (int) Math.ceilDiv(lines, perTile);
  }

  /** Returns the first line of a tile. */
  public final long firstOf(int tile) {
    return tile * perTile;
  }

  /** Returns the number of lines of a tile. */
  public final long countOf(int tile) {
    return Math.min(perTile, lines - firstOf(tile));
  }
}
