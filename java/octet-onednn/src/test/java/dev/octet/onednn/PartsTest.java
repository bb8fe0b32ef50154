package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The small parts that this engine is made of. */
class PartsTest {
  private static final long SEED = 20250107;

  @Test
  void rowCountsRoundUpByAFifthAtMost() {
    for (int rows = 1; rows < 100_000; rows++) {
      int index = RowCounts.index(rows);
      int rounded = RowCounts.rows(index);
      assertTrue(rounded >= rows && (rounded - rows) * 5 <= rounded, rows + " -> " + rounded);
      assertTrue(index == 0 || RowCounts.rows(index - 1) < rows, rows + " -> " + rounded + " skips one");
    }
    assertEquals(27, RowCounts.index(256), "numbers below 256");
  }

  @Test
  void partsOfManyRowsWasteATwelfthAtMost() {
    for (int rows = 1; rows < 100_000; rows++) {
      int part = RowCounts.part(rows);
      int read = RowCounts.rows(RowCounts.index(part));
      assertTrue(part >= 1 && part <= rows, rows + " -> " + part);
      // Whoever is not last reads no row of the next.
      assertTrue(part == rows || read == part, rows + " -> " + part + ", which reads " + read);
      assertTrue(part < rows || rows < 32 || (read - rows) * 12 < rows, rows + " -> " + read);
    }
    assertEquals(192, RowCounts.part(196));
  }

  @Test
  void halvesOfEveryByteAddUpAndStayWithinTheLimit() {
    int count = 256 + 5; // not a multiple of eight
    try (NativeMemory memory = NativeMemory.allocate(2L * count)) {
      for (int i = 0; i < count; i++) {
        memory.segment().set(ValueLayout.JAVA_BYTE, i, (byte) i);
      }
      Halves.split(memory.segment(), 0, count, count);
      for (int i = 0; i < count; i++) {
        int first = memory.segment().get(ValueLayout.JAVA_BYTE, i);
        int second = memory.segment().get(ValueLayout.JAVA_BYTE, count + i);
        assertEquals((byte) i, first + second);
        assertTrue(Math.max(Math.abs(first), Math.abs(second)) <= Int8Rule.LIMIT, first + " + " + second);
      }
    }
  }

  @Test
  void aPairOfProductsWithinTheLimitFitsSixteenBits() {
    assertTrue(2 * 255 * Int8Rule.LIMIT <= Short.MAX_VALUE);
  }

  @Test
  void piecesOfWeightsSumUpWithinTheIntegersOfAFloatAndAreAsFewAsPossible() {
    Random random = new Random(SEED);
    for (int[] size : new int[][]{{1, 1}, {600, 3}, {3000, 5}, {20_000, 2}}) {
      for (int bias : new int[]{0, 60, 127}) {
        int k = size[0];
        int n = size[1];
        byte[] weights = new byte[k * n];
        for (int i = 0; i < weights.length; i++) {
          weights[i] = (byte) Math.clamp(random.nextInt(-128, 128) + bias, -128, 127);
        }
        int piece = ExactSums.piece(MemorySegment.ofArray(weights), k, n, 4);
        String text = k + "x" + n + " bias " + bias + " seed " + SEED + " piece " + piece;
        assertEquals(0, piece % 4, text);
        assertTrue(isExact(weights, k, n, piece), text);
        int fewer = Math.ceilDiv(k, piece) - 1;
        assertTrue(fewer == 0 || !isExact(weights, k, n, Math.ceilDiv(Math.ceilDiv(k, fewer), 4) * 4), text);
      }
    }
    assertEquals(514, ExactSums.anyPiece());
  }

  /** Whether 255 times the weights of one sign of every piece fits the 24 bits of a float. */
  private static boolean isExact(byte[] weights, int k, int n, int piece) {
    for (int c = 0; c < n; c++) {
      for (int from = 0; from < k; from += piece) {
        long positive = 0;
        long negative = 0;
        for (int i = from; i < Math.min(k, from + piece); i++) {
          positive += 255L * Math.max(weights[i * n + c], 0);
          negative -= 255L * Math.min(weights[i * n + c], 0);
        }
        if (Math.max(positive, negative) > 1 << 24) {
          return false;
        }
      }
    }
    return true;
  }

  @Test
  void anImplementationThatWasNotTriedIsNotTrusted() {
    DnnlLibrary.get();
    assertFalse(ExactSums.keeps("some:other"));
    assertFalse(ExactSums.keeps("gemm:jit"), "it passes sums through floats");
  }

  @Test
  void implementationsAreToldApartByName() {
    for (String exact : List.of("brg_matmul:avx512_core_vnni", "brg_matmul:avx10_1_512_amx",
        "brgconv:avx2_vnni_2",
        "jit_int8:avx512_core_vnni", "brg_matmul:avx512_core_bf16", "brg_matmul:avx10_1_512")) {
      assertTrue(Int8Rule.isExact(exact), exact);
      assertSame(Int8Rule.Form.PLAIN, new Int8Rule(false).form(exact, "op"));
    }
    for (String saturating : List.of("gemm:jit", "brg_matmul:avx512_core", "jit_int8:avx2",
        "x8s8s32x_gemm:jit")) {
      assertFalse(Int8Rule.isExact(saturating), saturating);
      assertSame(Int8Rule.Form.SPLIT, new Int8Rule(true).form(saturating, "op"));
      String message = assertThrows(UnsupportedOperationException.class,
          () -> new Int8Rule(false).form(saturating, "op")).getMessage();
      assertTrue(message.startsWith("op: oneDNN would run " + saturating), message);
    }
    for (String reference : List.of("ref:any", "ref_int8:any", "gemm:ref")) {
      for (boolean split : new boolean[]{false, true}) {
        String message = assertThrows(UnsupportedOperationException.class,
            () -> new Int8Rule(split).form(reference, "op")).getMessage();
        assertTrue(message.contains("slow reference"), message);
      }
    }
  }

  @Test
  void aFailureTellsFunctionStatusAndArguments() {
    DnnlLibrary.get();
    try (Handle a = Dnnl.desc(Dnnl.F32, Dnnl.TAG_AB, 2, 3);
        Handle b = Dnnl.desc(Dnnl.F32, Dnnl.TAG_AB, 4, 5);
        Handle attributes = Dnnl.attributes()) {
      DnnlException e = assertThrows(DnnlException.class, () -> Dnnl.matMul(a, b, null, a, attributes));
      assertEquals("dnnl_matmul_primitive_desc_create(f32[2, 3] tag 3 x f32[4, 5] tag 3 -> f32[2, 3] tag 3): "
          + "dnnl_invalid_arguments", e.getMessage());
      assertSame(e, e.orUnsupported("op"));
    }
    assertTrue(new DnnlException(3, "f", "").orUnsupported("op") instanceof UnsupportedOperationException);
    assertTrue(new DnnlException(77, "f", "").getMessage().endsWith("dnnl_status_t 77"));
  }

  @Test
  void handlesAreDestroyedOnce() {
    int[] destroyed = new int[1];
    Handle handle = new Handle(MemorySegment.NULL, "something", h -> destroyed[0]++);
    handle.close();
    handle.close();
    assertEquals(1, destroyed[0]);
  }

  @Test
  void aGroupClosesEverythingLastFirstAndKeepsFailures() {
    List<String> closed = new ArrayList<>();
    Resource.Group group = new Resource.Group();
    group.add(() -> closed.add("first"));
    group.add(() -> {
      closed.add("second");
      throw new IllegalStateException("second");
    });
    group.add(() -> {
      closed.add("third");
      throw new IllegalStateException("third");
    });
    IllegalStateException e = assertThrows(IllegalStateException.class, group::close);
    assertEquals("third", e.getMessage());
    assertEquals("second", e.getSuppressed()[0].getMessage());
    assertEquals(List.of("third", "second", "first"), closed);
    group.close();
    assertEquals(3, closed.size(), "closed twice");
  }

  @Test
  void openMpIsHeldToOneThreadAndGivenBack() {
    DnnlLibrary.get();
    int before = Dnnl.threads();
    try {
      Dnnl.setThreads(7);
      try (Handle desc = Dnnl.desc(Dnnl.F32, Dnnl.TAG_AB, 2, 2);
          Handle attributes = Dnnl.attributes();
          Handle description = Dnnl.matMul(desc, desc, null, desc, attributes);
          NativeMemory data = NativeMemory.allocate(48);
          Handle weights = Dnnl.memory(desc, data.address());
          Runner runner = new Runner(description, weights)) {
        runner.run(data.address() + 16, data.address() + 32, MemorySegment.NULL, MemorySegment.NULL);
      }
      assertEquals(7, Dnnl.threads());
    } finally {
      Dnnl.setThreads(before);
    }
  }

  @Test
  void memoryIsAlignedCountedAndFreedOnce() {
    long before = NativeMemory.inUse();
    NativeMemory memory = NativeMemory.allocate(100);
    assertEquals(0, memory.address() % 64);
    assertEquals(100, memory.segment().byteSize());
    assertEquals(before + 100, NativeMemory.inUse());
    memory.close();
    memory.close();
    assertEquals(before, NativeMemory.inUse());
    assertThrows(OutOfMemoryError.class, () -> NativeMemory.allocate(1L << 62));
  }

  @Test
  void scratchGrowsAndNeverShrinks() {
    try (Scratch scratch = new Scratch()) {
      long small = scratch.address(10);
      assertEquals(small, scratch.address(5));
      scratch.address(1000);
      assertEquals(1000, scratch.memory(10).bytes());
    }
  }

  /** What a shape was compiled to. */
  private static final class Shape implements Resource {
    private final long shape;
    private boolean closed;

    Shape(long shape) {
      this.shape = shape;
    }

    @Override
    public void close() {
      assertFalse(closed, "closed twice");
      closed = true;
    }
  }

  @Test
  void theCacheKeepsWhatWasUsedLastAndClosesNothingInUse() {
    List<Shape> made = new ArrayList<>();
    ShapeCache<Shape> cache = new ShapeCache<>(2, shape -> {
      made.add(new Shape(shape));
      return made.getLast();
    });
    ShapeCache.Entry<Shape> one = cache.acquire(1);
    cache.release(cache.acquire(2));
    ShapeCache.Entry<Shape> again = cache.acquire(1);
    assertSame(one.value(), again.value());
    cache.release(again);
    ShapeCache.Entry<Shape> three = cache.acquire(3);
    assertTrue(made.get(1).closed, "2 was used least recently");
    cache.release(cache.acquire(4));
    assertEquals(2, cache.size());
    assertFalse(one.value().closed, "1 is in use");
    cache.release(one);
    assertTrue(one.value().closed, "1 is used no more");
    assertNotSame(one.value(), cache.acquire(1).value());
    assertEquals(1, made.getLast().shape);
    cache.release(three);
  }
}
