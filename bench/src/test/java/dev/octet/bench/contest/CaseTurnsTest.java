package dev.octet.bench.contest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.bench.BenchFolder;
import dev.octet.bench.foreign.LimitLoops;
import dev.octet.bench.foreign.OnednnLoops;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.Peer;
import dev.octet.harness.turns.Effort;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaseTurnsTest {
  private static final Path PROGRAMS = BenchFolder.shapes().resolveSibling("target/native");
  private static final Effort SHORT = new Effort(0, 3, 0);

  private static List<BenchCase> cases(String op, String shape, String form, String... peers) {
    return Stream.of(peers).map(peer -> BenchCase.of(peer, op, shape, form, 1)).toList();
  }

  private static List<Peer> peers(List<RoundTimes> times) {
    return times.stream().map(row -> row.benchCase().peer()).toList();
  }

  @ParameterizedTest
  @CsvSource({"matmul, 7x33x17, s8s8s8q", "conv, n1_16x5x5_oc8_k3s1p1, s8s8s8q"})
  void everybodyTakesTurns(String op, String shape, String form) {
    List<String> reasons = new ArrayList<>();
    List<RoundTimes> times = new CaseTurns(PROGRAMS, reasons::add)
        .time(cases(op, shape, form, "octet-scalar", "onednn-c", "ort", "ort-u8"), SHORT);
    List<Peer> expected = new ArrayList<>(List.of(Peer.OCTET_SCALAR, Peer.ORT, Peer.ORT_U8));
    if (OnednnLoops.here(PROGRAMS).isPresent()) {
      expected.add(1, Peer.ONEDNN_C);
    }
    if (LimitLoops.here(PROGRAMS).isPresent()) {
      expected.addFirst(Peer.LIMIT);
    }
    assertEquals(expected, peers(times), reasons.toString());
    for (RoundTimes row : times) {
      assertEquals(3, row.micros().length);
      assertTrue(row.medianMicros() > 0, row.toString());
      assertFalse(row.kernel().isEmpty());
    }
  }

  @Test
  void whoDoesNotOfferItIsLeftOutWithAReason(@TempDir Path empty) {
    List<String> reasons = new ArrayList<>();
    List<RoundTimes> times = new CaseTurns(empty, reasons::add)
        .time(cases("requantize", "5x33", "s32s8q", "octet-scalar", "ort"), SHORT);
    assertEquals(List.of(Peer.OCTET_SCALAR), peers(times));
    assertEquals(List.of("limit: bench-loops was not built, or is not for this CPU",
        "ort: ONNX Runtime has no operator for requantize"), reasons);
    assertEquals(List.of(), new CaseTurns(empty, reasons::add)
        .time(cases("requantize", "5x33", "s32s8q", "ort"), SHORT));
  }

  @Test
  void theLimitIsWhateverTakesLonger() {
    Optional<LimitLoops> loops = LimitLoops.here(PROGRAMS);
    assumeTrue(loops.isPresent(), "skipped, bench-loops was not built for this CPU");
    for (String[] row : new String[][]{{"matmul", "256x512x512", "u8s8s32", "multiply bytes"},
        {"matmul", "256x512x512", "f32", "multiply floats"}, {"matmul", "1x2048x2048", "u8s8s32", "read"},
        {"add", "64x512", "s8s8s8", "read"}}) {
      BenchCase limited = cases(row[0], row[1], row[2], "limit").getFirst();
      try (LimitTurn limit = new LimitTurn(loops.orElseThrow(), limited)) {
        assertEquals(row[3], limit.kernel(), limited.toString());
        limit.run(2);
      }
    }
  }

  @Test
  void onednnIsRightThroughTheLibrary() {
    Optional<OnednnLoops> onednn = OnednnLoops.here(PROGRAMS);
    assumeTrue(onednn.isPresent(), "skipped, bench-onednn was not built");
    for (String[] words : new String[][]{{"matmul", "7x33x17", "f32"}, {"matmul", "7x33x17", "u8s8s32"},
        {"conv", "n2_16x9x7_oc32_k3s1p1", "u8s8u8q"}}) {
      try (OnednnLoops.Primitive primitive = onednn.orElseThrow().new Primitive(words[0], words[1], words[2],
          1)) {
        primitive.run(3);
        assertEquals(0, primitive.differences(), primitive.implementation());
      }
    }
    UnsupportedOperationException e = assertThrows(UnsupportedOperationException.class,
        () -> onednn.orElseThrow().new Primitive("add", "7x33", "f32", 1));
    assertEquals("unknown op \"add\"", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"33x256x64, f32s4g32f32", "1x96x17, f32s8g32f32"})
  void onednnTakesRowsThatWereQuantizedInGroups(String shape, String form) {
    Optional<OnednnLoops> onednn = OnednnLoops.here(PROGRAMS);
    assumeTrue(onednn.isPresent(), "skipped, bench-onednn was not built");
    try (OnednnLoops.Primitive primitive = onednn.orElseThrow().new Primitive("matmul", shape, form, 1)) {
      primitive.run(3);
      assertEquals(0, primitive.differences(), primitive.implementation());
      assertTrue(primitive.implementation().contains(", rows quantized beforehand"),
          primitive.implementation());
    } catch (UnsupportedOperationException slow) { // a CPU without AVX-512
      assertEquals("oneDNN has nothing faster than ref_int8:any for scales per group here",
          slow.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({"matmul, 7x80x18, f32s4g32f32, oneDNN takes whole groups: K of 80 is no multiple of 32",
      "matmul, 7x64x17, f32s4g32f32, oneDNN takes whole bytes: N of 17 is odd with weights of S4",
      "conv, n1_16x5x5_oc8_k3s1p1, f32s4g32f32, no conv with scales per group",
      "matmul, 7x64x18, f32s4f32, 'cannot read \"f32s4f32\"'"})
  void whatOnednnDoesNotTakeIsRefusedByName(String op, String shape, String form, String reason) {
    Optional<OnednnLoops> onednn = OnednnLoops.here(PROGRAMS);
    assumeTrue(onednn.isPresent(), "skipped, bench-onednn was not built");
    UnsupportedOperationException e = assertThrows(UnsupportedOperationException.class,
        () -> onednn.orElseThrow().new Primitive(op, shape, form, 1));
    assertEquals(reason, e.getMessage());
  }
}
