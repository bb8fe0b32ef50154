package dev.octet.onednn;

import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Window;
import dev.octet.internal.pack.ConvTaps;
import dev.octet.internal.pack.Transpose;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * How a convolution is put to oneDNN. It has fast implementations for groups with certain numbers of
 * channels, and for depthwise ones with one output a channel; the others are brought there by zeros among the
 * weights and by channels that the source has several times.
 *
 * @param groups as oneDNN sees them
 * @param in input channels of such a group
 * @param out output channels of such a group
 * @param merged how many groups of the op it holds, each with its own channels; the other weights are 0
 * @param repeat how often each channel of the source is there, one behind the other
 * @param realIn input channels of a group of the op
 * @param realOut output channels of a group of the op; 1 where the source is repeated
 */
record ConvForm(int groups, int in, int out, int merged, int repeat, int realIn, int realOut) {
  /** More groups in one cost more multiplications by 0 than they save. */
  private static final int MOST_MERGED = 64;
  /** Channels of all blocked formats are multiples of this, or divisors. */
  private static final int BLOCK = 16;

  /**
   * The forms of a convolution, best first.
   *
   * @param spec the op
   */
  static List<ConvForm> all(Conv2dSpec spec) {
    int groups = spec.groups();
    int in = spec.weights().inPerGroup();
    int out = spec.weights().outChannels() / groups;
    List<ConvForm> forms = new ArrayList<>();
    forms.add(of(groups, in, out, 1));
    if (groups > 1 && in == 1 && out > 1) {
      forms.add(new ConvForm(groups * out, 1, 1, 1, out, 1, 1));
    }
    for (int merged = 2; merged <= Math.min(groups, MOST_MERGED); merged++) {
      if (groups % merged == 0) {
        forms.add(of(groups, in, out, merged));
      }
    }
    if (groups <= MOST_MERGED) {
      forms.add(new ConvForm(1, roundUp(groups * in), roundUp(groups * out), groups, 1, in, out));
    }
    return forms;
  }

  /**
   * The form for products of matrices: as few groups in one as have enough columns.
   *
   * @param spec the op
   */
  static ConvForm forProducts(Conv2dSpec spec) {
    int groups = spec.groups();
    int in = spec.weights().inPerGroup();
    int out = spec.weights().outChannels() / groups;
    int merged = 1;
    while (merged < groups && (groups % merged != 0 || merged * out < BLOCK)) {
      merged++;
    }
    return of(groups, in, out, merged);
  }

  private static ConvForm of(int groups, int in, int out, int merged) {
    return new ConvForm(groups / merged, merged * in, merged * out, merged, 1, in, out);
  }

  private static int roundUp(int channels) {
    return Math.ceilDiv(channels, BLOCK) * BLOCK;
  }

  /** Channels of a source pixel. */
  int sourceChannels() {
    return groups * in;
  }

  /** Channels of a result pixel. */
  int resultChannels() {
    return groups * out;
  }

  /** Whether a source pixel is one of the op. */
  boolean isSourcePlain() {
    return repeat == 1 && in == merged * realIn;
  }

  /** Whether a result pixel is one of the op. */
  boolean isResultPlain() {
    return out == merged * realOut;
  }

  /** Weights of an output channel. */
  int perChannel(Window window) {
    return window.kernelHeight() * window.kernelWidth() * in;
  }

  /** Weights of a group; as a product of doubles, which does not overflow. */
  double weights(Window window) {
    return (double) window.kernelHeight() * window.kernelWidth() * in * out;
  }

  /**
   * Writes one part of the weights: for each group a dense matrix, taps and input channels by output
   * channels.
   *
   * @param window of the op
   * @param taps the weights
   * @param part which part
   * @param limits of a part
   * @param dst groups x perChannel x out bytes
   */
  void write(Window window, ConvTaps taps, int part, Limits limits, MemorySegment dst) {
    int k = perChannel(window);
    byte[] block = new byte[Math.multiplyExact(out, k)];
    for (int group = 0; group < groups; group++) {
      for (int j = 0; j < merged; j++) {
        for (int o = 0; o < realOut; o++) {
          taps.write((group * merged + j) * realOut + o, part, limits.min(), limits.max(), block,
              (j * realOut + o) * k + j * realIn, in);
        }
      }
      Transpose.bytes(MemorySegment.ofArray(block), dst.asSlice((long) group * block.length, block.length),
          out, k);
    }
  }

  /** Describes the weights as {@link #write} leaves them. */
  Handle plainWeights(Window window) {
    int h = window.kernelHeight();
    int w = window.kernelWidth();
    return groups == 1
        ? Dnnl.stridedDesc(Dnnl.S8, new long[]{out, in, h, w},
            new long[]{1, out, (long) w * in * out, (long) in * out})
        : Dnnl.stridedDesc(Dnnl.S8, new long[]{groups, out, in, h, w},
            new long[]{(long) h * w * in * out, 1, out, (long) w * in * out, (long) in * out});
  }

  /** Describes the weights in the format that oneDNN likes best. */
  Handle anyWeights(Window window) {
    int h = window.kernelHeight();
    int w = window.kernelWidth();
    return groups == 1
        ? Dnnl.desc(Dnnl.S8, Dnnl.TAG_ANY, out, in, h, w)
        : Dnnl.desc(Dnnl.S8, Dnnl.TAG_ANY, groups, out, in, h, w);
  }

  /**
   * Describes the convolution of a part of some images.
   *
   * @param window of the op; padding is that of the spans
   * @param weights their format
   * @param result oneDNN's type of the result
   * @param bias whether a float is added to each output channel
   * @param images how many
   * @param rows of an image
   * @param columns of an image
   * @param attributes what oneDNN does to the result
   */
  Handle describe(Window window, Handle weights, int result, boolean bias, int images, Span rows,
      Span columns,
      Handle attributes) {
    try (Handle src = Dnnl.desc(Dnnl.U8, Dnnl.TAG_NHWC, images, sourceChannels(), rows.in(), columns.in());
        Handle dst = Dnnl.desc(result, Dnnl.TAG_NHWC, images, resultChannels(), rows.out(), columns.out());
        Handle biasDesc = bias ? Dnnl.desc(Dnnl.F32, Dnnl.TAG_A, resultChannels()) : null) {
      return Dnnl.convolution(src, weights, biasDesc, dst,
          new long[]{window.strideHeight(), window.strideWidth()},
          new long[]{window.dilationHeight() - 1L, window.dilationWidth() - 1L},
          new long[]{rows.before(), columns.before()}, new long[]{rows.after(), columns.after()}, attributes);
    }
  }

  /** The bytes that a weight, or a part of one, may be. */
  record Limits(int min, int max) {
    private static final Limits BYTES = new Limits(Byte.MIN_VALUE, Byte.MAX_VALUE);
    private static final Limits HALVES = new Limits(-Int8Rule.LIMIT, Int8Rule.LIMIT);

    static Limits of(Int8Rule.Form form) {
      return form == Int8Rule.Form.PLAIN ? BYTES : HALVES;
    }
  }
}
