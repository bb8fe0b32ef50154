package dev.octet.engine;

import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of a transposed convolution that is an ordinary one of stride 1: the outputs whose rows and columns
 * have the same remainder of a division by the strides meet the same taps, in reverse order.
 *
 * @param convolution its weights those taps as OHWI; its padding may be negative, where no window begins in
 *        the first pixels, and says nothing of the bottom and the right, because it is the outputs that end
 *        there
 * @param firstRow the remainder of the rows, and the first one of them
 * @param firstColumn the remainder of the columns, and the first one of them
 */
public record ConvTransposePhase(Conv2dSpec convolution, int firstRow, int firstColumn) {
  /** The taps of a remainder on an axis: first, first + step and so on. */
  private record Taps(int first, int step, int count, int dilation, int padding) {
    static Taps of(String side, int remainder, int kernel, int stride, int dilation, int padding) {
      int common = gcd(stride, dilation);
      int step = stride / common;
      int first = 0;
      while (first < step && (remainder + (long) padding - (long) first * dilation) % stride != 0) {
        first++;
      }
      if (first >= Math.min(step, kernel)) {
        return new Taps(0, 1, 0, 1, 0);
      }
      int count = (kernel - 1 - first) / step + 1;
      long apart = dilation / common;
      long input = (remainder + (long) padding - (long) first * dilation) / stride;
      long before = (count - 1) * apart - input;
      if (before != (int) before) {
        throw new UnsupportedOperationException("dilation " + side + ": a window that begins " + before
            + " pixels before the image is not offered, only up to 2^31 - 1");
      }
      return new Taps(first, step, count, (int) apart, (int) before);
    }

    /** The tap in the kernel of a tap of the convolution. */
    int tap(int index) {
      return first + (count - 1 - index) * step;
    }

    private static int gcd(int a, int b) {
      return b == 0 ? a : gcd(b, a % b);
    }
  }

  /**
   * Returns the phases of a transposed convolution, as many as the product of its strides.
   *
   * @param spec the transposed convolution
   * @return the phases, each with its own outputs
   * @throws UnsupportedOperationException if a window begins too far outside the image to be counted
   */
  public static List<ConvTransposePhase> of(ConvTranspose2dSpec spec) {
    Window window = spec.window().window();
    List<ConvTransposePhase> phases = new ArrayList<>();
    for (int row = 0; row < window.strideHeight(); row++) {
      Taps rows = Taps.of("height", row, window.kernelHeight(), window.strideHeight(),
          window.dilationHeight(), window.padTop());
      for (int column = 0; column < window.strideWidth(); column++) {
        Taps columns = Taps.of("width", column, window.kernelWidth(), window.strideWidth(),
            window.dilationWidth(), window.padLeft());
        phases.add(new ConvTransposePhase(convolution(spec, rows, columns), row, column));
      }
    }
    return phases;
  }

  private static Conv2dSpec convolution(ConvTranspose2dSpec spec, Taps rows, Taps columns) {
    boolean meets = rows.count() > 0 && columns.count() > 0;
    // Outputs that meet no tap are those of one tap that weighs 0.
    Window window = meets
        ? new Window(rows.count(), columns.count(), 1, 1, rows.dilation(), columns.dilation(), rows.padding(),
            columns.padding(), 0, 0)
        : new Window(1, 1, 1, 1, 1, 1, 0, 0, 0, 0);
    TransposedWeights weights = spec.weights();
    int in = spec.inPerGroup();
    int out = weights.outPerGroup();
    Shape shape = Shape.of(spec.outChannels(), window.kernelHeight(), window.kernelWidth(), in);
    byte[] bytes = new byte[Math.toIntExact(shape.elements())];
    int at = 0;
    for (int o = 0; o < spec.outChannels(); o++) {
      for (int y = 0; y < window.kernelHeight(); y++) {
        for (int x = 0; x < window.kernelWidth(); x++) {
          for (int i = 0; i < in; i++) {
            bytes[at++] = (byte) (meets
                ? weights.get(o / out * in + i, o % out, rows.tap(y), columns.tap(x))
                : weights.zeroPoint(o % out));
          }
        }
      }
    }
    QTensor tensor = QTensor.of(weights.type(), shape, quantization(spec), bytes);
    return new Conv2dSpec(ConvWeights.of(tensor, WeightLayout.OHWI), spec.groups(), window, spec.input(),
        false, spec.bias(), spec.floatBias(), spec.output(), false);
  }

  /** Scales and zero points of the output channels of all groups. */
  private static Quantization quantization(ConvTranspose2dSpec spec) {
    TransposedWeights weights = spec.weights();
    Quantization q = weights.tensor().quantization();
    if (q.granularity() == Granularity.PER_TENSOR) {
      return q;
    }
    float[] scales = new float[spec.outChannels()];
    int[] zeroPoints = new int[spec.outChannels()];
    for (int o = 0; o < scales.length; o++) {
      scales[o] = weights.scale(o % weights.outPerGroup());
      zeroPoints[o] = weights.zeroPoint(o % weights.outPerGroup());
    }
    return Quantization.perChannel(0, scales, zeroPoints);
  }
}
