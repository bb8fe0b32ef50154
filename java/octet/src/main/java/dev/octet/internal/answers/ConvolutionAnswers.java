package dev.octet.internal.answers;

import static dev.octet.DataType.F32;

import dev.octet.DataType;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.Backend;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.Conv3dKernel;
import dev.octet.engine.Conv3dSpec;
import dev.octet.engine.ConvTranspose2dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.DepthWindow;
import dev.octet.engine.TransposedWeights;
import dev.octet.engine.TransposedWindow;
import dev.octet.engine.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Convolutions: one pixel, dense, grouped and depthwise windows, of few channels and of whole panels. Tiles
 * are outputs that lie side by side, as rows of products are.
 */
final class ConvolutionAnswers {
  /** Every height of a tile, two of them, and more than 3 of 6; lines of 7 and 14 have loops of their own. */
  private static final int[] WIDTHS = {1, 2, 3, 4, 5, 6, 7, 9, 12, 14, 19};
  private static final int[] FEW_WIDTHS = {1, 5, 6, 7, 12, 14};

  /** With which parameters a layer comes. */
  private enum Form {
    /** None; padding adds nothing to sums, which some kernels make use of. */
    PLAIN(""),
    /** A zero point of the input, which padding then is, and a clamp. */
    PADDED(" with a zero point and a clamp"),
    /** Zero points of weights too, a clamp, and scales of the run where they fit. */
    ALL(" with all parameters");

    private final String text;

    Form(String text) {
      this.text = text;
    }
  }

  /**
   * A layer.
   *
   * @param in input channels of a group
   * @param out output channels of all groups
   */
  private record Layer(int groups, int in, int out, int height, int kernel, int stride, int dilation,
      int pad) {
    /** One whose window is as high as it is wide. */
    Layer(int groups, int in, int out, int kernel, int stride, int dilation, int pad) {
      this(groups, in, out, kernel, kernel, stride, dilation, pad);
    }

    int taps() {
      return height * kernel;
    }

    Window window() {
      return new Window(height, kernel, stride, stride, dilation, dilation, pad, pad, pad, pad);
    }

    @Override
    public String toString() {
      return height + " x " + kernel + ", " + in * groups + " to " + out + " channels"
          + (groups > 1 ? " in " + groups + " groups" : "") + (stride > 1 ? ", stride " + stride : "")
          + (dilation > 1 ? ", dilation " + dilation : "");
    }
  }

  private static final List<Layer> LAYERS = List.of(new Layer(1, 17, 33, 1, 1, 1, 0),
      new Layer(1, 5, 65, 1, 2, 1, 0), new Layer(1, 3, 16, 3, 1, 1, 1), new Layer(1, 3, 65, 3, 2, 1, 1),
      new Layer(1, 1, 15, 5, 1, 1, 2), new Layer(1, 3, 16, 7, 2, 1, 3), new Layer(1, 4, 64, 3, 1, 1, 1),
      new Layer(1, 9, 15, 3, 1, 2, 2), new Layer(2, 5, 34, 3, 1, 1, 1));

  /**
   * Windows of 3 and 5 columns are slid along in lines of 64 channels, and in those of up to 32, which are
   * two pixels at a time, at the end of panels too; others go tap by tap.
   */
  private static final List<Layer> DEPTHWISE = List.of(new Layer(33, 1, 33, 3, 1, 1, 1),
      new Layer(32, 1, 32, 3, 1, 1, 1), new Layer(64, 1, 64, 3, 2, 1, 1), new Layer(65, 1, 65, 5, 1, 1, 2),
      new Layer(16, 1, 16, 5, 2, 1, 2), new Layer(33, 1, 33, 3, 1, 2, 2), new Layer(20, 1, 40, 3, 1, 1, 1),
      new Layer(15, 1, 15, 7, 1, 1, 3), new Layer(24, 1, 24, 3, 1, 1, 1), new Layer(96, 1, 96, 3, 1, 1, 1),
      new Layer(144, 1, 144, 3, 2, 1, 1), new Layer(32, 1, 32, 3, 2, 1, 1), new Layer(16, 1, 32, 3, 1, 1, 1),
      new Layer(16, 1, 16, 3, 5, 1, 1, 2));

  private ConvolutionAnswers() {}

  static List<Answer<?>> conv2d(DataType input, boolean atRun, DataType weightType, DataType to,
      boolean inexact) {
    return images(input, atRun, weightType, to, inexact, false, Backend::conv2d);
  }

  static List<Answer<?>> dynamicConv2d(DataType weightType) {
    return images(DataType.U8, true, weightType, F32, false, true, Backend::dynamicConv2d);
  }

  private static List<Answer<?>> images(DataType input, boolean scaled, DataType weightType, DataType to,
      boolean inexact, boolean dynamic, BiFunction<Backend, Conv2dSpec, Conv2dKernel> prepare) {
    List<Answer<?>> answers = new ArrayList<>();
    List<Layer> layers = new ArrayList<>(LAYERS);
    layers.addAll(DEPTHWISE);
    for (Layer layer : layers) {
      for (Form form : Form.values()) {
        boolean plain = form != Form.ALL;
        Draw draw = new Draw(answers.size());
        // Other results with scales of the run only for those who use them.
        boolean atRun = dynamic || (!plain && (to == F32 || scaled));
        int k = layer.in * layer.taps();
        ConvWeights weights = ConvWeights.of(
            draw.weights(weightType, Shape.of(layer.out, layer.height, layer.kernel, layer.in), 0,
                !plain),
            WeightLayout.OHWI);
        Conv2dSpec spec = new Conv2dSpec(weights, layer.groups, layer.window(),
            Draw.input(input, atRun, form == Form.PLAIN),
            atRun && !plain, plain && to != F32 ? draw.integerBias(layer.out, k) : null,
            plain && to == F32 ? draw.bias(layer.out, k) : null, Draw.output(to, k, form != Form.PLAIN),
            inexact);
        answers.add(new Answer<Conv2dKernel>(layer + form.text,
            backend -> prepare.apply(backend, spec),
            new Answer.Tolerance(Allowed.NOTHING, Allowed.byInexactEpilogue(to)),
            runs(spec, input, dynamic, form == Form.PLAIN ? WIDTHS : FEW_WIDTHS)));
      }
    }
    return answers;
  }

  private static List<Answer.Run<Conv2dKernel>> runs(Conv2dSpec spec, DataType input, boolean dynamic,
      int[] widths) {
    Window window = spec.window();
    List<Answer.Run<Conv2dKernel>> runs = new ArrayList<>();
    for (int columns : widths) {
      // Depthwise kernels make up to four lines at once, and one that is left.
      int lines = columns == 5 || columns == 12 ? spec.weights().inPerGroup() == 1 ? 5 : 2 : 1;
      int width = columns(columns, window);
      int height = lines(lines, window);
      int batch = columns == 5 ? 2 : 1;
      long elements = (long) batch * height * width * spec.inChannels();
      long outputs = batch * window.outHeight(height) * window.outWidth(width) * spec.weights().outChannels();
      DataType to = spec.output().type();
      int scales = spec.scaleCount(batch);
      runs.add(new Answer.Run<>(batch + " images of " + height + " x " + width, (kernel, sample) -> {
        if (dynamic) {
          kernel.run(sample.floats(elements), sample.result(to, outputs), batch, height, width);
        } else if (spec.input().atRun()) {
          kernel.run(sample.bytes(elements), sample.scales(scales), sample.zeroPoints(scales, input),
              sample.result(to, outputs), batch, height, width);
        } else {
          kernel.run(sample.bytes(elements), sample.result(to, outputs), batch, height, width);
        }
      }));
    }
    return runs;
  }

  /** The columns of inputs that give so many of outputs. */
  private static int columns(int outputs, Window window) {
    return Math.max(1, (outputs - 1) * window.strideWidth()
        + (window.kernelWidth() - 1) * window.dilationWidth() + 1 - window.padLeft() - window.padRight());
  }

  /** The same of lines. */
  private static int lines(int outputs, Window window) {
    return Math.max(1, (outputs - 1) * window.strideHeight()
        + (window.kernelHeight() - 1) * window.dilationHeight() + 1 - window.padTop() - window.padBottom());
  }

  static List<Answer<?>> convTranspose2d(DataType input, DataType weightType, DataType to) {
    List<Answer<?>> answers = new ArrayList<>();
    for (Layer layer : List.of(new Layer(1, 5, 17, 2, 2, 1, 0), new Layer(1, 9, 33, 3, 2, 1, 1),
        new Layer(1, 4, 65, 3, 1, 1, 1), new Layer(2, 6, 34, 3, 2, 1, 1), new Layer(16, 1, 16, 3, 2, 1, 1))) {
      for (boolean plain : new boolean[]{true, false}) {
        Draw draw = new Draw(answers.size());
        int perGroup = layer.out / layer.groups;
        int k = layer.in * layer.taps();
        TransposedWeights weights = TransposedWeights.of(draw.weights(weightType,
            Shape.of((long) layer.in * layer.groups, perGroup, layer.height, layer.kernel), 1, !plain),
            WeightLayout.IOHW);
        TransposedWindow window = new TransposedWindow(layer.window(), 0, 0);
        ConvTranspose2dSpec spec = new ConvTranspose2dSpec(weights, layer.groups, window,
            Draw.input(input, false, plain),
            plain && to != F32 ? draw.integerBias(layer.out, k) : null,
            plain && to == F32 ? draw.bias(layer.out, k) : null, Draw.output(to, k, !plain));
        List<Answer.Run<Conv2dKernel>> runs = new ArrayList<>();
        for (int width : plain ? WIDTHS : FEW_WIDTHS) {
          long outputs = window.outHeight(2) * window.outWidth(width) * layer.out;
          runs.add(new Answer.Run<>("image of 2 x " + width,
              (kernel, sample) -> kernel.run(sample.bytes(2L * width * weights.inChannels()),
                  sample.result(to, outputs), 1, 2, width)));
        }
        answers.add(new Answer<>(layer + (plain ? "" : " with all parameters"),
            backend -> backend.convTranspose2d(spec), Answer.Tolerance.NONE, runs));
      }
    }
    return answers;
  }

  static List<Answer<?>> conv3d(DataType input, DataType weightType, DataType to) {
    List<Answer<?>> answers = new ArrayList<>();
    for (Layer layer : List.of(new Layer(1, 3, 16, 1, 1, 1, 0), new Layer(1, 3, 17, 3, 1, 1, 1),
        new Layer(1, 5, 65, 3, 2, 1, 1), new Layer(2, 4, 34, 3, 1, 1, 1), new Layer(33, 1, 33, 3, 1, 1, 1))) {
      for (boolean plain : new boolean[]{true, false}) {
        Draw draw = new Draw(answers.size());
        // Frames one by one, and windows of three of them.
        DepthWindow depth = plain ? new DepthWindow(3, 1, 1, 1, 1) : new DepthWindow(1, 1, 1, 0, 0);
        int k = layer.in * layer.taps() * depth.kernel();
        // Height and width as one image has them, frames above each other.
        ConvWeights weights = ConvWeights.of(draw.weights(weightType,
            Shape.of(layer.out, (long) depth.kernel() * layer.height, layer.kernel, layer.in), 0, !plain),
            WeightLayout.OHWI);
        Conv3dSpec spec = new Conv3dSpec(weights, layer.groups, depth, layer.window(),
            Draw.input(input, false, plain),
            plain && to != F32 ? draw.integerBias(layer.out, k) : null,
            plain && to == F32 ? draw.bias(layer.out, k) : null, Draw.output(to, k, !plain));
        List<Answer.Run<Conv3dKernel>> runs = new ArrayList<>();
        for (int columns : FEW_WIDTHS) {
          int width = columns(columns, layer.window());
          int height = lines(2, layer.window());
          long outputs = depth.outDepth(3) * spec.window().outHeight(height) * spec.window().outWidth(width)
              * layer.out;
          runs.add(new Answer.Run<>("volume of 3 x " + height + " x " + width,
              (kernel, sample) -> kernel.run(sample.bytes(3L * height * width * spec.inChannels()),
                  sample.result(to, outputs), 1, 3, height, width)));
        }
        answers.add(new Answer<>(layer + ", " + depth.kernel() + " frames", backend -> backend.conv3d(spec),
            Answer.Tolerance.NONE, runs));
      }
    }
    return answers;
  }
}
