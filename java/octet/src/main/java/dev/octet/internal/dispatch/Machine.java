package dev.octet.internal.dispatch;

import dev.octet.Isa;
import dev.octet.internal.liboctet.Cpu;
import org.jspecify.annotations.Nullable;

/**
 * What the choice of engines depends on in the machine.
 *
 * @param isa the highest tier that the CPU has and the system enables
 * @param description the same for people, and why it is not higher
 * @param avxVnni whether there is AVX-VNNI, which AVX-512 does not promise
 * @param amx whether there are AMX tiles with 8-bit products, where oneDNN is the faster engine
 * @param unproven the platform, where no JVM has run native code yet; else null
 */
record Machine(Isa isa, String description, boolean avxVnni, boolean amx, @Nullable String unproven) {
  /** This machine. */
  static Machine current() {
    Cpu cpu = Cpu.get();
    return new Machine(cpu.isa(), cpu.description(), cpu.avxVnni(), cpu.amx(), Cpu.unproven());
  }

  /**
   * The tier to use when no higher one than this is allowed; one of another architecture forbids nothing. A
   * tier includes those below, but for AVX-VNNI: there are CPUs with AVX-512 VNNI that lack it.
   */
  Isa isa(Isa allowed) {
    if (!allowed.isBelow(isa)) {
      return isa;
    }
    return allowed == Isa.AVXVNNI && !avxVnni ? Isa.AVX2 : allowed;
  }
}
