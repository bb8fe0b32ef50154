package dev.octet.bench.shape;

import dev.octet.Engine;
import dev.octet.Isa;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Who computes; the column "peer" of results.csv. */
public enum Peer {
  /** Octet on engine SCALAR. */
  OCTET_SCALAR("octet-scalar", Engine.SCALAR),
  /** Octet on engine VECTOR. */
  OCTET_VECTOR("octet-vector", Engine.VECTOR),
  /** Octet on engine NATIVE. */
  OCTET_NATIVE("octet-native", Engine.NATIVE),
  /** Engine NATIVE with the kernels of a lower tier of instruction sets. */
  OCTET_AVX512("octet-avx512", Engine.NATIVE, Isa.AVX512),
  /** The same: AVX-VNNI, which CPUs with AVX-512 may lack. */
  OCTET_AVXVNNI("octet-avxvnni", Engine.NATIVE, Isa.AVXVNNI),
  /** The same: AVX2. */
  OCTET_AVX2("octet-avx2", Engine.NATIVE, Isa.AVX2),
  /** The same: portable code. */
  OCTET_BASELINE("octet-baseline", Engine.NATIVE, Isa.BASELINE),
  /** Octet on engine ONEDNN; with the form f32, oneDNN's FP32 through the same bindings. */
  OCTET_ONEDNN("octet-onednn", Engine.ONEDNN),
  /** The same with oneDNN's own epilogue, which may differ from the law by 1. */
  OCTET_ONEDNN_FUSED("octet-onednn-fused", Engine.ONEDNN),
  /**
   * Bytes in Java as Lucene and others multiply them: the Vector API widens bytes to shorts, multiplies,
   * widens to ints and adds.
   */
  JAVA_WIDENING("java-widening", null),
  /** Bytes in plain Java: a loop over K. */
  JAVA_LOOP("java-loop", null),
  /** FP32 in Java: fused multiply-add of the Vector API. */
  JAVA_F32("java-f32", null),
  /** oneDNN called from C; where a form has scales per group its rows are quantized beforehand. */
  ONEDNN_C("onednn-c", null),
  /** ONNX Runtime from Java. */
  ORT("ort", null),
  /**
   * ONNX Runtime on U8 where the form has S8 activations: what its user gets of a model with int8
   * activations, which it rewrites; only models with int8 inputs reach its slow S8 kernels.
   */
  ORT_U8("ort-u8", null),
  /** Intel MKL from Java; signed rows come to it as unsigned ones with 128 added. */
  MKL("mkl", null),
  /** ggml, the kernels of llama.cpp, from Java. */
  GGML("ggml", null),
  /** What the machine can do. */
  LIMIT("limit", null);

  private final String text;
  private final Engine engine;
  private final Isa isa;

  Peer(String text, Engine engine) {
    this(text, engine, null);
  }

  Peer(String text, Engine engine, Isa isa) {
    this.text = text;
    this.engine = engine;
    this.isa = isa;
  }

  /** The engine of Octet, or null. */
  public Engine engine() {
    return engine;
  }

  /** The tier that the kernels of Octet are lowered to, or null. */
  public Isa isa() {
    return isa;
  }

  /** The peer that is engine NATIVE lowered to a tier, or nothing where none is. */
  public static Optional<Peer> of(Isa isa) {
    return Stream.of(values()).filter(peer -> peer.isa == isa).findFirst();
  }

  /** The peer that is Octet on an engine, exact. */
  public static Peer of(Engine engine) {
    return Stream.of(values()).filter(peer -> peer.engine == engine).findFirst().orElseThrow();
  }

  /** The peer with a name. */
  public static Peer named(String text) {
    return Stream.of(values()).filter(peer -> peer.text.equals(text)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException(
            "peer \"" + text + "\": expected one of " + List.of(values())));
  }

  @Override
  public String toString() {
    return text;
  }
}
