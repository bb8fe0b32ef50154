package dev.octet.bench.numbers;

import dev.octet.harness.shape.Peer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Peers as people write them: the heads of columns. */
final class PeerWords {
  /** In the order of columns. */
  private static final SequencedMap<Peer, String> PEERS = new LinkedHashMap<>();
  /** Those of figures, which are no peers of a contest of cases. */
  private static final Map<String, String> MODELS = Map.of("ort-fp32", "ONNX Runtime FP32", "ort-int8",
      "ONNX Runtime int8", "ort-same-file", "ONNX Runtime, Octet's file", "octet-fp32", "Octet FP32");

  static {
    PEERS.put(Peer.OCTET_NATIVE, "NATIVE");
    PEERS.put(Peer.ONEDNN_C, "oneDNN from C");
    PEERS.put(Peer.ORT, "ONNX Runtime");
    PEERS.put(Peer.ORT_U8, "ONNX Runtime, u8 instead of s8");
    PEERS.put(Peer.MKL, "Intel MKL");
    PEERS.put(Peer.OCTET_ONEDNN, "ONEDNN");
    PEERS.put(Peer.OCTET_ONEDNN_FUSED, "ONEDNN, its own epilogue");
    PEERS.put(Peer.OCTET_VECTOR, "VECTOR");
    PEERS.put(Peer.OCTET_SCALAR, "SCALAR");
    PEERS.put(Peer.JAVA_WIDENING, "widening, Vector API");
    PEERS.put(Peer.JAVA_LOOP, "plain loop");
    PEERS.put(Peer.JAVA_F32, "FP32, Vector API");
    PEERS.put(Peer.OCTET_AVX512, "AVX-512 without VNNI");
    PEERS.put(Peer.OCTET_AVXVNNI, "AVX-VNNI");
    PEERS.put(Peer.OCTET_AVX2, "AVX2");
    PEERS.put(Peer.OCTET_BASELINE, "portable C");
  }

  private PeerWords() {}

  /** Those that may have a column, in its order. */
  static List<Peer> columns() {
    return List.copyOf(PEERS.sequencedKeySet());
  }

  static String of(Peer peer) {
    return PEERS.get(peer);
  }

  /** The name of a figure's peer, as it is where nobody writes it otherwise. */
  static String of(String peer) {
    return PEERS.entrySet().stream().filter(entry -> entry.getKey().toString().equals(peer))
        .map(Map.Entry::getValue).findFirst().orElse(MODELS.getOrDefault(peer, peer));
  }
}
