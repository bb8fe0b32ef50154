package dev.octet.internal.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NativeMemoryTest {
  private static final long HUGE = HugePages.BYTES;
  private static final Path STATM = Path.of("/proc/self/statm");

  /** Small, at the edge, not a multiple of any page, and several huge pages. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 4097, HUGE - 1, HUGE, HUGE + 1, 3 * HUGE + 65537, 20 * HUGE})
  void everyByteCanBeWrittenAndRead(long bytes) {
    long before = NativeMemory.inUse();
    NativeMemory memory = NativeMemory.allocate(bytes);
    assertEquals(bytes, memory.bytes());
    assertEquals(bytes, NativeMemory.inUse() - before);
    assertEquals(0, memory.address() % 64);
    memory.segment().fill((byte) 77);
    assertEquals(-1, memory.segment().mismatch(MemorySegment.ofArray(filled((int) bytes))));
    memory.close();
    memory.close();
    assertEquals(before, NativeMemory.inUse());
  }

  private static byte[] filled(int bytes) {
    byte[] array = new byte[bytes];
    Arrays.fill(array, (byte) 77);
    return array;
  }

  @Test
  void moreThanThereIs() {
    assertThrows(OutOfMemoryError.class, () -> NativeMemory.allocate(1L << 60));
    assertThrows(ArithmeticException.class, () -> NativeMemory.allocate(Long.MAX_VALUE));
  }

  /** Many at once, so that they begin anywhere within a page of 64 KB: none is cut. */
  @Test
  void manyAtOnce() {
    try (Resource.Group group = new Resource.Group()) {
      List<NativeMemory> memories = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        memories.add(group.add(NativeMemory.allocate(HUGE + 4096L * i + 1)));
        memories.add(group.add(NativeMemory.allocate(200_000 + 4096 * i)));
      }
      for (int i = 0; i < memories.size(); i++) {
        memories.get(i).segment().fill((byte) i);
      }
      for (int i = 0; i < memories.size(); i++) {
        MemorySegment segment = memories.get(i).segment();
        for (long at = 0; at < segment.byteSize(); at++) {
          assertEquals((byte) i, segment.get(ValueLayout.JAVA_BYTE, at));
        }
      }
    }
  }

  /** What is freed goes back to the system: the process does not grow by a thousand times 64 MB. */
  @Test
  void isGivenBack() throws IOException {
    assumeTrue(Files.isReadable(STATM), "no /proc here");
    long before = pages();
    for (int i = 0; i < 1000; i++) {
      NativeMemory.allocate(64L << 20).close();
    }
    long grown = (pages() - before) * 4096;
    assertTrue(grown < 16L << 30, grown + " bytes");
  }

  /** Of the process's address space, of 4 KB or more. */
  private static long pages() throws IOException {
    String text = Files.readString(STATM);
    return Long.parseLong(text.substring(0, text.indexOf(' ')));
  }

  /** Whether the system takes it for memory of huge pages; whether it has some free is its affair. */
  @Test
  void asksForHugePages() throws IOException {
    Path setting = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    assumeTrue(Files.isReadable(setting), "no transparent huge pages here");
    try (NativeMemory memory = NativeMemory.allocate(8 * HUGE)) {
      assertEquals(0, memory.address() % HUGE);
      boolean mine = false;
      boolean asked = false;
      for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
        if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
          int dash = line.indexOf('-');
          mine = Long.parseUnsignedLong(line, 0, dash, 16) <= memory.address()
              && Long.parseUnsignedLong(line, dash + 1, line.indexOf(' '), 16) >= memory.address()
                  + memory.bytes();
        }
        asked |= mine && line.startsWith("VmFlags:") && line.contains(" hg");
      }
      assertTrue(asked);
    }
  }
}
