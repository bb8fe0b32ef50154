package dev.octet.onnx.internal.op;

/**
 * {@code alpha * x + beta}, within 0 and 1.
 *
 * @param alpha the slope
 * @param beta the value at 0
 */
record HardSigmoid(float alpha, float beta) implements FloatMap {
  static HardSigmoid read(Attributes attributes) {
    return new HardSigmoid(attributes.real("alpha", 0.2f), attributes.real("beta", 0.5f));
  }

  @Override
  public String type() {
    return "HardSigmoid";
  }

  @Override
  public void floats(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = Math.max(0, Math.min(1, alpha * x[i] + beta));
    }
  }
}
