package dev.octet.harness.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.harness.shape.BenchCase;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The least time of a case: arithmetic or bytes. */
class LimitsTest {
  private static final List<Measurement> MEASURED = List.of(
      Measurement.parse("limit,dot,vpdpbusd-zmm,u8s8s32,1,1.0,1000"),
      Measurement.parse("limit,dot,vpdpbusd-ymm,u8s8s32,1,1.0,500"),
      Measurement.parse("limit,dot,vpmaddubsw-zmm-inexact,u8s8s32,1,1.0,4000"),
      Measurement.parse("limit,dot,vpdpbusd-zmm,u8s8s32,2,1.0,2000"),
      Measurement.parse("limit,fma,fma-zmm,f32,1,1.0,200"),
      Measurement.parse("limit,read,L1,u8,1,1.0,400"), Measurement.parse("limit,read,L2,u8,1,1.0,100"),
      Measurement.parse("limit,read,L3,u8,1,1.0,20"), Measurement.parse("limit,read,DRAM,u8,1,1.0,10"),
      Measurement.parse("limit,read,L1,u8,2,1.0,800"), Measurement.parse("limit,read,L2,u8,2,1.0,200"),
      Measurement.parse("limit,read,L3,u8,2,1.0,30"), Measurement.parse("limit,read,DRAM,u8,2,1.0,15"));

  private final Limits limits = new Limits(MEASURED, List.of(1L << 15, 1L << 20, 1L << 24));

  private double micros(String op, String shape, String form, int threads) {
    return limits.micros(BenchCase.of("limit", op, shape, form, threads));
  }

  @Test
  void arithmeticByTheBestExactInstruction() {
    assertEquals(2.0 * 256 * 256 * 256 / 1000 * 1e-3, micros("matmul", "256x256x256", "u8s8s32", 1), 1e-9);
    assertEquals(2.0 * 256 * 256 * 256 / 2000 * 1e-3, micros("matmul", "256x256x256", "s8s8s8q", 2), 1e-9);
    assertEquals(2.0 * 256 * 256 * 256 / 200 * 1e-3, micros("matmul", "256x256x256", "f32", 1), 1e-9);
    assertEquals(2.0 * 64 * 256 * 256 / 200 * 1e-3, micros("weightonly", "64x256x256", "f32s4g32f32", 1),
        1e-9);
  }

  @Test
  void paddedTapsCostNothing() {
    assertEquals(2.0 * 64 * 64 * (7 * 3 - 2) * (7 * 3 - 2) / 1000 * 1e-3,
        micros("conv", "n1_64x7x7_oc64_k3s1p1", "u8s8u8q", 1), 1e-9);
  }

  @Test
  void bytesByTheCacheThatHoldsThem() {
    assertEquals((16 + 256 + 64) / 400.0 * 1e-3, micros("matmul", "1x16x16", "u8s8s32", 1), 1e-9);
    assertEquals((512 + 512 * 512 + 512) / 100.0 * 1e-3, micros("matmul", "1x512x512", "u8s8u8q", 1), 1e-9);
    assertEquals((2048 + 2048 * 2048 + 2048) / 20.0 * 1e-3, micros("matmul", "1x2048x2048", "u8s8u8q", 1),
        1e-9);
    assertEquals((8192 + 8192L * 8192 + 8192) / 10.0 * 1e-3, micros("matmul", "1x8192x8192", "u8s8u8q", 1),
        1e-9);
    assertEquals(5 * 128 * 768 / 100.0 * 1e-3, micros("quantize", "128x768", "f32u8", 1), 1e-9);
  }

  @Test
  void threadsShareTheBytes() {
    // 1.1 MB: two halves fit into two caches of 1 MB.
    assertEquals((1050 + 1050 * 1050 + 1050) / 200.0 * 1e-3, micros("matmul", "1x1050x1050", "u8s8u8q", 2),
        1e-9);
    assertEquals((1050 + 1050 * 1050 + 1050) / 20.0 * 1e-3, micros("matmul", "1x1050x1050", "u8s8u8q", 1),
        1e-9);
    // The last cache is one for all: 17.6 MB do not fit into 16.
    assertEquals((4200 + 4200 * 4200 + 4200) / 15.0 * 1e-3, micros("matmul", "1x4200x4200", "u8s8u8q", 2),
        1e-9);
  }

  @Test
  void whatWasNotMeasuredHasNoLimit() {
    assertTrue(Double.isNaN(micros("matmul", "1x16x16", "u8s8s32", 4)));
    assertTrue(Double.isNaN(
        new Limits(List.of(), List.of()).micros(BenchCase.of("limit", "matmul", "1x16x16", "u8s8s32", 1))));
  }
}
