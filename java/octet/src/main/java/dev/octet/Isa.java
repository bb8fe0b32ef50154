package dev.octet;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Instruction set tier of the native kernels, of each architecture the lowest first. A tier is available if
 * both the CPU and the operating system support it; {@code -Doctet.isa} can lower the tier in use, never
 * raise it. A tier of another architecture than the machine's lowers nothing, and the report says so.
 */
public enum Isa {
  /** Portable code, with nothing beyond the baseline of the platform: of every architecture. */
  BASELINE,
  /** x86-64: AVX2 and FMA, 256 bits. */
  AVX2,
  /** x86-64: AVX-VNNI, 8-bit dot products on 256 bits. */
  AVXVNNI,
  /** x86-64: AVX-512 F, BW, VL and DQ, without VNNI. */
  AVX512,
  /** x86-64: AVX-512 with VNNI, 8-bit dot products on 512 bits. */
  AVX512VNNI,
  /** 64-bit Arm: vectors of 128 bits, which every CPU has. */
  NEON,
  /** 64-bit Arm: 8-bit dot products. */
  DOTPROD,
  /** 64-bit Arm: 8-bit products of small matrices. */
  I8MM;

  /**
   * Returns whether this tier is lower than another one of the same architecture. {@link #BASELINE} is lower
   * than all others.
   *
   * @param other a tier
   * @return true if the other one is above this one
   */
  public boolean isBelow(Isa other) {
    return compareTo(other) < 0 && (this == BASELINE || (compareTo(NEON) < 0) == (other.compareTo(NEON) < 0));
  }

  /**
   * Returns the tier with a name, as in {@code -Doctet.isa=avx2}.
   *
   * @param name the name of a tier in upper or lower case
   * @return the tier
   * @throws IllegalArgumentException if there is no tier of that name; the message lists the names
   */
  public static Isa named(String name) {
    for (Isa isa : values()) {
      if (isa.name().equals(name.toUpperCase(Locale.ROOT))) {
        return isa;
      }
    }
    throw new IllegalArgumentException("octet.isa: unknown tier \"" + name + "\", expected one of "
        + Arrays.stream(values()).map(isa -> isa.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", ")));
  }
}
