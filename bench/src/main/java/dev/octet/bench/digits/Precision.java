package dev.octet.bench.digits;

import dev.octet.DataType;

/**
 * The integers of a network. Weights are symmetric, with a scale per tensor or per output channel;
 * activations have a scale per tensor and are unsigned, with a zero point where they have both signs (the
 * images).
 */
record Precision(int weightBits, int activationBits, boolean perChannel) {
  DataType weights() {
    return weightBits == 8 ? DataType.S8 : DataType.S4;
  }

  DataType activations() {
    return activationBits == 8 ? DataType.U8 : DataType.U4;
  }

  String bits() {
    return "W" + weightBits + "A" + activationBits;
  }

  String granularity() {
    return perChannel ? "per channel" : "per tensor";
  }

  @Override
  public String toString() {
    return bits() + " " + granularity();
  }
}
