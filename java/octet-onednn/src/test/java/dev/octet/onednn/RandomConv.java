package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.Conv2d;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;

/**
 * A convolution made from a seed: everything that the op knows, images of several sizes, operands in every
 * kind of memory, data at the ends of their ranges.
 */
final class RandomConv {
  private static final byte CANARY = 0x5a;

  final int seed;
  private final int divisor;
  private final Random random;
  private final int groups;
  private final int inPerGroup;
  private final int out;
  private final int[] kernel = new int[2];
  private final int[] stride = new int[2];
  private final int[] dilation = new int[2];
  private final int[] padding = new int[4];
  private final boolean flat;
  private final DataType inputType;
  private final Quantization input;
  private final QTensor weights;
  private final WeightLayout layout;
  final DataType outputType;
  private final Quantization output;
  private final int[] bias;
  private final float[] floatBias;
  private final float[] clamp;
  private final int extreme;

  RandomConv(int seed) {
    this(seed, 1);
  }

  /** With weights divided by a number, so that they are within -64 to 64 with 2. */
  RandomConv(int seed, int divisor) {
    this.seed = seed;
    this.divisor = divisor;
    this.random = new Random(seed);
    int[] channels = {1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 24, 32, 33, 48, 64};
    switch (random.nextInt(5)) {
      case 0 -> {
        groups = channels[random.nextInt(channels.length)];
        inPerGroup = 1;
        out = groups * (1 + (random.nextInt(3) == 0 ? random.nextInt(3) : 0));
      }
      case 1 -> {
        groups = 2 + random.nextInt(5);
        inPerGroup = channels[random.nextInt(8)];
        out = groups * channels[random.nextInt(8)];
      }
      default -> {
        groups = 1;
        inPerGroup = channels[random.nextInt(channels.length)];
        out = channels[random.nextInt(channels.length)];
      }
    }
    flat = random.nextInt(6) == 0;
    for (int axis = 0; axis < 2; axis++) {
      boolean one = flat && axis == 0;
      kernel[axis] = one ? 1 : 1 + random.nextInt(random.nextInt(8) == 0 ? 8 : 3);
      stride[axis] = one ? 1 : 1 + (random.nextInt(3) == 0 ? random.nextInt(3) : 0);
      dilation[axis] = one ? 1 : 1 + (random.nextInt(4) == 0 ? random.nextInt(3) : 0);
    }
    boolean padded = random.nextInt(3) > 0;
    for (int side = 0; side < 4; side++) {
      int reach = (kernel[side % 2] - 1) * dilation[side % 2];
      boolean one = flat && side % 2 == 0;
      padding[side] = one || !padded ? 0 : random.nextInt(random.nextInt(8) == 0 ? reach + 4 : reach + 1);
    }
    extreme = random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0;
    inputType = random.nextBoolean() ? DataType.U8 : DataType.S8;
    input = Quantization.perTensor(0.02f, zeroPoint(inputType));
    DataType weightType = random.nextInt(3) == 0 ? DataType.U8 : DataType.S8;
    layout = random.nextBoolean() ? WeightLayout.OHWI : WeightLayout.OIHW;
    weights = weights(weightType);
    outputType = new DataType[]{DataType.U8, DataType.S8, DataType.S8, DataType.F32, DataType.S32}[random
        .nextInt(5)];
    int taps = kernel[0] * kernel[1] * inPerGroup;
    float typical = (float) (0.02 * 0.005 * 74 * 74 * Math.sqrt(taps) / 60);
    output = Quantization.perTensor(typical, outputType.isByte() ? zeroPoint(outputType) : 0);
    boolean f32 = outputType == DataType.F32;
    bias = !f32 && random.nextBoolean() ? random.ints(out, -20000, 20000).toArray() : null;
    floatBias = bias == null && outputType != DataType.S32 && random.nextBoolean() ? floats(out) : null;
    clamp = outputType != DataType.S32 && random.nextInt(3) == 0
        ? new float[]{random.nextBoolean() ? 0 : -40 * typical, random.nextBoolean()
            ? Float.POSITIVE_INFINITY
            : 50 * typical}
        : null;
  }

  private float[] floats(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private int zeroPoint(DataType type) {
    return switch (random.nextInt(4)) {
      case 0 -> type.min();
      case 1 -> type.max();
      case 2 -> 0;
      default -> random.nextInt(type.min(), type.max() + 1);
    };
  }

  private QTensor weights(DataType type) {
    byte[] bytes = new byte[out * kernel[0] * kernel[1] * inPerGroup];
    random.nextBytes(bytes);
    int range = random.nextInt(3) == 0 ? 4 : divisor;
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = extreme > 0 && divisor == 1
          ? (byte) (random.nextInt(40) == 0 ? 1 : extreme == 1 ? type.min() : type.max())
          : (byte) (type == DataType.U8 ? (bytes[i] & 0xff) / range : bytes[i] / range);
    }
    boolean symmetric = type == DataType.S8 && random.nextInt(3) > 0;
    boolean perTensor = random.nextInt(3) == 0;
    float[] scales = new float[perTensor ? 1 : out];
    int[] zeroPoints = new int[scales.length];
    for (int o = 0; o < scales.length; o++) {
      scales[o] = 0.001f + 0.01f * random.nextFloat();
      zeroPoints[o] = symmetric ? 0 : zeroPoint(type);
    }
    Quantization q = perTensor
        ? Quantization.perTensor(scales[0], zeroPoints[0])
        : Quantization.perChannel(0, scales, zeroPoints);
    Shape shape = layout == WeightLayout.OHWI
        ? Shape.of(out, kernel[0], kernel[1], inPerGroup)
        : Shape.of(out, inPerGroup, kernel[0], kernel[1]);
    return QTensor.of(type, shape, q, bytes);
  }

  @Override
  public String toString() {
    return "seed " + seed + ": " + inputType + " " + input + ", weights " + weights + " " + layout
        + " groups "
        + groups + " stride " + Arrays.toString(stride) + " dilation " + Arrays.toString(dilation)
        + " padding "
        + Arrays.toString(padding) + " -> " + outputType + " " + output + (bias != null ? " bias" : "")
        + (floatBias != null ? " float bias" : "") + (clamp != null ? " clamp " + Arrays.toString(clamp) : "")
        + (extreme > 0 ? " extreme " + extreme : "");
  }

  Conv2d prepare(Octet octet, boolean inexact) {
    Conv2d.Builder builder = octet.conv2d().input(inputType, input).weights(weights, layout).groups(groups)
        .stride(stride[0], stride[1]).dilation(dilation[0], dilation[1])
        .padding(padding[0], padding[1], padding[2], padding[3]);
    switch (outputType) {
      case F32 -> builder.outputF32();
      case S32 -> builder.outputS32();
      default -> builder.output(outputType, output);
    }
    if (bias != null) {
      builder.bias(bias);
    }
    if (floatBias != null) {
      builder.bias(floatBias);
    }
    if (clamp != null) {
      builder.clamp(clamp[0], clamp[1]);
    }
    return inexact ? builder.allowInexactEpilogue().prepare() : builder.prepare();
  }

  /** Some images and what the law makes of them. */
  final class Images {
    final int batch;
    final int height;
    final int width;
    private final byte[] x;
    private final byte[] expected;
    private final int yBytes;

    /** Of a random size that fits the window. */
    Images(Conv2d law) {
      int least0 = (kernel[0] - 1) * dilation[0] + 1 - padding[0] - padding[2];
      int least1 = (kernel[1] - 1) * dilation[1] + 1 - padding[1] - padding[3];
      boolean large = random.nextInt(6) == 0;
      height = flat ? 1 : Math.max(1, least0) + random.nextInt(large ? 20 : 7);
      width = Math.max(1, least1) + random.nextInt(large || flat ? 40 : 7);
      batch = random.nextInt(8) == 0 ? random.nextInt(20) : 1 + random.nextInt(3);
      x = new byte[batch * height * width * inPerGroup * groups];
      random.nextBytes(x);
      for (int i = 0; extreme > 0 && i < x.length; i++) {
        x[i] = (byte) (random.nextInt(9) == 0 ? x[i] : extreme == 3 ? inputType.min() : inputType.max());
      }
      Shape shape = law.outputShape(Shape.of(batch, height, width, (long) inPerGroup * groups));
      yBytes = Math.toIntExact(outputType.bytes(shape.elements()));
      expected = new byte[yBytes];
      law.run(MemorySegment.ofArray(x), MemorySegment.ofArray(expected), batch, height, width);
    }

    /** Runs the op on memory of some kind and compares; differences up to the tolerance are allowed. */
    void check(Conv2d op, float tolerance) {
      String what = RandomConv.this + ", " + batch + " images " + height + "x" + width + " on " + op.kernel();
      int edge = 3;
      byte[] around = new byte[edge + yBytes + edge];
      Arrays.fill(around, CANARY);
      try (Arena arena = random.nextBoolean() ? Arena.ofConfined() : Arena.ofShared()) {
        MemorySegment from = memory(arena, x, random.nextInt(3));
        MemorySegment to = random.nextInt(3) == 0
            ? MemorySegment.ofArray(around)
            : arena.allocate(around.length).copyFrom(MemorySegment.ofArray(around));
        op.run(from, to.asSlice(edge, yBytes), batch, height, width);
        byte[] all = to.toArray(ValueLayout.JAVA_BYTE);
        for (int i = 0; i < edge; i++) {
          assertTrue(all[i] == CANARY && all[all.length - 1 - i] == CANARY, what + ": written outside");
        }
        compare(Arrays.copyOfRange(all, edge, edge + yBytes), tolerance, what);
      }
    }

    private MemorySegment memory(Arena arena, byte[] bytes, int kind) {
      return switch (kind) {
        case 0 -> MemorySegment.ofArray(bytes);
        case 1 -> arena.allocate(Math.max(1, bytes.length)).asSlice(0, bytes.length)
            .copyFrom(MemorySegment.ofArray(bytes));
        default -> arena.allocate(bytes.length + 1L).asSlice(1).copyFrom(MemorySegment.ofArray(bytes));
      };
    }

    private void compare(byte[] actual, float tolerance, String what) {
      if (Arrays.equals(expected, actual)) {
        return;
      }
      int size = outputType.bits() / 8;
      MemorySegment law = MemorySegment.ofArray(expected);
      MemorySegment result = MemorySegment.ofArray(actual);
      for (int i = 0; i < yBytes / size; i++) {
        double a = value(law, i);
        double b = value(result, i);
        double allowed = outputType == DataType.F32 ? tolerance * 1e-5 * (1 + Math.abs(a)) : tolerance;
        int channel = i % out;
        assertTrue(Math.abs(a - b) <= allowed, () -> what + ": pixel " + i0(channel, a, b) + " of element");
      }
      assertTrue(tolerance > 0, what + ": differs in the last bits");
    }

    private String i0(int channel, double law, double result) {
      return "channel " + channel + " expected " + law + ", got " + result;
    }

    private double value(MemorySegment values, long i) {
      return switch (outputType) {
        case U8 -> values.get(ValueLayout.JAVA_BYTE, i) & 0xff;
        case S8 -> values.get(ValueLayout.JAVA_BYTE, i);
        case F32 -> values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i);
        default -> values.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * i);
      };
    }
  }
}
