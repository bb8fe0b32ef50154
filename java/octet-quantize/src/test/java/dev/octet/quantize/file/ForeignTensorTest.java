package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights of other tools, packed here bit by bit as each of them does. */
class ForeignTensorTest {
  private static final int N = 16;
  private static final int K = 128;
  private static final int GROUP = 32;
  private static final int GROUPS = K / GROUP;
  private static final int[] AWQ = {0, 2, 4, 6, 1, 3, 5, 7};
  private static final float[] E2M1 = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -0f, -0.5f, -1, -1.5f, -2, -3, -4, -6};

  @TempDir
  Path folder;
  private final Random random = new Random(23);

  /** Codes [N][K], zero points and scales [N][GROUPS], of a number of bits. */
  private record Integers(int bits, int[][] codes, int[][] zeros, float[][] scales) {
    float real(int n, int k, int group) {
      return (codes[n][k] - zeros[n][group]) * scales[n][group];
    }
  }

  private Integers integers(int bits) {
    Integers all = new Integers(bits, new int[N][K], new int[N][GROUPS], new float[N][GROUPS]);
    for (int n = 0; n < N; n++) {
      for (int k = 0; k < K; k++) {
        all.codes[n][k] = random.nextInt(1 << bits);
      }
      for (int g = 0; g < GROUPS; g++) {
        all.zeros[n][g] = 1 + random.nextInt((1 << bits) - 1);
        all.scales[n][g] = (1 + random.nextInt(100)) / 64f;
      }
    }
    return all;
  }

  /** An integer of a packed matrix. */
  private interface At {
    int get(int row, int column);
  }

  /** Words of rows and columns, integers packed along the rows' axis or the columns'. */
  private static byte[] pack(int rows, int columns, int bits, boolean alongRows, At at, boolean awq) {
    int count = 32 / bits;
    int[] words = new int[rows * columns / count];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        int along = alongRows ? r : c;
        int place = along % count;
        if (awq) {
          int nibble = 0;
          while (AWQ[nibble] != place) {
            nibble++;
          }
          place = nibble;
        }
        int word = alongRows ? r / count * columns + c : r * (columns / count) + c / count;
        words[word] |= at.get(r, c) << (place * bits);
      }
    }
    ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(words);
    return bytes.array();
  }

  private static byte[] halves(int rows, int columns, boolean transposed, float[][] values) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * rows * columns).order(ByteOrder.LITTLE_ENDIAN);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        bytes.putShort(Float.floatToFloat16(transposed ? values[c][r] : values[r][c]));
      }
    }
    return bytes.array();
  }

  private TensorFiles gptq(Integers all, int stored) {
    int count = 32 / all.bits;
    return new TensorFiles()
        .bytes("m.q.qweight", StoredType.I32,
            pack(K, N, all.bits, true, (k, n) -> all.codes[n][k], false), K / count, N)
        .bytes("m.q.qzeros", StoredType.I32,
            pack(GROUPS, N, all.bits, false, (g, n) -> all.zeros[n][g] - stored, false), GROUPS, N / count)
        .bytes("m.q.scales", StoredType.F16, halves(GROUPS, N, true, all.scales), GROUPS, N);
  }

  private static TensorFiles groups(TensorFiles files, int[] groups) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * groups.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(groups);
    return files.bytes("m.q.g_idx", StoredType.I32, bytes.array(), groups.length);
  }

  private static int[] inOrder() {
    int[] groups = new int[K];
    for (int k = 0; k < K; k++) {
      groups[k] = k / GROUP;
    }
    return groups;
  }

  private WeightFile open(TensorFiles files) {
    return WeightFile.open(files.write(folder.resolve("in.safetensors")));
  }

  private static ForeignTensor only(WeightFile file) {
    assertEquals(1, file.foreign().size(), file.foreign()::toString);
    return ForeignTensor.of(file, file.foreign().getFirst());
  }

  private static void check(Integers all, int[] groups, ForeignTensor tensor) {
    assertEquals(Shape.of(N, K), tensor.shape());
    assertEquals(N, tensor.rows());
    float[] row = new float[K];
    for (int n = 0; n < N; n++) {
      tensor.row(n, row);
      for (int k = 0; k < K; k++) {
        assertEquals(all.real(n, k, groups[k]), row[k], n + ", " + k);
      }
    }
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.row(N, row));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.row(0, new float[K - 1]));
  }

  private static void checkIntegers(Integers all, QTensor integers) {
    boolean centred = all.bits == 8
        && Arrays.stream(all.zeros).flatMapToInt(Arrays::stream).allMatch(z -> z == 128);
    assertEquals(all.bits == 4 ? DataType.U4 : centred ? DataType.S8 : DataType.U8, integers.type());
    assertEquals(centred, integers.quantization().isSymmetric());
    assertEquals(Shape.of(N, K), integers.shape());
    for (int n = 0; n < N; n++) {
      for (int k = 0; k < K; k++) {
        assertEquals(all.real(n, k, k / GROUP), integers.real((long) n * K + k), n + ", " + k);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8})
  void gptq(int bits) throws IOException {
    Integers all = integers(bits);
    try (WeightFile file = open(groups(gptq(all, 1), inOrder()))) {
      assertEquals("GPTQ", file.foreign().getFirst().format());
      check(all, inOrder(), only(file));
      checkIntegers(all, only(file).integers());
    }
    Files.writeString(folder.resolve("config.json"),
        "{\"quantization_config\": {\"quant_method\": \"gptq\", \"checkpoint_format\": \"gptq_v2\"}}");
    try (WeightFile file = open(groups(gptq(all, 0), inOrder()))) {
      assertEquals("GPTQ v2", file.foreign().getFirst().format());
      check(all, inOrder(), only(file));
      checkIntegers(all, only(file).integers());
    }
    try (WeightFile file = open(gptq(all, 0))) { // of a tool that writes no groups
      assertEquals("GPTQ v2", file.foreign().getFirst().format());
      check(all, inOrder(), only(file));
    }
  }

  /** Rows are read all the same; integers would need the inputs in another order. */
  @Test
  void gptqWithGroupsOutOfOrder() {
    Integers all = integers(4);
    int[] groups = inOrder();
    for (int k = 0; k < K; k++) {
      int other = random.nextInt(K);
      int group = groups[k];
      groups[k] = groups[other];
      groups[other] = group;
    }
    try (WeightFile file = open(groups(gptq(all, 1), groups))) {
      check(all, groups, only(file));
      String said = assertThrows(UnsupportedOperationException.class, () -> only(file).integers())
          .getMessage();
      assertTrue(said.startsWith("GPTQ weights m.q: groups of inputs are not in order (act-order)"), said);
    }
    groups[7] = GROUPS;
    try (WeightFile file = open(groups(gptq(all, 1), groups))) {
      malformed(file, "GPTQ weights m.q: expected groups of 0 to 3, got m.q.g_idx[7] = 4");
    }
  }

  /** Stored as 15: one more than U4 holds, which groups may have. */
  @Test
  void gptqZeroPointOf16() {
    Integers all = integers(4);
    all.zeros[3][1] = 16;
    try (WeightFile file = open(groups(gptq(all, 1), inOrder()))) {
      check(all, inOrder(), only(file));
      checkIntegers(all, only(file).integers());
    }
  }

  /** Stored as 255: no U8 holds it. */
  @Test
  void gptqZeroPointOf256() {
    Integers all = integers(8);
    all.zeros[3][1] = 256;
    try (WeightFile file = open(groups(gptq(all, 1), inOrder()))) {
      check(all, inOrder(), only(file));
      String said = assertThrows(UnsupportedOperationException.class, () -> only(file).integers())
          .getMessage();
      assertTrue(said.contains("zero point 256 ") && said.endsWith("; read rows of floats"), said);
    }
  }

  @Test
  void awq() {
    Integers all = integers(4);
    try (WeightFile file = open(new TensorFiles()
        .bytes("m.q.qweight", StoredType.I32, pack(K, N, 4, false, (k, n) -> all.codes[n][k], true), K, N / 8)
        .bytes("m.q.qzeros", StoredType.I32, pack(GROUPS, N, 4, false, (g, n) -> all.zeros[n][g], true),
            GROUPS, N / 8)
        .bytes("m.q.scales", StoredType.F16, halves(GROUPS, N, true, all.scales), GROUPS, N))) {
      assertEquals("AWQ", file.foreign().getFirst().format());
      check(all, inOrder(), only(file));
      checkIntegers(all, only(file).integers());
    }
  }

  private static TensorFiles packQuantized(Integers all) {
    ByteBuffer shape = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(N).putLong(K);
    return new TensorFiles()
        .bytes("m.q.weight_packed", StoredType.I32,
            pack(N, K, all.bits, false, (n, k) -> all.codes[n][k], false), N, K * all.bits / 32)
        .bytes("m.q.weight_scale", StoredType.F16, halves(N, GROUPS, false, all.scales), N, GROUPS)
        .bytes("m.q.weight_shape", StoredType.I64, shape.array(), 2);
  }

  /** With a scale for each output, products take U8, and the file's bytes are not copied. */
  @Test
  void compressedTensorsOf8BitsPerChannel() {
    byte[] codes = new byte[2 * 8];
    random.nextBytes(codes);
    ByteBuffer shape = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(2).putLong(8);
    try (WeightFile file = open(new TensorFiles().bytes("m.q.weight_packed", StoredType.I32, codes, 2, 2)
        .floats("m.q.weight_scale", new float[]{1, 2}, 2, 1)
        .bytes("m.q.weight_shape", StoredType.I64, shape.array(), 2))) {
      QTensor integers = only(file).integers();
      assertEquals(DataType.U8, integers.type());
      assertEquals(128, integers.quantization().zeroPoint(1));
      assertEquals(file.tensor("m.q.weight_packed").data().address(), integers.data().address());
      assertEquals(((codes[13] & 0xff) - 128) * 2, integers.real(13));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8})
  void compressedTensors(int bits) {
    Integers all = integers(bits);
    TensorFiles asymmetric = packQuantized(all).bytes("m.q.weight_zero_point", StoredType.I32,
        pack(N, GROUPS, bits, true, (n, g) -> all.zeros[n][g], false), N * bits / 32, GROUPS);
    try (WeightFile file = open(asymmetric)) {
      check(all, inOrder(), only(file));
      checkIntegers(all, only(file).integers());
    }
    for (int[] zeros : all.zeros) {
      Arrays.fill(zeros, 1 << (bits - 1));
    }
    try (WeightFile file = open(packQuantized(all))) {
      check(all, inOrder(), only(file));
      QTensor integers = only(file).integers();
      checkIntegers(all, integers);
      assertEquals(bits == 4, // no copy
          file.tensor("m.q.weight_packed").data().address() == integers.data().address());
      try (Octet octet = Octet.builder().engine(Engine.SCALAR).open()) {
        octet.dynamicMatMul().weights(integers, WeightLayout.OUT_IN).prepare().close();
      }
    }
    byte[] none = new byte[4 * K];
    Arrays.fill(none, (byte) -1);
    try (WeightFile file = open(packQuantized(all).bytes("m.q.weight_g_idx", StoredType.I32, none, K))) {
      checkIntegers(all, only(file).integers());
    }
  }

  @Test
  void mxfp4() {
    byte[] blocks = new byte[2 * 3 * 4 * 16];
    random.nextBytes(blocks);
    byte[] scales = new byte[2 * 3 * 4];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (byte) (100 + random.nextInt(50));
    }
    try (WeightFile file = open(new TensorFiles().bytes("m.q_blocks", StoredType.U8, blocks, 2, 3, 4, 16)
        .bytes("m.q_scales", StoredType.U8, scales, 2, 3, 4).with("m.q_bias", StoredType.BF16, 2, 3))) {
      ForeignTensor tensor = only(file);
      assertEquals(Shape.of(2, 3, 128), tensor.shape());
      assertEquals(1, tensor.factor());
      BlockTensor all = tensor.blocks();
      assertEquals(BlockFormat.MXFP4, all.format());
      float[] row = new float[128];
      float[] same = new float[128];
      for (int r = 0; r < 6; r++) {
        tensor.row(r, row);
        all.dequantize(r, same);
        assertArrayEquals(row, same);
        for (int k = 0; k < 128; k++) {
          int e = r * 128 + k;
          int code = ((blocks[e / 2] & 0xff) >> (k % 2 * 4)) & 15;
          assertEquals(E2M1[code] * Math.scalb(1f, (scales[e / 32] & 0xff) - 127) + 0f,
              row[k] + 0f, r + ", " + k);
        }
      }
      assertTrue(assertThrows(UnsupportedOperationException.class, tensor::integers).getMessage()
          .endsWith("has no integers"));
    }
    scales[5] = -1;
    try (WeightFile file = open(new TensorFiles().bytes("m.q_blocks", StoredType.U8, blocks, 6, 4, 16)
        .bytes("m.q_scales", StoredType.U8, scales, 6, 4))) {
      ForeignTensor tensor = only(file);
      assertEquals("MXFP4 m.q [6, 128]: expected scales that are numbers and not negative, got 0xff",
          assertThrows(MalformedFileException.class, tensor::blocks).getMessage());
      assertThrows(MalformedFileException.class, () -> tensor.row(1, new float[128]));
    }
  }

  /** ModelOpt multiplies by its factor, compressed-tensors divides by its own. */
  @Test
  void nvfp4() {
    byte[] codes = new byte[3 * 64];
    random.nextBytes(codes);
    byte[] scales = new byte[3 * 8];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (byte) random.nextInt(0x7f);
    }
    TensorFiles modelOpt = new TensorFiles().bytes("m.q.weight", StoredType.U8, codes, 3, 64)
        .bytes("m.q.weight_scale", StoredType.F8_E4M3, scales, 3, 8)
        .floats("m.q.weight_scale_2", new float[]{0.25f});
    TensorFiles compressed = new TensorFiles().bytes("m.q.weight_packed", StoredType.U8, codes, 3, 64)
        .bytes("m.q.weight_scale", StoredType.F8_E4M3, scales, 3, 8)
        .floats("m.q.weight_global_scale", new float[]{4}, 1);
    for (TensorFiles files : new TensorFiles[]{modelOpt, compressed}) {
      try (WeightFile file = open(files)) {
        ForeignTensor tensor = only(file);
        assertEquals(Shape.of(3, 128), tensor.shape());
        assertEquals(0.25f, tensor.factor());
        assertEquals(BlockFormat.NVFP4, tensor.blocks().format());
        float[] row = new float[128];
        for (int r = 0; r < 3; r++) {
          tensor.row(r, row);
          for (int k = 0; k < 128; k++) {
            int e = r * 128 + k;
            int code = ((codes[e / 2] & 0xff) >> (k % 2 * 4)) & 15;
            assertEquals(0.25f * (E2M1[code] * e4m3(scales[e / 16])) + 0f, row[k] + 0f, r + ", " + k);
          }
        }
      }
    }
    scales[2] = (byte) 0x80;
    try (WeightFile file = open(modelOpt.bytes("m.q.weight_scale", StoredType.F8_E4M3, scales, 3, 8))) {
      assertThrows(MalformedFileException.class, () -> only(file).blocks());
    }
  }

  /** By the definition of the type: 4 bits of exponent with a bias of 7, 3 of mantissa. */
  private static float e4m3(byte code) {
    int exponent = (code >> 3) & 15;
    double magnitude = exponent == 0
        ? Math.scalb((double) (code & 7), -9)
        : Math.scalb(8.0 + (code & 7), exponent - 10);
    return (float) (code < 0 ? -magnitude : magnitude);
  }

  @Test
  void floatsOf8Bits() {
    byte[] codes = new byte[130 * 200];
    random.nextBytes(codes);
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (codes[i] & 0x7f) == 0x7f ? 0 : codes[i];
    }
    codes[9] = 0x7f;
    float[] blocks = {1, 2, 3, 4};
    float[] rows = new float[130];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = r / 8f;
    }
    float[] row = new float[200];
    for (int kind = 0; kind < 3; kind++) {
      TensorFiles files = new TensorFiles().bytes("m.q.weight", StoredType.F8_E4M3, codes, 130, 200);
      switch (kind) {
        case 0 -> files.floats("m.q.weight_scale", new float[]{0.5f});
        case 1 -> files.floats("m.q.weight_scale", rows, 130, 1);
        default -> files.floats("m.q.weight_scale_inv", blocks, 2, 2);
      }
      try (WeightFile file = open(files)) {
        ForeignTensor tensor = only(file);
        for (int r = 0; r < 130; r++) {
          tensor.row(r, row);
          for (int k = 0; k < 200; k++) {
            float scale = switch (kind) {
              case 0 -> 0.5f;
              case 1 -> rows[r];
              default -> blocks[r / 128 * 2 + k / 128];
            };
            float expected = r == 0 && k == 9 ? Float.NaN : e4m3(codes[r * 200 + k]) * scale;
            assertEquals(expected, row[k], kind + ": " + r + ", " + k);
          }
        }
        String said = assertThrows(UnsupportedOperationException.class, tensor::integers).getMessage();
        assertTrue(said.contains("floats of 8 bits are no integers with a scale"), said);
      }
    }
    try (WeightFile file = open(new TensorFiles()
        .bytes("m.q.weight", StoredType.F8_E5M2, new byte[]{0x3c, (byte) 0xc0, 1, 0x7c}, 2, 2)
        .floats("m.q.weight_scale", new float[]{2}))) {
      float[] two = new float[2];
      only(file).row(0, two);
      assertArrayEquals(new float[]{2, -4}, two);
      only(file).row(1, two);
      assertArrayEquals(new float[]{0x1p-15f, Float.POSITIVE_INFINITY}, two);
    }
  }

  /** So that mutations of them are read past the first check. */
  @Test
  void seedsOfTheFuzzTargetAreRead() throws IOException {
    int integers = 0;
    int blocks = 0;
    for (byte[] seed : new SafetensorsTarget().seeds(folder)) {
      try (WeightFile file = SafetensorsFile.of(MemorySegment.ofArray(seed))) {
        for (ForeignWeights weights : file.foreign()) {
          if (List.of("g", "a", "c").contains(weights.layer())) {
            assertEquals(DataType.U4, ForeignTensor.of(file, weights).integers().type());
            integers++;
          } else if (List.of("e", "n", "m").contains(weights.layer()) && !weights.format().equals("MLX")) {
            assertEquals(4, ForeignTensor.of(file, weights).blocks().format().bitsPerWeight(), 0.5);
            blocks++;
          }
        }
      }
    }
    assertEquals(3, integers);
    assertEquals(3, blocks);
  }

  @Test
  void whatDoesNotFitOrIsNotRead() {
    Integers all = integers(4);
    try (WeightFile file = open(
        groups(gptq(all, 1), inOrder()).bytes("m.q.scales", StoredType.F16, new byte[6 * N], 3, N))) {
      malformed(file, "GPTQ weights m.q: expected m.q.qzeros of shape [3, 2], got m.q.qzeros I32 [4, 2]");
    }
    try (WeightFile file = open(
        packQuantized(all).bytes("m.q.weight_shape", StoredType.I64, new byte[16], 2))) {
      malformed(file, "compressed-tensors pack-quantized weights m.q: expected a shape of 1 to 268435456");
    }
    try (WeightFile file = open(new TensorFiles().with("m.q.weight", StoredType.U32, 64, 8)
        .with("m.q.scales", StoredType.BF16, 64, 2).with("m.q.biases", StoredType.BF16, 64, 2))) {
      assertEquals("MLX weights m.q: this form is not read",
          assertThrows(UnsupportedOperationException.class, () -> only(file)).getMessage());
    }
    try (WeightFile file = open(new TensorFiles().with("m.q_blocks", StoredType.U8, 4, 64, 2, 15)
        .with("m.q_scales", StoredType.U8, 4, 64, 2))) {
      malformed(file, "MXFP4 weights m.q: expected m.q_blocks of shape [4, 64, 2, 16], got");
    }
    try (WeightFile file = open(new TensorFiles().with("m.q.weight", StoredType.F8_E4M3, 300, 256)
        .with("m.q.weight_scale_inv", StoredType.F32, 2, 2))) {
      String said = assertThrows(UnsupportedOperationException.class, () -> only(file)).getMessage();
      assertTrue(said.contains("a scale per tensor, per row of a matrix or per 128 x 128 is read"), said);
    }
  }

  private static void malformed(WeightFile file, String message) {
    String said = assertThrows(MalformedFileException.class, () -> only(file)).getMessage();
    assertTrue(said.startsWith(message), said);
  }
}
