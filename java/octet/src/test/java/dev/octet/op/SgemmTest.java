package dev.octet.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.WeightLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Sgemm on the scalar engine by hand, and what it refuses. */
class SgemmTest {
  private static final Octet OCTET = Octet.builder().engine(Engine.SCALAR).open();

  @AfterAll
  static void close() {
    OCTET.close();
  }

  private static MemorySegment floats(float... values) {
    return MemorySegment.ofArray(values);
  }

  @Test
  void byHand() {
    float[] out = new float[4];
    try (Sgemm op = OCTET.sgemm().prepare(); Sgemm turned = OCTET.sgemm().rightTransposed().prepare()) {
      op.run(floats(1, 2, 3, 4), floats(5, 6, 7, 8), MemorySegment.ofArray(out), 1, 2, 2, 2);
      assertArrayEquals(new float[]{19, 22, 43, 50}, out);
      turned.run(floats(1, 2, 3, 4), floats(5, 7, 6, 8), MemorySegment.ofArray(out), 1, 2, 2, 2);
      assertArrayEquals(new float[]{19, 22, 43, 50}, out);
      assertEquals("scalar:sgemm_f32", op.kernel());
    }
  }

  @Test
  void weightsHaveABiasOrAccumulate() {
    float[] out = {100, 200};
    try (Sgemm biased = OCTET.sgemm().weights(floats(1, 2, 3, 4), 2, 2, WeightLayout.OUT_IN).bias(10, 20)
        .prepare();
        Sgemm added = OCTET.sgemm().weights(floats(1, 2, 3, 4), 2, 2, WeightLayout.IN_OUT).accumulate()
            .prepare()) {
      added.run(floats(1, 10), MemorySegment.ofArray(out), 1);
      assertArrayEquals(new float[]{131, 242}, out);
      biased.run(floats(1, 10), MemorySegment.ofArray(out), 1);
      assertArrayEquals(new float[]{31, 63}, out);
      biased.run(floats(), floats(), 0);
    }
  }

  @Test
  void rowsHaveABias() {
    float[] out = new float[4];
    try (Sgemm op = OCTET.sgemm().rowBias(100, 200).prepare()) {
      op.run(floats(1, 2, 3, 4), floats(5, 6, 7, 8), MemorySegment.ofArray(out), 1, 2, 2, 2);
      assertArrayEquals(new float[]{119, 122, 243, 250}, out);
    }
  }

  /** Products are added in order, each with one rounding: 1 + 2^-24 is lost, 2^-24 + 2^-24 would not be. */
  @Test
  void sumsAreInOrder() {
    float[] out = new float[1];
    try (Sgemm op = OCTET.sgemm().prepare()) {
      op.run(floats(1, 0x1p-12f, 0x1p-12f), floats(1, 0x1p-12f, 0x1p-12f), MemorySegment.ofArray(out), 1, 1,
          3, 1);
      assertEquals(1f, out[0]);
      op.run(floats(0x1p-12f, 0x1p-12f, 1), floats(0x1p-12f, 0x1p-12f, 1), MemorySegment.ofArray(out), 1, 1,
          3, 1);
      assertEquals(0x1.000002p0f, out[0]);
    }
  }

  private static void refused(String message, Executable run) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, run).getMessage());
  }

  @Test
  void whatDoesNotFitIsNamed() {
    MemorySegment four = floats(1, 2, 3, 4);
    refused("k: expected >= 1, got 0", () -> OCTET.sgemm().weights(four, 0, 2, WeightLayout.IN_OUT));
    refused("layout: expected IN_OUT or OUT_IN, got OIHW",
        () -> OCTET.sgemm().weights(four, 2, 2, WeightLayout.OIHW));
    refused("weights: expected at least 24 bytes, got 16",
        () -> OCTET.sgemm().weights(four, 2, 3, WeightLayout.IN_OUT));
    refused("bias: expected finite numbers, got NaN at 0", () -> OCTET.sgemm().bias(Float.NaN));
    refused("bias: expected none without weights, got 1", () -> OCTET.sgemm().bias(1).prepare());
    refused("bias: expected 2 numbers, one for each column of the weights, got 1",
        () -> OCTET.sgemm().weights(four, 2, 2, WeightLayout.IN_OUT).bias(1).prepare());
    refused("expected at most one of bias, rowBias and accumulate()",
        () -> OCTET.sgemm().rowBias(1).accumulate().prepare());
    refused("expected at most one of bias, rowBias and accumulate()",
        () -> OCTET.sgemm().weights(four, 2, 2, WeightLayout.IN_OUT).bias(1, 2).accumulate().prepare());
    float[] out = new float[4];
    MemorySegment y = MemorySegment.ofArray(out);
    try (Sgemm op = OCTET.sgemm().prepare();
        Sgemm layer = OCTET.sgemm().weights(four, 2, 2, WeightLayout.IN_OUT).prepare()) {
      refused("right: not given, and the op has no weights", () -> op.run(four, y, 2));
      refused("right: expected none, the op has weights", () -> layer.run(four, four, y, 1, 2, 2, 2));
      refused("sizes: expected k = 2 and n = 2 of the weights, got 1 and 2",
          () -> layer.run(new BatchArguments().sizes(1, 2, 1, 2).left(four).out(y)));
      try (Sgemm rows = OCTET.sgemm().rowBias(1, 2).prepare()) {
        refused("m: expected 2, the length of rowBias, got 1", () -> rows.run(four, four, y, 1, 1, 2, 2));
      }
      refused("sizes: not given", () -> op.run(new BatchArguments().left(four).right(four).out(y)));
      refused("m: expected >= 0, got -1", () -> layer.run(four, y, -1));
      refused("k: expected >= 1, got 0", () -> op.run(four, four, y, 1, 2, 0, 2));
      refused("left: expected at least 24 bytes, got 16", () -> layer.run(four, y, 3));
      refused("right: expected at least 32 bytes, got 16", () -> op.run(four, four, y, 2, 1, 2, 2));
      refused("out: expected at least 16 bytes, got 12", () -> layer.run(four, y.asSlice(4), 2));
      refused("leftScales: expected none, operands are floats",
          () -> op.run(new BatchArguments().sizes(1, 2, 2, 2).left(four, four, null).right(four).out(y)));
      refused("rightZeroPoints: expected none, operands are floats",
          () -> op.run(new BatchArguments().sizes(1, 2, 2, 2).left(four).right(four, null, four).out(y)));
      assertThrows(IllegalArgumentException.class, () -> layer.run(y, y, 2));
      assertThrows(IllegalArgumentException.class, () -> op.run(four, y, y, 1, 2, 2, 2));
      assertThrows(IllegalArgumentException.class, () -> layer.run(four, y.asReadOnly(), 2));
    }
    assertArrayEquals(new float[4], out);
  }

  @Test
  void weightsMayBeFreedAfterPrepare() {
    for (Octet.Builder builder : List.of(Octet.builder().engine(Engine.SCALAR),
        Octet.builder().engine(Engine.VECTOR), Octet.builder())) {
      try (Octet octet = builder.open()) {
        Sgemm op;
        try (Arena arena = Arena.ofConfined()) {
          op = octet.sgemm().weights(arena.allocate(64).fill((byte) 0), 4, 4, WeightLayout.IN_OUT).prepare();
        }
        float[] out = {1, 1, 1, 1};
        op.run(floats(1, 2, 3, 4), MemorySegment.ofArray(out), 1);
        assertArrayEquals(new float[4], out);
        op.close();
        assertThrows(IllegalStateException.class,
            () -> op.run(floats(1, 2, 3, 4), MemorySegment.ofArray(out), 1));
      }
    }
  }
}
