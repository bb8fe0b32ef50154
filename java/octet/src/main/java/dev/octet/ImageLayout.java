package dev.octet;

/** Order of the dimensions of a batch of images. */
public enum ImageLayout {
  /** {@code [batch][height][width][channels]}: pixels side by side, as all ops of Octet take images. */
  NHWC,
  /** {@code [batch][channels][height][width]}: planes, as PyTorch and ONNX have images. */
  NCHW
}
