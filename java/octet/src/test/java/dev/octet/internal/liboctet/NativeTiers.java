package dev.octet.internal.liboctet;

import dev.octet.Engine;
import dev.octet.Isa;
import dev.octet.testing.EngineProfile;
import dev.octet.testing.Feature;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Engine NATIVE on every tier that this machine has, for the suites that all engines share. */
final class NativeTiers {
  private static final Set<Feature> FEATURES = features();

  private NativeTiers() {}

  private static Set<Feature> features() {
    Set<Feature> features = EnumSet.range(Feature.MATMUL_U8_S8, Feature.MATMUL_PER_ROW_8BIT);
    features.addAll(EnumSet.range(Feature.DYNAMIC_MATMUL_S8,
        Feature.WEIGHT_ONLY_MATMUL_WEIGHT_ZERO_POINTS));
    features.addAll(EnumSet.range(Feature.BATCH_U8_U8, Feature.BATCH_TRANSPOSED));
    features.addAll(EnumSet.range(Feature.CONV_U8_U8, Feature.CONV3D));
    features.addAll(EnumSet.range(Feature.QUANTIZE_U8, Feature.SGEMM));
    return features;
  }

  /** The tiers that have kernels of their own; AVX512 uses those of AVX2. */
  static List<EngineProfile> profiles() {
    return Arrays.stream(Isa.values()).filter(isa -> isa != Isa.AVX512).filter(NativeTiers::isHere)
        .map(isa -> new EngineProfile(Engine.NATIVE, isa, FEATURES)).toList();
  }

  private static boolean isHere(Isa isa) {
    Cpu cpu = Cpu.get();
    boolean here = cpu.failure() == null && (isa == cpu.isa() || isa.isBelow(cpu.isa()))
        && (isa != Isa.AVXVNNI || cpu.avxVnni());
    if (!here) {
      System.out.println("NATIVE " + isa + ": not tested, this is " + cpu.description());
    }
    return here;
  }
}
