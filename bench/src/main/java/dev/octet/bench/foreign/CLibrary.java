package dev.octet.bench.foreign;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A C library whose functions are called by name. The types of the Java arguments are the C types:
 * {@code int}, {@code long} for size_t and int64_t, memory for pointers. A call costs about a microsecond
 * more than one of a {@link #bind bound} function.
 */
@SuppressWarnings("restricted")
public final class CLibrary {
  private static final Linker LINKER = Linker.nativeLinker();
  /** A pointer to a C string. */
  private static final AddressLayout TEXT = ValueLayout.ADDRESS
      .withTargetLayout(MemoryLayout.sequenceLayout(Long.MAX_VALUE, ValueLayout.JAVA_BYTE));

  private final SymbolLookup symbols;

  public CLibrary(SymbolLookup symbols) {
    this.symbols = symbols;
  }

  /**
   * Opens a library.
   *
   * @param file the library; it finds others by its own run path
   * @param arena unloads it when it is closed
   * @throws IllegalArgumentException if it cannot be loaded
   */
  public static CLibrary open(Path file, Arena arena) {
    return new CLibrary(SymbolLookup.libraryLookup(file.toAbsolutePath(), arena));
  }

  /** Binds a function. */
  public MethodHandle bind(String function, FunctionDescriptor type) {
    return bind(symbols.findOrThrow(function), type);
  }

  /** Binds a function by its address. */
  public static MethodHandle bind(MemorySegment function, FunctionDescriptor type) {
    return LINKER.downcallHandle(function, type);
  }

  /** Makes a static method of a class a C function that stays. */
  public static MemorySegment callback(MethodHandles.Lookup owner, String method, FunctionDescriptor type) {
    try {
      return LINKER.upcallStub(owner.findStatic(owner.lookupClass(), method, type.toMethodType()), type,
          Arena.global());
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(owner.lookupClass() + " has no " + method, e);
    }
  }

  /** Calls a function that returns nothing. */
  public void call(String function, Object... arguments) {
    invoke(bind(function, FunctionDescriptor.ofVoid(layouts(arguments))), arguments);
  }

  /** Calls a function that returns an int. */
  public int number(String function, Object... arguments) {
    return (int) invoke(bind(function, FunctionDescriptor.of(ValueLayout.JAVA_INT, layouts(arguments))),
        arguments);
  }

  /** Calls a function that returns a size_t or int64_t. */
  public long size(String function, Object... arguments) {
    return (long) invoke(bind(function, FunctionDescriptor.of(ValueLayout.JAVA_LONG, layouts(arguments))),
        arguments);
  }

  /** Calls a function that returns a bool. */
  public boolean truth(String function, Object... arguments) {
    return (boolean) invoke(
        bind(function, FunctionDescriptor.of(ValueLayout.JAVA_BOOLEAN, layouts(arguments))), arguments);
  }

  /** Calls a function that returns a string. */
  public String text(String function, Object... arguments) {
    MemorySegment text = (MemorySegment) invoke(
        bind(function, FunctionDescriptor.of(TEXT, layouts(arguments))), arguments);
    return text.getString(0);
  }

  /**
   * Calls a function that returns a pointer.
   *
   * @throws IllegalStateException if that is NULL
   */
  public MemorySegment pointer(String function, Object... arguments) {
    MemorySegment pointer = pointerOrNull(function, arguments);
    if (pointer.equals(MemorySegment.NULL)) {
      throw new IllegalStateException(function + " returned NULL");
    }
    return pointer;
  }

  /** Calls a function that returns a pointer, which may be NULL. */
  public MemorySegment pointerOrNull(String function, Object... arguments) {
    return (MemorySegment) invoke(
        bind(function, FunctionDescriptor.of(ValueLayout.ADDRESS, layouts(arguments))), arguments);
  }

  /** Calls a function that was bound. */
  public static Object invoke(MethodHandle function, Object... arguments) {
    try {
      return function.invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static MemoryLayout[] layouts(Object... arguments) {
    return Stream.of(arguments).map(argument -> switch (argument) {
      case Integer _ -> ValueLayout.JAVA_INT;
      case Long _ -> ValueLayout.JAVA_LONG;
      case MemorySegment _ -> ValueLayout.ADDRESS;
      default -> throw new IllegalArgumentException(argument + ": no type of C");
    }).toArray(MemoryLayout[]::new);
  }
}
