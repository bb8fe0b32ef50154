package dev.octet.engine;

/**
 * Windows of a three-dimensional convolution along its depth.
 *
 * @param kernel frames of the window
 * @param stride frames from one window to the next
 * @param dilation frames from one tap to the next; 1 if adjacent
 * @param padFront frames of padding before the volume
 * @param padBack frames of padding behind it
 */
public record DepthWindow(int kernel, int stride, int dilation, int padFront, int padBack) {
  /**
   * Returns the number of frames of the output for a volume.
   *
   * @param depth the frames of the input
   * @return frames of the output, 0 or less if the window does not fit
   */
  public long outDepth(long depth) {
    return Math.floorDiv(depth + padFront + padBack - ((kernel - 1L) * dilation + 1), (long) stride) + 1;
  }
}
