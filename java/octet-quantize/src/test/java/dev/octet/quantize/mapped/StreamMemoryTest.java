package dev.octet.quantize.mapped;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A stream becomes native memory, whatever it says of its length, which is freed with the mapping. */
class StreamMemoryTest {
  /** Gives some bytes at a time. */
  private static InputStream stream(byte[] bytes, int atATime, int available) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public int read(byte[] into, int from, int count) {
        return super.read(into, from, Math.min(count, atATime));
      }

      @Override
      public int available() {
        return available;
      }
    };
  }

  @Test
  void readsToTheEnd() throws IOException {
    Random random = new Random(5);
    for (int length : new int[]{0, 1, 65535, 65536, 65537, 300_000}) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      for (int available : new int[]{0, length, length / 2, 2 * length, -1}) {
        StreamMemory memory = StreamMemory.read(stream(bytes, random.nextInt(1000, 100_000), available));
        assertTrue(memory.data().isNative() && memory.data().isReadOnly());
        assertArrayEquals(bytes, memory.data().toArray(ValueLayout.JAVA_BYTE),
            length + " bytes, " + available + " available");
        memory.arena().close();
      }
    }
  }

  @Test
  void failuresOfStreamsComeThrough() {
    IOException broken = new IOException("broken");
    InputStream stream = new FilterInputStream(InputStream.nullInputStream()) {
      @Override
      public int read(byte[] into, int from, int count) throws IOException {
        throw broken;
      }
    };
    assertSame(broken,
        assertThrows(IOException.class, () -> Mapping.open(stream, (memory, mapping) -> memory)));
  }

  @Test
  void isFreedWhenTheMappingIsClosedOrItsReaderFails() throws IOException {
    byte[] bytes = {1, 2, 3};
    AtomicReference<MemorySegment> kept = new AtomicReference<>();
    try (Mapping mapping = Mapping.open(stream(bytes, 3, 3), (memory, owner) -> {
      kept.set(memory);
      return owner;
    })) {
      mapping.requireUnchanged();
      assertEquals(3, kept.get().get(ValueLayout.JAVA_BYTE, 2));
    }
    assertThrows(IllegalStateException.class, () -> kept.get().get(ValueLayout.JAVA_BYTE, 2));
    assertThrows(ArithmeticException.class, () -> Mapping.open(stream(bytes, 3, 3), (memory, owner) -> {
      kept.set(memory);
      throw new ArithmeticException();
    }));
    assertThrows(IllegalStateException.class, () -> kept.get().get(ValueLayout.JAVA_BYTE, 2));
  }
}
