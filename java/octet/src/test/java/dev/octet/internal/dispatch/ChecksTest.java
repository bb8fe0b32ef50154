package dev.octet.internal.dispatch;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The gate before every kernel. */
class ChecksTest {
  private static void refused(String message, Executable check) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, check).getMessage());
  }

  private static void overflows(String operand, Executable check) {
    String message = assertThrows(IllegalArgumentException.class, check).getMessage();
    assertTrue(message.startsWith(operand + ": ") && message.endsWith(" 64 bits"), message);
  }

  @Test
  void numbers() {
    assertEquals(0, Checks.notNegative("rows", 0));
    assertEquals(Long.MAX_VALUE, Checks.notNegative("count", Long.MAX_VALUE));
    assertEquals(1, Checks.positive("height", 1));
    assertEquals(7, Checks.stride("x", 7, 7));
    refused("rows: expected >= 0, got -1", () -> Checks.notNegative("rows", -1));
    refused("count: expected >= 0, got -9223372036854775808",
        () -> Checks.notNegative("count", Long.MIN_VALUE));
    refused("height: expected >= 1, got 0", () -> Checks.positive("height", 0));
    refused("x: expected a row stride of at least 7 elements, got 6", () -> Checks.stride("x", 6, 7));
    refused("x: expected a row stride of at least 7 elements, got -8", () -> Checks.stride("x", -8, 7));
  }

  @Test
  void extents() {
    assertEquals(0, Checks.extent("x", 0, 5, 3, 4));
    assertEquals(0, Checks.extent("x", 5, 5, 0, 4));
    assertEquals(12, Checks.extent("x", 1, Long.MAX_VALUE, 3, 4));
    assertEquals(4 * (2 * 5 + 3), Checks.extent("x", 3, 5, 3, 4));
    assertEquals(Long.MAX_VALUE, Checks.extent("x", 1, Long.MAX_VALUE, Long.MAX_VALUE, 1));
    assertEquals(Long.MAX_VALUE, Checks.extent("x", 2, Long.MAX_VALUE - 9, 9, 1));
    overflows("x", () -> Checks.extent("x", 2, Long.MAX_VALUE, 1, 1));
    // 4 * (2^62 - 1) is -4 in 64 bits, and 10 columns more look like 6.
    overflows("x", () -> Checks.extent("x", 5, (1L << 62) - 1, 10, 1));
    overflows("x", () -> Checks.extent("x", 1, 1L << 62, 1L << 62, 4));
  }

  /** Numbers near every power of 2, against arithmetic that cannot overflow. */
  @Test
  void extentsAndProductsAgreeWithBigIntegers() {
    long seed = 20_25;
    Random random = new Random(seed);
    for (int i = 0; i < 50_000; i++) {
      long rows = near(random, 31);
      long columns = near(random, 62);
      long stride = Math.max(columns, near(random, 62));
      int bytes = random.nextBoolean() ? 1 : 4;
      BigInteger exact = rows == 0 || columns == 0
          ? BigInteger.ZERO
          : big(rows - 1).multiply(big(stride)).add(big(columns)).multiply(big(bytes));
      String operands = "seed " + seed + ", case " + i + ": " + rows + " " + stride + " " + columns + " "
          + bytes;
      agrees(operands, exact, () -> Checks.extent("x", rows, stride, columns, bytes));
      agrees(operands, big(columns).multiply(big(stride)), () -> Checks.product("x", columns, stride));
    }
  }

  private interface Size {
    long get();
  }

  private static void agrees(String operands, BigInteger exact, Size size) {
    if (exact.bitLength() < 64) {
      assertEquals(exact.longValueExact(), size.get(), operands);
    } else {
      assertThrows(IllegalArgumentException.class, size::get, operands);
    }
  }

  private static BigInteger big(long value) {
    return BigInteger.valueOf(value);
  }

  private static long near(Random random, int bits) {
    return Math.max(0, (1L << random.nextInt(bits + 1)) + random.nextInt(5) - 2);
  }

  @Test
  void products() {
    assertEquals(0, Checks.product("x", 0, Long.MAX_VALUE));
    assertEquals(Long.MAX_VALUE, Checks.product("x", 1, Long.MAX_VALUE));
    refused("x: size 4294967296 x 4294967296 overflows 64 bits",
        () -> Checks.product("x", 1L << 32, 1L << 32));
    refused("x: size 4294967296 x 2147483648 overflows 64 bits",
        () -> Checks.product("x", 1L << 32, 1L << 31));
  }

  @Test
  void sizes() {
    try (Arena arena = Arena.ofConfined()) {
      for (MemorySegment segment : new MemorySegment[]{arena.allocate(16),
          MemorySegment.ofArray(new byte[16]),
          MemorySegment.ofArray(new float[4]), MemorySegment.ofBuffer(ByteBuffer.allocateDirect(16))}) {
        Checks.readable("x", segment, 16);
        Checks.writable("y", segment, 0);
        refused("x: expected at least 17 bytes, got 16", () -> Checks.readable("x", segment, 17));
        refused("y: expected at least 17 bytes, got 16", () -> Checks.writable("y", segment, 17));
        Checks.readable("x", segment.asReadOnly(), 16);
        refused("y: the segment is read-only", () -> Checks.writable("y", segment.asReadOnly(), 16));
        refused("y: the segment is read-only", () -> Checks.writable("y", segment.asReadOnly(), 0));
      }
      refused("x: expected a segment, got null", () -> Checks.readable("x", null, 0));
      refused("y: expected a segment, got null", () -> Checks.writable("y", null, 0));
    }
  }

  @Test
  void aClosedArena() {
    MemorySegment[] segments = new MemorySegment[2];
    try (Arena confined = Arena.ofConfined(); Arena shared = Arena.ofShared()) {
      segments[0] = confined.allocate(16);
      segments[1] = shared.allocate(16);
    }
    for (MemorySegment segment : segments) {
      assertEquals("x: the arena of the segment is closed",
          assertThrows(IllegalStateException.class, () -> Checks.readable("x", segment, 16)).getMessage());
      assertThrows(IllegalStateException.class, () -> Checks.writable("x", segment, 0));
    }
  }

  @Test
  void aConfinedArenaOfAnotherThread() throws InterruptedException {
    try (Arena confined = Arena.ofConfined(); Arena shared = Arena.ofShared()) {
      MemorySegment mine = confined.allocate(16);
      MemorySegment anybodys = shared.allocate(16);
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread other = new Thread(() -> {
        Checks.readable("x", anybodys, 16);
        Checks.writable("x", Arena.ofAuto().allocate(16), 16);
        try {
          Checks.readable("x", mine, 16);
        } catch (Throwable e) {
          thrown.set(e);
        }
      });
      other.start();
      other.join();
      assertEquals(WrongThreadException.class, thrown.get().getClass());
      assertEquals("x: the segment belongs to another thread's confined arena", thrown.get().getMessage());
    }
  }

  /** Every pair of ranges in a small memory, heap and native, against the definition. */
  @Test
  void overlap() {
    try (Arena arena = Arena.ofConfined()) {
      byte[] array = new byte[8];
      for (MemorySegment memory : new MemorySegment[]{arena.allocate(8), MemorySegment.ofArray(array)}) {
        // The same memory through another view.
        MemorySegment again = memory.isNative()
            ? memory.asSlice(0)
            : MemorySegment.ofArray(array);
        for (int a = 0; a <= 8; a++) {
          for (int aBytes = 0; a + aBytes <= 8; aBytes++) {
            for (int b = 0; b <= 8; b++) {
              for (int bBytes = 0; b + bBytes <= 8; bBytes++) {
                // To the end of the memory: what lies beyond the bytes that are used does not count.
                overlap(memory.asSlice(a).asReadOnly(), aBytes, again.asSlice(b), bBytes,
                    shared(a, aBytes, b, bBytes));
                overlap(memory.asSlice(a, aBytes), aBytes, again.asSlice(b, bBytes), bBytes,
                    shared(a, aBytes, b, bBytes));
              }
            }
          }
        }
      }
      // Heap addresses are offsets: the same in every array, and small beside those of native memory.
      Checks.disjoint("x", MemorySegment.ofArray(array), 8, "y", MemorySegment.ofArray(new byte[8]), 8);
      Checks.disjoint("x", MemorySegment.ofArray(array), 8, "y", arena.allocate(8), 8);
      Checks.sameOrDisjoint("x", MemorySegment.ofArray(array).asSlice(1), "y",
          MemorySegment.ofArray(new byte[8]), 7);
    }
  }

  private static boolean shared(int a, int aBytes, int b, int bBytes) {
    for (int i = a; i < a + aBytes; i++) {
      if (i >= b && i < b + bBytes) {
        return true;
      }
    }
    return false;
  }

  private static void overlap(MemorySegment x, int xBytes, MemorySegment y, int yBytes, boolean shared) {
    Executable disjoint = () -> Checks.disjoint("x", x, xBytes, "y", y, yBytes);
    if (shared) {
      refused("y: expected memory of its own, but it overlaps x", disjoint);
    } else {
      assertDoesNotThrow(disjoint);
    }
    if (xBytes == yBytes) {
      Executable inPlace = () -> Checks.sameOrDisjoint("x", x, "y", y, xBytes);
      if (shared && x.address() != y.address()) {
        refused("y: expected the same memory as x or memory of its own, but it overlaps x in part", inPlace);
      } else {
        assertDoesNotThrow(inPlace);
      }
    }
  }

  /** What passes costs no garbage: fresh segments, work in place, and large segments used in part. */
  @Test
  void passingAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment[] from = {arena.allocate(64), MemorySegment.ofArray(new byte[64]),
          MemorySegment.ofArray(new byte[64]).asReadOnly()};
      MemorySegment whole = arena.allocate(128);
      byte[] array = new byte[128];
      long least = Long.MAX_VALUE;
      for (int repeat = 0; repeat < 20; repeat++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1000; i++) {
          for (int x = 0; x < from.length; x++) {
            check(from[x], from[x == 0 ? 1 : 0], true);
          }
          check(whole, whole, false);
        }
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertTrue(least < 1000, least + " bytes in 1000 rounds");
      MemorySegment x = MemorySegment.ofArray(array);
      MemorySegment y = MemorySegment.ofArray(array).asSlice(64);
      Checks.disjoint("x", x, 64, "y", y, 64);
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 1000; i++) {
        Checks.disjoint("x", x, 64, "y", y, 64);
        Checks.disjoint("x", whole, 64, "y", whole, 0);
      }
      assertTrue(threads.getCurrentThreadAllocatedBytes() - before < 1000);
    }
  }

  private static void check(MemorySegment x, MemorySegment y, boolean apart) {
    long bytes = Checks.extent("x", Checks.notNegative("rows", 4), Checks.stride("x", 16, 16), 16, 1);
    Checks.readable("x", x, bytes);
    Checks.writable("y", y, bytes);
    if (apart) {
      Checks.disjoint("x", x, bytes, "y", y, bytes);
    }
    Checks.sameOrDisjoint("x", x, "y", y, bytes);
  }
}
