package dev.octet.testing;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import dev.octet.DataType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Puts a question to ONNX Runtime in the form in which it answers exactly on this CPU.
 *
 * <p>
 * Its products of unsigned activations with signed weights saturate at 16 bits where the CPU has no VNNI
 * (measured on AVX2: 298 of 300 random MatMulInteger wrong, all QLinearConv but depthwise without weight zero
 * points). Unsigned with unsigned, signed with signed and signed with unsigned are exact everywhere. So
 * without VNNI signed weights are put as unsigned ones, value and zero point both 128 higher, which is the
 * same number: {@code (w + 128) - (zw + 128) = w - zw}. Types that an operator lacks are put the same way, on
 * every CPU.
 */
final class Judge {
  /** Whether the CPU multiplies unsigned with signed bytes exactly. */
  static final boolean VNNI = cpuFlags().contains("avx512_vnni") || cpuFlags().contains("avx_vnni");

  private Judge() {}

  /** One line for the output of a run: how s8 weights are judged here, and why. */
  static String form() {
    return VNNI
        ? "oracle: the CPU has VNNI, u8 x s8 is judged as it is"
        : "oracle: the CPU has no VNNI, where u8 x s8 of ONNX Runtime saturates: s8 weights are judged as u8"
            + " weights with zero point + 128";
  }

  /** The type in which weights are put beside activations of a type. */
  static DataType weights(DataType activations, DataType weights) {
    return activations == U8 && !VNNI ? U8 : weights;
  }

  /** A tensor of 8 bits put in another type: the same numbers, 128 higher or lower. */
  static Tensor as(DataType type, Tensor tensor) {
    if (type == tensor.type()) {
      return tensor;
    }
    Tensor shifted = Tensor.zeros(type, tensor.shape().toArray());
    for (long i = 0; i < tensor.elements(); i++) {
      shifted.set(i, as(type, tensor.type(), tensor.get(i)));
    }
    return shifted;
  }

  /** A zero point put in another type. */
  static int as(DataType type, DataType from, int zeroPoint) {
    return type == from ? zeroPoint : from == S8 ? zeroPoint + 128 : zeroPoint - 128;
  }

  /** Zero points put in another type: a scalar, or a vector. */
  static Tensor as(DataType type, DataType from, int... zeroPoints) {
    int[] shifted = new int[zeroPoints.length];
    for (int i = 0; i < shifted.length; i++) {
      shifted[i] = as(type, from, zeroPoints[i]);
    }
    return Tensor.integers(type, shifted);
  }

  private static Set<String> cpuFlags() {
    try {
      return new TreeSet<>(Pattern.compile("\\s+").splitAsStream(Files.readString(Path.of("/proc/cpuinfo")))
          .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
