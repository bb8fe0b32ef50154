package dev.octet.internal.composed;

/** Names of kernels that are composed of others. */
final class Composed {
  private Composed() {}

  /** Returns {@code engine:quantize+kernel} for {@code engine:kernel}. */
  static String quantizing(String kernel) {
    int colon = kernel.indexOf(':') + 1;
    return kernel.substring(0, colon) + "quantize+" + kernel.substring(colon);
  }
}
