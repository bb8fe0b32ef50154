package dev.octet.onnx.internal.op;

/**
 * What a pass makes of the nodes of GELU with the error function: {@code x * (1 + erf(x / sqrt(2))) / 2}, in
 * the order and with the roundings of the nodes.
 *
 * @param scale the file's number for the square root of 2, or for 1 by it
 * @param divides whether x is divided by it, not multiplied with it
 * @param halfFirst whether x is halved before it is multiplied, not after
 */
public record Gelu(float scale, boolean divides, boolean halfFirst) implements FloatMap {
  @Override
  public String type() {
    return "Gelu";
  }

  @Override
  public void floats(float[] x, float[] y, int n) {
    if (divides) {
      FloatFunctions.divide(x, scale, y, n);
    } else {
      multiply(x, scale, y, n);
    }
    FloatFunctions.erf(y, y, n);
    if (halfFirst) {
      halved(x, y, n);
    } else {
      half(x, y, n);
    }
  }

  private static void multiply(float[] x, float factor, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = x[i] * factor;
    }
  }

  private static void half(float[] x, float[] erf, int n) {
    for (int i = 0; i < n; i++) {
      erf[i] = x[i] * (erf[i] + 1) * 0.5f;
    }
  }

  private static void halved(float[] x, float[] erf, int n) {
    for (int i = 0; i < n; i++) {
      erf[i] = x[i] * 0.5f * (erf[i] + 1);
    }
  }
}
