package dev.octet.bench;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Isa;
import dev.octet.Octet;
import dev.octet.harness.report.Machine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Tiers of instruction sets that engine NATIVE can run with here. */
final class Tiers {
  private Tiers() {}

  /** The tier of engine NATIVE, or nothing where it is not here. */
  static Optional<Isa> highest() {
    return of(null);
  }

  /** Why engine NATIVE is not here. */
  static String whyNone() {
    try (Octet octet = Octet.open()) {
      return octet.engines().stream().filter(status -> status.engine() == Engine.NATIVE)
          .map(EngineStatus::detail).findFirst().orElse("not part of this version");
    }
  }

  /** Those below the highest one, the highest first. */
  static List<Isa> lower() {
    List<Isa> lower = new ArrayList<>();
    for (Isa isa : Isa.values()) {
      if (highest().filter(isa::isBelow).isPresent() && of(isa).equals(Optional.of(isa))) {
        lower.addFirst(isa);
      }
    }
    return lower;
  }

  /** The tier that a CPU with these flags runs on at least; nothing where Linux says nothing of it. */
  static Optional<Isa> promisedBy(Machine machine) {
    List<String> flags = machine.flags();
    if (flags.contains("avx512bw")) {
      return Optional.of(flags.contains("avx512_vnni") ? Isa.AVX512VNNI : Isa.AVX512);
    }
    return flags.contains("avx_vnni")
        ? Optional.of(Isa.AVXVNNI)
        : Optional.of(Isa.AVX2).filter(tier -> flags.contains("avx2") && flags.contains("fma"));
  }

  /** How people write a tier. */
  static String name(Isa isa) {
    return isa.name().toLowerCase(Locale.ROOT);
  }

  /** The tier in use where no higher one than this is allowed. */
  private static Optional<Isa> of(Isa allowed) {
    try (Octet octet = Octet.builder().isa(allowed).open()) {
      return octet.engines().stream()
          .filter(status -> status.engine() == Engine.NATIVE && status.available())
          .map(EngineStatus::detail).flatMap(detail -> Arrays.stream(Isa.values())
              .filter(isa -> detail.matches(".*\\b" + name(isa) + "\\b.*")))
          .findFirst();
    }
  }
}
