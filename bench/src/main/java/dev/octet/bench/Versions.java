package dev.octet.bench;

import ai.onnxruntime.OrtEnvironment;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.bench.foreign.Mkl;
import dev.octet.harness.shape.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Which versions take part, for the first lines of files. */
final class Versions {
  private Versions() {}

  /** Of peers that are here, each {@code name version}. */
  static List<String> of(Set<Peer> here) {
    List<String> versions = new ArrayList<>();
    try (Octet octet = Octet.open()) {
      for (EngineStatus status : octet.engines()) {
        Peer peer = Peer.of(status.engine());
        if (status.available() && (here.contains(peer)
            || (peer == Peer.OCTET_ONEDNN && here.contains(Peer.ONEDNN_C)))) {
          versions.add(peer == Peer.OCTET_ONEDNN ? status.detail() : peer + " " + status.detail());
        }
      }
    }
    if (here.contains(Peer.ORT) || here.contains(Peer.ORT_U8)) {
      versions.add("ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion());
    }
    if (here.contains(Peer.MKL)) {
      versions.add(Mkl.here().description());
    }
    return versions;
  }
}
