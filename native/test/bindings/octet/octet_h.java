package octet;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Written by hand, in the form of generated bindings: what the example multiplies with, and nothing else. */
public class octet_h {
  static final ValueLayout.OfInt C_INT = ValueLayout.JAVA_INT;
  static final ValueLayout.OfLong C_LONG = ValueLayout.JAVA_LONG;
  static final ValueLayout.OfFloat C_FLOAT = ValueLayout.JAVA_FLOAT;
  static final AddressLayout C_POINTER = ValueLayout.ADDRESS
      .withTargetLayout(MemoryLayout.sequenceLayout(Long.MAX_VALUE, ValueLayout.JAVA_BYTE));

  octet_h() {}

  private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
    MemorySegment address = SymbolLookup.loaderLookup().findOrThrow(name);
    return Linker.nativeLinker().downcallHandle(address, result == null
        ? FunctionDescriptor.ofVoid(arguments)
        : FunctionDescriptor.of(result, arguments));
  }

  public static int OCTET_ABI_VERSION() {
    return 1;
  }

  public static int OCTET_S8() {
    return 1;
  }

  public static int OCTET_S32() {
    return 4;
  }

  public static int octet_version() {
    try {
      return (int) function("octet_version", C_INT).invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  public static int octet_cpu_tier() {
    try {
      return (int) function("octet_cpu_tier", C_INT).invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  public static MemorySegment octet_kernel_name(int kernel) {
    try {
      return (MemorySegment) function("octet_kernel_name", C_POINTER, C_INT).invokeExact(kernel);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  public static int octet_matmul_kernel(int tier, int src_type, int dst_type) {
    try {
      return (int) function("octet_matmul_kernel", C_INT, C_INT, C_INT, C_INT).invokeExact(tier, src_type,
          dst_type);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  public static int octet_matmul_layout(int tier) {
    try {
      return (int) function("octet_matmul_layout", C_INT, C_INT).invokeExact(tier);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  public static long octet_matmul_packed_bytes(int layout, int k, int n) {
    try {
      return (long) function("octet_matmul_packed_bytes", C_LONG, C_INT, C_INT, C_INT).invokeExact(layout, k, n);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  public static void octet_matmul_pack(int layout, MemorySegment weights, int type, int transposed, long stride,
      int k, int first_column, int columns, MemorySegment packed, MemorySegment sums) {
    try {
      function("octet_matmul_pack", null, C_INT, C_POINTER, C_INT, C_INT, C_LONG, C_INT, C_INT, C_INT, C_POINTER,
          C_POINTER).invokeExact(layout, weights, type, transposed, stride, k, first_column, columns, packed, sums);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  public static long octet_matmul_scratch_bytes(MemorySegment product, int rows) {
    try {
      return (long) function("octet_matmul_scratch_bytes", C_LONG, C_POINTER, C_INT).invokeExact(product, rows);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  public static void octet_matmul_run(MemorySegment product, MemorySegment src, long src_stride,
      MemorySegment row_scales, MemorySegment row_zero_points, MemorySegment dst, long dst_stride, int rows,
      int first_column, int columns, MemorySegment scratch) {
    try {
      function("octet_matmul_run", null, C_POINTER, C_POINTER, C_LONG, C_POINTER, C_POINTER, C_POINTER, C_LONG,
          C_INT, C_INT, C_INT, C_POINTER).invokeExact(product, src, src_stride, row_scales, row_zero_points, dst,
              dst_stride, rows, first_column, columns, scratch);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
