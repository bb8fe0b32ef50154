package dev.octet.internal.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.testing.ChildJvm;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
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
        () -> NativeLibrary.open(file, Arena.global(), "octet.x"));
    assertTrue(e.getMessage().startsWith("cannot load " + file), e.getMessage());
    assertInstanceOf(UnsatisfiedLinkError.class, e.getCause());
  }

  /** The JVM and the dynamic linker name it too, by its real path where it is a link. */
  @Test
  void theFileIsNamedOnce() throws IOException {
    Path file = Files.writeString(dir.resolve("libgarbage.so"), "no ELF".repeat(1000));
    Path link = Files.createSymbolicLink(dir.resolve("liblink.so"), file);
    for (Path library : List.of(file, link)) {
      String message = assertThrows(LibraryUnavailableException.class,
          () -> NativeLibrary.open(library, Arena.global(), "octet.x")).getMessage();
      assertTrue(message.startsWith("cannot load " + library + ": "), message);
      assertFalse(message.substring(("cannot load " + library).length()).contains(dir.toString()), message);
    }
  }

  @Test
  void aDirectoryWithoutPermissionToExecuteIsTold() {
    assertEquals("; is its directory mounted noexec? -Doctet.library.path=DIR names another one",
        NativeLibrary.advice("failed to map segment from shared object", "octet.library.path"));
    assertEquals("", NativeLibrary.advice("invalid ELF header", "octet.library.path"));
  }

  @Test
  void aMissingFileIsNamed() {
    Path file = dir.resolve("libabsent.so");
    LibraryUnavailableException e = assertThrows(LibraryUnavailableException.class,
        () -> NativeLibrary.open(file, Arena.global(), "octet.x"));
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
