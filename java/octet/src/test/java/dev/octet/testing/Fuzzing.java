package dev.octet.testing;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Runs a {@link FuzzTarget}: a number of mutations in a unit test, or whatever Jazzer thinks of, which needs
 * the two static methods and nothing of its own on the class path (ci/fuzz).
 */
public final class Fuzzing {
  /** No reader needs more for each byte of its input: a histogram of 64 KB takes some 70 bytes of text. */
  private static final long BYTES_PER_BYTE = 2000;
  /** Jackson's buffers, the tests of what was read and, under Jazzer, its hooks. */
  private static final long BYTES_APART = 32 << 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static FuzzTarget target;
  private static Path folder;

  private Fuzzing() {}

  /** Called by Jazzer, with the class of the target and its folder. */
  public static void fuzzerInitialize(String[] args) throws IOException, ReflectiveOperationException {
    target = target(args[0]);
    folder = Files.createDirectories(Path.of(args[1]));
  }

  /** Called by Jazzer. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    target.run(input, folder);
  }

  private static FuzzTarget target(String name) throws ReflectiveOperationException {
    Constructor<?> constructor = Class.forName(name).getDeclaredConstructor();
    constructor.setAccessible(true);
    return (FuzzTarget) constructor.newInstance();
  }

  /** Writes the seeds of a target, a class, into a folder; the second argument is the target's own folder. */
  public static void main(String[] args) throws IOException, ReflectiveOperationException {
    Path into = Files.createDirectories(Path.of(args[2]));
    List<byte[]> seeds = target(args[0]).seeds(Files.createDirectories(Path.of(args[1])));
    for (int i = 0; i < seeds.size(); i++) {
      Files.write(into.resolve("seed-" + i), seeds.get(i));
    }
  }

  /** Runs the seeds and a number of mutations of them. */
  public static void mutate(FuzzTarget target, int inputs, Path folder) throws IOException {
    long seed = Long.getLong("octet.test.seed", 20261128);
    System.out.println("octet.test.seed=" + seed);
    List<byte[]> seeds = target.seeds(folder);
    for (byte[] input : seeds) {
      target.run(input, folder);
    }
    for (int i = 0; i < inputs; i++) {
      SplittableRandom random = new SplittableRandom(seed * 31 + i);
      byte[] input = Mutations.mutated(seeds.get(random.nextInt(seeds.size())), random);
      try {
        target.run(input, folder);
      } catch (RuntimeException | Error e) {
        throw new AssertionError(target.getClass().getSimpleName() + ", seed " + seed + ", input " + i, e);
      }
    }
  }

  /**
   * Reads an input, and holds what the reader allocates to a multiple of its size. Where it is more, the
   * input is read once more: the first time may have loaded classes.
   */
  public static void bounded(byte[] input, Reading reading) throws IOException {
    long most = BYTES_PER_BYTE * input.length + BYTES_APART;
    long bytes = allocated(reading);
    if (bytes > most) {
      bytes = allocated(reading);
    }
    if (bytes > most) {
      throw new AssertionError(input.length + " bytes made the reader allocate " + bytes);
    }
  }

  private static long allocated(Reading reading) throws IOException {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    reading.run();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  /** A call of a reader. */
  @FunctionalInterface
  public interface Reading {
    /** Reads or refuses. */
    void run() throws IOException;
  }

  /**
   * Takes an exception for the refusal of an input: of one of the documented classes, not of a subclass such
   * as NumberFormatException, which says nothing of the file, and with a message.
   */
  public static void refusal(RuntimeException e, Class<?>... documented) {
    if (!List.of(documented).contains(e.getClass()) || e.getMessage() == null || e.getMessage().isBlank()) {
      throw new AssertionError("no documented refusal: " + e, e);
    }
  }
}
