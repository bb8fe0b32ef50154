package dev.octet.bench.networks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole networks of small images: the output of every layer is that of ONNX Runtime, tolerance 0. */
class OctetNetworkTest {
  private static final long SEED = 20;
  private static final int BATCH = 2;

  static Stream<Arguments> networks() {
    return Stream.of(MobileNetV2.of(43), ResNet50.of(40))
        .flatMap(network -> Stream.of(DataType.U8, DataType.S8).map(type -> Arguments.of(network, type)));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void everyLayerIsThatOfOnnxRuntime(Architecture architecture, DataType type) throws IOException {
    assumeTrue(hasVnni(), "ONNX Runtime's sums of u8 * s8 are exact with VNNI only");
    FloatNetwork floats = new FloatNetwork(architecture, SEED);
    QuantizedNetwork network = new QuantizedNetwork(floats, QuantizedNetwork.observe(floats), type);
    MemorySegment images = network.quantize(floats.images(BATCH, 2));
    try (OrtNetwork ort = new OrtNetwork(OnnxModel.integers(network, BATCH, OnnxModel.Outputs.ALL), 1)) {
      ort.setImages(images);
      ort.run();
      assertVaried(architecture, ort);
      for (Engine engine : engines()) {
        for (int threads = 1; threads <= (engine == Engine.SCALAR ? 1 : 2); threads++) {
          try (OctetNetwork octet = new OctetNetwork(network, engine, threads, BATCH)) {
            octet.image().copyFrom(images);
            octet.run(layer -> assertSame(architecture, layer, octet, ort));
          }
        }
      }
    }
  }

  private static void assertSame(Architecture architecture, int layer, OctetNetwork octet, OrtNetwork ort) {
    Layer named = architecture.layers().get(layer);
    MemorySegment expected = ort.pixels(layer + 1);
    MemorySegment got = octet.tensor(layer + 1);
    String where = architecture + ", " + named.name() + " (" + octet.kernel(layer) + ")";
    long at = expected.mismatch(got);
    assertEquals(-1, at, () -> where + " at " + at + " of " + expected.byteSize() + ": expected "
        + expected.get(ValueLayout.JAVA_BYTE, at) + ", got " + got.get(ValueLayout.JAVA_BYTE, at));
  }

  /** Results that are all alike would agree by chance. */
  private static void assertVaried(Architecture architecture, OrtNetwork ort) {
    for (int tensor = 1; tensor < architecture.tensors(); tensor++) {
      BitSet seen = new BitSet();
      for (byte value : ort.output(tensor).toArray(ValueLayout.JAVA_BYTE)) {
        seen.set(value & 0xff);
      }
      assertTrue(seen.cardinality() > 60,
          architecture + ", " + architecture.layers().get(tensor - 1).name() + ": " + seen.cardinality()
              + " distinct integers");
    }
  }

  private static List<Engine> engines() {
    try (Octet octet = Octet.open()) {
      return octet.engines().stream().filter(EngineStatus::available).map(EngineStatus::engine).toList();
    }
  }

  private static boolean hasVnni() throws IOException {
    return Files.readString(Path.of("/proc/cpuinfo")).matches("(?s).*\\b(avx512_vnni|avx_vnni)\\b.*");
  }
}
