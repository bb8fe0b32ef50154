package dev.octet.internal.ffm;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * An open native library: symbols and downcalls. Whoever binds a function states its exact C type here, once;
 * the handle belongs into a static final field, or the JIT compiler cannot inline the call.
 *
 * <p>
 * All restricted methods of the JDK are called from this class, so that a program on the module path has to
 * enable native access for the module dev.octet alone.
 */
@SuppressWarnings("restricted")
public final class NativeLibrary {
  private final String name;
  private final SymbolLookup symbols;

  private NativeLibrary(String name, SymbolLookup symbols) {
    this.name = name;
    this.symbols = symbols;
  }

  /**
   * Opens a library file, on a {@link RoomyThread}; libraries that it depends on are found by its own run
   * path.
   *
   * @param file the file
   * @param arena unloads the library when it is closed; the global arena keeps it for the life of the process
   * @param property the property that names another directory for the file, for messages
   * @return the library
   * @throws LibraryUnavailableException if it cannot be loaded, with the dynamic linker's reason
   */
  public static NativeLibrary open(Path file, Arena arena, String property) {
    Path absolute = file.toAbsolutePath();
    return RoomyThread.call(() -> load(absolute, arena, property));
  }

  /**
   * Finds a library by its name alone: one that the process has loaded, or one in the places of the system.
   *
   * @param name the name of its file
   * @param arena releases the library when it is closed
   * @return the library
   * @throws LibraryUnavailableException if there is none
   */
  public static NativeLibrary find(String name, Arena arena) {
    return RoomyThread.call(() -> {
      try {
        return new NativeLibrary(name, restricted(() -> SymbolLookup.libraryLookup(name, arena)));
      } catch (IllegalArgumentException e) {
        throw new LibraryUnavailableException(name + " is neither loaded nor found by the system", e);
      }
    });
  }

  private static NativeLibrary load(Path absolute, Arena arena, String property) {
    try {
      return new NativeLibrary(absolute.toString(),
          restricted(() -> SymbolLookup.libraryLookup(absolute, arena)));
    } catch (IllegalArgumentException e) {
      Throwable reason = linkerReason(absolute, e);
      String words = withoutFile(absolute, reason.getMessage());
      throw new LibraryUnavailableException(
          "cannot load " + absolute + ": " + words + advice(words, property), reason);
    }
  }

  /** Takes away what the JVM and the dynamic linker each put before a reason: the file, links followed. */
  private static String withoutFile(Path file, String reason) {
    String words = reason;
    for (String prefix : List.of(file + ": ", real(file) + ": ")) {
      while (words.startsWith(prefix)) {
        words = words.substring(prefix.length());
      }
    }
    return words;
  }

  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      return file;
    }
  }

  /** What glibc and musl say of a file that may be read but not executed, and what to do. */
  static String advice(String reason, String property) {
    return reason.contains("failed to map segment") || reason.contains("Operation not permitted")
        ? "; is its directory mounted noexec? -D" + property + "=DIR names another one"
        : "";
  }

  /**
   * The C library that the JVM itself is linked to.
   *
   * @return the library
   */
  public static NativeLibrary standard() {
    return new NativeLibrary("the C library", restricted(() -> Linker.nativeLinker().defaultLookup()));
  }

  /**
   * Whether a symbol is exported.
   *
   * @param symbol its name
   * @return true if it is
   */
  public boolean has(String symbol) {
    return symbols.find(symbol).isPresent();
  }

  /**
   * A C function.
   *
   * @param symbol its name
   * @param type exactly its C type
   * @return a handle to be called with invokeExact
   * @throws LibraryUnavailableException if the library does not export it
   */
  public MethodHandle function(String symbol, FunctionDescriptor type) {
    return function(symbol, type, new Linker.Option[0]);
  }

  private MethodHandle function(String symbol, FunctionDescriptor type, Linker.Option... options) {
    MemorySegment address = address(symbol);
    return restricted(() -> Linker.nativeLinker().downcallHandle(address, type, options));
  }

  /**
   * The address of a C function, for {@link #functions}, {@link #leaves} and {@link #leavesOverHeap}.
   *
   * @param symbol its name
   * @return the address
   * @throws LibraryUnavailableException if the library does not export it
   */
  public MemorySegment address(String symbol) {
    return symbols.find(symbol).orElseThrow(() -> new LibraryUnavailableException(
        name + " does not export " + symbol + ": it is another version than this release of Octet needs",
        null));
  }

  /**
   * Any C function of a type, for those who choose among several: one handle in a static final field serves
   * them all.
   *
   * @param type exactly the C type of the functions
   * @return a handle to be called with invokeExact, with the address of the function as its first argument
   */
  public static MethodHandle functions(FunctionDescriptor type) {
    return restricted(() -> Linker.nativeLinker().downcallHandle(type));
  }

  /**
   * The same for calls as {@link #leaf} has them.
   *
   * @param type exactly the C type of the functions
   * @return a handle to be called with invokeExact, with the address of the function as its first argument
   */
  public static MethodHandle leaves(FunctionDescriptor type) {
    return restricted(() -> Linker.nativeLinker().downcallHandle(type, Linker.Option.critical(false)));
  }

  /**
   * The same for calls as {@link #leafOverHeap} has them.
   *
   * @param type exactly the C type of the functions
   * @return a handle to be called with invokeExact, with the address of the function as its first argument
   */
  public static MethodHandle leavesOverHeap(FunctionDescriptor type) {
    return restricted(() -> Linker.nativeLinker().downcallHandle(type, Linker.Option.critical(true)));
  }

  /**
   * A C function that returns within nanoseconds and never calls back: the call takes 2 ns instead of 8, but
   * the garbage collector waits for it.
   *
   * @param symbol its name
   * @param type exactly its C type
   * @return a handle to be called with invokeExact
   * @throws LibraryUnavailableException if the library does not export it
   */
  public MethodHandle leaf(String symbol, FunctionDescriptor type) {
    return function(symbol, type, Linker.Option.critical(false));
  }

  /**
   * The same with arguments that may lie in heap arrays, which the garbage collector leaves where they are
   * until the call returns.
   *
   * @param symbol its name
   * @param type exactly its C type
   * @return a handle to be called with invokeExact
   * @throws LibraryUnavailableException if the library does not export it
   */
  public MethodHandle leafOverHeap(String symbol, FunctionDescriptor type) {
    return function(symbol, type, Linker.Option.critical(true));
  }

  /**
   * All memory of the process: an offset is an address. For memory that C code owns, and for memory of a
   * confined arena that its thread lends to others; whoever uses it answers for address and lifetime.
   *
   * @return a segment of the global scope
   */
  public static MemorySegment memory() {
    return Memory.ALL;
  }

  /**
   * A text that C code owns.
   *
   * @param pointer a {@code const char *} to UTF-8, or NULL
   * @return a copy; empty for NULL
   */
  public static String text(MemorySegment pointer) {
    return pointer.address() == 0 ? "" : Memory.ALL.getString(pointer.address());
  }

  /** A downcall without a result, by invokeExact. */
  @FunctionalInterface
  public interface Call {
    /** Calls. */
    void invoke() throws Throwable;
  }

  /** A downcall that returns an int, by invokeExact. */
  @FunctionalInterface
  public interface IntCall {
    /** Calls. */
    int invoke() throws Throwable;
  }

  /** A downcall that returns a long, by invokeExact. */
  @FunctionalInterface
  public interface LongCall {
    /** Calls. */
    long invoke() throws Throwable;
  }

  /** A downcall that returns a pointer, by invokeExact. */
  @FunctionalInterface
  public interface PointerCall {
    /** Calls. */
    MemorySegment invoke() throws Throwable;
  }

  /**
   * Calls; what a downcall throws is an error of its arguments: of ours, or of a segment's scope. For what is
   * not on the way of every run, see {@link #unexpected}.
   *
   * @param call by invokeExact, in a block, so that it returns nothing
   */
  public static void call(Call call) {
    try {
      call.invoke();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Calls as {@link #call} does and returns the int. */
  public static int intOf(IntCall call) {
    try {
      return call.invoke();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Calls as {@link #call} does and returns the long. */
  public static long longOf(LongCall call) {
    try {
      return call.invoke();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Calls as {@link #call} does and returns the pointer. */
  public static MemorySegment pointerOf(PointerCall call) {
    try {
      return call.invoke();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * Returns what to throw for what invokeExact threw; for calls of every run, which catch it themselves: a
   * lambda would be garbage until the second compiler has come to it.
   */
  public static RuntimeException unexpected(Throwable e) {
    if (e instanceof RuntimeException runtime) {
      return runtime;
    }
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("a downcall throws no checked exception", e);
  }

  /** Holds {@link #memory} as a constant. */
  private static final class Memory {
    static final MemorySegment ALL = restricted(() -> MemorySegment.NULL.reinterpret(Long.MAX_VALUE));
  }

  private static <T> T restricted(Supplier<T> call) {
    try {
      return call.get();
    } catch (IllegalCallerException e) {
      Module module = NativeLibrary.class.getModule();
      throw new LibraryUnavailableException(
          "native access is not enabled: start Java with --enable-native-access="
              + (module.isNamed() ? module.getName() : "ALL-UNNAMED"),
          e);
    }
  }

  /**
   * libraryLookup keeps the dynamic linker's words to itself; System.load, failing the same way, has them.
   */
  private static Throwable linkerReason(Path file, IllegalArgumentException failure) {
    try {
      System.load(file.toString());
      return failure;
    } catch (UnsatisfiedLinkError e) {
      e.addSuppressed(failure);
      return e;
    }
  }
}
