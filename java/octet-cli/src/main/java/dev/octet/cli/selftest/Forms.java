package dev.octet.cli.selftest;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;
import static dev.octet.DataType.U8;

import dev.octet.BinaryOp;
import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.DataType;
import dev.octet.GeluForm;
import dev.octet.ImageLayout;
import dev.octet.NearestMode;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.Conv2d;
import dev.octet.op.Conv3d;
import dev.octet.op.ConvTranspose2d;
import dev.octet.op.MatMul;
import dev.octet.op.Op;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Every op in each of its forms, with all types that it takes, as small as can be prepared. */
public final class Forms {
  private static final List<DataType> BYTES = List.of(U8, S8);
  private static final List<DataType> NIBBLES = List.of(U4, S4);
  private static final Quantization ONE = Quantization.perTensor(0.5f);
  private static final int K = 128;
  private static final int N = 8;

  /** What prepares an op; throws UnsupportedOperationException where the engine lacks it. */
  public interface Probe extends Function<Octet, Op> {}

  /**
   * A form of an op.
   *
   * @param op its name
   * @param types operands and results
   * @param probes all combinations of the types
   */
  public record Form(String op, String types, List<Probe> probes) {
    /** The op whose cases it belongs to: the class that its name begins with; binary ops share one. */
    TestedOp tested() {
      String title = op.split(",", 2)[0];
      return Arrays.stream(TestedOp.values()).filter(tested -> tested.title().equals(title)).findFirst()
          .orElse(TestedOp.BINARY);
    }
  }

  private Forms() {}

  /**
   * Returns all of them.
   *
   * @return in the order of {@code docs/ops.md}
   */
  public static List<Form> all() {
    List<Form> forms = new ArrayList<>();
    products(forms);
    images(forms);
    elements(forms);
    return forms;
  }

  private static QTensor weights(DataType type, int group) {
    Quantizer quantizer = type == U4 ? Quantizer.asymmetric(type) : Quantizer.symmetric(type);
    float[] values = values(new float[K * N]);
    return group == 0
        ? quantizer.perChannel(1).quantize(values, Shape.of(K, N))
        : quantizer.perGroup(group).alongAxis(0).quantize(values, Shape.of(K, N));
  }

  private static List<QTensor> groups(DataType type) {
    return IntStream.of(16, 32, 64, 128, 256).mapToObj(size -> weights(type, size)).toList();
  }

  private static void floatRows(List<Form> forms, String types, List<QTensor> weights) {
    List<Probe> dynamic = new ArrayList<>();
    List<Probe> weightOnly = new ArrayList<>();
    for (QTensor tensor : weights) {
      dynamic.add(octet -> octet.dynamicMatMul().weights(tensor, WeightLayout.IN_OUT).prepare());
      weightOnly.add(octet -> octet.weightOnlyMatMul().weights(tensor, WeightLayout.IN_OUT).prepare());
    }
    forms.add(new Form("DynamicMatMul", types, dynamic));
    forms.add(new Form("WeightOnlyMatMul", types, weightOnly));
  }

  private static void blocks(List<Form> forms) {
    List<Probe> dynamic = new ArrayList<>();
    List<Probe> weightOnly = new ArrayList<>();
    for (BlockFormat format : BlockFormat.values()) {
      BlockTensor tensor = BlockTensor.of(format, Shape.of(N, format.elements()),
          MemorySegment.ofArray(new byte[N * format.bytes()]));
      dynamic.add(octet -> octet.dynamicMatMul().weights(tensor).prepare());
      weightOnly.add(octet -> octet.weightOnlyMatMul().weights(tensor).prepare());
    }
    String formats = Arrays.stream(BlockFormat.values()).map(BlockFormat::name)
        .collect(Collectors.joining(", "));
    String types = "F32 x block formats (" + formats + ") -> F32";
    forms.add(new Form("DynamicMatMul", types, dynamic));
    forms.add(new Form("WeightOnlyMatMul", types, weightOnly));
  }

  private static float[] values(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 7 - 3;
    }
    return values;
  }

  private static MatMul.Builder output(MatMul.Builder builder, DataType type) {
    return switch (type) {
      case S32 -> builder.outputS32();
      case F32 -> builder.outputF32();
      default -> builder.output(type, ONE);
    };
  }

  private static void products(List<Form> forms) {
    for (boolean perRow : new boolean[]{false, true}) {
      for (List<DataType> outputs : List.of(List.of(S32, F32), BYTES)) {
        List<Probe> probes = new ArrayList<>();
        for (DataType input : BYTES) {
          for (DataType type : BYTES) {
            for (DataType result : outputs) {
              QTensor weights = QTensor.of(type, Shape.of(K, N), ONE, new byte[K * N]);
              probes.add(octet -> output(
                  (perRow ? octet.matMul().inputPerRow(input) : octet.matMul().input(input, ONE))
                      .weights(weights, WeightLayout.IN_OUT),
                  result).prepare());
            }
          }
        }
        forms.add(new Form("MatMul", "U8, S8 " + (perRow ? "with a scale per row " : "") + "x U8, S8 -> "
            + (outputs.contains(S32) ? "S32, F32" : "U8, S8"), probes));
      }
    }
    QTensor unsigned = QTensor.of(U8, Shape.of(K, N), Quantization.perTensor(0.5f, 128), new byte[K * N]);
    floatRows(forms, "F32 x S8 per channel -> F32", List.of(weights(S8, 0)));
    forms.add(new Form("DynamicMatMul", "F32 x U8 per tensor, per channel -> F32",
        List.of(octet -> octet.dynamicMatMul().weights(unsigned, WeightLayout.IN_OUT).prepare())));
    List<Probe> perTensor = new ArrayList<>();
    for (QTensor tensor : List.of(unsigned, weights(S8, 0))) {
      perTensor.add(
          octet -> octet.dynamicMatMul().weights(tensor, WeightLayout.IN_OUT).perTensor().prepare());
    }
    forms.add(new Form("DynamicMatMul", "F32 with a scale per tensor x U8, S8 -> F32", perTensor));
    floatRows(forms, "F32 x S8 per group of 16 to 256 -> F32", groups(S8));
    List<QTensor> nibbles = new ArrayList<>(groups(S4));
    nibbles.addAll(groups(U4));
    floatRows(forms, "F32 x S4, U4 per group of 16 to 256 -> F32", nibbles);
    blocks(forms);
    List<Probe> probes = new ArrayList<>();
    for (DataType left : BYTES) {
      for (DataType right : BYTES) {
        probes.add(octet -> octet.batchMatMul().left(left, ONE).right(right, ONE).outputS32().prepare());
        probes.add(octet -> octet.batchMatMul().left(left).right(right).outputF32().prepare());
        for (DataType result : BYTES) {
          probes.add(
              octet -> octet.batchMatMul().left(left, ONE).right(right, ONE).output(result, ONE).prepare());
        }
      }
    }
    forms.add(new Form("BatchMatMul", "U8, S8 x U8, S8 -> S32, F32, U8, S8", probes));
  }

  private static void transposed(List<Form> forms) {
    List<Probe> probes = new ArrayList<>();
    for (DataType input : BYTES) {
      for (DataType type : BYTES) {
        QTensor weights = QTensor.of(type, Shape.of(8, 4, 3, 3), ONE, new byte[288]);
        for (DataType result : List.of(S32, F32, U8, S8)) {
          probes.add(octet -> {
            ConvTranspose2d.Builder conv = octet.convTranspose2d().input(input, ONE)
                .weights(weights, WeightLayout.IOHW).groups(2).stride(2);
            return (switch (result) {
              case S32 -> conv.outputS32();
              case F32 -> conv.outputF32();
              default -> conv.output(result, ONE);
            }).prepare();
          });
        }
      }
    }
    forms.add(new Form("ConvTranspose2d", "U8, S8 x U8, S8 -> S32, F32, U8, S8", probes));
  }

  private static void volumes(List<Form> forms) {
    List<Probe> probes = new ArrayList<>();
    for (DataType input : BYTES) {
      for (DataType type : BYTES) {
        QTensor weights = QTensor.of(type, Shape.of(8, 2, 3, 3, 3), ONE, new byte[432]);
        for (DataType result : List.of(S32, F32, U8, S8)) {
          probes.add(octet -> {
            Conv3d.Builder conv = octet.conv3d().input(input, ONE).weights(weights, WeightLayout.OIDHW)
                .groups(2);
            return (switch (result) {
              case S32 -> conv.outputS32();
              case F32 -> conv.outputF32();
              default -> conv.output(result, ONE);
            }).prepare();
          });
        }
      }
    }
    forms.add(new Form("Conv3d", "U8, S8 x U8, S8 -> S32, F32, U8, S8", probes));
  }

  private static void images(List<Form> forms) {
    for (int groups : new int[]{1, 2, 8}) {
      List<Probe> probes = new ArrayList<>();
      for (DataType input : BYTES) {
        for (DataType type : BYTES) {
          Shape shape = Shape.of(8, 3, 3, 8 / groups);
          QTensor weights = QTensor.of(type, shape, ONE, new byte[(int) shape.elements()]);
          for (DataType result : List.of(S32, F32, U8, S8)) {
            probes.add(octet -> {
              Conv2d.Builder conv = octet.conv2d().input(input, ONE).weights(weights, WeightLayout.OHWI)
                  .groups(groups);
              return (switch (result) {
                case S32 -> conv.outputS32();
                case F32 -> conv.outputF32();
                default -> conv.output(result, ONE);
              }).prepare();
            });
          }
        }
      }
      forms.add(new Form(groups == 8 ? "Conv2d, depthwise" : groups == 2 ? "Conv2d, groups" : "Conv2d",
          "U8, S8 x U8, S8 -> S32, F32, U8, S8", probes));
    }
    convolutionsAtRun(forms);
    transposed(forms);
    volumes(forms);
    bytes(forms, "MaxPool", (octet, type) -> octet.maxPool().input(type).window(2).prepare());
    bytes(forms, "AveragePool",
        (octet, type) -> octet.averagePool().input(type, ONE).output(type, ONE).window(2).prepare());
    bytes(forms, "GlobalAveragePool",
        (octet, type) -> octet.globalAveragePool().input(type, ONE).output(type, ONE).prepare());
    bytes(forms, "Concat",
        (octet, type) -> octet.concat().input(type, ONE).input(type, ONE).output(type, ONE).axis(0)
            .prepare());
    bytes(forms, "TransposeImages",
        (octet, type) -> octet.transposeImages().input(type).to(ImageLayout.NHWC).prepare());
    bytes(forms, "Pad", (octet, type) -> octet.pad().input(type).padding(1, 1, 1, 1).value(0).prepare());
    bytes(forms, "Resize, nearest",
        (octet, type) -> octet.resize().input(type).outputSize(2, 2).nearest(NearestMode.FLOOR).prepare());
    bytes(forms, "Resize, linear",
        (octet, type) -> octet.resize().input(type).outputSize(2, 2).linear().prepare());
  }

  private static void convolutionsAtRun(List<Form> forms) {
    Shape shape = Shape.of(8, 3, 3, 8);
    List<Probe> scaled = new ArrayList<>();
    List<Probe> dynamic = new ArrayList<>();
    for (DataType type : BYTES) {
      QTensor weights = QTensor.of(type, shape, ONE, new byte[(int) shape.elements()]);
      for (DataType input : BYTES) {
        scaled.add(octet -> octet.conv2d().inputAtRun(input).weights(weights, WeightLayout.OHWI).outputF32()
            .prepare());
        scaled.add(octet -> octet.conv2d().inputPerImage(input).weights(weights, WeightLayout.OHWI)
            .output(input, ONE).prepare());
      }
      dynamic.add(octet -> octet.dynamicConv2d().weights(weights, WeightLayout.OHWI).prepare());
      dynamic
          .add(octet -> octet.dynamicConv2d().perImage().weights(weights, WeightLayout.OHWI).prepare());
    }
    forms.add(new Form("Conv2d", "U8, S8 with a scale at run or per image x U8, S8 -> S32, F32, U8, S8",
        scaled));
    forms.add(new Form("DynamicConv2d", "F32 x U8, S8 -> F32", dynamic));
  }

  private static void elements(List<Form> forms) {
    for (BinaryOp op : BinaryOp.values()) {
      String name = Arrays.stream(op.name().split("_"))
          .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
          .collect(Collectors.joining());
      bytes(forms, name,
          (octet, type) -> octet.binary(op).left(type, ONE).right(type, ONE).output(type, ONE).prepare());
    }
    forms.add(new Form("Softmax", "F32", List.of(octet -> octet.softmax().prepare())));
    forms.add(new Form("LayerNorm", "F32", List.of(octet -> octet.layerNorm().weights(1).prepare())));
    forms.add(new Form("Sgemm", "F32 x F32 -> F32", List.of(octet -> octet.sgemm().prepare(), octet -> octet
        .sgemm().weights(MemorySegment.ofArray(new float[K * N]), K, N, WeightLayout.IN_OUT).prepare())));
    forms.add(new Form("Gelu", "F32",
        List.of(octet -> octet.gelu(GeluForm.ERF), octet -> octet.gelu(GeluForm.TANH))));
    bytes(forms, "Lookup", (octet, type) -> octet.lookup(type, ONE, type, ONE, x -> x));
    for (List<DataType> types : List.of(BYTES, NIBBLES)) {
      String name = types.contains(U8) ? "U8, S8" : "U4, S4";
      List<Probe> quantize = new ArrayList<>();
      List<Probe> dequantize = new ArrayList<>();
      for (DataType type : types) {
        for (Quantization quantization : List.of(ONE, Quantization.perChannel(0, new float[]{1, 2}),
            Quantization.perGroup(1, 32, new float[]{1, 2}))) {
          quantize.add(octet -> octet.quantize().output(type, quantization).prepare());
          dequantize.add(octet -> octet.dequantize().input(type, quantization).prepare());
        }
      }
      forms.add(new Form("Quantize", "F32 -> " + name, quantize));
      forms.add(new Form("Dequantize", name + " -> F32", dequantize));
    }
    bytes(forms, "Requantize", "S32 -> ",
        (octet, type) -> octet.requantize().scales(0.5f).output(type, ONE).prepare());
    forms.add(new Form("DynamicQuantize", "F32 -> U8",
        List.of(octet -> octet.dynamicQuantize().perRow().prepare(),
            octet -> octet.dynamicQuantize().perTensor().prepare())));
  }

  /** Prepares an op of a type. */
  private interface OfType {
    Op prepare(Octet octet, DataType type);
  }

  private static void bytes(List<Form> forms, String op, OfType prepare) {
    bytes(forms, op, "", prepare);
  }

  private static void bytes(List<Form> forms, String op, String source, OfType prepare) {
    List<Probe> probes = new ArrayList<>();
    for (DataType type : BYTES) {
      probes.add(octet -> prepare.prepare(octet, type));
    }
    forms.add(new Form(op, source + "U8, S8", probes));
  }
}
