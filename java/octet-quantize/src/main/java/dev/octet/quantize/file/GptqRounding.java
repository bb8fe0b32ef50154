package dev.octet.quantize.file;

import dev.octet.QTensor;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.quantize.Gptq;
import dev.octet.quantize.InputMoments;
import dev.octet.quantize.Linear;
import dev.octet.quantize.WeightScheme;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Rounds the weights of a file by {@link Gptq}, on recorded inputs of its layers. Inputs of a layer are read
 * when the layer is quantized. Heap: 40 bytes for each pair of features of one layer, and some 30 MB.
 *
 * <p>
 * A tensor that is no matrix, or of whose layer nothing was recorded (a table of embeddings has no input), is
 * rounded to nearest; {@link #roundedToNearest()} names it. One thread at a time.
 */
public final class GptqRounding implements WeightQuantizer.Method {
  /** Weights at a time. */
  private static final int PART = 1 << 20;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final WeightFile file;
  private final LayerInputs inputs;
  private final double damping;
  private final Set<String> nearest = new LinkedHashSet<>();
  private final Map<String, Integer> dead = new LinkedHashMap<>();
  /** That {@link #gptq} is of. */
  private String weight;
  private Gptq gptq;

  /**
   * Creates the method for a file.
   *
   * @param file whose weights are quantized
   * @param inputs of its layers, as {@link LayerInputs} assigns them
   * @param damping share of the mean diagonal that is added to the diagonal, above 0; {@link Gptq#DAMPING} is
   *        usual
   */
  public GptqRounding(WeightFile file, RecordedInputs inputs, double damping) {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(inputs, "inputs");
    this.file = file;
    this.inputs = LayerInputs.of(file, inputs);
    this.damping = damping;
  }

  /**
   * Returns the tensors that were rounded to nearest so far.
   *
   * @return their names, in the order in which they came
   */
  public List<String> roundedToNearest() {
    return List.copyOf(nearest);
  }

  /**
   * Returns the layers of which features were 0 in every recorded row: weights of these features were rounded
   * to nearest.
   *
   * @return from layer to how many of its features, all of them where nothing but zeros was recorded
   */
  public Map<String, Integer> deadFeatures() {
    return Collections.unmodifiableMap(dead);
  }

  /**
   * Returns true where the inputs are axis 0: a slab would hold some inputs of all outputs, and each input
   * compensates those before it.
   */
  @Override
  public boolean needsWhole(StoredTensor tensor, WeightForm form) {
    Objects.requireNonNull(tensor, "tensor");
    Objects.requireNonNull(form, "form");
    return applies(tensor) && file.outputAxis(tensor.name()) != 0;
  }

  private boolean applies(StoredTensor tensor) {
    return tensor.shape().rank() == 2 && inputs.layer(tensor.name()).isPresent();
  }

  /**
   * Rounds a tensor or a slab of one.
   *
   * @throws IllegalArgumentException if a weight or an input is NaN or infinite, rows of the input have
   *         another number of features than the weight, or channels are not those of the outputs, or groups
   *         not along the inputs
   */
  @Override
  public QTensor quantize(StoredTensor tensor, WeightForm form, MemorySegment values, Shape shape) {
    Objects.requireNonNull(tensor, "tensor");
    Objects.requireNonNull(form, "form");
    // refuses what is not finite, by its position
    QTensor rounded = NEAREST.quantize(tensor, form, values, shape);
    if (!applies(tensor) || shape.elements() == 0) {
      nearest.add(tensor.name());
      return rounded;
    }
    int outputAxis = file.outputAxis(tensor.name());
    int out = shape.intDim(outputAxis);
    int in = shape.intDim(1 - outputAxis);
    WeightScheme scheme = scheme(form, outputAxis);
    Gptq factored = factored(tensor.name(), in);
    int groups = scheme.groupSize() == 0 ? 1 : Math.ceilDiv(in, scheme.groupSize());
    int rows = scheme.granularity() == Granularity.PER_TENSOR ? out : Math.max(1, PART / in);
    int[] zeroPoints = new int[rounded.quantization().count()];
    float[] scales = new float[zeroPoints.length];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(4 * shape.elements());
      for (int first = 0; first < out; first += rows) {
        int count = Math.min(rows, out - first);
        Window window = new Window(first, count, in, out, outputAxis);
        QTensor part = factored
            .quantize(
                Linear.of(SchemeChoice.layer(tensor.name()), window.read(values), Shape.of(count, in),
                    WeightLayout.OUT_IN, null),
                scheme);
        window.write(part, result);
        for (int p = 0; p < part.quantization().count(); p++) {
          int row = first + p / groups;
          int at = outputAxis == 0 ? row * groups + p % groups : p % groups * out + row;
          scales[at] = part.quantization().scale(p);
          zeroPoints[at] = part.quantization().zeroPoint(p);
        }
      }
      // numbers of the grids, which round to themselves
      return form.quantizer().with(form.quantization(scales, zeroPoints)).quantize(result, shape);
    }
  }

  /** The factor of a weight's input, which all of its slabs share. */
  private Gptq factored(String name, int in) {
    if (!name.equals(weight)) {
      weight = null;
      gptq = null; // before the next one needs the memory
      InputMoments moments = inputs.recorded().moments(inputs.layer(name).orElseThrow(), in, true);
      if (moments.deadFeatures() > 0) {
        dead.put(SchemeChoice.layer(name), moments.deadFeatures());
      }
      gptq = Gptq.of(moments, damping);
      weight = name;
    }
    return gptq;
  }

  private static WeightScheme scheme(WeightForm form, int outputAxis) {
    int expected = switch (form.granularity()) {
      case PER_TENSOR -> -1;
      case PER_CHANNEL -> outputAxis;
      case PER_GROUP -> 1 - outputAxis;
    };
    if (form.axis() != expected) {
      throw new IllegalArgumentException("GPTQ: expected " + form.granularity() + " on axis " + expected
          + " of a weight whose outputs are axis " + outputAxis + ", got axis " + form.axis());
    }
    return new WeightScheme(form.type(), form.granularity(), form.groupSize(), form.symmetric());
  }

  /** Some outputs of a weight, which lie as {@code [out][in]} or {@code [in][out]}. */
  private record Window(int first, int count, int in, int out, int outputAxis) {
    /** {@code [count][in]}. */
    float[] read(MemorySegment values) {
      float[] rows = new float[Math.multiplyExact(count, in)];
      for (int e = 0; e < rows.length; e++) {
        rows[e] = values.get(FLOAT, at(e / in, e % in));
      }
      return rows;
    }

    void write(QTensor part, MemorySegment values) {
      for (int e = 0; e < count * in; e++) {
        values.set(FLOAT, at(e / in, e % in), part.real(e));
      }
    }

    private long at(int o, int i) {
      return 4 * (outputAxis == 0 ? (long) (first + o) * in + i : (long) i * out + first + o);
    }
  }
}
