package dev.octet.bench.blocks;

import dev.octet.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;

/** Blocks of random bits. */
final class RandomBlocks {
  private static final ValueLayout.OfShort F16 = ValueLayout.JAVA_SHORT_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);
  /** The bits of a binary16 that is not finite. */
  private static final int EXPONENT = 0x7c00;
  /** Where Q6_K has its scale. */
  private static final int SCALE_OF_Q6_K = 208;

  /** What the scales of a block are. */
  enum Scales {
    /** Any bits but those of infinities and NaN. */
    ANY_FINITE,
    /** Numbers of one magnitude and any sign, so that a row has results of one magnitude. */
    ALIKE
  }

  private RandomBlocks() {}

  /**
   * Fills memory with blocks.
   *
   * @param format the format
   * @param blocks a multiple of the size of a block
   * @param scales what their scales are
   * @param random where bits come from
   */
  static void fill(BlockFormat format, MemorySegment blocks, Scales scales, RandomGenerator random) {
    byte[] bytes = new byte[format.bytes()];
    for (long at = 0; at < blocks.byteSize(); at += bytes.length) {
      random.nextBytes(bytes);
      MemorySegment block = blocks.asSlice(at, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
      switch (format) {
        case MXFP4 -> {
          if (scales == Scales.ALIKE) {
            block.set(ValueLayout.JAVA_BYTE, 0, (byte) random.nextInt(118, 122));
          }
        }
        case NVFP4 -> {
          for (int i = 0; i < 4 && scales == Scales.ALIKE; i++) {
            block.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt(0x20, 0x30));
          }
        }
        case Q6_K -> scale(block, SCALE_OF_Q6_K, scales);
        default -> {
          scale(block, 0, scales);
          if (format.hasMinimum()) {
            scale(block, 2, scales);
          }
        }
      }
    }
  }

  /** Makes random bits a scale: as one of those alike 2^-7 to 2^-5. */
  private static void scale(MemorySegment block, long at, Scales scales) {
    int bits = block.get(F16, at);
    if (scales == Scales.ALIKE) {
      bits = (bits & ~EXPONENT) | 0x2000 | (bits & 0x400);
    } else if ((bits & EXPONENT) == EXPONENT) {
      bits &= ~0x400;
    }
    block.set(F16, at, (short) bits);
  }
}
