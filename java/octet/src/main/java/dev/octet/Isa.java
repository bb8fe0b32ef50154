package dev.octet;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Instruction set tier of the native kernels for x86-64, lowest first. A tier is available if both the CPU
 * and the operating system support it; {@code -Doctet.isa} can lower the tier in use, never raise it.
 */
public enum Isa {
  /** Nothing beyond the baseline of the platform. */
  BASELINE,
  /** AVX2 and FMA, 256 bits. */
  AVX2,
  /** AVX-VNNI: 8-bit dot products on 256 bits. */
  AVXVNNI,
  /** AVX-512 F, BW, VL and DQ, without VNNI. */
  AVX512,
  /** AVX-512 with VNNI: 8-bit dot products on 512 bits. */
  AVX512VNNI;

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
