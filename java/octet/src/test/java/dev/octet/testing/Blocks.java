package dev.octet.testing;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Weights in block formats for tests: random bits, and what they stand for, byte after byte as the layouts of
 * {@code ggml-common.h} describe them; apart from {@link BlockTensor}, which asks weight by weight.
 */
public final class Blocks {
  private static final int[] IQ4 = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
  private static final float[] E2M1 = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};

  private Blocks() {}

  /** Random bits; each binary16 is finite and not far from 1. */
  public static byte[] random(Dice dice, BlockFormat format, int n, int k) {
    byte[] bytes = new byte[n * (k / format.elements()) * format.bytes()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) dice.between(0, 255);
    }
    for (int block = 0; block < bytes.length; block += format.bytes()) {
      switch (format) {
        case Q4_0, Q5_0, Q8_0, IQ4_NL -> half(dice, bytes, block);
        case Q4_1, Q5_1, Q4_K, Q5_K -> {
          half(dice, bytes, block);
          half(dice, bytes, block + 2);
        }
        case Q6_K -> half(dice, bytes, block + 208);
        case MXFP4 -> bytes[block] = (byte) (dice.oneIn(40) ? dice.between(0, 2) : dice.between(110, 140));
        case NVFP4 -> {
        }
      }
    }
    return bytes;
  }

  private static void half(Dice dice, byte[] bytes, int at) {
    float d = dice.oneIn(50) ? 0 : dice.between(-0.2f, 0.2f);
    short bits = dice.oneIn(100) ? (short) 0x8001 : Float.floatToFloat16(d);
    bytes[at] = (byte) bits;
    bytes[at + 1] = (byte) (bits >> 8);
  }

  /** A matrix over bytes. */
  public static BlockTensor tensor(BlockFormat format, int n, int k, byte[] bytes) {
    return BlockTensor.of(format, Shape.of(n, k), MemorySegment.ofArray(bytes));
  }

  /** All weights of some blocks, in order. */
  public static float[] dequantize(BlockFormat format, byte[] bytes) {
    int blocks = bytes.length / format.bytes();
    float[] y = new float[blocks * format.elements()];
    for (int b = 0; b < blocks; b++) {
      ByteBuffer block = ByteBuffer.wrap(bytes, b * format.bytes(), format.bytes()).slice()
          .order(ByteOrder.LITTLE_ENDIAN);
      dequantize(format, block, y, b * format.elements());
    }
    return y;
  }

  private static void dequantize(BlockFormat format, ByteBuffer block, float[] y, int to) {
    switch (format) {
      case Q4_0, Q4_1, Q5_0, Q5_1, IQ4_NL -> ofHalves(format, block, y, to);
      case Q8_0 -> {
        float d = half(block);
        for (int i = 0; i < 32; i++) {
          y[to + i] = d * block.get();
        }
      }
      case Q4_K, Q5_K -> ofSuperBlock(format, block, y, to);
      case Q6_K -> ofSixBits(block, y, to);
      case MXFP4 -> {
        double scale = Math.scalb(1.0, (block.get() & 0xff) - 127);
        for (int i = 0; i < 16; i++) {
          int both = block.get() & 0xff;
          y[to + i] = (float) (scale * e2m1(both & 15));
          y[to + 16 + i] = (float) (scale * e2m1(both >> 4));
        }
      }
      case NVFP4 -> {
        for (int group = 0; group < 4; group++) {
          int code = block.get(group) & 0xff;
          int exponent = code >> 3 & 15;
          double scale = code == 0x7f
              ? 0
              : exponent == 0
                  ? (code & 7) * 0x1p-9
                  : Math.scalb(1 + (code & 7) / 8.0, exponent - 7);
          for (int i = 0; i < 8; i++) {
            int both = block.get(4 + 8 * group + i) & 0xff;
            y[to + 16 * group + i] = (float) (scale * e2m1(both & 15));
            y[to + 16 * group + 8 + i] = (float) (scale * e2m1(both >> 4));
          }
        }
      }
    }
  }

  private static void ofHalves(BlockFormat format, ByteBuffer block, float[] y, int to) {
    float d = half(block);
    float m = format.hasMinimum() ? half(block) : 0;
    boolean fifth = format == BlockFormat.Q5_0 || format == BlockFormat.Q5_1;
    int high = fifth ? block.getInt() : 0;
    for (int i = 0; i < 16; i++) {
      int both = block.get() & 0xff;
      for (int half = 0; half < 2; half++) {
        int element = i + 16 * half;
        int u = (half == 0 ? both & 15 : both >> 4) + (high >>> element & 1) * 16;
        y[to + element] = switch (format) {
          case Q4_0 -> d * (u - 8);
          case Q5_0 -> d * (u - 16);
          case IQ4_NL -> d * IQ4[u];
          default -> d * u + m;
        };
      }
    }
  }

  private static void ofSuperBlock(BlockFormat format, ByteBuffer block, float[] y, int to) {
    float d = half(block);
    float dmin = half(block);
    int[] sc = new int[8];
    int[] m = new int[8];
    for (int j = 0; j < 4; j++) {
      int s0 = block.get(4 + j) & 0xff;
      int s4 = block.get(8 + j) & 0xff;
      int s8 = block.get(12 + j) & 0xff;
      sc[j] = s0 % 64;
      m[j] = s4 % 64;
      sc[j + 4] = s8 % 16 + s0 / 64 * 16;
      m[j + 4] = s8 / 16 + s4 / 64 * 16;
    }
    int quants = format == BlockFormat.Q5_K ? 48 : 16;
    for (int j = 0; j < 8; j++) {
      for (int i = 0; i < 32; i++) {
        int both = block.get(quants + 32 * (j / 2) + i) & 0xff;
        int u = j % 2 == 0 ? both % 16 : both / 16;
        if (format == BlockFormat.Q5_K && (block.get(16 + i) >> j & 1) != 0) {
          u += 16;
        }
        y[to + 32 * j + i] = d * sc[j] * u - dmin * m[j];
      }
    }
  }

  private static void ofSixBits(ByteBuffer block, float[] y, int to) {
    float d = Float.float16ToFloat(block.getShort(208));
    for (int half = 0; half < 2; half++) {
      for (int i = 0; i < 32; i++) {
        int first = block.get(64 * half + i) & 0xff;
        int second = block.get(64 * half + 32 + i) & 0xff;
        int high = block.get(128 + 32 * half + i) & 0xff;
        int[] u = {first % 16 + high % 4 * 16, second % 16 + high / 4 % 4 * 16,
            first / 16 + high / 16 % 4 * 16, second / 16 + high / 64 * 16};
        for (int j = 0; j < 4; j++) {
          int element = 128 * half + 32 * j + i;
          y[to + element] = d * block.get(192 + element / 16) * (u[j] - 32);
        }
      }
    }
  }

  private static float half(ByteBuffer block) {
    return Float.float16ToFloat(block.getShort());
  }

  private static float e2m1(int code) {
    return code < 8 ? E2M1[code] : -E2M1[code - 8];
  }
}
