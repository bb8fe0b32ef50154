package dev.octet.bench.subject;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Isa;
import dev.octet.Octet;
import dev.octet.bench.foreign.Mkl;
import dev.octet.harness.shape.BatchShape;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.BenchOp;
import dev.octet.harness.shape.BenchShape;
import dev.octet.harness.shape.ConvShape;
import dev.octet.harness.shape.Form;
import dev.octet.harness.shape.MatMulShape;
import dev.octet.harness.shape.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is timed is the same work: every peer inside the JVM returns the same results on the benchmark's own
 * inputs, integers exactly, floats of float arithmetic within the bound for their order of summation.
 */
class PeersAgreeTest {
  /** The tier of a kernel's name. */
  private static final Pattern TIER = Pattern.compile("__([a-z0-9]+)");
  private static final String SPLIT = "octet.onednn.split";
  private static final List<String> MATMULS = List.of("7x33x17", "1x64x96", "16x96x40");
  private static final List<String> CONVS = List.of("n2_16x9x7_oc32_k3s1p1", "n1_3x20x20_oc16_k7s2p3",
      "n1_32x11x11_oc32_k3s2p1_dw", "n1_32x11x11_oc64_k3s1p2d2g2", "n1_24x5x6_oc40_k1s1p0");
  private static final List<String> BATCHES = List.of("b3_7x32x19", "b2_4x33x5");
  private static final List<String> POOLS = List.of("p2_40x9x7_k3s2p1", "p1_130x7x7_k4s3p0");
  private static final List<String> ROWS = List.of("16x96", "5x33");

  static Stream<BenchCase> integerCases() {
    return cases().filter(c -> !c.form().isFloat() && c.op() != BenchOp.WEIGHT_ONLY);
  }

  static Stream<BenchCase> floatCases() {
    return cases().filter(c -> c.form().isFloat());
  }

  private static Stream<BenchCase> cases() {
    List<BenchCase> cases = new ArrayList<>();
    for (BenchOp op : BenchOp.values()) {
      for (String text : Stream.of(MATMULS, CONVS, BATCHES, POOLS, ROWS).flatMap(List::stream).toList()) {
        BenchShape shape = BenchShape.parse(text);
        if (op.takes(shape)) {
          op.forms().forEach(form -> {
            cases.add(new BenchCase(Peer.OCTET_SCALAR, op, shape, form, 1));
          });
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("integerCases")
  void integersAreEqual(BenchCase benchCase) throws IOException {
    byte[] expected = run(benchCase, Inputs.Weights.FULL);
    byte[] expectedOfSeven = run(benchCase, Inputs.Weights.SEVEN_BITS);
    assertVaried(benchCase, expected);
    for (EngineStatus status : available()) {
      for (int threads = 1; threads <= 2; threads++) {
        BenchCase other = new BenchCase(Peer.of(status.engine()), benchCase.op(), benchCase.shape(),
            benchCase.form(),
            threads);
        if (isOffered(other)) {
          assertArrayEquals(expected, runHere(other), other.toString());
        } else {
          assertThrows(UnsupportedOperationException.class, () -> Subjects.open(other).close(),
              other.toString());
        }
      }
    }
    BenchCase ort = benchCase.by(Peer.ORT);
    if (benchCase.op() == BenchOp.REQUANTIZE
        || (benchCase.shape() instanceof BatchShape && benchCase.form().destination() == DataType.F32)) {
      assertThrows(UnsupportedOperationException.class, () -> Subjects.open(ort).close());
    } else {
      byte[] ofSeven = run(ort, Inputs.Weights.SEVEN_BITS);
      if (benchCase.op() == BenchOp.AVERAGE_POOL) { // in floats there: docs/numerics.md
        assertWithinOne(ort, expectedOfSeven, ofSeven);
        return;
      }
      assertArrayEquals(expectedOfSeven, ofSeven, ort + ", weights of 7 bits");
      if (hasVnni()) {
        assertArrayEquals(expected, run(ort, Inputs.Weights.FULL), ort.toString());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("integerCases")
  void lowerTiersAreEqual(BenchCase benchCase) {
    byte[] expected = run(benchCase, Inputs.Weights.FULL);
    for (Peer peer : Peer.values()) {
      if (peer.isa() != null && opens(benchCase.by(Peer.OCTET_NATIVE))) {
        try (Subject subject = Subjects.open(benchCase.by(peer))) {
          subject.run();
          assertArrayEquals(expected, subject.output().toArray(JAVA_BYTE), benchCase.by(peer).toString());
          TIER.matcher(subject.kernel()).results().forEach(tier -> assertFalse(
              peer.isa().isBelow(Isa.named(tier.group(1))), benchCase.by(peer) + " ran " + subject.kernel()));
        }
      }
    }
  }

  @Test
  void mappedWeightsAreEqual(@TempDir Path folder) throws IOException {
    BenchCase product = BenchCase.of("octet-native", "matmul", "16x96x40", "s8s8s8q", 1);
    assumeTrue(available().stream().anyMatch(status -> status.engine() == Engine.NATIVE),
        "skipped, no engine NATIVE here");
    Path file = folder.resolve("weights.packed");
    assertThrows(UncheckedIOException.class, () -> Subjects.openMapped(product, file).close());
    Subjects.writePacked(product, file);
    try (Subject mapped = Subjects.openMapped(product, file)) {
      mapped.run();
      assertArrayEquals(run(product, Inputs.Weights.FULL), mapped.output().toArray(JAVA_BYTE));
    }
  }

  /** oneDNN's own epilogue: what is timed is the same work, within 1. */
  @ParameterizedTest
  @MethodSource("fusedCases")
  void fusedIntegersDifferByOneAtMost(BenchCase benchCase) throws IOException {
    assumeTrue(hasVnni(), "ONEDNN has no 8-bit products without VNNI");
    byte[] expected = run(benchCase, Inputs.Weights.FULL);
    byte[] fused = run(benchCase.by(Peer.OCTET_ONEDNN_FUSED), Inputs.Weights.FULL);
    assertWithinOne(benchCase, expected, fused);
  }

  private static void assertWithinOne(BenchCase benchCase, byte[] expected, byte[] actual) {
    assertEquals(expected.length, actual.length);
    boolean signed = benchCase.form().destination() == DataType.S8;
    for (int i = 0; i < expected.length; i++) {
      int law = signed ? expected[i] : expected[i] & 0xff;
      int got = signed ? actual[i] : actual[i] & 0xff;
      assertTrue(Math.abs(law - got) <= 1, benchCase + " at " + i + ": expected " + law + ", got " + got);
    }
  }

  static Stream<BenchCase> fusedCases() {
    return integerCases().filter(c -> (c.op() == BenchOp.MATMUL || c.op() == BenchOp.CONV)
        && c.form().source().isByte() && c.form().requantized());
  }

  @ParameterizedTest
  @ValueSource(strings = {"u8s8s32", "s8s8s32"})
  void baselinesInJavaAreEqual(String form) {
    for (String shape : MATMULS) {
      BenchCase scalar = new BenchCase(Peer.OCTET_SCALAR, BenchOp.MATMUL, BenchShape.parse(shape),
          Form.parse(form), 1);
      byte[] expected = run(scalar, Inputs.Weights.FULL);
      for (Peer peer : List.of(Peer.JAVA_WIDENING, Peer.JAVA_LOOP)) {
        if (JavaSubject.isHere(peer)) {
          assertArrayEquals(expected, run(scalar.by(peer), Inputs.Weights.FULL), scalar.by(peer).toString());
        } else {
          assertThrows(UnsupportedOperationException.class, () -> Subjects.open(scalar.by(peer)).close());
        }
      }
    }
  }

  /**
   * Engine ONEDNN has products, and no element-wise ops. Engines NATIVE and VECTOR have the 8-bit product at
   * least; what else it has is compared, what it lacks has to be refused.
   */
  private static boolean isOffered(BenchCase benchCase) {
    boolean product = benchCase.op() == BenchOp.MATMUL || benchCase.op() == BenchOp.CONV
        || benchCase.op() == BenchOp.BATCH || benchCase.op() == BenchOp.BATCH_TURNED;
    boolean fixed = benchCase.op() == BenchOp.MATMUL && benchCase.form().source().isByte();
    Peer peer = benchCase.peer();
    if (peer == Peer.OCTET_NATIVE || peer == Peer.OCTET_VECTOR) {
      return fixed || opens(benchCase);
    }
    return product || peer != Peer.OCTET_ONEDNN;
  }

  private static boolean opens(BenchCase benchCase) {
    try (Subject subject = Subjects.open(benchCase)) {
      return subject != null;
    } catch (UnsupportedOperationException refused) {
      return false;
    }
  }

  /** On engine ONEDNN without VNNI: refused first, then in the split form. */
  private static byte[] runHere(BenchCase benchCase) throws IOException {
    if (benchCase.peer() != Peer.OCTET_ONEDNN || hasVnni()) {
      return run(benchCase, Inputs.Weights.FULL);
    }
    assertThrows(UnsupportedOperationException.class, () -> Subjects.open(benchCase).close());
    System.setProperty(SPLIT, "true");
    try {
      return run(benchCase, Inputs.Weights.FULL);
    } finally {
      System.clearProperty(SPLIT);
    }
  }

  /** Where {@code ci/peers --mkl} fetched it. */
  @ParameterizedTest
  @CsvSource({"7x33x17, u8s8s32", "1x64x96, s8s8s32", "16x96x40, u8s8s32", "16x96x40, s8s8s32"})
  void sumsOfMklAreEqual(String shape, String form) {
    assumeTrue(System.getProperty(Mkl.PROPERTY) != null, "skipped, no MKL: ci/peers --mkl fetches it");
    BenchCase benchCase = BenchCase.of("octet-scalar", "matmul", shape, form, 1);
    for (int threads = 1; threads <= 2; threads++) {
      BenchCase mkl = benchCase.by(Peer.MKL).with(threads);
      assertArrayEquals(run(benchCase, Inputs.Weights.SEVEN_BITS), run(mkl, Inputs.Weights.SEVEN_BITS),
          mkl.toString());
      try (Subject subject = Subjects.open(mkl)) {
        subject.run();
        if (!subject.kernel().contains("not exact")) {
          assertArrayEquals(run(benchCase, Inputs.Weights.FULL), subject.output().toArray(JAVA_BYTE),
              mkl + ": " + subject.kernel());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"matmul, 7x33x17, u8s8u8q", "matmul, 7x33x17, f32", "batchmatmul, b3_7x32x19, s8s8s32"})
  void mklMultipliesBytesAlone(String op, String shape, String form) {
    BenchCase benchCase = BenchCase.of("mkl", op, shape, form, 1);
    assertEquals("MKL multiplies bytes to s32 alone, got " + op + " " + form, assertThrows(
        UnsupportedOperationException.class, () -> Subjects.open(benchCase).close()).getMessage());
  }

  @Test
  void mklIsFetchedByHand() {
    assumeTrue(System.getProperty(Mkl.PROPERTY) == null, "skipped, MKL is here");
    BenchCase benchCase = BenchCase.of("mkl", "matmul", "7x33x17", "u8s8s32", 1);
    assertEquals("ci/peers --mkl fetches it, --mkl names its folder", assertThrows(
        UnsupportedOperationException.class, () -> Subjects.open(benchCase).close()).getMessage());
  }

  @ParameterizedTest
  @MethodSource("floatCases")
  void floatsAreWithinTheBound(BenchCase benchCase) {
    double[] expected = reference(benchCase);
    List<Peer> peers = benchCase.op() == BenchOp.MATMUL && JavaSubject.isHere(Peer.JAVA_F32)
        ? List.of(Peer.OCTET_ONEDNN, Peer.ORT, Peer.JAVA_F32)
        : List.of(Peer.OCTET_ONEDNN, Peer.ORT);
    for (Peer peer : peers) {
      for (int threads = 1; threads <= (peer == Peer.JAVA_F32 ? 1 : 2); threads++) {
        BenchCase other = new BenchCase(peer, benchCase.op(), benchCase.shape(), benchCase.form(), threads);
        try (Subject subject = Subjects.open(other)) {
          subject.run();
          assertClose(other, expected, subject.output());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("groupCases")
  void weightsInGroupsAreClose(BenchCase benchCase) {
    byte[] expected = run(benchCase, Inputs.Weights.FULL);
    double[] reals = new double[expected.length / 4];
    for (int i = 0; i < reals.length; i++) {
      reals[i] = MemorySegment.ofArray(expected).get(JAVA_FLOAT_UNALIGNED, 4L * i);
    }
    try (Subject ort = Subjects.open(benchCase.by(Peer.ORT))) {
      ort.run();
      for (int i = 0; i < reals.length; i++) {
        // Sums of some tens of products of 1 and 7 * 0.002, or 127 * 0.002; activations of 8 bits are off by
        // up to 1/127 each.
        assertEquals(reals[i], ort.output().get(JAVA_FLOAT_UNALIGNED, 4L * i),
            benchCase.form().weights() == DataType.S4 ? 0.02 : 0.3,
            benchCase + " [" + i + "]");
      }
    }
  }

  static Stream<BenchCase> groupCases() {
    return Stream.of("f32s4g32f32", "f32s8g32f32").map(Form::parse)
        .flatMap(form -> Stream.of(BenchOp.MATMUL, BenchOp.WEIGHT_ONLY)
            .flatMap(op -> Stream.of("1x64x96", "16x96x40")
                .map(shape -> new BenchCase(Peer.OCTET_SCALAR, op, BenchShape.parse(shape), form, 1))));
  }

  private static byte[] run(BenchCase benchCase, Inputs.Weights weights) {
    try (Subject subject = Subjects.open(benchCase, weights)) {
      subject.run();
      subject.run();
      return subject.output().toArray(JAVA_BYTE);
    }
  }

  /** Results that are all alike would agree by chance: no saturation of most of them, no zeros throughout. */
  private static void assertVaried(BenchCase benchCase, byte[] result) {
    long distinct = MemorySegment.ofArray(result).elements(JAVA_BYTE).map(e -> e.get(JAVA_BYTE, 0)).distinct()
        .count();
    assertTrue(distinct > 30, benchCase + ": " + distinct + " distinct bytes");
  }

  private static void assertClose(BenchCase benchCase, double[] expected, MemorySegment output) {
    int products = benchCase.shape() instanceof ConvShape conv
        ? conv.products()
        : ((MatMulShape) benchCase.shape()).k();
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], output.get(JAVA_FLOAT_UNALIGNED, 4L * i), 0x1p-23 * products * products,
          benchCase + " [" + i + "]");
    }
  }

  /** Plain loops in double. */
  private static double[] reference(BenchCase benchCase) {
    Inputs inputs = new Inputs(benchCase, Inputs.Weights.FULL);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = inputs.source(arena, 0);
      MemorySegment w = inputs.weights(arena);
      double[] y = new double[Math.toIntExact(benchCase.shape().destinationElements())];
      switch (benchCase.shape()) {
        case MatMulShape s -> {
          for (int i = 0; i < y.length; i++) {
            for (int k = 0; k < s.k(); k++) {
              y[i] += product(x, (long) i / s.n() * s.k() + k, w, (long) k * s.n() + i % s.n());
            }
          }
        }
        case ConvShape s -> convolve(s, x, w, y);
        default -> throw new AssertionError(benchCase);
      }
      return y;
    }
  }

  private static void convolve(ConvShape s, MemorySegment x, MemorySegment w, double[] y) {
    for (int i = 0; i < y.length; i++) {
      int channel = i % s.outChannels();
      int column = i / s.outChannels() % s.outWidth();
      int row = i / s.outChannels() / s.outWidth() % s.outHeight();
      int image = i / s.outChannels() / s.outWidth() / s.outHeight();
      int group = channel / (s.outChannels() / s.groups());
      for (int tap = 0; tap < s.kernel() * s.kernel(); tap++) {
        int inRow = row * s.stride() + tap / s.kernel() * s.dilation() - s.padding();
        int inColumn = column * s.stride() + tap % s.kernel() * s.dilation() - s.padding();
        if (inRow >= 0 && inRow < s.height() && inColumn >= 0 && inColumn < s.width()) {
          for (int c = 0; c < s.channelsPerGroup(); c++) {
            y[i] += product(x,
                (((long) image * s.height() + inRow) * s.width() + inColumn) * s.channels()
                    + (long) group * s.channelsPerGroup() + c,
                w, ((long) channel * s.kernel() * s.kernel() + tap) * s.channelsPerGroup() + c);
          }
        }
      }
    }
  }

  private static double product(MemorySegment x, long i, MemorySegment w, long j) {
    return (double) x.get(JAVA_FLOAT_UNALIGNED, 4 * i) * w.get(JAVA_FLOAT_UNALIGNED, 4 * j);
  }

  private static List<EngineStatus> available() {
    try (Octet octet = Octet.open()) {
      List<EngineStatus> available = octet.engines().stream().filter(EngineStatus::available).toList();
      assertFalse(available.isEmpty());
      assertTrue(available.stream().anyMatch(status -> status.engine() == Engine.SCALAR));
      return available;
    }
  }

  /** Whether ONNX Runtime's and oneDNN's sums of u8 * s8 are exact here. */
  private static boolean hasVnni() throws IOException {
    return Files.readString(Path.of("/proc/cpuinfo")).matches("(?s).*\\b(avx512_vnni|avx_vnni)\\b.*");
  }
}
