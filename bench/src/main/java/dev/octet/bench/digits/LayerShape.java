package dev.octet.bench.digits;

/**
 * What a layer is: a convolution with stride 1 and a square window, then ReLU and max pooling unless it is
 * the last one.
 *
 * @param normalized whether there is batch normalization after the convolution; else a bias
 * @param pool side of the pooling window and its stride, 1 for none
 * @param last whether it gives logits: neither ReLU nor pooling nor quantization of the output
 */
record LayerShape(int inChannels, int inHeight, int inWidth, int outChannels, int window, int padding,
    boolean normalized, int pool, boolean last) {
  /** A dense layer sees the whole image. */
  static LayerShape dense(int inChannels, int inSide, int outputs, boolean last) {
    return new LayerShape(inChannels, inSide, inSide, outputs, inSide, 0, false, 1, last);
  }

  int convHeight() {
    return inHeight + 2 * padding - window + 1;
  }

  int convWidth() {
    return inWidth + 2 * padding - window + 1;
  }

  int outHeight() {
    return convHeight() / pool;
  }

  int outWidth() {
    return convWidth() / pool;
  }

  int weights() {
    return outChannels * weightsPerChannel();
  }

  int weightsPerChannel() {
    return window * window * inChannels;
  }

  int outputs() {
    return outChannels * outHeight() * outWidth();
  }

  /** Whether it runs as a product of matrices. */
  boolean isDense() {
    return convHeight() == 1 && convWidth() == 1;
  }
}
