package dev.octet.internal.call;

import java.lang.foreign.MemorySegment;

/** A call over a batch of NHWC images. */
@SuppressWarnings("this-escape") // operand() calls nothing
public class ImageCall extends Call {
  /** The images. */
  public final Operand src = operand();
  /** The resulting images. */
  public final Operand dst = operand();
  /** Scales and zero points of the images, where they come with the run. */
  public final ImageScales inputs = new ImageScales();
  /** The number of images. */
  public int batch;
  /** Rows of an image. */
  public int height;
  /** Columns of an image. */
  public int width;
  /** Rows of a resulting image. */
  public int outHeight;
  /** Columns of a resulting image. */
  public int outWidth;

  /**
   * Sets what the caller gave.
   *
   * @param images the source
   * @param imageBytes bytes of an element
   * @param results the result
   * @param resultBytes bytes of an element
   */
  public final void set(MemorySegment images, int imageBytes, MemorySegment results, int resultBytes) {
    src.set(images, imageBytes);
    dst.set(results, resultBytes);
  }

  /** Sets the sizes. */
  public final void size(int images, int rows, int columns, long outRows, long outColumns) {
    batch = images;
    height = rows;
    width = columns;
    outHeight = (int) outRows;
    outWidth = (int) outColumns;
  }
}
