package dev.octet.example;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.Quantization.perChannel;
import static dev.octet.Quantization.perTensor;
import static dev.octet.WeightLayout.IN_OUT;
import static dev.octet.WeightLayout.OHWI;
import static dev.octet.WeightLayout.OUT_IN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Engine;
import dev.octet.Isa;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.op.Activation;
import dev.octet.op.BatchArguments;
import dev.octet.op.BatchMatMul;
import dev.octet.op.Conv2d;
import dev.octet.op.DynamicMatMul;
import dev.octet.op.DynamicQuantize;
import dev.octet.op.MatMul;
import dev.octet.op.PackedWeights;
import dev.octet.op.WeightOnlyMatMul;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The public surface by use: what a program writes for each of its purposes, smallest form first. */
class UsesTest {
  private final Octet octet = Octet.open();
  private final Arena arena = Arena.ofConfined();
  private final Random random = new Random(3);

  @AfterEach
  void close() {
    octet.close();
    arena.close();
  }

  @Test
  void staticLayerOfACalibratedNetwork() {
    float[] scales = {0.01f, 0.02f, 0.04f};
    QTensor w = QTensor.of(S8, Shape.of(2, 3), perChannel(1, scales), new byte[]{1, 2, 3, -4, -5, 127});
    try (MatMul layer = octet.matMul().input(U8, perTensor(0.5f, 128)).weights(w, IN_OUT)
        .bias(new int[]{10, 0, -10}).output(S8, perTensor(0.05f, 0)).relu().prepare()) {
      MemorySegment x = bytes(130, 127, 128, 128);
      MemorySegment y = arena.allocate(6);
      layer.run(x, y, 2);
      // (2*1 - 1*-4 + 10) * 0.5 * 0.01 / 0.05 = 1.6; 2*2 + 5 = 9: 9 * 0.2 = 1.8; 6 - 127 - 10 < 0; then the
      // bias alone
      assertArrayEquals(new byte[]{2, 2, 0, 1, 0, 0}, y.toArray(ValueLayout.JAVA_BYTE));
      assertTrue(layer.exact());
      assertTrue(layer.packedBytes() >= 6);
    }
  }

  @Test
  void transformerLayerAndOneQuantizationSharedByItsProjections() {
    int rows = 5;
    int features = 64;
    QTensor w = Quantizer.symmetric(S8).perChannel(0).quantize(floats(features * features),
        Shape.of(features, features));
    MemorySegment hidden = arena.allocateFrom(ValueLayout.JAVA_FLOAT, floats(rows * features));
    MemorySegment direct = arena.allocate(4L * rows * features);
    MemorySegment shared = arena.allocate(4L * rows * features);
    MemorySegment q8 = arena.allocate((long) rows * features);
    MemorySegment rowScales = arena.allocate(4L * rows);
    MemorySegment rowZeroPoints = arena.allocate(4L * rows);
    try (DynamicMatMul up = octet.dynamicMatMul().weights(w, OUT_IN).prepare();
        DynamicQuantize quantize = octet.dynamicQuantize().perRow().prepare();
        MatMul query = octet.matMul().inputPerRow(U8).weights(w, OUT_IN).outputF32().prepare()) {
      up.run(hidden, direct, rows);
      quantize.run(hidden, q8, rowScales, rowZeroPoints, rows, features);
      query.run(q8, rowScales, rowZeroPoints, shared, rows);
    }
    assertArrayEquals(direct.toArray(ValueLayout.JAVA_INT), shared.toArray(ValueLayout.JAVA_INT));
  }

  @Test
  void fourBitWeightsInGroups() {
    int features = 128;
    float[] floats = floats(features * features);
    QTensor w4 = Quantizer.symmetric(S4).perGroup(32).alongAxis(0).quantize(floats,
        Shape.of(features, features));
    float[] token = floats(features);
    MemorySegment x = arena.allocateFrom(ValueLayout.JAVA_FLOAT, token);
    MemorySegment fast = arena.allocate(4L * features);
    MemorySegment precise = arena.allocate(4L * features);
    try (DynamicMatMul decode = octet.dynamicMatMul().weights(w4, IN_OUT).prepare();
        WeightOnlyMatMul exact = octet.weightOnlyMatMul().weights(w4, IN_OUT).prepare()) {
      decode.run(x, fast, 1);
      exact.run(x, precise, 1);
    }
    for (int n = 0; n < features; n++) {
      double sum = 0;
      double magnitude = 0;
      for (int k = 0; k < features; k++) {
        sum += (double) token[k] * w4.real((long) k * features + n);
        magnitude += Math.abs(token[k] * w4.real((long) k * features + n));
      }
      assertEquals(sum, precise.getAtIndex(ValueLayout.JAVA_FLOAT, n), features * 0x1p-23 * magnitude);
      assertEquals(sum, fast.getAtIndex(ValueLayout.JAVA_FLOAT, n), 0.01 * magnitude, "8-bit activations");
    }
  }

  @Test
  void attentionOverAKeyCacheLongerThanWhatIsUsed() {
    int heads = 3;
    int queries = 2;
    int depth = 8;
    int keys = 4;
    int cache = 10;
    byte[] q = randomBytes(heads * queries * depth);
    byte[] k = randomBytes(heads * cache * depth);
    MemorySegment ones = arena.allocateFrom(ValueLayout.JAVA_FLOAT, filled(heads * cache, 0.5f));
    MemorySegment out = arena.allocate(4L * heads * queries * keys);
    try (
        BatchMatMul scores = octet.batchMatMul().left(S8).right(S8).rightTransposed().outputF32().prepare()) {
      BatchArguments arguments = new BatchArguments().sizes(heads, queries, depth, keys)
          .rightStrides((long) cache * depth, depth);
      scores.run(arguments.left(MemorySegment.ofArray(q), ones, null)
          .right(MemorySegment.ofArray(k), ones, null).out(out));
    }
    for (int h = 0; h < heads; h++) {
      for (int i = 0; i < queries; i++) {
        for (int j = 0; j < keys; j++) {
          int sum = 0;
          for (int d = 0; d < depth; d++) {
            sum += q[(h * queries + i) * depth + d] * k[(h * cache + j) * depth + d];
          }
          assertEquals(sum * 0.25f, out.getAtIndex(ValueLayout.JAVA_FLOAT, (h * queries + i) * keys + j));
        }
      }
    }
  }

  @Test
  void weightsPackedOnceAndMapped(@TempDir Path dir) {
    assumeTrue(octet.engines().stream().anyMatch(s -> s.engine() == Engine.NATIVE && s.available()),
        "packs come from engine NATIVE");
    QTensor w = QTensor.of(S8, Shape.of(2, 1), perTensor(0.5f), new byte[]{3, -4});
    Path file = dir.resolve("layer.octetpak");
    try (PackedWeights packed = octet.pack(w, IN_OUT)) {
      packed.writeTo(file);
    }
    try (PackedWeights mapped = octet.map(file);
        MatMul layer = octet.matMul().input(U8, perTensor(1)).weights(mapped).outputF32().prepare()) {
      MemorySegment y = arena.allocate(4);
      layer.run(bytes(10, 2), y, 1);
      assertEquals((3 * 10 - 4 * 2) * 0.5f, y.get(ValueLayout.JAVA_FLOAT, 0));
    }
  }

  @Test
  void convolution() {
    QTensor w = QTensor.of(S8, Shape.of(1, 3, 3, 1), perTensor(0.5f), new byte[]{1, 1, 1, 1, 1, 1, 1, 1, 1});
    try (Conv2d conv = octet.conv2d().input(U8, perTensor(1, 7)).weights(w, OHWI).bias(new float[]{2})
        .stride(2)
        .padding(1).output(U8, perTensor(1, 0)).relu6().prepare()) {
      assertEquals(Shape.of(1, 2, 2, 1), conv.outputShape(Shape.of(1, 3, 3, 1)));
      MemorySegment y = arena.allocate(4);
      conv.run(bytes(8, 8, 8, 8, 8, 8, 8, 8, 8), y, 1, 3, 3);
      // four taps of the nine lie inside the image at each corner: 4 * 1 * 0.5 + 2
      assertArrayEquals(new byte[]{4, 4, 4, 4}, y.toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Test
  void elementWiseInPlace() {
    MemorySegment a = bytes(10, 250, 3);
    MemorySegment b = bytes(1, 10, 3);
    octet.add().left(U8, perTensor(1)).right(U8, perTensor(2)).output(U8, perTensor(1)).prepare().run(a, b, a,
        3);
    assertArrayEquals(new byte[]{12, (byte) 255, 9}, a.toArray(ValueLayout.JAVA_BYTE));
    octet.lookup(U8, perTensor(0.1f, 12), U8, perTensor(0.1f, 0), Activation.RELU).run(a, a, 3);
    assertArrayEquals(new byte[]{0, (byte) 243, 0}, a.toArray(ValueLayout.JAVA_BYTE));
  }

  @Test
  void enginesByNameThreadsAndExecutor() {
    assertTrue(octet.report().contains("SCALAR"), octet.report());
    assertEquals(Engine.values().length, octet.engines().size());
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try (Octet forced = Octet.builder().engine(Engine.SCALAR).threads(2).isa(Isa.BASELINE).open();
        Octet own = Octet.builder().executor(executor).open()) {
      staticLayerOn(forced);
      staticLayerOn(own);
      assertThrows(UnsupportedOperationException.class,
          () -> Octet.builder().engine(Engine.ONEDNN).open().close());
    } finally {
      executor.shutdown();
    }
  }

  private void staticLayerOn(Octet other) {
    QTensor w = QTensor.of(S8, Shape.of(1, 1), perTensor(1), new byte[]{3});
    MemorySegment y = arena.allocate(4);
    other.matMul().input(S8, perTensor(1)).weights(w, IN_OUT).outputS32().prepare().run(bytes(-5), y, 1);
    assertEquals(-15, y.get(ValueLayout.JAVA_INT, 0));
  }

  private MemorySegment bytes(int... values) {
    MemorySegment segment = arena.allocate(values.length);
    for (int i = 0; i < values.length; i++) {
      segment.set(ValueLayout.JAVA_BYTE, i, (byte) values[i]);
    }
    return segment;
  }

  private byte[] randomBytes(int n) {
    byte[] values = new byte[n];
    random.nextBytes(values);
    return values;
  }

  private float[] floats(int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return values;
  }

  private static float[] filled(int n, float value) {
    float[] values = new float[n];
    java.util.Arrays.fill(values, value);
    return values;
  }
}
