package dev.octet.harness.shape;

import dev.octet.Engine;
import dev.octet.Isa;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Who computes; the column "peer" of results.csv. Octet's suites know the constants; {@link #of} names
 * others. A name has one peer, so that peers may be compared by identity.
 */
public final class Peer {
  private static final Map<String, Peer> ALL = new ConcurrentHashMap<>();
  private static final List<Peer> KNOWN = new ArrayList<>();
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,39}");

  /** Octet on engine SCALAR. */
  public static final Peer OCTET_SCALAR = known("octet-scalar", Engine.SCALAR, null);
  /** Octet on engine VECTOR. */
  public static final Peer OCTET_VECTOR = known("octet-vector", Engine.VECTOR, null);
  /** Octet on engine NATIVE. */
  public static final Peer OCTET_NATIVE = known("octet-native", Engine.NATIVE, null);
  /** Engine NATIVE with the kernels of a lower tier of instruction sets. */
  public static final Peer OCTET_AVX512 = known("octet-avx512", Engine.NATIVE, Isa.AVX512);
  /** The same: AVX-VNNI, which CPUs with AVX-512 may lack. */
  public static final Peer OCTET_AVXVNNI = known("octet-avxvnni", Engine.NATIVE, Isa.AVXVNNI);
  /** The same: AVX2. */
  public static final Peer OCTET_AVX2 = known("octet-avx2", Engine.NATIVE, Isa.AVX2);
  /** The same: portable code. */
  public static final Peer OCTET_BASELINE = known("octet-baseline", Engine.NATIVE, Isa.BASELINE);
  /** Octet on engine ONEDNN; with the form f32, oneDNN's FP32 through the same bindings. */
  public static final Peer OCTET_ONEDNN = known("octet-onednn", Engine.ONEDNN, null);
  /** The same with oneDNN's own epilogue, which may differ from the law by 1. */
  public static final Peer OCTET_ONEDNN_FUSED = known("octet-onednn-fused", Engine.ONEDNN, null);
  /**
   * Bytes in Java as Lucene and others multiply them: the Vector API widens bytes to shorts, multiplies,
   * widens to ints and adds.
   */
  public static final Peer JAVA_WIDENING = known("java-widening", null, null);
  /** Bytes in plain Java: a loop over K. */
  public static final Peer JAVA_LOOP = known("java-loop", null, null);
  /** FP32 in Java: fused multiply-add of the Vector API. */
  public static final Peer JAVA_F32 = known("java-f32", null, null);
  /** oneDNN called from C; where a form has scales per group its rows are quantized beforehand. */
  public static final Peer ONEDNN_C = known("onednn-c", null, null);
  /** ONNX Runtime from Java. */
  public static final Peer ORT = known("ort", null, null);
  /**
   * ONNX Runtime on U8 where the form has S8 activations: what its user gets of a model with int8
   * activations, which it rewrites; only models with int8 inputs reach its slow S8 kernels.
   */
  public static final Peer ORT_U8 = known("ort-u8", null, null);
  /** Intel MKL from Java; signed rows come to it as unsigned ones with 128 added. */
  public static final Peer MKL = known("mkl", null, null);
  /** ggml, the kernels of llama.cpp, from Java. */
  public static final Peer GGML = known("ggml", null, null);
  /** What the machine can do. */
  public static final Peer LIMIT = known("limit", null, null);

  private final String text;
  private final Engine engine;
  private final Isa isa;

  private Peer(String text, Engine engine, Isa isa) {
    this.text = text;
    this.engine = engine;
    this.isa = isa;
  }

  private static Peer known(String text, Engine engine, Isa isa) {
    Peer peer = new Peer(text, engine, isa);
    ALL.put(text, peer);
    KNOWN.add(peer);
    return peer;
  }

  /** Lists the peers that Octet's suites know, in the order of a table. */
  public static List<Peer> values() {
    return List.copyOf(KNOWN);
  }

  /**
   * Returns the peer with a name, one of the constants or one of somebody else.
   *
   * @param text 1 to 40 lower case letters, digits, dots, hyphens and underscores
   * @return the same object for the same name
   * @throws IllegalArgumentException if that is no name
   */
  public static Peer of(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "peer: expected 1 to 40 lower case letters, digits, dots, hyphens and underscores, got \"" + text
              + "\"");
    }
    return ALL.computeIfAbsent(text, name -> new Peer(name, null, null));
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
    return KNOWN.stream().filter(peer -> peer.isa == isa).findFirst();
  }

  /** The peer that is Octet on an engine, exact. */
  public static Peer of(Engine engine) {
    return KNOWN.stream().filter(peer -> peer.engine == engine).findFirst().orElseThrow();
  }

  /**
   * Returns the peer of Octet's suites that has a name.
   *
   * @throws IllegalArgumentException if none of them has it
   */
  public static Peer named(String text) {
    return KNOWN.stream().filter(peer -> peer.text.equals(text)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException(
            "peer \"" + text + "\": expected one of " + KNOWN));
  }

  @Override
  public String toString() {
    return text;
  }
}
