package dev.octet.harness.shape;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.harness.shape.ShapeFile.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The words of shape files and of results.csv. */
class ShapesTest {
  @ParameterizedTest
  @ValueSource(strings = {"128x768x3072", "1x1x1", "128x768", "b12_128x32x128", "n1_64x56x56_oc64_k3s1p1",
      "n1_32x112x112_oc32_k3s1p1_dw",
      "n2_32x11x13_oc64_k3s2p2d2g4", "n1_3x224x224_oc64_k7s2p3", "p1_64x112x112_k3s2p1", "p2_5x7x9_k1s1p0"})
  void textIsReadAndWrittenAlike(String text) {
    assertEquals(text, BenchShape.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "128", "128x768x", "0x768x768", "128x768x768x2", "-1x2x3", "128 x 768 x 768",
      "n1_64x56x56", "b_1x2x3", "b2_3x4",
      "n1_64x56x56_oc64_k3s1", "n1_64x56x56_oc64_k3s1p1_g2", "n1_64x56x56_oc64_k3s1p1g2_dw", "9999999999x1x1",
      "n1_64x56x56_oc64_k3s1p1g3", "n1_8x2x2_oc8_k5s1p0", "p1_8x2x2", "p1_8x2x2_k5s1p0", "p1_8x9x9_k2s1p2",
      "p1_8x9x9_oc8_k3s1p1"})
  void whatIsNoShapeIsRefused(String text) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> BenchShape.parse(text));
    assertTrue(e.getMessage().contains("\"" + text + "\""), e.getMessage());
  }

  @Test
  void matMulCounts() {
    MatMulShape shape = new MatMulShape(2, 3, 5);
    assertEquals(60, shape.operations());
    assertEquals(60, shape.neededOperations());
    assertEquals(List.of(6L, 15L, 10L),
        List.of(shape.sourceElements(), shape.weightElements(), shape.destinationElements()));
  }

  @ParameterizedTest
  @CsvSource({"n1_3x224x224_oc64_k7s2p3, 112, 112", "n1_64x56x56_oc64_k3s1p1, 56, 56",
      "n1_8x9x7_oc8_k3s2p0, 4, 3",
      "n1_8x9x7_oc8_k3s1p2d2, 9, 7", "n1_8x9x7_oc8_k1s1p0, 9, 7"})
  void convOutput(String text, int height, int width) {
    ConvShape shape = (ConvShape) BenchShape.parse(text);
    assertEquals(height, shape.outHeight());
    assertEquals(width, shape.outWidth());
  }

  @Test
  void convCounts() {
    ConvShape shape = (ConvShape) BenchShape.parse("n2_4x5x3_oc6_k3s1p1");
    assertEquals(2 * 2 * 5 * 3 * 6 * 4 * 9, shape.operations());
    // Rows: 5 outputs of 3 taps, one missing at each end: 13; columns: 3 outputs: 7.
    assertEquals(2 * 2 * 6 * 4 * 13 * 7, shape.neededOperations());
    ConvShape depthwise = (ConvShape) BenchShape.parse("n1_8x5x3_oc8_k3s1p1_dw");
    assertEquals(8, depthwise.groups());
    assertEquals(1, depthwise.channelsPerGroup());
    assertEquals(2 * 5 * 3 * 8 * 9, depthwise.operations());
    assertEquals(72, depthwise.weightElements());
  }

  @Test
  void poolCounts() {
    PoolShape shape = (PoolShape) BenchShape.parse("p2_4x9x7_k3s2p1");
    assertEquals(List.of(5, 4), List.of(shape.outHeight(), shape.outWidth()));
    assertEquals(List.of(2L * 4 * 9 * 7, 0L, 2L * 4 * 5 * 4),
        List.of(shape.sourceElements(), shape.weightElements(), shape.destinationElements()));
    assertEquals(2 * 4 * 5 * 4 * 9, shape.operations());
  }

  @ParameterizedTest
  @ValueSource(strings = {"f32", "u8s8s32", "s8s8s32", "u8s8u8q", "s8s8s8q", "f32s8f32", "f32s4g32f32",
      "f32u8", "u8f32",
      "s32s8q", "s8s8s8"})
  void formIsReadAndWrittenAlike(String text) {
    assertEquals(text, Form.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "q", "s9", "u8s8u8x", "u8s8u8s8", "u8s8u8qq", "u8g32s8u8", "f32s4gf32",
      "f32 f32"})
  void whatIsNoFormIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Form.parse(text));
  }

  @Test
  void formNamesItsTypes() {
    Form form = Form.parse("f32s4g32f32");
    assertEquals(List.of(DataType.F32, DataType.S4, DataType.F32), form.types());
    assertEquals(32, form.groupSize());
    assertFalse(form.requantized());
    assertTrue(Form.parse("u8s8u8q").requantized());
    assertEquals(Form.parse("u8s8u8q"), Form.parse("s8s8s8q").withUnsignedActivations());
    assertEquals(Form.parse("u8s8s32"), Form.parse("s8s8s32").withUnsignedActivations());
    for (String same : List.of("u8s8s32", "f32s4g32f32", "f32", "f32u8")) {
      assertEquals(Form.parse(same), Form.parse(same).withUnsignedActivations());
    }
    Form single = Form.parse("f32");
    assertTrue(single.isFloat());
    assertEquals(DataType.F32, single.weights());
    assertEquals(DataType.U8, Form.parse("f32u8").destination());
    assertEquals(DataType.F32, Form.parse("f32u8").source());
  }

  @Test
  void caseCountsItsBytes() {
    assertEquals(2 * 3 + 3 * 5 + 4 * 2 * 5, BenchCase.of("ort", "matmul", "2x3x5", "u8s8s32", 1).bytes());
    assertEquals(4 * 2 * 64 + 64 * 5 / 2 + 4 * 2 * 5,
        BenchCase.of("ort", "matmul", "2x64x5", "f32s4g32f32", 1).bytes());
    assertEquals(3 * 6, BenchCase.of("ort", "add", "2x3", "s8s8s8", 1).bytes());
    assertEquals(5 * 6, BenchCase.of("ort", "quantize", "2x3", "f32u8", 1).bytes());
  }

  @Test
  void fileHasCommentsAndForms(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("model.txt"), """
        # a model
        1x2x3      # first

        dtypes: f32 u8s8u8q
        4x5x6
        peers: octet-avx2  ort
        dtypes:
        7x8
        peers:
        8x9
        """);
    assertEquals(
        List.of(new Entry(new MatMulShape(1, 2, 3), List.of(), List.of()),
            new Entry(new MatMulShape(4, 5, 6), List.of(Form.F32, Form.parse("u8s8u8q")), List.of()),
            new Entry(new RowsShape(7, 8), List.of(), List.of(Peer.OCTET_AVX2, Peer.ORT)),
            new Entry(new RowsShape(8, 9), List.of(), List.of())),
        ShapeFile.read(file).entries());
  }

  @Test
  void fileErrorsNameTheLine(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("model.txt"), "1x2x3\nseven\n");
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> ShapeFile.read(file));
    assertTrue(e.getMessage().startsWith("model.txt:2: "), e.getMessage());
  }

  @Test
  void namesOfPeersAndOps() {
    for (Peer peer : Peer.values()) {
      assertEquals(peer, Peer.named(peer.toString()));
    }
    for (BenchOp op : BenchOp.values()) {
      assertEquals(op, BenchOp.named(op.toString()));
    }
    assertEquals(
        "[octet-scalar, octet-vector, octet-native, octet-avx512, octet-avxvnni, octet-avx2, octet-baseline, octet-onednn, octet-onednn-fused, java-widening, java-loop, java-f32, onednn-c, ort, ort-u8, mkl, ggml, limit]",
        Peer.values().toString());
    assertThrows(IllegalArgumentException.class, () -> Peer.named("octet"));
    assertThrows(IllegalArgumentException.class, () -> BenchOp.named("gemm"));
  }
  @Test
  void peersHaveOneObjectForAName() {
    assertSame(Peer.of("mine"), Peer.of("mine"));
    assertSame(Peer.OCTET_NATIVE, Peer.of("octet-native"));
    assertThrows(IllegalArgumentException.class, () -> Peer.named("mine"));
    for (String name : new String[]{"", "Mine", "a,b", "a b", "-a", "a".repeat(41)}) {
      assertEquals(
          "peer: expected 1 to 40 lower case letters, digits, dots, hyphens and underscores, got \"" + name
              + "\"",
          assertThrows(IllegalArgumentException.class, () -> Peer.of(name)).getMessage());
    }
  }
}
