package dev.octet.onnx.internal.op;

/**
 * {@code x}, or where it is negative {@code alpha * x}.
 *
 * @param alpha the slope below 0
 */
record LeakyRelu(float alpha) implements FloatMap {
  static LeakyRelu read(Attributes attributes) {
    return new LeakyRelu(attributes.real("alpha", 0.01f));
  }

  @Override
  public String type() {
    return "LeakyRelu";
  }

  /** One of the two parts is 0, so that their sum rounds nothing. */
  @Override
  public void floats(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = Math.max(x[i], 0) + alpha * Math.min(x[i], 0);
    }
  }
}
