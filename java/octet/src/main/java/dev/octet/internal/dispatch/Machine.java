package dev.octet.internal.dispatch;

import dev.octet.Isa;
import dev.octet.internal.liboctet.Cpu;

/**
 * What the choice of engines depends on in the machine.
 *
 * @param isa the highest tier that the CPU has and the system enables
 * @param description the same for people, and why it is not higher
 * @param amx whether there are AMX tiles with 8-bit products, where oneDNN is the faster engine
 */
record Machine(Isa isa, String description, boolean amx) {
  /** This machine. */
  static Machine current() {
    Cpu cpu = Cpu.get();
    return new Machine(cpu.isa(), cpu.description(), cpu.amx());
  }

  /**
   * The tier to use when no higher one than this is allowed: the highest that this machine surely has. A tier
   * includes AVX2; beyond that only AVX-512 with VNNI includes another, AVX-512 without (there are CPUs with
   * AVX-512 VNNI that lack AVX-VNNI).
   */
  Isa isa(Isa allowed) {
    if (allowed.compareTo(isa) >= 0) {
      return isa;
    }
    return allowed == Isa.AVXVNNI ? Isa.AVX2 : allowed;
  }
}
