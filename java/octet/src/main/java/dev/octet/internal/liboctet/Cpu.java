package dev.octet.internal.liboctet;

import dev.octet.Isa;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.LibraryUnavailableException;
import dev.octet.internal.ffm.Platform;
import org.jspecify.annotations.Nullable;

/**
 * The instruction set tier of this machine, as liboctet finds it. Asked once in a process: neither the CPU
 * nor the library changes.
 *
 * @param isa the highest tier that native kernels may use; BASELINE where the library could not be loaded
 * @param avxVnni whether there is AVX-VNNI, which a higher tier does not promise
 * @param amx whether there are AMX tiles with 8-bit products
 * @param description one line for the report
 * @param failure why the library could not be loaded, or null
 */
public record Cpu(Isa isa, boolean avxVnni, boolean amx, String description,
    LibraryUnavailableException failure) {
  private static final class Detected {
    static final Cpu CPU = detect();
  }

  /**
   * This machine.
   *
   * @return the same object at every call
   */
  public static Cpu get() {
    return Detected.CPU;
  }

  /**
   * The platform of this JVM, where none has run liboctet yet.
   *
   * @return its name, or null where JVMs have run it
   */
  public static @Nullable String unproven() {
    Platform platform = Platform.current();
    return platform.isProven() ? null : platform.toString();
  }

  private static Cpu detect() {
    try {
      Liboctet library = Liboctet.get();
      return of(library.cpuTier(), library.cpuTierOfHardware(), library.cpuSupports(Names.tier(Isa.AVXVNNI)),
          library.cpuAmxInt8());
    } catch (LibraryUnavailableException e) {
      return new Cpu(Isa.BASELINE, false, false, "baseline (CPU not detected, see NATIVE)", e);
    }
  }

  /** From the numbers of {@code enum octet_isa}. */
  static Cpu of(int tier, int tierOfHardware, boolean avxVnni, boolean amx) {
    Isa isa = isa(tier);
    String description = Names.lower(isa) + " (CPU)";
    if (tierOfHardware > tier) {
      description += "; " + Names.lower(isa(tierOfHardware)) + " not enabled by the operating system";
    }
    return new Cpu(isa, avxVnni, amx, amx ? description + ", AMX" : description, null);
  }

  private static Isa isa(int tier) {
    return switch (tier) {
      case 0 -> Isa.BASELINE;
      case 1 -> Isa.AVX2;
      case 2 -> Isa.AVXVNNI;
      case 3 -> Isa.AVX512;
      case 4 -> Isa.AVX512VNNI;
      case 5 -> Isa.NEON;
      case 6 -> Isa.DOTPROD;
      case 7 -> Isa.I8MM;
      default -> throw new AssertionError("octet.h has no tier " + tier);
    };
  }
}
