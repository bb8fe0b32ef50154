package dev.octet.op;

import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;
import static dev.octet.WeightLayout.HWIO;
import static dev.octet.WeightLayout.IN_OUT;
import static dev.octet.WeightLayout.OHWI;
import static dev.octet.WeightLayout.OIHW;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Isa;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.internal.pack.PackFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Weights of convolutions that are packed once, shared, written and mapped, and what is refused. */
class PackedConvTest {
  /** Convolutions of every form of the packed weights. */
  enum Form {
    LINES(20, 36, 1, 3, 1, 1, 1), STRIDED_LINES(3, 17, 1, 7, 2, 1, 3), GATHERED(12, 70, 2, 3, 1, 1,
        1), DILATED(8, 5, 1, 3, 1, 2, 2), POINTWISE(33, 65, 1, 1, 1, 1, 0), STRIDED_PIXEL(33, 65, 1, 1, 2, 1,
            0), DEPTHWISE(70, 70, 70, 3, 1, 1,
                1), STRIDED_DEPTHWISE(70, 70, 70, 3, 2, 1, 1), MULTIPLIED(10, 30, 10, 3, 1, 1, 1);

    private final int in;
    private final int out;
    private final int groups;
    private final int kernel;
    private final int stride;
    private final int dilation;
    private final int padding;

    Form(int in, int out, int groups, int kernel, int stride, int dilation, int padding) {
      this.in = in;
      this.out = out;
      this.groups = groups;
      this.kernel = kernel;
      this.stride = stride;
      this.dilation = dilation;
      this.padding = padding;
    }

    Conv2d.Builder builder(Octet octet) {
      return octet.conv2d().input(U8, Quantization.perTensor(0.02f, 7)).groups(groups).stride(stride)
          .dilation(dilation).padding(padding).output(S8, Quantization.perTensor(0.9f, -3));
    }

    QTensor weights(DataType type, WeightLayout layout) {
      int each = in / groups;
      Shape shape = switch (layout) {
        case OIHW -> Shape.of(out, each, kernel, kernel);
        case HWIO -> Shape.of(kernel, kernel, each, out);
        default -> Shape.of(out, kernel, kernel, each);
      };
      float[] scales = new float[out];
      int[] zeroPoints = new int[out];
      for (int o = 0; o < out; o++) {
        scales[o] = 0.01f + o % 5 * 0.003f;
        zeroPoints[o] = o % 7;
      }
      return QTensor.of(type, shape, Quantization.perChannel(layout == HWIO ? 3 : 0, scales, zeroPoints),
          bytes((int) shape.elements()));
    }

    byte[] run(Conv2d.Builder builder) {
      try (Conv2d op = builder.prepare()) {
        byte[] y = new byte[(int) op.outputShape(Shape.of(1, 9, 11, in)).elements()];
        op.run(MemorySegment.ofArray(bytes(9 * 11 * in)), MemorySegment.ofArray(y), 1, 9, 11);
        return y;
      }
    }
  }

  @TempDir
  Path dir;

  @BeforeEach
  void needsNative() {
    try (Octet octet = Octet.open()) {
      assumeTrue(octet.engines().stream().anyMatch(s -> s.engine() == Engine.NATIVE && s.available()),
          "no liboctet here");
    }
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  private static Octet open() {
    return Octet.builder().engine(Engine.NATIVE).open();
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void givesTheResultsOfWeightsOfAnOpsOwn(Form form) {
    for (DataType type : new DataType[]{S8, U8}) {
      for (WeightLayout layout : new WeightLayout[]{OHWI, OIHW, HWIO}) {
        QTensor weights = form.weights(type, layout);
        Path file = dir.resolve(type + "-" + layout);
        byte[] expected;
        try (Octet octet = open()) {
          expected = form.run(form.builder(octet).weights(weights, layout));
          try (PackedWeights packed = form.builder(octet).weights(weights, layout).pack()) {
            packed.writeTo(file);
            assertArrayEquals(expected, form.run(form.builder(octet).weights(packed)));
            assertEquals(form.out, packed.outFeatures());
            assertEquals(form.kernel * form.kernel * form.in / form.groups, packed.inFeatures());
          }
        }
        try (Octet octet = open();
            PackedWeights mapped = octet.map(file);
            PackedWeights loaded = octet.load(file)) {
          assertArrayEquals(expected, form.run(form.builder(octet).weights(mapped)), mapped.layout());
          assertArrayEquals(expected, form.run(form.builder(octet).weights(loaded)), loaded.layout());
        }
      }
    }
  }

  @Test
  void everyTierReadsThemRightOrRefuses() {
    for (Form form : Form.values()) {
      QTensor weights = form.weights(S8, OHWI);
      for (Isa packing : Isa.values()) {
        for (Isa running : Isa.values()) {
          try (Octet one = Octet.builder().engine(Engine.NATIVE).isa(packing).open();
              Octet other = Octet.builder().engine(Engine.NATIVE).isa(running).open();
              PackedWeights packed = form.builder(one).weights(weights, OHWI).pack();
              PackedWeights own = form.builder(other).weights(weights, OHWI).pack()) {
            packed.writeTo(dir.resolve("w"));
            if (packed.layout().equals(own.layout())) {
              assertArrayEquals(form.run(form.builder(other).weights(weights, OHWI)),
                  form.run(form.builder(other).weights(packed)), form + " of " + packing + " on " + running);
              other.map(dir.resolve("w")).close();
            } else {
              assertThrows(UnsupportedOperationException.class,
                  () -> form.builder(other).weights(packed).prepare());
              assertThrows(UnsupportedOperationException.class, () -> other.map(dir.resolve("w")));
            }
          }
        }
      }
    }
  }

  private static void refused(Throwable e, String part) {
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void anotherConvolutionRefusesThem() {
    QTensor weights = Form.DEPTHWISE.weights(S8, OHWI);
    try (Octet octet = open();
        Octet vector = Octet.builder().engine(Engine.VECTOR).open();
        Octet scalar = Octet.builder().engine(Engine.SCALAR).open();
        PackedWeights packed = Form.DEPTHWISE.builder(octet).weights(weights, OHWI).pack();
        PackedWeights matrix = octet.pack(QTensor.of(S8, Shape.of(9, 70), Quantization.perTensor(1),
            new byte[630]), IN_OUT)) {
      refused(assertThrows(UnsupportedOperationException.class,
          () -> Form.DEPTHWISE.builder(octet).stride(2).weights(packed).prepare()),
          "kernels of this convolution read liboctet-conv2d-2-");
      refused(assertThrows(UnsupportedOperationException.class,
          () -> Form.DEPTHWISE.builder(octet).groups(35).weights(packed).prepare()), "-g35-");
      for (Octet other : new Octet[]{vector, scalar}) {
        refused(assertThrows(UnsupportedOperationException.class,
            () -> Form.DEPTHWISE.builder(other).weights(packed).prepare()), "which no other engine reads");
        refused(assertThrows(UnsupportedOperationException.class,
            () -> Form.DEPTHWISE.builder(other).weights(weights, OHWI).pack()), "pack");
      }
      refused(assertThrows(UnsupportedOperationException.class,
          () -> octet.matMul().input(U8, Quantization.perTensor(1)).weights(packed).outputS32().prepare()),
          "these kernels read liboctet-matmul-");
      refused(assertThrows(UnsupportedOperationException.class,
          () -> octet.conv2d().input(U8, Quantization.perTensor(1)).stride(2).weights(matrix).outputS32()
              .prepare()),
          "weights: packed as liboctet-matmul-");
      refused(assertThrows(IllegalArgumentException.class,
          () -> Form.DEPTHWISE.builder(octet).weights(packed).pack()), "weights: packed already");
      refused(assertThrows(IllegalArgumentException.class,
          () -> Form.DEPTHWISE.builder(octet).groups(33).weights(packed).prepare()),
          "groups: expected a divisor of 70 (output channels of weights), got 33");
    }
  }

  /** What a file says of the window must fit its size, whatever it says. */
  @Test
  void filesThatContradictThemselvesAreRefused() {
    try (Octet octet = open();
        Arena arena = Arena.ofConfined();
        PackedWeights packed = Form.LINES.builder(octet).weights(Form.LINES.weights(S8, OHWI), OHWI).pack()) {
      String layout = packed.layout();
      for (String other : new String[]{layout.replace("-3x3x20", "-3x3x21"), layout.replace("-g1-", "-g0-"),
          layout.replace("-g1-", "-g5-"), layout.replace("-g1-", "-g9999999999-"),
          layout.replace("-3x3x20", "-9999999999x9999999999x9999999999"),
          layout.replace("conv2d-0-", "conv2d-2-"), layout.replace("conv2d-0-", "conv2d-3-"),
          layout.replace("-3x3x20", "-0x3x20"), layout.replace("-3x3x20", ""), layout + "x2",
          layout.replace("-s1-", "-s2-")}) {
        Path file = dir.resolve("w");
        PackFile.write(file, new PackFile.Header(Engine.NATIVE, other, null, S8, WeightLayout.OUT_IN, 180, 36,
            Quantization.perTensor(1)), arena.allocate(packed.bytes()));
        RuntimeException e = assertThrows(RuntimeException.class, () -> octet.map(file), other);
        assertTrue(e instanceof IllegalArgumentException || e instanceof UnsupportedOperationException,
            e.toString());
      }
      Path file = dir.resolve("short");
      PackFile.write(file, new PackFile.Header(Engine.NATIVE, layout, null, S8, WeightLayout.OUT_IN, 180, 36,
          Quantization.perTensor(1)), arena.allocate(packed.bytes() - 4));
      refused(assertThrows(IllegalArgumentException.class, () -> octet.map(file)),
          "packed weights: expected ");
    }
  }
}
