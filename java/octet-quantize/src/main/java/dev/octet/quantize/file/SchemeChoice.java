package dev.octet.quantize.file;

import dev.octet.DataType;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.quantize.LayerScheme;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.WeightScheme;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Chooses among the tensors of a file by a {@link QuantizationScheme}. A layer is a tensor of two or more
 * dimensions, by its name without {@code .weight}; vectors, which are biases and norms, stay as they are.
 * Each matrix of a stack, such as one of experts, has scales of its own: per channel means one for each
 * output feature of each matrix. Groups are for matrices: a convolution's weights, which no op of Octet takes
 * in groups, get a scale per output channel in S8 instead.
 */
public final class SchemeChoice implements WeightQuantizer.Choice {
  private static final String WEIGHT = ".weight";

  private final QuantizationScheme scheme;

  /**
   * Creates the choice of a scheme.
   *
   * @param scheme what each layer gets
   */
  public SchemeChoice(QuantizationScheme scheme) {
    Objects.requireNonNull(scheme, "scheme");
    this.scheme = scheme;
  }

  /**
   * Returns the layer that a tensor is the weight of.
   *
   * @param tensor the name of a tensor
   * @return the name without {@code .weight}
   */
  public static String layer(String tensor) {
    Objects.requireNonNull(tensor, "tensor");
    return tensor.endsWith(WEIGHT) ? tensor.substring(0, tensor.length() - WEIGHT.length()) : tensor;
  }

  /** Advice for a message: how to quantize the others, where a tensor cannot be quantized. */
  static String exclusion(String tensor) {
    return "leave the layer as it is, --exclude " + layer(tensor);
  }

  /**
   * Gives the layers of a file their {@linkplain WeightFile#otherNames other names} as second names: what is
   * said of {@code onnx::MatMul_123} holds of the layer that is named after its bias.
   *
   * @param scheme what each layer gets
   * @param file with the layers
   * @return the scheme with these names
   */
  public static QuantizationScheme named(QuantizationScheme scheme, WeightFile file) {
    Objects.requireNonNull(scheme, "scheme");
    Objects.requireNonNull(file, "file");
    Map<String, String> names = new HashMap<>();
    file.otherNames().forEach((name, other) -> names.put(layer(name), layer(other)));
    return scheme.withOtherNames(names);
  }

  @Override
  public Optional<WeightForm> of(StoredTensor tensor, WeightAxes axes) {
    Objects.requireNonNull(tensor, "tensor");
    Objects.requireNonNull(axes, "axes");
    if (tensor.shape().rank() < 2 || tensor.shape().elements() == 0) {
      return Optional.empty();
    }
    return scheme.layer(layer(tensor.name())).flatMap(LayerScheme::weights)
        .map(weights -> form(weights, tensor.shape(), axes));
  }

  private static WeightForm form(WeightScheme weights, Shape shape, WeightAxes axes) {
    int rank = shape.rank();
    return switch (weights.granularity()) {
      case PER_TENSOR -> new WeightForm(weights.type(), weights.symmetric(), Granularity.PER_TENSOR, -1, 0);
      // A group as long as the rows: Quantization has one axis of channels, and a stack needs two.
      case PER_CHANNEL -> axes.isStack(rank)
          ? new WeightForm(weights.type(), weights.symmetric(), Granularity.PER_GROUP, axes.input(),
              Math.toIntExact(shape.dim(axes.input())))
          : new WeightForm(weights.type(), weights.symmetric(), Granularity.PER_CHANNEL, axes.output(), 0);
      case PER_GROUP -> rank == 2 || axes.isStack(rank)
          ? new WeightForm(weights.type(), weights.symmetric(), Granularity.PER_GROUP, axes.input(),
              weights.groupSize())
          : new WeightForm(DataType.S8, true, Granularity.PER_CHANNEL, axes.output(), 0);
    };
  }
}
