package dev.octet.internal.vector.common;

import dev.octet.internal.vector.loops.ElementLoops;

/** Tables of what elements have in turn, repeated until loops over them are long. */
public final class Repeated {
  private Repeated() {}

  /** The entries of a table for so many channels: a multiple of them. */
  public static int length(int channels) {
    return channels * Math.max(1, ElementLoops.TABLE / channels);
  }
}
