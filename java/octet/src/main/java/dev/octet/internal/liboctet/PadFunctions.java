package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.internal.call.LineCall;
import dev.octet.internal.ffm.Liboctet;
import dev.octet.internal.ffm.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/** Padding as octet.h declares it. */
final class PadFunctions {
  /** struct octet_pad. */
  static final StructLayout PLAN = MemoryLayout.structLayout(JAVA_INT.withName("top"),
      JAVA_INT.withName("left"), JAVA_INT.withName("bottom"), JAVA_INT.withName("right"),
      JAVA_INT.withName("value"), JAVA_INT.withName("kernel"));

  private static final NativeLibrary LIBRARY = Liboctet.get().library();

  private static final MethodHandle QUICK = LIBRARY.leafOverHeap("octet_pad_run", FunctionDescriptor
      .ofVoid(JAVA_LONG, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  /** Over addresses, and two segments more than the C function has: they stay alive during the call. */
  private static final MethodHandle TILE = LIBRARY.function("octet_pad_run",
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG,
          JAVA_LONG, ADDRESS, ADDRESS));

  private PadFunctions() {}

  /** octet_pad_run for images anywhere, over within microseconds. */
  static void quick(long plan, MemorySegment src, MemorySegment dst, LineCall call) {
    try {
      QUICK.invokeExact(plan, src, dst, call.height, call.width, call.channels, 0L, call.lines);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** octet_pad_run over addresses that are kept alive by the call's operands or by the caller. */
  static void tile(long plan, long src, long dst, LineCall call, long firstLine, long lines) {
    try {
      TILE.invokeExact(plan, src, dst, call.height, call.width, call.channels, firstLine, lines,
          call.src.keep, call.dst.keep);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }
}
