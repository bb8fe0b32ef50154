package dev.octet.bench.blocks;

import dev.octet.BlockFormat;
import dev.octet.bench.foreign.CLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * ggml, opened from a folder: of its builds for the CPU the one that says it is the best here, as llama.cpp
 * chooses. It stays loaded for the life of the process. What ggml itself does with a wrong argument is to end
 * the process, so that arguments are checked here.
 */
@SuppressWarnings("restricted")
final class Ggml {
  private static final String BASE = "libggml-base.so";
  private static final String CPU = "libggml-cpu-";
  private static final String SUFFIX = ".so";
  /** ggml_init_params; passed by value. */
  private static final StructLayout INIT_PARAMS = MemoryLayout.structLayout(ValueLayout.JAVA_LONG,
      ValueLayout.ADDRESS, ValueLayout.JAVA_BOOLEAN, MemoryLayout.paddingLayout(7));
  /** ggml_type_traits. */
  private static final StructLayout TYPE_TRAITS = MemoryLayout.structLayout(
      ValueLayout.ADDRESS.withName("type_name"), ValueLayout.JAVA_LONG.withName("blck_size"),
      ValueLayout.JAVA_LONG.withName("blck_size_interleave"), ValueLayout.JAVA_LONG.withName("type_size"),
      ValueLayout.JAVA_BOOLEAN.withName("is_quantized"), MemoryLayout.paddingLayout(7),
      ValueLayout.ADDRESS.withName("to_float"), ValueLayout.ADDRESS.withName("from_float_ref"));
  /** GGML_LOG_LEVEL_WARN and GGML_LOG_LEVEL_ERROR. */
  private static final int WARNING = 3;
  private static final int ERROR = 4;
  private static final MemorySegment MESSAGES = CLibrary.callback(MethodHandles.lookup(), "message",
      FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
  private static final long TO_FLOAT = TYPE_TRAITS
      .byteOffset(MemoryLayout.PathElement.groupElement("to_float"));

  private final CLibrary base;
  private final CLibrary cpu;
  private final String build;
  private final MemorySegment device;
  private final List<MemorySegment> extraBufferTypes = new ArrayList<>();

  private Ggml(CLibrary base, CLibrary cpu, String build) {
    this.base = base;
    this.cpu = cpu;
    this.build = build;
    for (BlockFormat format : BlockFormat.values()) {
      checkIsThere(format);
    }
    base.call("ggml_log_set", MESSAGES, MemorySegment.NULL);
    MemorySegment registry = cpu.pointer("ggml_backend_cpu_reg");
    this.device = base.pointer("ggml_backend_reg_dev_get", registry, 0L);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment list = (MemorySegment) CLibrary.invoke(
          CLibrary.bind(
              base.pointer("ggml_backend_reg_get_proc_address", registry,
                  arena.allocateFrom("ggml_backend_dev_get_extra_bufts")),
              FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS)),
          device);
      MemorySegment types = list.reinterpret(Long.MAX_VALUE);
      for (long i = 0; !types.getAtIndex(ValueLayout.ADDRESS, i).equals(MemorySegment.NULL); i++) {
        extraBufferTypes.add(types.getAtIndex(ValueLayout.ADDRESS, i));
      }
    }
  }

  /**
   * Opens ggml.
   *
   * @param folder its libraries: libggml-base.so and libggml-cpu-*.so
   * @return ggml
   * @throws IllegalArgumentException if it is not there, or none of its builds runs on this CPU
   */
  static Ggml open(Path folder) {
    List<Path> builds = builds(check(folder));
    // Before the builds, and for good: were it loaded a second time, it would end the process.
    CLibrary base = CLibrary.open(folder.resolve(BASE), Arena.global());
    Path best = null;
    int score = 0;
    for (Path file : builds) {
      try (Arena arena = Arena.ofConfined()) {
        int own = CLibrary.open(file, arena).number("ggml_backend_score");
        if (own > score) {
          score = own;
          best = file;
        }
      }
    }
    if (best == null) {
      throw new IllegalArgumentException(
          "ggml: none of " + builds + " runs on this CPU");
    }
    String name = best.getFileName().toString();
    return new Ggml(base, CLibrary.open(best, Arena.global()),
        name.substring(CPU.length(), name.length() - SUFFIX.length()));
  }

  /**
   * Looks whether ggml is in a folder, without loading it.
   *
   * @return the folder
   * @throws IllegalArgumentException if it is not
   */
  static Path check(Path folder) {
    if (!Files.isRegularFile(folder.resolve(BASE)) || builds(folder).isEmpty()) {
      throw new IllegalArgumentException("expected a folder with " + BASE + " and " + CPU + "*" + SUFFIX
          + ", which ci/peers fetches, got " + folder);
    }
    return folder;
  }

  private static List<Path> builds(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> {
        String name = file.getFileName().toString();
        return name.startsWith(CPU) && name.endsWith(SUFFIX);
      }).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void checkIsThere(BlockFormat format) {
    String name = base.text("ggml_type_name", format.id());
    long elements = base.size("ggml_blck_size", format.id());
    long bytes = base.size("ggml_type_size", format.id());
    if (!name.toUpperCase(Locale.ROOT).equals(format.name()) || elements != format.elements()
        || bytes != format.bytes()) {
      throw new IllegalArgumentException(
          "ggml: format " + format.id() + " of " + version() + " is "
              + name + ", " + bytes + " bytes for " + elements + " elements, expected " + format + ", "
              + format.bytes() + " for " + format.elements());
    }
  }

  /** Prints warnings and errors alone; ggml prints each matrix that it packs. */
  static void message(int level, MemorySegment text, MemorySegment unused) {
    if (level == WARNING || level == ERROR) {
      System.err.print("ggml: " + text.reinterpret(Long.MAX_VALUE).getString(0));
    }
  }

  /** The version, for example 0.25.1. */
  String version() {
    return base.text("ggml_version");
  }

  /** The build for this CPU, for example zen4. */
  String build() {
    return build;
  }

  /**
   * Quantizes rows by ggml's own quantizer, without an importance matrix.
   *
   * @param format the format
   * @param floats native memory of the rows
   * @param blocks takes the blocks
   * @param rows how many
   * @param columns elements of a row, a multiple of those of a block
   */
  void quantize(BlockFormat format, MemorySegment floats, MemorySegment blocks, long rows, long columns) {
    check(format, floats, blocks, rows, columns);
    base.size("ggml_quantize_chunk", format.id(), floats, blocks, 0L, rows, columns, MemorySegment.NULL);
  }

  /**
   * Dequantizes a row by ggml's own dequantization.
   *
   * @param format the format
   * @param blocks native memory of the blocks
   * @param floats takes the values
   * @param columns how many, a multiple of those of a block
   */
  void dequantize(BlockFormat format, MemorySegment blocks, MemorySegment floats, long columns) {
    check(format, floats, blocks, 1, columns);
    MemorySegment traits = base.pointer("ggml_get_type_traits", format.id())
        .reinterpret(TYPE_TRAITS.byteSize());
    CLibrary.invoke(
        CLibrary.bind(traits.get(ValueLayout.ADDRESS, TO_FLOAT),
            FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG)),
        blocks, floats, columns);
  }

  /** The bytes of so many elements, which are whole blocks. */
  static long bytes(BlockFormat format, long elements) {
    return elements / format.elements() * format.bytes();
  }

  private static void check(BlockFormat format, MemorySegment floats, MemorySegment blocks, long rows,
      long columns) {
    if (columns % format.elements() != 0) {
      throw new IllegalArgumentException(
          columns + " columns: expected a multiple of the " + format.elements() + " of a block of " + format);
    }
    if (floats.byteSize() < rows * columns * Float.BYTES
        || blocks.byteSize() < rows * bytes(format, columns)) {
      throw new IllegalArgumentException(rows + "x" + columns + " of " + format + ": " + floats.byteSize()
          + " bytes of floats and " + blocks.byteSize() + " of blocks are too few");
    }
  }

  CLibrary base() {
    return base;
  }

  CLibrary cpu() {
    return cpu;
  }

  MemorySegment device() {
    return device;
  }

  /** Types of memory beside the usual one, in the order in which llama.cpp tries them for weights. */
  List<MemorySegment> extraBufferTypes() {
    return extraBufferTypes;
  }

  /** A context that describes so many tensors and a graph of them, and holds no data. */
  MemorySegment context(long tensors) {
    long bytes = tensors * base.size("ggml_tensor_overhead") + base.size("ggml_graph_overhead");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment params = arena.allocate(INIT_PARAMS);
      params.set(ValueLayout.JAVA_LONG, 0, bytes);
      params.set(ValueLayout.JAVA_BOOLEAN, 16, true);
      return (MemorySegment) CLibrary
          .invoke(base.bind("ggml_init", FunctionDescriptor.of(ValueLayout.ADDRESS, INIT_PARAMS)), params);
    }
  }
}
