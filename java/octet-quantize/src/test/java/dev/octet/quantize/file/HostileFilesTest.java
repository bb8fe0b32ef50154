package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.octet.testing.Mutations;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutated files: each is read to the last number or refused with the exception for it; nothing else is
 * thrown, and no file makes the reader allocate more than a small multiple of its size. A reader that does
 * not come to an end is stopped after some minutes; all files take seconds.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileFilesTest {
  private static final int FILES = 60_000;
  /** Each opens files. */
  private static final int INDICES = 20_000;
  /** Reading everything takes some 40 bytes for each of the small file; Jackson's buffers are in the rest. */
  private static final long BYTES_PER_BYTE = 100;
  private static final long BYTES_APART = 300_000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir
  Path folder;

  @Test
  void safetensors() throws IOException {
    mutate(FILES, new SafetensorsTarget().seeds(folder), weights(SafetensorsFile::of));
  }

  @Test
  void shardedSafetensors() throws IOException {
    Path root = ShardedSafetensorsTarget.files(folder).toRealPath();
    mutate(INDICES, new ShardedSafetensorsTarget().seeds(folder),
        weights(text -> ShardedSafetensors.of(text.toArray(ValueLayout.JAVA_BYTE), null, root, root)));
  }

  @Test
  void onnx() {
    mutate(FILES, OnnxTarget.inMemory(), weights(OnnxFile::of));
  }

  @Test
  void gguf() {
    mutate(FILES, GgufTarget.inMemory(), GgufTarget::read);
  }

  private static Consumer<MemorySegment> weights(Function<MemorySegment, WeightFile> open) {
    return contents -> {
      try (WeightFile file = open.apply(contents)) {
        WholeFile.read(file);
      }
    };
  }

  /** Bytes that this thread has allocated. */
  static long allocated() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  private void mutate(int files, List<byte[]> seeds, Consumer<MemorySegment> read) {
    long seed = Long.getLong("octet.test.seed", 20251126);
    System.out.println("octet.test.seed=" + seed);
    int accepted = 0;
    for (byte[] file : seeds) {
      read.accept(MemorySegment.ofArray(file));
    }
    for (int i = 0; i < files; i++) {
      SplittableRandom random = new SplittableRandom(seed * 31 + i);
      byte[] file = Mutations.mutated(seeds.get(random.nextInt(seeds.size())), random);
      String which = "seed " + seed + ", file " + i;
      long allocated = allocated();
      try {
        read.accept(MemorySegment.ofArray(file));
        accepted++;
      } catch (MalformedFileException refused) {
        // as it should be
      } catch (RuntimeException | Error e) {
        fail(which + ": " + e, e);
      }
      long bytes = allocated() - allocated;
      assertTrue(bytes <= BYTES_PER_BYTE * file.length + BYTES_APART,
          which + ": " + file.length + " bytes made the reader allocate " + bytes);
    }
    // Mutations of numbers are still files; were all refused, nothing behind the first check was tried.
    assertTrue(accepted > files / 50 && accepted < files, accepted + " of " + files + " were read");
  }
}
