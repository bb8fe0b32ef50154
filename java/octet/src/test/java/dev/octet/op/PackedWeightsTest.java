package dev.octet.op;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.WeightLayout.IN_OUT;
import static dev.octet.WeightLayout.OUT_IN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Isa;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.internal.pack.PackFile;
import dev.octet.testing.Fuzzing;
import dev.octet.testing.PackedWeightsTarget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights that are packed once, shared, written and mapped; and every way in which a file can be wrong. */
class PackedWeightsTest {
  private static final int K = 77;
  private static final int N = 83;
  private static final int ROWS = 5;

  @TempDir
  Path dir;

  @BeforeEach
  void needsNative() {
    try (Octet octet = Octet.open()) {
      assumeTrue(octet.engines().stream().anyMatch(s -> s.engine() == Engine.NATIVE && s.available()),
          "no liboctet here");
    }
  }

  private static Octet open() {
    return Octet.builder().engine(Engine.NATIVE).open();
  }

  private static byte[] bytes(long seed, int count) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static QTensor weights(DataType type, WeightLayout layout) {
    float[] scales = new float[N];
    int[] zeroPoints = new int[N];
    Random random = new Random(7);
    for (int n = 0; n < N; n++) {
      scales[n] = 0.001f + random.nextFloat();
      zeroPoints[n] = type == U8 ? random.nextInt(256) : random.nextInt(256) - 128;
    }
    boolean inOut = layout == IN_OUT;
    return QTensor.of(type, inOut ? Shape.of(K, N) : Shape.of(N, K),
        Quantization.perChannel(inOut ? 1 : 0, scales, zeroPoints), MemorySegment.ofArray(bytes(1, K * N)));
  }

  private static MatMul.Builder layer(Octet octet) {
    return octet.matMul().input(S8, Quantization.perTensor(0.03f, -7)).output(U8,
        Quantization.perTensor(40f, 99));
  }

  private static byte[] run(MatMul layer) {
    byte[] y = new byte[ROWS * N];
    layer.run(MemorySegment.ofArray(bytes(2, ROWS * K)), MemorySegment.ofArray(y), ROWS);
    return y;
  }

  private static float[] run(DynamicMatMul layer) {
    float[] x = new float[ROWS * K];
    Random random = new Random(3);
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextFloat() - 0.4f;
    }
    float[] y = new float[ROWS * N];
    layer.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), ROWS);
    return y;
  }

  /** The garbage collector comes between the builder and its op. */
  @Test
  void buildersKeepWeightsThatNobodyElseHas() throws InterruptedException {
    Path file = dir.resolve("kept.octetpak");
    QTensor filter = QTensor.of(S8, Shape.of(N, 1, 1, K), Quantization.perTensor(0.1f), bytes(1, K * N));
    try (Octet octet = open()) {
      try (PackedWeights weights = octet.pack(weights(S8, IN_OUT), IN_OUT)) {
        weights.writeTo(file);
      }
      MatMul.Builder product = layer(octet).weights(octet.pack(weights(S8, IN_OUT), IN_OUT));
      MatMul.Builder mapped = layer(octet).weights(octet.map(file));
      DynamicMatMul.Builder dynamic = octet.dynamicMatMul().weights(octet.load(file));
      Conv2d.Builder conv = octet.conv2d().input(S8, Quantization.perTensor(1))
          .weights(octet.conv2d().weights(filter, WeightLayout.OHWI).pack()).outputS32();
      for (int i = 0; i < 5; i++) {
        System.gc();
        Thread.sleep(20);
      }
      product.prepare().close();
      mapped.prepare().close();
      dynamic.prepare().close();
      conv.prepare().close();
    }
  }

  @ParameterizedTest
  @CsvSource({"S8, IN_OUT", "S8, OUT_IN", "U8, IN_OUT", "U8, OUT_IN"})
  void givesTheSameBytesAsWeightsOfAnOpsOwn(DataType type, WeightLayout layout) {
    Path file = dir.resolve("layer.octetpak");
    QTensor weights = weights(type, layout);
    byte[] expected;
    try (Octet octet = open()) {
      expected = run(layer(octet).weights(weights, layout).prepare());
      try (PackedWeights packed = octet.pack(weights, layout)) {
        assertEquals(Engine.NATIVE, packed.engine());
        assertEquals(List.of(type, K, N), List.of(packed.type(), packed.inFeatures(), packed.outFeatures()));
        assertTrue(packed.bytes() >= K * N, () -> "" + packed.bytes());
        packed.writeTo(file);
        packed.writeTo(file); // replaces
        assertArrayEquals(expected, run(layer(octet).weights(packed).prepare()));
      }
    }
    try (Octet another = open(); PackedWeights mapped = another.map(file)) {
      assertArrayEquals(expected, run(layer(another).weights(mapped).prepare()));
    }
  }

  @Test
  void loadedWeightsOutliveTheirFile() throws IOException {
    Path file = dir.resolve("layer.octetpak");
    QTensor weights = weights(S8, IN_OUT);
    try (Octet octet = open(); PackedWeights packed = octet.pack(weights, IN_OUT)) {
      byte[] expected = run(layer(octet).weights(packed).prepare());
      packed.writeTo(file);
      try (PackedWeights loaded = octet.load(file)) {
        assertEquals(List.of(packed.engine(), packed.layout(), packed.bytes()),
            List.of(loaded.engine(), loaded.layout(), loaded.bytes()));
        assertEquals(
            "packed S8 weights, K " + K + ", N " + N + ", " + packed.engine() + ", " + packed.layout(),
            loaded.toString());
        // What would end the process if the file were mapped.
        Files.write(file, new byte[0]);
        assertArrayEquals(expected, run(layer(octet).weights(loaded).prepare()));
        loaded.writeTo(file);
      }
      try (PackedWeights mapped = octet.map(file)) {
        assertArrayEquals(expected, run(layer(octet).weights(mapped).prepare()));
      }
    }
  }

  /** The words of map, whatever is wrong. */
  @Test
  void loadRefusesWhatMapRefuses() throws IOException {
    Path file = dir.resolve("w");
    try (Octet octet = open(); PackedWeights packed = octet.pack(weights(S8, IN_OUT), IN_OUT)) {
      packed.writeTo(file);
      byte[] whole = Files.readAllBytes(file);
      for (int length : new int[]{0, 1, 31, 32, 4095, 4096, whole.length - 1, whole.length + 1}) {
        Files.write(file, Arrays.copyOf(whole, length));
        sameRefusal(octet, file, IllegalArgumentException.class);
      }
      for (int at : new int[]{0, 8, 12, 20, 28, 40, 3000, 4096, whole.length - 1}) {
        byte[] damaged = whole.clone();
        damaged[at] ^= 0x10;
        Files.write(file, damaged);
        sameRefusal(octet, file, IllegalArgumentException.class);
      }
      sameRefusal(octet, dir.resolve("none"), UncheckedIOException.class);
      Files.write(file, whole);
      try (Octet scalar = Octet.builder().engine(Engine.SCALAR).open()) {
        refused(assertThrows(UnsupportedOperationException.class, () -> scalar.load(file)),
            "packed for NATIVE");
      }
    }
  }

  private static void sameRefusal(Octet octet, Path file, Class<? extends Exception> type) {
    assertEquals(assertThrows(type, () -> octet.map(file)).getMessage(),
        assertThrows(type, () -> octet.load(file)).getMessage());
  }

  /** As of any file that this process makes: for processes of other users, unless the umask forbids. */
  @Test
  void filesObeyTheUmask() throws IOException {
    assumeTrue(dir.getFileSystem().supportedFileAttributeViews().contains("posix"), "no permissions here");
    Path plain = Files.createFile(dir.resolve("plain"));
    Path file = dir.resolve("w");
    try (Octet octet = open(); PackedWeights packed = octet.pack(weights(S8, IN_OUT), IN_OUT)) {
      packed.writeTo(file);
      assertEquals(Files.getPosixFilePermissions(plain), Files.getPosixFilePermissions(file));
    }
  }

  @Test
  void opsOfSeveralOctetsKeepTheMemoryOfClosedWeights() {
    QTensor weights = weights(S8, OUT_IN);
    MatMul one;
    MatMul two;
    byte[] expected;
    Octet first = open();
    Octet second = open();
    try (PackedWeights packed = first.pack(weights, OUT_IN)) {
      one = layer(first).weights(packed).prepare();
      two = layer(second).weights(packed).prepare();
      expected = run(one);
    }
    first.close();
    assertThrows(IllegalStateException.class, () -> run(one));
    assertArrayEquals(expected, run(two));
    second.close();
    assertThrows(IllegalStateException.class, () -> run(two));
  }

  @Test
  void dynamicMatMulSharesThem() {
    QTensor weights = QTensor.of(S8, Shape.of(K, N), Quantization.perTensor(0.01f),
        MemorySegment.ofArray(bytes(1, K * N)));
    try (Octet octet = open(); PackedWeights packed = octet.pack(weights, IN_OUT)) {
      assertArrayEquals(run(octet.dynamicMatMul().weights(weights, IN_OUT).prepare()),
          run(octet.dynamicMatMul().weights(packed).prepare()));
      byte[] expected = run(layer(octet).weights(weights, IN_OUT).prepare());
      assertArrayEquals(expected, run(layer(octet).weights(packed).prepare()));
    }
  }

  @Test
  void closedWeightsAreRefused() {
    try (Octet octet = open()) {
      PackedWeights packed = octet.pack(weights(S8, IN_OUT), IN_OUT);
      packed.close();
      packed.close();
      assertThrows(IllegalStateException.class, () -> layer(octet).weights(packed));
      assertThrows(IllegalStateException.class, packed::bytes);
      assertThrows(IllegalStateException.class, () -> packed.writeTo(dir.resolve("x")));
      // Closed between the builder and prepare.
      PackedWeights late = octet.pack(weights(S8, IN_OUT), IN_OUT);
      MatMul.Builder builder = layer(octet).weights(late);
      late.close();
      assertThrows(IllegalStateException.class, builder::prepare);
    }
  }

  @Test
  void anotherEngineRefusesThem() {
    try (Octet octet = open(); PackedWeights packed = octet.pack(weights(S8, IN_OUT), IN_OUT)) {
      packed.writeTo(dir.resolve("w"));
      try (Octet scalar = Octet.builder().engine(Engine.SCALAR).open()) {
        refused(assertThrows(UnsupportedOperationException.class,
            () -> layer(scalar).weights(packed).prepare()), packed.layout(), "no other engine reads");
        refused(assertThrows(UnsupportedOperationException.class, () -> scalar.map(dir.resolve("w"))),
            "packed for NATIVE");
        refused(assertThrows(UnsupportedOperationException.class,
            () -> scalar.pack(weights(S8, IN_OUT), IN_OUT)), "SCALAR: not offered: pack");
      }
    }
  }

  @Test
  void anotherTierRefusesThemUnlessItsLayoutIsTheSame() {
    try (Octet octet = open();
        Octet low = Octet.builder().engine(Engine.NATIVE).isa(Isa.BASELINE).open();
        PackedWeights packed = octet.pack(weights(S8, IN_OUT), IN_OUT);
        PackedWeights own = low.pack(weights(S8, IN_OUT), IN_OUT)) {
      assumeTrue(!packed.layout().equals(own.layout()), "all tiers of this machine read one layout");
      packed.writeTo(dir.resolve("w"));
      refused(assertThrows(UnsupportedOperationException.class, () -> layer(low).weights(packed).prepare()),
          packed.layout(), own.layout());
      refused(assertThrows(UnsupportedOperationException.class, () -> low.map(dir.resolve("w"))),
          packed.layout(), own.layout(), "pack them again");
    }
  }

  /** Layouts of two tiers have two names, or weights of one are read right by the other. */
  @Test
  void weightsOfOneTierAreReadRightByAnotherOrRefused() {
    QTensor weights = weights(S8, IN_OUT);
    int shared = 0;
    for (Isa packing : Isa.values()) {
      for (Isa running : Isa.values()) {
        try (Octet one = Octet.builder().engine(Engine.NATIVE).isa(packing).open();
            Octet other = Octet.builder().engine(Engine.NATIVE).isa(running).open();
            PackedWeights packed = one.pack(weights, IN_OUT);
            PackedWeights own = other.pack(weights, IN_OUT)) {
          if (!packed.layout().equals(own.layout())) {
            assertThrows(UnsupportedOperationException.class, () -> layer(other).weights(packed).prepare());
            continue;
          }
          shared++;
          assertArrayEquals(run(layer(other).weights(weights, IN_OUT).prepare()),
              run(layer(other).weights(packed).prepare()), packing + " packed, " + running + " ran");
        }
      }
    }
    assertTrue(shared >= Isa.values().length, "only " + shared + " pairs share a layout");
  }

  @Test
  void typesThatAnOpDoesNotTakeAreRefused() {
    try (Octet octet = open(); PackedWeights unsigned = octet.pack(weights(U8, IN_OUT), IN_OUT)) {
      refused(assertThrows(IllegalArgumentException.class, () -> octet.weightOnlyMatMul().weights(unsigned)),
          "expected S8", "got U8");
      octet.dynamicMatMul().weights(unsigned).prepare().close();
    }
  }

  /** Every byte of a small file is damaged once: header, scales, weights, padding. */
  @Test
  void aDamagedFileIsRefusedWhereverTheDamageIs() throws IOException {
    Path file = dir.resolve("w");
    try (Octet octet = open(); PackedWeights packed = octet.pack(weights(S8, IN_OUT), IN_OUT)) {
      packed.writeTo(file);
      byte[] whole = Files.readAllBytes(file);
      for (int at = 0; at < whole.length; at += at < 1024 ? 1 : 97) {
        byte[] damaged = whole.clone();
        damaged[at] ^= 0x10;
        Files.write(file, damaged);
        int offset = at;
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> octet.map(file),
            () -> "byte " + offset);
        refused(e, file.toString(), "is refused");
      }
      for (int length : new int[]{0, 1, 31, 32, 4095, 4096, whole.length - 1}) {
        Files.write(file, Arrays.copyOf(whole, length));
        refused(assertThrows(IllegalArgumentException.class, () -> octet.map(file)), file.toString());
      }
      Files.write(file, Arrays.copyOf(whole, whole.length + 1));
      refused(assertThrows(IllegalArgumentException.class, () -> octet.map(file)), "bytes");
      Files.write(file, whole);
      octet.map(file).close();
    }
  }

  @Test
  void aForeignFileAndAnotherVersionAreNamed() throws IOException {
    Path file = dir.resolve("w");
    Files.write(file, new byte[9000]);
    try (Octet octet = open(); PackedWeights packed = octet.pack(weights(S8, IN_OUT), IN_OUT)) {
      refused(assertThrows(IllegalArgumentException.class, () -> octet.map(file)), "OCTETPAK");
      packed.writeTo(file);
      byte[] whole = Files.readAllBytes(file);
      ByteBuffer.wrap(whole).putInt(8, 2);
      Files.write(file, whole);
      refused(assertThrows(IllegalArgumentException.class, () -> octet.map(file)), "version 2", "reads 1");
    }
  }

  @Test
  void aFileThatCannotBeReadOrWritten() throws IOException {
    try (Octet octet = open(); PackedWeights packed = octet.pack(weights(S8, IN_OUT), IN_OUT)) {
      refused(assertThrows(UncheckedIOException.class, () -> octet.map(dir.resolve("none"))), "none");
      Path nowhere = dir.resolve("no-such-folder").resolve("w");
      refused(assertThrows(UncheckedIOException.class, () -> packed.writeTo(nowhere)), nowhere.toString());
    }
    try (Stream<Path> left = Files.list(dir)) {
      assertFalse(left.findAny().isPresent(), "something was left behind");
    }
  }

  @Test
  void accumulatorsOfMappedWeights() {
    Path file = dir.resolve("w");
    try (Octet octet = open(); PackedWeights packed = octet.pack(weights(S8, IN_OUT), IN_OUT)) {
      packed.writeTo(file);
      try (PackedWeights mapped = octet.map(file)) {
        int[] y = new int[ROWS * N];
        MatMul layer = octet.matMul().input(U8, Quantization.perTensor(1, 3)).weights(mapped).outputS32()
            .prepare();
        byte[] x = bytes(2, ROWS * K);
        layer.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), ROWS);
        QTensor w = weights(S8, IN_OUT);
        int expected = 0;
        for (int k = 0; k < K; k++) {
          expected += ((x[K + k] & 0xff) - 3) * (w.get((long) k * N + 4) - w.quantization().zeroPoint(4));
        }
        assertEquals(expected, y[N + 4]);
      }
    }
  }

  /** Kernels of groups divide by their size, which such weights have not. */
  @Test
  void aLayoutThatIsNotOfTheQuantizationIsRefused() throws IOException {
    Path file = dir.resolve("w");
    float[] scales = new float[N];
    Arrays.fill(scales, 1);
    QTensor grouped = QTensor.of(S8, Shape.of(K, N), Quantization.perGroup(0, K, scales),
        MemorySegment.ofArray(bytes(1, K * N)));
    try (Octet octet = open();
        PackedWeights groups = octet.pack(grouped, IN_OUT);
        PackedWeights matrix = octet.pack(weights(S8, IN_OUT), IN_OUT)) {
      Quantization perChannel = Quantization.perChannel(1, scales);
      for (PackFile.Header header : List.of(header(groups, S8, perChannel),
          header(groups, U8, grouped.quantization()),
          header(matrix, S8, grouped.quantization()), header(matrix, DataType.S4, perChannel))) {
        PackFile.write(file, header, MemorySegment.ofArray(new byte[64]));
        refused(assertThrows(IllegalArgumentException.class, () -> octet.load(file)), "no " + header.type(),
            header.layout());
        refused(assertThrows(IllegalArgumentException.class, () -> octet.map(file)), header.layout());
      }
      for (PackFile.Header header : List.of(header(matrix, S8, Quantization.perChannel(0, scales)),
          header(groups, S8, Quantization.perGroup(1, K, scales)),
          header(matrix, S8, Quantization.perTensor(1, 128)), header(matrix, DataType.F32, perChannel))) {
        PackFile.write(file, header, MemorySegment.ofArray(new byte[64]));
        refused(assertThrows(IllegalArgumentException.class, () -> octet.load(file)), "makes no sense");
      }
    }
  }

  private static PackFile.Header header(PackedWeights packed, DataType type, Quantization quantization) {
    return new PackFile.Header(packed.engine(), packed.layout(), null, type, IN_OUT, K, N, quantization);
  }

  @Test
  void aPathThatNamesNoFileIsRefused() {
    try (Octet octet = open(); PackedWeights packed = octet.pack(weights(S8, IN_OUT), IN_OUT)) {
      for (Path path : List.of(Path.of(""), dir.getRoot())) {
        refused(assertThrows(IllegalArgumentException.class, () -> packed.writeTo(path)),
            "path: expected the path of a file, got '" + path + "'");
      }
    }
  }

  /** Sizes and checksum fit, whatever else is damaged. */
  @Test
  void headersThatWereTamperedWithAreReadOrRefused() throws IOException {
    Fuzzing.mutate(new PackedWeightsTarget(), 100, dir);
  }

  private static void refused(Exception e, String... parts) {
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }
}
