package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.op.PackedWeights;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packed weights of convolutions in files: the results of memory, by the same kernels. */
class WeightCacheConvolutionsTest {
  private static final OnnxOptions OPTIONS = OnnxOptions.defaults()
      .quantize(OnnxQuantization.int8Dynamic().include("*"));
  /** Of floats, depthwise, of integers, U8, strided, and between 8-bit images. */
  private static final int CONVOLUTIONS = 6;
  private static final int CHANNELS = 6;
  private static final TestData DATA = new TestData(19);
  private static final Map<String, Tensor> INPUTS = Map.of("x", DATA.floats(1, 2, CHANNELS, 9, 11), "b",
      DATA.bytes(ElementType.U8, 2, CHANNELS, 9, 11));

  @TempDir
  private Path folder;

  private static OnnxModel model() {
    TestData data = new TestData(20);
    Tensor integers = data.bytes(ElementType.I8, 8, CHANNELS, 3, 3);
    return new TestModel(13).input("x", ElementType.F32, "n", CHANNELS, 9, 11)
        .input("b", ElementType.U8, "n", CHANNELS, 9, 11)
        .initializer("w", data.floats(0.3f, 8, CHANNELS, 3, 3))
        .initializer("d", data.floats(0.3f, CHANNELS, 1, 3, 3)).initializer("q", integers)
        .initializer("u", data.bytes(ElementType.U8, 8, CHANNELS, 3, 3))
        .initializer("v", data.bytes(ElementType.I8, 8, CHANNELS, 1, 1))
        .initializer("bs", TestData.scalar(0.02f))
        .initializer("bz", data.bytes(ElementType.U8)).initializer("vs", TestData.scalar(0.01f))
        .initializer("vz", data.integers(ElementType.I8, 0, 1)).initializer("ys", TestData.scalar(0.5f))
        .node("Conv", "x w", "floats").attribute("pads", 1L, 1L, 1L, 1L)
        .node("Conv", "x d", "depthwise").attribute("group", (long) CHANNELS)
        .node("DynamicQuantizeLinear", "x", "i s z").node("ConvInteger", "i q z", "integers")
        .node("ConvInteger", "i u z", "unsigned").node("ConvInteger", "i q z", "strided")
        .attribute("strides", 2L, 1L).node("QLinearConv", "b bs bz v vs vz ys bz", "bytes")
        .output("floats", ElementType.F32).output("depthwise", ElementType.F32)
        .output("integers", ElementType.I32).output("unsigned", ElementType.I32)
        .output("strided", ElementType.I32).output("bytes", ElementType.U8).open();
  }

  /** The bytes of each output, and who made them. */
  private record Made(List<byte[]> outputs, String report) {
    static Made with(OnnxOptions options) {
      try (Octet octet = Octet.builder().threads(1).open();
          OnnxModel model = model();
          PreparedOnnx prepared = model.prepare(octet, options)) {
        return new Made(prepared.run(INPUTS).values().stream()
            .map(tensor -> tensor.data().toArray(ValueLayout.JAVA_BYTE)).toList(),
            prepared.report().toString());
      }
    }
  }

  private SortedMap<String, byte[]> requireTheSame(String what) throws IOException {
    return requireTheSame(OPTIONS, what);
  }

  private SortedMap<String, byte[]> requireTheSame(OnnxOptions options, String what) throws IOException {
    Made expected = Made.with(options);
    Made got = Made.with(options.weightCache(folder));
    assertEquals(CONVOLUTIONS, got.outputs.size());
    for (int i = 0; i < CONVOLUTIONS; i++) {
      assertArrayEquals(expected.outputs.get(i), got.outputs.get(i), what + ", output " + i);
    }
    assertEquals(expected.report, got.report, what);
    return CachedModel.files(folder);
  }

  @Test
  void eachHasAFileThatIsWrittenOnce() throws IOException {
    CachedModel.assumeNative();
    SortedMap<String, byte[]> first = requireTheSame("first");
    assertEquals(CONVOLUTIONS, first.size(), first.keySet().toString());
    CachedModel.age(folder);
    assertEquals(first.keySet(), requireTheSame("second").keySet());
    CachedModel.requireAged(folder);
    for (String name : first.keySet()) {
      Files.delete(folder.resolve(name));
    }
    assertEquals(first.keySet(), requireTheSame(OPTIONS.withoutRewrites(), "each as it stands").keySet());
  }

  @Test
  void damagedOldAndForeignFilesAreReplaced() throws IOException {
    CachedModel.assumeNative();
    SortedMap<String, byte[]> right = requireTheSame("first");
    SortedMap<String, Long> weights = new TreeMap<>();
    try (Octet octet = Octet.builder().threads(1).open()) {
      for (String name : right.keySet()) {
        try (PackedWeights packed = octet.map(folder.resolve(name))) {
          weights.put(name, (long) packed.inFeatures() * packed.outFeatures());
        }
      }
    }
    for (String name : right.keySet()) {
      byte[] file = right.get(name);
      byte[] flipped = file.clone();
      flipped[flipped.length - 1] ^= 1;
      byte[] old = file.clone();
      old[11] = 0; // the version, after eight bytes that say what it is
      byte[] half = Arrays.copyOf(file, file.length / 2);
      byte[] foreign = right.get(weights.keySet().stream()
          .filter(other -> !weights.get(other).equals(weights.get(name))).findFirst().orElseThrow());
      for (byte[] wrong : List.of(flipped, old, half, foreign)) {
        Path path = folder.resolve(name);
        Files.delete(path); // what was prepared may still map it
        Files.write(path, wrong);
        assertArrayEquals(file, requireTheSame(name).get(name), name);
      }
    }
  }

  @Test
  void enginesThatDoNotPackHaveTheirOwnMemory() throws IOException {
    try (Octet scalar = Octet.builder().engine(Engine.SCALAR).threads(1).open();
        OnnxModel model = model();
        PreparedOnnx prepared = model.prepare(scalar, OPTIONS.weightCache(folder))) {
      List<byte[]> expected = Made.with(OPTIONS).outputs;
      List<Tensor> got = List.copyOf(prepared.run(INPUTS).values());
      for (int i = 0; i < CONVOLUTIONS; i++) {
        assertArrayEquals(expected.get(i), got.get(i).data().toArray(ValueLayout.JAVA_BYTE), "output " + i);
      }
    }
    assertEquals(0, CachedModel.files(folder).size());
  }
}
