package dev.octet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.BenchOp;
import dev.octet.harness.shape.BenchShape;
import dev.octet.harness.shape.Form;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.shape.RowsShape;
import dev.octet.harness.shape.ShapeFile;
import dev.octet.harness.shape.ShapeFile.Entry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which cases a suite measures. */
class PlanTest {
  private static final Set<Peer> EVERYBODY = Set.copyOf(Peer.values());

  private static ShapeFile file(String shape, String... forms) {
    return new ShapeFile(
        List.of(new Entry(BenchShape.parse(shape), List.of(forms).stream().map(Form::parse).toList(),
            List.of())));
  }

  private static List<String> texts(List<BenchCase> cases) {
    return cases.stream().map(BenchCase::toString).toList();
  }

  @Test
  void peersOfOneShapeStandTogether() {
    Set<Peer> peers = new LinkedHashSet<>(List.of(Peer.ONEDNN_C, Peer.OCTET_ONEDNN));
    assertEquals(
        List.of("onednn-c matmul 8x64x96 f32 1 thread", "octet-onednn matmul 8x64x96 f32 1 thread",
            "onednn-c matmul 8x64x96 f32 2 threads", "octet-onednn matmul 8x64x96 f32 2 threads",
            "onednn-c matmul 8x64x96 u8s8u8q 1 thread", "octet-onednn matmul 8x64x96 u8s8u8q 1 thread",
            "onednn-c matmul 8x64x96 u8s8u8q 2 threads", "octet-onednn matmul 8x64x96 u8s8u8q 2 threads"),
        texts(new Plan(Suite.matmul, List.of(1, 2), peers, Set.of())
            .cases(List.of(file("8x64x96", "f32", "u8s8u8q")))));
  }

  @Test
  void formsThatAreAskedForAlone() {
    List<BenchCase> cases = new Plan(Suite.matmul, List.of(1), Set.of(Peer.ORT),
        Set.of(Form.parse("u8s8s32")))
        .cases(List.of(file("8x64x96"), file("8x64x96", "f32"), file("8x64x96")));
    assertEquals(List.of("ort matmul 8x64x96 u8s8s32 1 thread"), texts(cases));
  }

  @Test
  void peersOfALineAlone() {
    ShapeFile lines = new ShapeFile(List.of(
        new Entry(BenchShape.parse("1x64x96"), List.of(Form.parse("u8s8s32")), List.of()),
        new Entry(BenchShape.parse("2x64x96"), List.of(Form.parse("u8s8s32")),
            List.of(Peer.OCTET_AVX2, Peer.OCTET_AVXVNNI, Peer.ORT))));
    assertEquals(
        List.of("ort matmul 1x64x96 u8s8s32 1 thread", "octet-avx2 matmul 2x64x96 u8s8s32 1 thread",
            "ort matmul 2x64x96 u8s8s32 1 thread"),
        texts(new Plan(Suite.all, List.of(1), Set.of(Peer.ORT), Set.of(Peer.ORT, Peer.OCTET_AVX2), Set.of())
            .cases(List.of(lines))));
  }

  @Test
  void groupsAreMeasuredInBothArithmetics() {
    List<BenchCase> cases = new Plan(Suite.matmul, List.of(1), Set.of(Peer.ORT), Set.of())
        .cases(List.of(file("1x64x96", "f32s4g32f32")));
    assertEquals(
        List.of("ort matmul 1x64x96 f32s4g32f32 1 thread", "ort weightonly 1x64x96 f32s4g32f32 1 thread"),
        texts(cases));
  }

  @Test
  void onednnMultipliesGroupsInIntegersAlone() {
    List<BenchCase> cases = new Plan(Suite.all, List.of(1), Set.of(Peer.ONEDNN_C), Set.of())
        .cases(List.of(file("1x64x96", "f32s4g32f32", "f32s8f32")));
    assertEquals(List.of("onednn-c matmul 1x64x96 f32s4g32f32 1 thread"), texts(cases));
  }

  @Test
  void mklMultipliesBytesToSumsAlone() {
    Plan plan = new Plan(Suite.all, List.of(1), Set.of(Peer.MKL), Set.of());
    assertEquals(List.of("mkl matmul 8x64x96 u8s8s32 1 thread", "mkl matmul 8x64x96 s8s8s32 1 thread"),
        texts(plan.cases(List.of(file("8x64x96", "f32", "u8s8s32", "u8s8u8q", "s8s8s32", "f32s8f32")))));
  }

  @Test
  void scalarIsSparedWhatTakesTooLong() {
    Plan plan = new Plan(Suite.matmul, List.of(1, 2), Set.of(Peer.OCTET_SCALAR), Set.of());
    assertEquals(List.of("octet-scalar matmul 7x333x129 u8s8u8q 1 thread"),
        texts(plan.cases(List.of(file("7x333x129", "f32", "u8s8u8q"), file("256x256x256", "u8s8u8q")))));
  }

  @ParameterizedTest
  @EnumSource(value = Suite.class, mode = EnumSource.Mode.EXCLUDE, names = {"figures", "gate", "limits",
      "numbers", "networks", "llama_decode", "models", "texts", "loads"})
  void suitesReadFilesThatHaveTheirShapes(Suite suite) throws IOException {
    List<ShapeFile> files = new ArrayList<>();
    for (String name : suite.shapes()) {
      files.add(ShapeFile.read(BenchFolder.shapes().resolve(name + ".txt")));
    }
    List<BenchCase> cases = new Plan(suite, List.of(1), EVERYBODY, Set.of()).cases(files);
    assertEquals(cases.size(), new HashSet<>(cases).size());
    Set<Peer> peers = new HashSet<>(Peer.values());
    peers.removeAll(Set.of(Peer.GGML, Peer.LIMIT));
    if (suite == Suite.quantize || suite == Suite.callers) {
      peers.removeAll(Set.of(Peer.ONEDNN_C, Peer.OCTET_ONEDNN_FUSED));
    }
    if (suite == Suite.quantize || suite == Suite.smoke) {
      peers.remove(Peer.ORT_U8);
    }
    if (Set.of(Suite.conv, Suite.quantize, Suite.overhead, Suite.callers).contains(suite)) {
      peers.remove(Peer.MKL);
    }
    if (suite != Suite.matmul) {
      peers.remove(Peer.JAVA_F32);
    }
    if (suite != Suite.matmul && suite != Suite.all) {
      peers.removeAll(Set.of(Peer.JAVA_WIDENING, Peer.JAVA_LOOP));
    }
    assertEquals(peers, cases.stream().map(BenchCase::peer).collect(Collectors.toSet()),
        "somebody is missing");
    for (BenchCase benchCase : cases) {
      assertTrue(benchCase.op().takes(benchCase.shape()), benchCase.toString());
      assertFalse(benchCase.peer() == Peer.ONEDNN_C && benchCase.shape() instanceof RowsShape,
          benchCase.toString());
    }
    if (suite == Suite.smoke) {
      assertEquals(EnumSet.allOf(BenchOp.class),
          cases.stream().map(BenchCase::op).collect(Collectors.toSet()),
          "the smoke has one of each");
    }
  }

  @Test
  void namesOfSuites() {
    assertEquals(
        "[all, figures, gate, limits, numbers, matmul, conv, quantize, overhead, callers, networks, llama-decode, models, texts, loads, smoke]",
        List.of(Suite.values()).toString());
  }
}
