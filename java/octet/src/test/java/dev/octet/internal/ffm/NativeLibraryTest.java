package dev.octet.internal.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.testing.ChildJvm;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
  @TempDir
  Path dir;

  @Test
  void callsTheCLibrary() throws Throwable {
    MethodHandle strlen = NativeLibrary.standard().function("strlen",
        FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(5, (long) strlen.invokeExact(arena.allocateFrom("octet")));
    }
  }

  @Test
  void readsTextThatCOwns() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pointer = MemorySegment.ofAddress(arena.allocateFrom("größe").address());
      assertEquals("größe", NativeLibrary.text(pointer));
    }
    assertEquals("", NativeLibrary.text(MemorySegment.NULL));
  }

  @Test
  void aMissingSymbolIsNamed() {
    NativeLibrary c = NativeLibrary.standard();
    assertFalse(c.has("octet_no_such_function"));
    LibraryUnavailableException e = assertThrows(LibraryUnavailableException.class,
        () -> c.function("octet_no_such_function", FunctionDescriptor.ofVoid()));
    assertEquals("the C library does not export octet_no_such_function: "
        + "it is another version than this release of Octet needs", e.getMessage());
  }

  @Test
  void whatIsNoLibraryIsRefusedWithTheLinkersReason() {
    // A program, no library. Not a file cut short: loading one of those ends the process with SIGBUS.
    Path file = Path.of(System.getProperty("java.home"), "bin", "java");
    LibraryUnavailableException e = assertThrows(LibraryUnavailableException.class,
        () -> NativeLibrary.open(file, Arena.global()));
    assertTrue(e.getMessage().startsWith("cannot load " + file), e.getMessage());
    assertInstanceOf(UnsatisfiedLinkError.class, e.getCause());
    assertTrue(e.getMessage().endsWith(e.getCause().getMessage()), e.getMessage());
  }

  @Test
  void aDirectoryWithoutPermissionToExecuteIsTold() {
    assertEquals("; is its directory mounted noexec? -Doctet.cache=DIR names another one", NativeLibrary
        .advice("/x/liboctet.so: /x/liboctet.so: failed to map segment from shared object"));
    assertEquals("", NativeLibrary.advice("/x/liboctet.so: invalid ELF header"));
  }

  @Test
  void aMissingFileIsNamed() {
    Path file = dir.resolve("libabsent.so");
    LibraryUnavailableException e = assertThrows(LibraryUnavailableException.class,
        () -> NativeLibrary.open(file, Arena.global()));
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    assertInstanceOf(UnsatisfiedLinkError.class, e.getCause());
  }

  @Test
  void withoutNativeAccessTheFlagIsNamed() {
    ChildJvm.Result result = ChildJvm.of(Standard.class, List.of(), List.of(NativeLibrary.class))
        .withoutNativeAccess().run();
    assertEquals(0, result.exit(), result.output());
    assertEquals("""
        native access is not enabled: start Java with --enable-native-access=ALL-UNNAMED
        java.lang.IllegalCallerException
        """, result.output());
  }

  /** Runs in a child. */
  static final class Standard {
    private Standard() {}

    public static void main(String[] args) {
      try {
        NativeLibrary.standard().function("getpid", FunctionDescriptor.of(ValueLayout.JAVA_INT));
        System.out.println("allowed");
      } catch (LibraryUnavailableException e) {
        System.out.println(e.getMessage());
        System.out.println(e.getCause().getClass().getName());
      }
    }
  }
}
