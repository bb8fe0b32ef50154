package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Isa;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.BackendContext;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.OutputSpec;
import dev.octet.engine.Window;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.pack.ConvTaps;
import dev.octet.internal.parallel.CallerOnly;
import dev.octet.op.Conv2d;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which way a convolution goes, and that each of them gives the same. */
@ExtendWith(SplitAllowed.class)
class ConvWaysTest {
  private static final Int8Rule RULE = new Int8Rule(true);

  private static BackendContext context() {
    DnnlLibrary.get();
    return new BackendContext(new CallerOnly(), Isa.BASELINE);
  }

  private static Conv2dSpec spec(int out, int h, int w, int in, int groups, Window window, byte[] weights,
      int zeroPoint) {
    QTensor tensor = QTensor.of(DataType.S8, Shape.of(out, h, w, in), Quantization.perTensor(0.01f), weights);
    return new Conv2dSpec(ConvWeights.of(tensor, WeightLayout.OHWI), groups, window,
        new ActivationSpec(DataType.U8, false, 0.02f, zeroPoint), false, null, null,
        new OutputSpec(DataType.S32, 1, 0, 0, 0, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY), false);
  }

  private static Window window(int kernel, int stride, int padding) {
    return new Window(kernel, kernel, stride, stride, 1, 1, padding, padding, padding, padding);
  }

  private static byte[] bytes(Random random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void takesTheWayThatIsExactAndFast() {
    Random random = new Random(1);
    BackendContext context = context();
    try (Conv2dKernel kernel = OneDnnConv2d.prepare(context, RULE,
        spec(20, 1, 1, 30, 1, window(1, 1, 0), bytes(random, 600), 3))) {
      assertFalse(kernel instanceof DirectConv2d || kernel instanceof UnfoldedConv2d, "rows times a matrix");
    }
    try (Conv2dKernel kernel = OneDnnConv2d.prepare(context, RULE,
        spec(20, 1, 1, 30, 1, window(1, 2, 0), bytes(random, 600), 3))) {
      assertTrue(kernel instanceof UnfoldedConv2d, kernel.name());
    }
    try (Conv2dKernel kernel = OneDnnConv2d.prepare(context, RULE,
        spec(16, 3, 3, 16, 1, window(3, 1, 1), bytes(random, 16 * 144), 3))) {
      assertTrue(kernel instanceof DirectConv2d, kernel.name());
    }
  }

  @Test
  void sumsBeyond24BitsKeepTheirLowestBits() {
    largeSums();
  }

  /**
   * Sums on either side of 2^24, where floats begin to lose odd integers: oneDNN's own convolution only runs
   * beyond where it keeps them, which it does with VNNI and with AVX-512.
   */
  static void largeSums() {
    BackendContext context = context();
    boolean keeps = Int8Rule.includesVnni(Dnnl.isa()) || Dnnl.isa().startsWith("avx512");
    int k = 1200;
    int width = 30;
    Random random = new Random(24);
    // 255 * 65,793 = 2^24 - 1.
    for (int total : new int[]{65_793, 65_794, 70_001}) {
      byte[] w = new byte[16 * k];
      for (int i = 0; i < w.length; i++) {
        w[i] = (byte) (total / k + (i % k < total % k ? 1 : 0));
      }
      byte[] x = new byte[width * k / 2];
      for (int i = 0; i < x.length; i++) {
        x[i] = (byte) (random.nextInt(50) == 0 ? 254 : 255);
      }
      Conv2dSpec spec = spec(16, 1, 2, k / 2, 1, new Window(1, 2, 1, 1, 1, 1, 0, 0, 0, 0), w, 0);
      try (Conv2dKernel kernel = OneDnnConv2d.prepare(context, RULE, spec)) {
        assertEquals(keeps || total == 65_793, kernel instanceof DirectConv2d,
            Dnnl.isa() + " " + kernel.name());
        int[] y = new int[16 * (width - 1)];
        kernel.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), 1, 1, width);
        for (int i = 0; i < y.length; i++) {
          int sum = 0;
          for (int tap = 0; tap < k; tap++) {
            sum += (x[i / 16 * (k / 2) + tap] & 0xff) * w[tap];
          }
          assertEquals(sum, y[i], "weights of " + total + " " + kernel.name() + " result " + i);
        }
      }
    }
  }

  /**
   * One column of outputs of single channels, which oneDNN's own convolution computes from wrong pixels:
   * {@link BandedConv2d} leaves them to a product.
   */
  @Test
  void oneColumnOfStridedSingleChannels() {
    Random random = new Random(12);
    int[] groupsAndOutputs = {1, 16, 12, 3, 29, 4};
    for (int i = 0; i < groupsAndOutputs.length; i += 2) {
      int groups = groupsAndOutputs[i];
      int out = groups * groupsAndOutputs[i + 1];
      byte[] w = bytes(random, out * 9);
      byte[] x = bytes(random, 7 * groups);
      Conv2dSpec spec = spec(out, 3, 3, 1, groups, new Window(3, 3, 1, 2, 1, 1, 1, 2, 0, 1), w, 0);
      try (Conv2dKernel kernel = OneDnnConv2d.prepare(context(), RULE, spec)) {
        int[] y = new int[6 * out];
        kernel.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), 1, 7, 1);
        for (int row = 0; row < 6; row++) {
          for (int o = 0; o < out; o++) {
            int sum = 0;
            for (int ky = 0; ky < 3; ky++) {
              int sy = row - 1 + ky;
              // Of the three columns of a window the last one is the image's.
              sum += sy < 0 ? 0 : (x[sy * groups + o * groups / out] & 0xff) * w[o * 9 + ky * 3 + 2];
            }
            assertEquals(sum, y[row * out + o], groups + " groups, row " + row + " output " + o + " "
                + kernel.name());
          }
        }
      }
    }
  }

  /** Where oneDNN must not run some size, windows are unfolded, with the weights as they were packed. */
  @Test
  void unfoldsWithPackedWeights() {
    int[][] cases = {{16, 16, 1, 3}, {7, 5, 1, 3}, {24, 1, 24, 3}, {36, 1, 12, 2}, {20, 4, 4, 3},
        {10, 3, 2, 2}};
    int direct = 0;
    for (int[] c : cases) {
      Random random = new Random(c[0]);
      int out = c[0];
      int in = c[1];
      int groups = c[2];
      int k = c[3];
      Conv2dSpec spec = spec(out, k, k, in, groups, window(k, 1, 1), bytes(random, out * k * k * in), 77);
      try (Conv2dKernel kernel = OneDnnConv2d.prepare(context(), RULE, spec)) {
        MemorySegment x = MemorySegment.ofArray(bytes(random, 2 * 6 * 7 * in * groups));
        int size = 4 * 2 * (9 - k) * (10 - k) * out;
        byte[] expected = new byte[size];
        byte[] actual = new byte[size];
        if (kernel instanceof DirectConv2d way) {
          direct++;
          way.run(x, MemorySegment.ofArray(expected), 2, 6, 7);
          way.unfolded().run(x, MemorySegment.ofArray(actual), 2, 6, 7);
          assertArrayEquals(expected, actual, Arrays.toString(c) + " " + kernel.name());
        }
      }
    }
    assertTrue(direct > 0, "no case for oneDNN's own convolution");
  }

  /** Weights that oneDNN wants in another format for some size. */
  @Test
  void reordersPackedWeights() {
    Random random = new Random(4);
    Conv2dSpec spec = spec(40, 3, 3, 24, 1, window(3, 1, 1), bytes(random, 40 * 9 * 24), 0);
    context();
    ConvForm form = ConvForm.all(spec).getFirst();
    ConvTaps taps = new ConvTaps(spec.weights());
    ConvForm.Limits limits = ConvForm.Limits.of(Int8Rule.Form.SPLIT);
    try (
        PackedTaps plain = PackedTaps.of(form, spec.window(), taps, 2, limits,
            form.plainWeights(spec.window()));
        PackedTaps blocked = plain.reordered(Dnnl.desc(Dnnl.S8, Dnnl.TAG_HWIO, 40, 24, 3, 3));
        PackedTaps again = blocked.reordered(form.plainWeights(spec.window()));
        Handle desc = form.plainWeights(spec.window())) {
      for (int part = 0; part < 2; part++) {
        byte[] expected = plain.part(part).segment().toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(expected, again.part(part).segment().toArray(ValueLayout.JAVA_BYTE));
        try (NativeMemory direct = blocked.plain(part, desc)) {
          assertArrayEquals(expected, direct.segment().toArray(ValueLayout.JAVA_BYTE));
        }
      }
    }
  }

  /** More sizes than are kept, again and again, by several threads at once; and all memory comes back. */
  @Test
  void manySizesAndThreads() throws Exception {
    RandomConv conv = new RandomConv(3);
    long before = NativeMemory.inUse();
    try (Octet scalar = Octet.builder().engine(Engine.SCALAR).open();
        Octet onednn = Octet.builder().engine(Engine.ONEDNN).threads(2).open();
        Conv2d law = conv.prepare(scalar, false);
        Conv2d op = conv.prepare(onednn, false);
        ExecutorService threads = Executors.newFixedThreadPool(6)) {
      List<RandomConv.Images> all = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        all.add(conv.new Images(law));
      }
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < 6; thread++) {
        int first = thread * 13;
        running.add(threads.submit(() -> {
          for (int i = 0; i < 2 * all.size(); i++) {
            all.get((first + i) % all.size()).check(op, 0);
          }
        }));
      }
      for (Future<?> f : running) {
        f.get();
      }
    }
    assertEquals(before, NativeMemory.inUse(), "native memory after close");
  }

  /** Long sequences are cut along their only row. */
  @Test
  void longSequences() {
    Random random = new Random(8);
    int in = 8;
    int out = 96;
    QTensor weights = QTensor.of(DataType.S8, Shape.of(out, 1, 5, in), Quantization.perTensor(0.01f),
        bytes(random, out * 5 * in));
    int width = 3001;
    byte[] x = bytes(random, 2 * width * in);
    byte[][] y = new byte[2][2 * 1501 * out];
    for (Engine engine : new Engine[]{Engine.SCALAR, Engine.ONEDNN}) {
      try (Octet octet = Octet.builder().engine(engine).threads(2).open();
          Conv2d op = octet.conv2d().input(DataType.S8, Quantization.perTensor(0.02f, 9))
              .weights(weights, WeightLayout.OHWI).stride(1, 2).padding(0, 2)
              .output(DataType.S8, Quantization.perTensor(0.5f, 3)).prepare();
          Arena arena = Arena.ofConfined()) {
        MemorySegment from = arena.allocate(x.length).copyFrom(MemorySegment.ofArray(x));
        op.run(from, MemorySegment.ofArray(y[engine == Engine.SCALAR ? 0 : 1]), 2, 1, width);
      }
    }
    assertArrayEquals(y[0], y[1]);
  }
}
