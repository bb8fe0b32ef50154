package dev.octet.harness.shape;

import java.util.List;
import java.util.stream.Stream;

/** What is computed; the column "op" of results.csv. */
public enum BenchOp {
  /**
   * Rows times fixed weights, 8-bit arithmetic: static, or dynamic where the source is F32 and the weights
   * are not.
   */
  MATMUL("matmul", MatMulShape.class, "f32 u8s8s32 u8s8u8q s8s8s8q f32s8f32"),
  /** F32 rows times weights per group in float arithmetic; only where a shape file asks for such a form. */
  WEIGHT_ONLY("weightonly", MatMulShape.class, ""),
  /**
   * Products of two operands that come with the run, scales with them, the right one {@code [K][N]}: weights
   * of attention and values.
   */
  BATCH("batchmatmul", BatchShape.class, "s8s8s32 u8s8f32"),
  /** The same with a right operand {@code [N][K]}: queries and keys. */
  BATCH_TURNED("batchmatmulturned", BatchShape.class, "s8s8s32 s8s8f32"),
  /**
   * Packing of weights {@code [K][N]}, as preparing a static product does it; only where a shape file asks
   * for it, by the form {@code s8}.
   */
  PACK("pack", RowsShape.class, ""),
  /** The same from {@code [N][K]}. */
  PACK_TURNED("packturned", RowsShape.class, ""),
  /** Convolution of NHWC images. */
  CONV("conv", ConvShape.class, "f32 u8s8u8q s8s8s8q"),
  /** The largest of each window of NHWC images. */
  MAX_POOL("maxpool", PoolShape.class, "u8u8"),
  /** The mean of each window of NHWC images, padding left out. */
  AVERAGE_POOL("averagepool", PoolShape.class, "u8u8"),
  /** F32 to 8 bits, per tensor. */
  QUANTIZE("quantize", RowsShape.class, "f32u8"),
  /** 8 bits to F32, per tensor. */
  DEQUANTIZE("dequantize", RowsShape.class, "u8f32"),
  /** F32 rows to U8, each with scale and zero point of its own. */
  DYNAMIC_QUANTIZE("dynamicquantize", RowsShape.class, "f32u8"),
  /** Accumulators to 8 bits, per channel, with bias and clamp. */
  REQUANTIZE("requantize", RowsShape.class, "s32s8q"),
  /** Sum of two 8-bit tensors. */
  ADD("add", RowsShape.class, "s8s8s8"),
  /** Product of two 8-bit tensors, element by element. */
  MULTIPLY("multiply", RowsShape.class, "s8s8s8"),
  /** A function of 8-bit values by a table: the sigmoid. */
  LOOKUP("lookup", RowsShape.class, "u8u8");

  private final String text;
  private final Class<? extends BenchShape> shapes;
  private final String forms;

  BenchOp(String text, Class<? extends BenchShape> shapes, String forms) {
    this.text = text;
    this.shapes = shapes;
    this.forms = forms;
  }

  /** The forms that are measured where nothing else is said. */
  public List<Form> forms() {
    return Stream.of(forms.split(" ")).filter(form -> !form.isEmpty()).map(Form::parse).toList();
  }

  /** How its shapes are written, for messages. */
  String shapeWords() {
    if (shapes == MatMulShape.class) {
      return "MxKxN such as 128x768x3072";
    } else if (shapes == BatchShape.class) {
      return "products such as b12_128x32x128";
    } else if (shapes == ConvShape.class) {
      return "a convolution such as n1_64x56x56_oc64_k3s1p1";
    } else if (shapes == PoolShape.class) {
      return "a pooling such as p1_64x112x112_k3s2p1";
    }
    return "rows and columns such as 128x768";
  }

  /** Forms that it takes, for messages. */
  String formWords() {
    return switch (this) {
      case WEIGHT_ONLY -> "f32s4g32f32";
      case PACK, PACK_TURNED -> "s8";
      default -> forms.replace(" ", ", ");
    };
  }

  /** Whether it takes shapes of this kind. */
  public boolean takes(BenchShape shape) {
    return shapes.isInstance(shape);
  }

  /** Whether it is measured in a form that a shape file names. */
  public boolean takes(Form form) {
    return switch (this) {
      case MATMUL -> form.types().size() != 2;
      case PACK, PACK_TURNED -> form.equals(Form.parse("s8"));
      case BATCH, BATCH_TURNED -> form.isFloat() || (form.types().size() == 3 && form.source().isByte()
          && form.weights().isByte() && !form.requantized());
      case WEIGHT_ONLY -> form.groupSize() > 0;
      case CONV -> form.isFloat() || (form.types().size() == 3 && form.source().isByte());
      default -> forms().contains(form);
    };
  }

  /** The op with a name. */
  public static BenchOp named(String text) {
    return Stream.of(values()).filter(op -> op.text.equals(text)).findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("op \"" + text + "\": expected one of " + List.of(values())));
  }

  @Override
  public String toString() {
    return text;
  }
}
