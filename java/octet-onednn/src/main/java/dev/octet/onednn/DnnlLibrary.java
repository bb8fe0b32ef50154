package dev.octet.onednn;

import dev.octet.internal.ffm.LibraryCache;
import dev.octet.internal.ffm.LibraryUnavailableException;
import dev.octet.internal.ffm.NativeLibrary;
import dev.octet.internal.ffm.Place;
import dev.octet.internal.ffm.RoomyThread;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Finds oneDNN and opens it, once for the process: from the directory that {@code -Doctet.onednn.path} names,
 * else from the jar org.bytedeco:dnnl of the {@link DnnlPlatform platform} on the class path, unpacked into
 * the user's cache. It is never unloaded; threads of the process may hold memory of it. A failure to find or
 * open it is not remembered, the next attempt may do better.
 */
final class DnnlLibrary {
  /** The property that names a directory with the library. */
  static final String PATH = "octet.onednn.path";

  /**
   * Before this version a padded convolution of signed activations with a zero point returned wrong numbers.
   */
  static final Version OLDEST = new Version(3, 12, 1);

  /** Of oneDNN's cache, for the whole process: a few models' worth of different shapes. */
  private static final int CACHED_PRIMITIVES = 128;

  /** Values of dnnl_version_t::cpu_runtime. */
  private static final int SEQUENTIAL = 1;
  private static final int OPEN_MP = 2;

  /** Opened and bound: what {@link #get} returns. */
  private static volatile DnnlLibrary ready;
  /** Opened, for {@link Dnnl} to bind. */
  private static DnnlLibrary opened;
  /** Why the functions could not be bound; a class that failed to initialize cannot try again. */
  private static LibraryUnavailableException unbound;

  /**
   * A version of oneDNN.
   *
   * @param major incompatible changes
   * @param minor features
   * @param patch repairs
   */
  record Version(int major, int minor, int patch) {
    boolean isBefore(Version other) {
      return major != other.major
          ? major < other.major
          : minor != other.minor ? minor < other.minor : patch < other.patch;
    }

    @Override
    public String toString() {
      return major + "." + minor + "." + patch;
    }
  }

  private final NativeLibrary symbols;
  private final Version version;
  private final NativeLibrary openMp;
  private final DnnlPlatform platform;

  private DnnlLibrary(DnnlPlatform platform, NativeLibrary symbols, Version version, NativeLibrary openMp) {
    this.platform = platform;
    this.symbols = symbols;
    this.version = version;
    this.openMp = openMp;
  }

  /**
   * The library of this process, ready to be called through {@link Dnnl}.
   *
   * @return the library
   * @throws LibraryUnavailableException if it cannot be used here, with the reason and the cause
   */
  static DnnlLibrary get() {
    DnnlLibrary library = ready;
    // Without the lock, which the thread that loads takes.
    return library != null ? library : RoomyThread.call(DnnlLibrary::load);
  }

  /** Opens and binds the library, unless another thread has just done it. */
  @SuppressWarnings("StaticAssignmentOfThrowable") // a class fails to initialize once; later calls get that
                                                   // reason
  private static synchronized DnnlLibrary load() {
    if (unbound != null) {
      throw unbound;
    }
    if (opened == null) {
      DnnlLibrary library = open(directory(System.getProperty(PATH)), Arena.global());
      opened = library;
      try {
        bind();
      } catch (ExceptionInInitializerError e) {
        opened = null;
        unbound = new LibraryUnavailableException("cannot use oneDNN: " + e.getCause().getMessage(),
            e.getCause());
        throw unbound;
      }
      ready = opened;
    }
    return opened;
  }

  /**
   * The first touch of {@link Dnnl}. Primitives are held by the ops that use them; oneDNN's cache only spares
   * ops of the same shapes the making, and with shapes that vary it would grow to 1024 entries of tens of
   * kilobytes. Whoever sets its own variable ONEDNN_PRIMITIVE_CACHE_CAPACITY knows better.
   */
  private static void bind() {
    Dnnl.isa();
    if (System.getenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY") == null) {
      Dnnl.setPrimitiveCacheCapacity(CACHED_PRIMITIVES);
    }
  }

  /** The library that {@link #load} opened. */
  static synchronized DnnlLibrary opened() {
    if (opened == null) {
      throw new IllegalStateException("oneDNN was not opened");
    }
    return opened;
  }

  /** The directory that a property names, or the cache. */
  static Path directory(String property) {
    DnnlPlatform here = DnnlPlatform.current();
    boolean isNamed = property != null && !property.isEmpty();
    if (!isNamed && here.bundle() == null) {
      throw here.notPackaged();
    }
    here.platform().requireAllowed("oneDNN");
    return isNamed ? Place.of(property, "-D" + PATH, PATH) : unpack(here);
  }

  private static Path unpack(DnnlPlatform here) {
    ClassLoader loader = DnnlLibrary.class.getClassLoader();
    try {
      return LibraryCache.fromProperties().unpack(loader, here.bundle());
    } catch (LibraryUnavailableException e) {
      if (loader.getResource(here.bundle().files().getFirst().resource()) != null) {
        throw e;
      }
      throw new LibraryUnavailableException(e.getMessage() + ", " + here.artifact(), e.getCause());
    }
  }

  /**
   * Opens a library and looks at its version.
   *
   * @param directory holds the library, and beside it what it depends on
   * @param arena unloads it
   */
  static DnnlLibrary open(Path directory, Arena arena) {
    DnnlPlatform here = DnnlPlatform.current();
    Path file = directory.resolve(here.file());
    if (!Files.isRegularFile(file)) {
      throw new LibraryUnavailableException("no " + here.file() + " in " + directory + "; -D" + PATH
          + "=DIR names the directory that holds it, without it "
          + (here.bundle() == null ? "there is none" : "the jar " + here.artifact() + " is used"), null);
    }
    NativeLibrary openMp = openMpBeside(here, directory, arena);
    NativeLibrary symbols = load(here, file, arena);
    MemorySegment struct;
    try {
      struct = (MemorySegment) symbols.function("dnnl_version", FunctionDescriptor.of(ValueLayout.ADDRESS))
          .invokeExact();
    } catch (LibraryUnavailableException e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("dnnl_version never fails", e);
    }
    // dnnl_version_t: three ints, a pointer at 16, two unsigned ints
    MemorySegment memory = NativeLibrary.memory();
    long address = struct.address();
    Version version = new Version(memory.get(ValueLayout.JAVA_INT, address),
        memory.get(ValueLayout.JAVA_INT, address + 4), memory.get(ValueLayout.JAVA_INT, address + 8));
    int runtime = memory.get(ValueLayout.JAVA_INT, address + 24);
    if (version.isBefore(OLDEST) || version.major() != OLDEST.major()) {
      throw new LibraryUnavailableException(file + " is oneDNN " + version + ", expected " + OLDEST
          + " or later of version 3: padded convolution was wrong before", null);
    }
    if (runtime != SEQUENTIAL && runtime != OPEN_MP) {
      throw new LibraryUnavailableException(file + " is built for threading runtime " + runtime
          + " of oneDNN, expected sequential (1) or OpenMP (2): others start threads of their own", null);
    }
    if (runtime == OPEN_MP && openMp == null) {
      openMp = here.openMp() == null
          ? symbols
          : withAdvice(here, () -> NativeLibrary.find(here.openMp(), arena));
    }
    return new DnnlLibrary(here, symbols, version, runtime == OPEN_MP ? openMp : null);
  }

  /**
   * OpenMP's library where it lies beside oneDNN: Windows does not look there for what a library depends on,
   * but takes what the process has loaded already.
   */
  private static NativeLibrary openMpBeside(DnnlPlatform here, Path directory, Arena arena) {
    if (here.openMp() == null || !Files.isRegularFile(directory.resolve(here.openMp()))) {
      return null;
    }
    return load(here, directory.resolve(here.openMp()), arena);
  }

  private static NativeLibrary load(DnnlPlatform here, Path file, Arena arena) {
    String property = Place.property(PATH) == null ? LibraryCache.PROPERTY : PATH;
    return withAdvice(here, () -> NativeLibrary.open(file, arena, property));
  }

  private static NativeLibrary withAdvice(DnnlPlatform here, Supplier<NativeLibrary> open) {
    try {
      return open.get();
    } catch (LibraryUnavailableException e) {
      if (e.getCause() instanceof IllegalCallerException) {
        throw e; // native access is not enabled
      }
      throw new LibraryUnavailableException(e.getMessage() + here.advice(), e.getCause());
    }
  }

  NativeLibrary symbols() {
    return symbols;
  }

  Version version() {
    return version;
  }

  /** The library whose functions set the thread count, which has to be held at 1; null: oneDNN needs none. */
  NativeLibrary openMp() {
    return openMp;
  }

  DnnlPlatform platform() {
    return platform;
  }
}
