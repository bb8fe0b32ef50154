package dev.octet.bench.foreign;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls of the C library. */
class CLibraryTest {
  private static final AddressLayout INT = ValueLayout.ADDRESS.withTargetLayout(ValueLayout.JAVA_INT);

  private final CLibrary c = new CLibrary(Linker.nativeLinker().defaultLookup());

  @Test
  void types() {
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(5, c.number("abs", -5));
      assertEquals(1L << 40, c.size("labs", -1L << 40));
      assertEquals(5, c.size("strlen", arena.allocateFrom("octet")));
      MemorySegment copy = c.pointer("strdup", arena.allocateFrom("octet"));
      assertEquals("octet", c.text("strcpy", copy, arena.allocateFrom("octet")));
      c.call("free", copy);
    }
  }

  @Test
  void nullIsNoPointer() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom("OCTET_HAS_NO_SUCH_VARIABLE");
      IllegalStateException e = assertThrows(IllegalStateException.class, () -> c.pointer("getenv", name));
      assertEquals("getenv returned NULL", e.getMessage());
    }
  }

  @Test
  void othersHaveNoTypeOfC() {
    assertThrows(IllegalArgumentException.class, () -> c.number("abs", 'a'));
  }

  @Test
  void noLibrary(@TempDir Path folder) {
    assertThrows(IllegalArgumentException.class,
        () -> CLibrary.open(folder.resolve("libnone.so"), Arena.global()));
  }

  static int descending(MemorySegment left, MemorySegment right) {
    return Integer.compare(right.get(ValueLayout.JAVA_INT, 0), left.get(ValueLayout.JAVA_INT, 0));
  }

  @Test
  void callback() {
    MemorySegment compare = CLibrary.callback(MethodHandles.lookup(), "descending",
        FunctionDescriptor.of(ValueLayout.JAVA_INT, INT, INT));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment numbers = arena.allocateFrom(ValueLayout.JAVA_INT, 3, 1, 4, 1, 5);
      c.call("qsort", numbers, 5L, 4L, compare);
      assertArrayEquals(new int[]{5, 4, 3, 1, 1}, numbers.toArray(ValueLayout.JAVA_INT));
    }
    assertThrows(IllegalArgumentException.class, () -> CLibrary.callback(MethodHandles.lookup(), "ascending",
        FunctionDescriptor.of(ValueLayout.JAVA_INT, INT, INT)));
  }
}
