package dev.octet.onednn;

import dev.octet.DataType;

/** The parts of kernel names that stand for what is done beside oneDNN. */
final class Names {
  private Names() {}

  /** What the epilogue makes of accumulators. */
  static String epilogue(DataType output) {
    return switch (output) {
      case S32 -> "";
      case F32 -> "+dequantize";
      default -> "+requantize";
    };
  }
}
