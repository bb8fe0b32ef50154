package dev.octet.internal.ffm;

import dev.octet.internal.ffm.LibraryCache.Bundle;
import dev.octet.internal.ffm.LibraryCache.Check;
import dev.octet.internal.ffm.LibraryCache.Content;
import dev.octet.internal.jar.JarEntryStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The functions of liboctet, as native/include/octet.h declares them. The library comes out of Octet's own
 * jar through the {@link LibraryCache}, or from the directory that {@code -Doctet.library.path} names, which
 * is for containers that can write nowhere.
 */
public final class Liboctet {
  /** The property that names a directory which holds the library. */
  public static final String PATH_PROPERTY = "octet.library.path";

  /** enum octet_isa and enum octet_type: a constant is its place. */
  private static final List<String> TIERS = List.of("BASELINE", "AVX2", "AVXVNNI", "AVX512", "AVX512VNNI",
      "NEON", "DOTPROD", "I8MM");
  private static final List<String> TYPES = List.of("U8", "S8", "U4", "S4", "S32", "F32");

  /** OCTET_ABI_VERSION of the header that this class was written from. */
  static final int ABI_VERSION = 1;

  private static final String NAME = "octet";

  /** Platforms for which the sources can be compiled: what a release holds. */
  private static final List<String> BUILT = List.of("linux-x86_64", "linux-aarch64", "windows-x86_64",
      "macos-aarch64", "macos-x86_64");

  private final NativeLibrary library;
  private final MethodHandle cpuTier;
  private final MethodHandle cpuTierOfHardware;
  private final MethodHandle cpuAmxInt8;
  private final MethodHandle cpuSupports;
  private final MethodHandle kernelName;

  /** The library of this process, or why there is none. */
  private static final class Loaded {
    static final Liboctet LIBRARY;
    static final LibraryUnavailableException FAILURE;

    static {
      Liboctet library = null;
      LibraryUnavailableException failure = null;
      try {
        library = load();
      } catch (LibraryUnavailableException e) {
        failure = e;
      } catch (RuntimeException | LinkageError e) {
        // Nothing that is wrong with a library may take the engines away that need none.
        failure = new LibraryUnavailableException("cannot load liboctet: " + e, e);
      }
      LIBRARY = library;
      FAILURE = failure;
    }
  }

  /**
   * The library of this process, loaded at the first call.
   *
   * @return the same object at every call
   * @throws LibraryUnavailableException if it cannot be loaded: the same exception at every call
   */
  public static Liboctet get() {
    if (Loaded.FAILURE != null) {
      throw Loaded.FAILURE;
    }
    return Loaded.LIBRARY;
  }

  private Liboctet(NativeLibrary library) {
    this.library = library;
    FunctionDescriptor number = FunctionDescriptor.of(ValueLayout.JAVA_INT);
    cpuTier = library.function("octet_cpu_tier", number);
    cpuTierOfHardware = library.function("octet_cpu_tier_of_hardware", number);
    cpuAmxInt8 = library.function("octet_cpu_amx_int8", number);
    cpuSupports = library.function("octet_cpu_supports",
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    kernelName = library.function("octet_kernel_name",
        FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
  }

  /**
   * Loads the library for the life of the process.
   *
   * @return its functions
   * @throws LibraryUnavailableException if there is none for this platform or it cannot be loaded
   */
  public static Liboctet load() {
    Platform platform = Platform.current();
    Path directory = Place.of(PATH_PROPERTY);
    if (directory == null) {
      hashInJar(platform); // where there is none, the property does not help
    }
    platform.requireAllowed("liboctet");
    return directory != null
        ? open(fromDirectory(directory, platform), PATH_PROPERTY)
        : open(fromJar(platform), LibraryCache.PROPERTY);
  }

  /** Binds a library file, from a directory that a property names, after its version was checked. */
  private static Liboctet open(Path file, String property) {
    NativeLibrary library = NativeLibrary.open(file, Arena.global(), property);
    int version = call(library.function("octet_version", FunctionDescriptor.of(ValueLayout.JAVA_INT)));
    if (version != ABI_VERSION) {
      throw new LibraryUnavailableException(
          file + " has interface version " + version + ", but this release of Octet needs "
              + ABI_VERSION + ": let -D" + PATH_PROPERTY + " name the directory of its own "
              + file.getFileName() + ", or leave it out",
          null);
    }
    return new Liboctet(library);
  }

  /** The library for a platform in a directory that the property names. */
  static Path fromDirectory(Path directory, Platform platform) {
    Path file = directory.resolve(platform.library(NAME));
    if (!Files.isRegularFile(file)) {
      throw new LibraryUnavailableException(
          file.toAbsolutePath() + " does not exist: -D" + PATH_PROPERTY
              + " has to name the directory that holds it",
          null);
    }
    return file;
  }

  /** Unpacks the library for a platform, held to the hash that the build put beside it. */
  static Path fromJar(Platform platform) {
    String resource = resource(platform);
    URL url = hashInJar(platform);
    try (InputStream hash = JarEntryStream.open(url, resource + ".sha256")) {
      Content content = new Content(resource,
          new String(hash.readAllBytes(), StandardCharsets.US_ASCII).strip(), Check.AT_EVERY_START);
      Bundle bundle = new Bundle("liboctet", String.valueOf(ABI_VERSION), List.of(content));
      return LibraryCache.fromProperties().unpack(Liboctet.class.getClassLoader(), bundle)
          .resolve(platform.library(NAME));
    } catch (IOException e) {
      throw new LibraryUnavailableException(
          "cannot read " + resource + ".sha256: the octet jar is damaged, download it again",
          e);
    }
  }

  private static String resource(Platform platform) {
    return "META-INF/native/" + platform + "/" + platform.library(NAME);
  }

  /** Where the hash of the library for a platform is. */
  private static URL hashInJar(Platform platform) {
    URL url = Liboctet.class.getClassLoader().getResource(resource(platform) + ".sha256");
    if (url == null) {
      throw new LibraryUnavailableException(
          "this octet jar holds no native library for " + platform + ": " + advice(platform), null);
    }
    return url;
  }

  /** What to do where the jar has no library. */
  private static String advice(Platform platform) {
    if (!BUILT.contains(platform.toString())) {
      return "there are some for " + String.join(", ", BUILT) + ", and pure Java for all others";
    }
    String how = platform.isProven() ? "where CMake and a C compiler are" : "on Linux, after ci/natives";
    return "build it " + how + ", or name the directory of " + platform.library(NAME) + " with -D"
        + PATH_PROPERTY + "=DIR";
  }

  /**
   * A constant of {@code enum octet_isa}.
   *
   * @param name its name without the prefix
   * @return its number
   */
  public static int tier(String name) {
    return number(TIERS, name);
  }

  /**
   * A constant of {@code enum octet_type}.
   *
   * @param name its name without the prefix
   * @return its number
   */
  public static int type(String name) {
    return number(TYPES, name);
  }

  private static int number(List<String> names, String name) {
    int number = names.indexOf(name);
    if (number < 0) {
      throw new AssertionError("octet.h knows no " + name);
    }
    return number;
  }

  /**
   * The highest tier that may be used here.
   *
   * @return a constant of {@code enum octet_isa}
   */
  public int cpuTier() {
    return call(cpuTier);
  }

  /**
   * The highest tier of the CPU, whether or not the operating system enables it.
   *
   * @return a constant of {@code enum octet_isa}
   */
  public int cpuTierOfHardware() {
    return call(cpuTierOfHardware);
  }

  /**
   * Whether there are AMX tiles with 8-bit products.
   *
   * @return true if the CPU has them and the operating system enables their state
   */
  public boolean cpuAmxInt8() {
    return call(cpuAmxInt8) != 0;
  }

  /**
   * Whether kernels of a tier may be called here.
   *
   * @param tier a constant of {@code enum octet_isa}
   * @return true if CPU and operating system have it
   */
  public boolean cpuSupports(int tier) {
    return NativeLibrary.intOf(() -> (int) cpuSupports.invokeExact(tier)) != 0;
  }

  /**
   * The name of a kernel.
   *
   * @param kernel its number
   * @return the name in C
   */
  public String kernelName(int kernel) {
    return NativeLibrary
        .text(NativeLibrary.pointerOf(() -> (MemorySegment) kernelName.invokeExact(kernel)));
  }

  /**
   * The symbols of the library, for those who bind more of it.
   *
   * @return the library
   */
  public NativeLibrary library() {
    return library;
  }

  private static int call(MethodHandle function) {
    return NativeLibrary.intOf(() -> (int) function.invokeExact());
  }
}
