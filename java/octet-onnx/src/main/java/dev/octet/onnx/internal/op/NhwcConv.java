package dev.octet.onnx.internal.op;

import dev.octet.ImageLayout;
import dev.octet.Octet;
import dev.octet.WeightLayout;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Conv2d;
import dev.octet.op.TransposeImages;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Octet's convolution of 8-bit images for images as ONNX has them: channels become the last axis on the way
 * in, and the second one on the way out.
 */
final class NhwcConv implements AutoCloseable {
  private final Conv2d op;
  private final TransposeImages in;

  private NhwcConv(Conv2d op, TransposeImages in) {
    this.op = op;
    this.in = in;
  }

  /**
   * Prepares a convolution.
   *
   * @param x images, of known sizes where the padding depends on them
   * @param settings sets what is neither weights, window nor groups
   */
  static Conv2d prepare(Packs packs, Weights weights, WindowAttributes window, long groups, Known x,
      Consumer<Conv2d.Builder> settings) {
    long[] dims = weights.data().dims();
    FixedWindow fixed = FixedWindow.of(window, Arrays.copyOfRange(dims, 2, dims.length), x);
    Conv2d.Builder builder = packs.octet().conv2d().groups((int) groups)
        .stride(fixed.strides()[0], fixed.strides()[1]).dilation(fixed.dilations()[0], fixed.dilations()[1])
        .padding(fixed.before()[0], fixed.before()[1], fixed.behind()[0], fixed.behind()[1]);
    settings.accept(builder);
    return packs.prepare(builder, weights.tensor(), WeightLayout.OIHW, "groups " + groups + ", " + fixed);
  }

  /**
   * A convolution.
   *
   * @param op with scales and zero points that come with a run, and results of 32 bits; is closed with what
   *        is returned
   * @param type of the images
   */
  static NhwcConv of(Octet octet, Conv2d op, ElementType type) {
    return new NhwcConv(op,
        octet.transposeImages().input(Weights.type(type)).to(ImageLayout.NHWC).prepare());
  }

  /**
   * The sizes of a run.
   *
   * @param batch how many images there are
   * @param channels of an image
   * @param height of an image
   * @param width of an image
   * @param outs out channels
   * @param outHeight of a result
   * @param outWidth of a result
   */
  record Sizes(int batch, int channels, int height, int width, int outs, int outHeight, int outWidth) {
    static Sizes of(Known x, Known y) {
      boolean flat = x.rank() == 3;
      return new Sizes(count(x, 0), count(x, 1), flat ? 1 : count(x, 2), count(x, x.rank() - 1), count(y, 1),
          flat ? 1 : count(y, 2), count(y, y.rank() - 1));
    }

    private static int count(Known of, int axis) {
      return Runs.count("axis " + axis, of.dims()[axis]);
    }

    private long inBytes() {
      return (long) batch * channels * height * width;
    }

    private long outBytes() {
      return 4L * batch * outs * outHeight * outWidth;
    }

    /** Images with channels last, scale and zero point, and results with channels last. */
    long scratchBytes() {
      return aligned(inBytes()) + 64 + outBytes();
    }
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, 64) * 64;
  }

  /**
   * Convolves images.
   *
   * @param scale of the images
   * @param zeroPoint of the images
   * @param memory {@link Sizes#scratchBytes}
   */
  void run(MemorySegment x, float scale, int zeroPoint, MemorySegment y, Sizes sizes, MemorySegment memory,
      Scratch scratch) {
    MemorySegment parameters = memory.asSlice(aligned(sizes.inBytes()), 8);
    parameters.set(Elements.FLOAT, 0, scale);
    parameters.set(Elements.INT, 4, zeroPoint);
    run(x, parameters.asSlice(0, 4), parameters.asSlice(4, 4), y, sizes, memory, scratch);
  }

  /**
   * Convolves images.
   *
   * @param scales of the images, one, or one each where the op was prepared so
   * @param zeroPoints likewise
   * @param memory {@link Sizes#scratchBytes}
   */
  void run(MemorySegment x, MemorySegment scales, MemorySegment zeroPoints, MemorySegment y, Sizes sizes,
      MemorySegment memory, Scratch scratch) {
    MemorySegment images = x;
    if (sizes.channels > 1 && sizes.height * (long) sizes.width > 1) {
      images = memory.asSlice(0, sizes.inBytes());
      in.run(x, images, sizes.batch, sizes.height, sizes.width, sizes.channels);
    }
    int pixels = Math.multiplyExact(sizes.outHeight, sizes.outWidth);
    boolean turns = sizes.outs > 1 && pixels > 1;
    long behind = aligned(sizes.inBytes());
    MemorySegment results = turns ? memory.asSlice(behind + 64, sizes.outBytes()) : y;
    op.run(images, scales, zeroPoints, results, sizes.batch, sizes.height, sizes.width);
    if (turns) {
      for (long image = 0; image < sizes.batch; image++) {
        Matrices.transpose(results, y, image * pixels * sizes.outs, pixels, sizes.outs, scratch);
      }
    }
  }

  /** The convolution's kernel. */
  String name() {
    return op.kernel();
  }

  @Override
  public void close() {
    op.close();
    in.close();
  }
}
