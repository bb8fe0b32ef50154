package dev.octet.quantize;

import dev.octet.DataType;
import java.util.Objects;

/**
 * Describes how the input of a layer is quantized.
 *
 * @param when whether scales come from calibration or from each run
 * @param granularity how many scales there are
 * @param type U8 or S8
 * @param symmetric whether all zero points are 0
 */
public record ActivationScheme(When when, Granularity granularity, DataType type, boolean symmetric) {
  /** Where scales come from. */
  public enum When {
    /** From calibration: constants of the layer. */
    STATIC,
    /** From the numbers of each run. */
    DYNAMIC
  }

  /** How many scales an input {@code [rows][in]} has. */
  public enum Granularity {
    /** One. */
    PER_TENSOR,
    /** One for each row, a token of a sequence. */
    PER_TOKEN,
    /** One for each row and group of input features, the groups being those of the weights. */
    PER_TOKEN_AND_GROUP
  }

  /**
   * Checks that an op of Octet quantizes its input so.
   *
   * @throws IllegalArgumentException if no op of Octet quantizes its input so
   */
  public ActivationScheme {
    Objects.requireNonNull(when, "when");
    Objects.requireNonNull(granularity, "granularity");
    if (!type.isByte()) {
      throw new IllegalArgumentException("activations: expected U8 or S8, got " + type);
    }
    if (symmetric && type == DataType.U8) {
      throw new IllegalArgumentException("activations: expected S8 for symmetric quantization, got U8");
    }
    boolean offered = switch (when) {
      case STATIC -> granularity == Granularity.PER_TENSOR;
      case DYNAMIC -> granularity == Granularity.PER_TOKEN_AND_GROUP
          ? symmetric
          : type == DataType.U8;
    };
    if (!offered) {
      throw new IllegalArgumentException("activations: expected STATIC PER_TENSOR, DYNAMIC U8 PER_TENSOR or "
          + "PER_TOKEN, or DYNAMIC symmetric S8 PER_TOKEN_AND_GROUP, got " + when + " " + type + " "
          + granularity + (symmetric ? " symmetric" : " asymmetric"));
    }
  }

  /**
   * Returns a scheme with one scale and zero point from calibration.
   *
   * @param type U8 or S8
   * @param symmetric whether the zero point is 0; S8 only
   * @return the scheme
   */
  public static ActivationScheme staticPerTensor(DataType type, boolean symmetric) {
    Objects.requireNonNull(type, "type");
    return new ActivationScheme(When.STATIC, Granularity.PER_TENSOR, type, symmetric);
  }

  /**
   * Returns a scheme of U8 with one scale and zero point from each run's numbers, as ONNX's
   * DynamicQuantizeLinear computes them.
   *
   * @return the scheme
   */
  public static ActivationScheme dynamicPerTensor() {
    return new ActivationScheme(When.DYNAMIC, Granularity.PER_TENSOR, DataType.U8, false);
  }

  /**
   * Returns a scheme of U8 with a scale and zero point for each row, computed from its numbers at run time.
   *
   * @return the scheme
   */
  public static ActivationScheme dynamicPerToken() {
    return new ActivationScheme(When.DYNAMIC, Granularity.PER_TOKEN, DataType.U8, false);
  }

  /**
   * Returns a scheme of symmetric S8 with a scale for each row and each group of the weights, computed at run
   * time.
   *
   * @return the scheme
   */
  public static ActivationScheme dynamicPerTokenAndGroup() {
    return new ActivationScheme(When.DYNAMIC, Granularity.PER_TOKEN_AND_GROUP, DataType.S8, true);
  }

  /**
   * Returns type, granularity, symmetry and origin of the scales, such as
   * {@code U8 per tensor, asymmetric, static}.
   */
  @Override
  public String toString() {
    String scales = switch (granularity) {
      case PER_TENSOR -> "per tensor";
      case PER_TOKEN -> "per token";
      case PER_TOKEN_AND_GROUP -> "per token and group";
    };
    return type + " " + scales + (symmetric ? ", symmetric" : ", asymmetric")
        + (when == When.STATIC ? ", static" : ", dynamic");
  }
}
