package dev.octet.bench;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.bench.foreign.Mkl;
import dev.octet.harness.shape.Peer;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Who can be measured on this machine. */
final class Peers {
  private Peers() {}

  /**
   * Those who are here; whether ggml was fetched, the suite that has it says.
   *
   * @param onednn the program of the peer onednn-c
   * @param names only these, or null for all
   * @param reasons takes why others are not here
   * @return in the order of a table
   */
  static Set<Peer> here(NativeProgram onednn, List<String> names, Set<String> reasons) {
    Set<Peer> here = new HashSet<>(List.of(Peer.ORT, Peer.ORT_U8, Peer.GGML));
    if (onednn.isThere()) {
      here.add(Peer.ONEDNN_C);
    } else {
      reasons.add(
          "onednn-c: not built; it takes Linux on x86-64, CMake, a C++ compiler and `mvn verify -pl bench -am`");
    }
    if (System.getProperty(Mkl.PROPERTY) == null) {
      reasons.add(Peer.MKL + ": " + Mkl.ABSENT);
    } else {
      here.add(Peer.MKL);
    }
    here.add(Peer.JAVA_LOOP);
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      here.add(Peer.JAVA_WIDENING);
      here.add(Peer.JAVA_F32);
    } else {
      reasons.add("java-widening: java was started without --add-modules jdk.incubator.vector");
    }
    try (Octet octet = Octet.open()) {
      for (EngineStatus status : octet.engines()) {
        if (status.available()) {
          here.add(Peer.of(status.engine()));
          if (status.engine() == Engine.ONEDNN) {
            here.add(Peer.OCTET_ONEDNN_FUSED);
          }
        } else {
          reasons.add(Peer.of(status.engine()) + ": " + status.detail());
        }
      }
    }
    if (names != null) {
      here.addAll(tiers());
      Set<Peer> asked = names.stream().map(Peer::named).collect(Collectors.toSet());
      reasons.removeIf(reason -> !asked.contains(Peer.named(reason.substring(0, reason.indexOf(':')))));
      here.retainAll(asked);
    }
    Set<Peer> ordered = new LinkedHashSet<>(List.of(Peer.ONEDNN_C, Peer.ORT, Peer.ORT_U8));
    ordered.addAll(Peer.values());
    ordered.retainAll(here);
    return ordered;
  }

  /** Engine NATIVE on the lower tiers of this CPU: measured where they are asked for by name. */
  static Set<Peer> tiers() {
    return Tiers.lower().stream().flatMap(isa -> Peer.of(isa).stream())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }
}
