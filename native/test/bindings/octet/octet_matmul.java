package octet;

import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/** Written by hand, in the form of a generated struct. */
public class octet_matmul {
  private static final GroupLayout LAYOUT = MemoryLayout.structLayout(octet_h.C_POINTER.withName("weights"),
      octet_h.C_POINTER.withName("offsets"), octet_h.C_POINTER.withName("zero_point_factors"),
      octet_h.C_POINTER.withName("weight_zero_points"), octet_h.C_POINTER.withName("multipliers"),
      octet_h.C_POINTER.withName("bias"), octet_h.C_INT.withName("kernel"), octet_h.C_INT.withName("k"),
      octet_h.C_INT.withName("n"), octet_h.C_INT.withName("zero_point"), octet_h.C_FLOAT.withName("low"),
      octet_h.C_FLOAT.withName("high")).withName("octet_matmul");

  octet_matmul() {}

  public static GroupLayout layout() {
    return LAYOUT;
  }

  public static MemorySegment allocate(SegmentAllocator allocator) {
    return allocator.allocate(LAYOUT);
  }

  private static long offset(String field) {
    return LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  public static void weights(MemorySegment struct, MemorySegment value) {
    struct.set(octet_h.C_POINTER, offset("weights"), value);
  }

  public static void offsets(MemorySegment struct, MemorySegment value) {
    struct.set(octet_h.C_POINTER, offset("offsets"), value);
  }

  public static void kernel(MemorySegment struct, int value) {
    struct.set(octet_h.C_INT, offset("kernel"), value);
  }

  public static void k(MemorySegment struct, int value) {
    struct.set(octet_h.C_INT, offset("k"), value);
  }

  public static void n(MemorySegment struct, int value) {
    struct.set(octet_h.C_INT, offset("n"), value);
  }
}
