package dev.octet.internal.liboctet;

import dev.octet.BinaryOp;
import dev.octet.DataType;
import dev.octet.Isa;
import dev.octet.Quantization.Granularity;
import dev.octet.WeightLayout;
import dev.octet.internal.ffm.Liboctet;
import java.util.List;
import java.util.Locale;

/** Words of liboctet in Java: the names of kernels as an op shows them, the numbers of its enums. */
final class Names {
  private static final String PREFIX = "octet_";

  private Names() {}

  /** {@code native:u8s8_s8_pc_gemm_6x64__avx512vnni} for {@code octet_u8s8_s8_pc_gemm_6x64__avx512vnni}. */
  static String of(int kernel) {
    String name = Liboctet.get().kernelName(kernel);
    if (!name.startsWith(PREFIX)) {
      throw new AssertionError("liboctet has no kernel " + kernel);
    }
    return "native:" + name.substring(PREFIX.length());
  }

  /** Whether a kernel is portable C, which a tier runs where it has none of its own. */
  static boolean isPortable(int kernel) {
    return Liboctet.get().kernelName(kernel).endsWith("__baseline");
  }

  /** A tier as people write it. */
  static String lower(Isa isa) {
    return isa.name().toLowerCase(Locale.ROOT);
  }

  /** A constant of enum octet_isa. */
  static int tier(Isa isa) {
    return Liboctet.tier(isa.name());
  }

  /** A layout of packed weights, by its number: the columns of a panel, and how many K lie together. */
  static String panels(int layout) {
    return switch (layout) {
      case 0 -> "16x1";
      case 1 -> "16x4";
      case 2 -> "64x4";
      case 3 -> "16x4u8";
      case 4 -> "16x8";
      default -> throw new AssertionError("liboctet has no layout " + layout);
    };
  }

  /** A constant of enum octet_type. */
  static int type(DataType type) {
    return Liboctet.type(type.name());
  }

  /** A constant of enum octet_binary_op, which has the order of {@link BinaryOp}. */
  static int binaryOp(BinaryOp op) {
    return List.of(BinaryOp.values()).indexOf(op);
  }

  /** A constant of enum octet_conv2d_layout. */
  static int convLayout(WeightLayout layout) {
    return switch (layout) {
      case OHWI -> 0;
      case OIHW -> 1;
      case HWIO -> 2;
      case IN_OUT, OUT_IN, IOHW, HWOI, OIDHW, ODHWI -> throw new AssertionError(layout);
    };
  }

  /** A constant of enum octet_granularity. */
  static int granularity(Granularity granularity) {
    return switch (granularity) {
      case PER_TENSOR -> 0;
      case PER_CHANNEL -> 1;
      case PER_GROUP -> 2;
    };
  }
}
