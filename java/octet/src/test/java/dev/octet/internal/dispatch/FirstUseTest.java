package dev.octet.internal.dispatch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.GeluForm;
import dev.octet.Isa;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.Backend;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.ConcatKernel;
import dev.octet.engine.ConcatSpec;
import dev.octet.engine.Conv2dKernel;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.GeluKernel;
import dev.octet.engine.LookupKernel;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.OutputSpec;
import dev.octet.engine.SgemmKernel;
import dev.octet.engine.SgemmSpec;
import dev.octet.internal.answers.KnownAnswers;
import dev.octet.internal.scalar.ScalarBackend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Kernels that are held to SCALAR before their first use, and those that known answers do not meet at their
 * first run, over engines made for the test.
 */
class FirstUseTest {
  /** Each kernel reads its first operand and writes its last one. */
  private static final class Fake implements Backend {
    final BiConsumer<MemorySegment, MemorySegment> work;
    final List<String> closed = new ArrayList<>();
    int runs;
    boolean refuses;
    boolean fails;
    boolean exact = true;

    Fake(BiConsumer<MemorySegment, MemorySegment> work) {
      this.work = work;
    }

    @Override
    public String describe() {
      return "fake kernels";
    }

    private void run(MemorySegment src, MemorySegment dst) {
      runs++;
      work.accept(src, dst);
    }

    @Override
    public LookupKernel lookup(byte[] table) {
      if (refuses) {
        throw new UnsupportedOperationException("packed elsewhere");
      }
      if (fails) {
        throw new IllegalArgumentException("table");
      }
      return new LookupKernel() {
        @Override
        public String name() {
          return "native:lookup";
        }

        @Override
        public void run(MemorySegment src, MemorySegment dst, long count) {
          Fake.this.run(src, dst);
        }

        @Override
        public void close() {
          closed.add(name());
        }
      };
    }

    @Override
    public GeluKernel gelu(GeluForm form) {
      return new GeluKernel() {
        @Override
        public String name() {
          return "native:gelu";
        }

        @Override
        public void run(MemorySegment src, MemorySegment dst, long count) {
          Fake.this.run(src, dst);
        }
      };
    }

    @Override
    public ConcatKernel concat(ConcatSpec spec) {
      return new ConcatKernel() {
        @Override
        public String name() {
          return "native:concat";
        }

        @Override
        public void run(List<MemorySegment> inputs, long[] lengths, MemorySegment dst, long outer) {
          Fake.this.run(inputs.getLast(), dst);
        }
      };
    }

    @Override
    public SgemmKernel sgemm(SgemmSpec spec) {
      return new SgemmKernel() {
        @Override
        public String name() {
          return "native:sgemm";
        }

        @Override
        public void run(BatchMatMulCall call) {
          Fake.this.run(call.right(), call.out());
        }
      };
    }

    @Override
    public MatMulKernel matMul(MatMulSpec spec) {
      return new MatMulKernel() {
        @Override
        public String name() {
          return "onednn:product";
        }

        @Override
        public boolean exact() {
          return exact;
        }

        @Override
        public void run(MemorySegment src, long srcStride, @Nullable MemorySegment rowScales,
            @Nullable MemorySegment rowZeroPoints, MemorySegment dst, long dstStride, int rows) {
          Fake.this.run(src, dst);
        }
      };
    }

    @Override
    public Conv2dKernel conv2d(Conv2dSpec spec) {
      return new Conv2dKernel() {
        @Override
        public String name() {
          return "onednn:convolution";
        }

        @Override
        public boolean exact() {
          return exact;
        }

        @Override
        public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width) {
          Fake.this.run(src, dst);
        }
      };
    }

    @Override
    public FloatMatMulKernel weightOnlyMatMul(FloatMatMulSpec spec) {
      return new FloatMatMulKernel() {
        @Override
        public String name() {
          return "native:weightonly";
        }

        @Override
        public void run(MemorySegment src, long srcStride, MemorySegment dst, long dstStride, int rows) {
          Fake.this.run(src, dst);
        }
      };
    }
  }

  private static void addOne(MemorySegment src, MemorySegment dst) {
    for (long i = 0; i < dst.byteSize(); i++) {
      dst.set(ValueLayout.JAVA_BYTE, i, (byte) (src.get(ValueLayout.JAVA_BYTE, i) + 1));
    }
  }

  private static BiConsumer<MemorySegment, MemorySegment> writing(float... y) {
    return (src, dst) -> MemorySegment.copy(y, 0, dst, ValueLayout.JAVA_FLOAT, 0, y.length);
  }

  private static Backend checked(Fake engine, Fake reference) {
    return FirstUse.of(Engine.NATIVE, on("linux-aarch64"), engine, reference, FirstUseTest::none);
  }

  private static Machine on(@Nullable String unproven) {
    return new Machine(Isa.BASELINE, "made for the test", false, false, unproven);
  }

  /** Known answers that meet no kernel. */
  private static KnownAnswers none(String op, Object... arguments) {
    return new KnownAnswers(List.of(op), List::of);
  }

  private final byte[] x = {1, 2, 3};
  private final byte[] y = new byte[3];

  private void run(LookupKernel kernel) {
    kernel.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), 3);
  }

  @Test
  void aKernelThatIsRightIsHeldToTheReferenceOnce() {
    Fake engine = new Fake(FirstUseTest::addOne);
    Fake reference = new Fake(FirstUseTest::addOne);
    Backend backend = checked(engine, reference);
    LookupKernel kernel = backend.lookup(new byte[256]);
    assertEquals("native:lookup", kernel.name());
    for (int i = 0; i < 3; i++) {
      run(kernel);
      assertArrayEquals(new byte[]{2, 3, 4}, y);
    }
    assertEquals(3, engine.runs);
    assertEquals(1, reference.runs);
    // The next op has the engine's own kernel.
    LookupKernel next = backend.lookup(new byte[256]);
    assertSame(engine.lookup(new byte[256]).getClass(), next.getClass());
    run(next);
    assertEquals(1, reference.runs);
  }

  @Test
  void aKernelThatIsWrongThrowsNowAndLater() {
    Backend backend = checked(new Fake((src, dst) -> {
      addOne(src, dst);
      dst.set(ValueLayout.JAVA_BYTE, 2, (byte) 9);
    }), new Fake(FirstUseTest::addOne));
    LookupKernel kernel = backend.lookup(new byte[256]);
    for (int i = 0; i < 2; i++) {
      String message = assertThrows(IllegalStateException.class, () -> run(kernel)).getMessage();
      assertEquals(
          "engine NATIVE is wrong on linux-aarch64: native:lookup, operand 2 of 2, byte 2 is 9 and not 4 "
              + "as SCALAR has it; use another engine, such as -Doctet.engine=vector, and report it",
          message);
    }
    // So is another op of it.
    assertThrows(IllegalStateException.class, () -> backend.lookup(new byte[256]));
  }

  @Test
  void aRunThatWritesNothingNewProvesNothing() {
    Fake engine = new Fake((src, dst) -> {
      // Nothing, whatever the operands.
    });
    Fake reference = new Fake((src, dst) -> {
      if (src.byteSize() > 0) {
        addOne(src, dst);
      }
    });
    Backend backend = checked(engine, reference);
    LookupKernel kernel = backend.lookup(new byte[256]);
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    kernel.run(none, none, 0);
    assertThrows(IllegalStateException.class, () -> run(kernel));
    assertThrows(IllegalStateException.class, () -> backend.lookup(new byte[256]));
  }

  @Test
  void aKernelThatWritesToAnInputIsWrong() {
    Backend backend = checked(new Fake((src, dst) -> {
      addOne(src, dst);
      src.set(ValueLayout.JAVA_BYTE, 0, (byte) 7);
    }), new Fake(FirstUseTest::addOne));
    String message = assertThrows(IllegalStateException.class, () -> run(backend.lookup(new byte[256])))
        .getMessage();
    assertTrue(message.contains("operand 1 of 2, byte 0 is 7 and not 1"), message);
  }

  @Test
  void aResultInTheOperandsPlaceIsTheResult() {
    Backend backend = checked(new Fake(FirstUseTest::addOne), new Fake(FirstUseTest::addOne));
    MemorySegment memory = MemorySegment.ofArray(x);
    backend.lookup(new byte[256]).run(memory, memory, 3);
    assertArrayEquals(new byte[]{2, 3, 4}, x);
    Backend wrong = checked(new Fake((src, dst) -> dst.fill((byte) 1)), new Fake(FirstUseTest::addOne));
    assertThrows(IllegalStateException.class, () -> wrong.lookup(new byte[256]).run(memory, memory, 3));
  }

  @Test
  void operandsInListsAndCallsAreComparedToo() {
    Fake engine = new Fake(FirstUseTest::addOne);
    Backend backend = checked(engine, new Fake(FirstUseTest::addOne));
    MemorySegment src = MemorySegment.ofArray(x);
    MemorySegment dst = MemorySegment.ofArray(y);
    backend.concat(null).run(List.of(src, src), new long[]{1, 2}, dst, 1);
    backend.sgemm(null).run(new BatchMatMulCall().sizes(1, 1, 1, 1).left(src, null, null)
        .right(src, null, null).out(dst));
    assertArrayEquals(new byte[]{2, 3, 4}, y);
    Backend wrong = checked(new Fake((a, b) -> b.fill((byte) 1)), new Fake(FirstUseTest::addOne));
    assertThrows(IllegalStateException.class,
        () -> wrong.concat(null).run(List.of(src, src), new long[]{1, 2}, dst, 1));
    assertThrows(IllegalStateException.class, () -> wrong.sgemm(null)
        .run(new BatchMatMulCall().sizes(1, 1, 1, 1).left(src, null, null).right(src, null, null).out(dst)));
  }

  private static void gelu(float[] actual, float[] expected) {
    checked(new Fake(writing(actual)), new Fake(writing(expected))).gelu(GeluForm.ERF)
        .run(MemorySegment.ofArray(new float[2]), MemorySegment.ofArray(new float[2]), 2);
  }

  @Test
  void floatsAreTheSameBitsButForThoseOfNaN() {
    gelu(new float[]{Float.intBitsToFloat(0xffc00001), 1}, new float[]{Float.NaN, 1});
    assertThrows(IllegalStateException.class, () -> gelu(new float[]{1, Math.nextUp(2f)}, new float[]{1, 2}));
    assertThrows(IllegalStateException.class, () -> gelu(new float[]{1, -0.0f}, new float[]{1, 0.0f}));
    assertThrows(IllegalStateException.class, () -> gelu(new float[]{1, 0}, new float[]{1, Float.NaN}));
  }

  private static void weightOnly(float... actual) {
    checked(new Fake(writing(actual)), new Fake(writing(1000, 2))).weightOnlyMatMul(null)
        .run(MemorySegment.ofArray(new float[2]), 2, MemorySegment.ofArray(new float[2]), 2, 1);
  }

  @Test
  void productsWithinABoundMayDifferALittle() {
    weightOnly(1000.1f, 1.9f);
    assertThrows(IllegalStateException.class, () -> weightOnly(1001, 2));
    assertThrows(IllegalStateException.class, () -> weightOnly(1000, 3));
    assertThrows(IllegalStateException.class, () -> weightOnly(1000, Float.NaN));
  }

  @Test
  void whatLiesBetweenRowsSaysNothingAboutTheirSize() {
    // Two rows of one float, each followed by one that is far larger than both and that nobody writes.
    float[] dst = {0, 1e15f, 0, 1e15f};
    Backend backend = checked(new Fake(writing(2.01f, 1e15f, 3, 1e15f)),
        new Fake(writing(2, 1e15f, 3, 1e15f)));
    FloatMatMulKernel kernel = backend.weightOnlyMatMul(null);
    assertThrows(IllegalStateException.class,
        () -> kernel.run(MemorySegment.ofArray(new float[4]), 2, MemorySegment.ofArray(dst), 2, 2));
  }

  private static BiConsumer<MemorySegment, MemorySegment> bytes(int... y) {
    return (src, dst) -> {
      for (int i = 0; i < y.length; i++) {
        dst.set(ValueLayout.JAVA_BYTE, i, (byte) y[i]);
      }
    };
  }

  /** Runs a product or a convolution of an engine that says whether it is exact. */
  private static void epilogue(boolean product, boolean exact, DataType type,
      BiConsumer<MemorySegment, MemorySegment> actual, BiConsumer<MemorySegment, MemorySegment> expected) {
    Fake engine = new Fake(actual);
    engine.exact = exact;
    OutputSpec output = new OutputSpec(type, 1, 0, 0, 0, 0, 0);
    Backend backend = FirstUse.of(Engine.ONEDNN, on("windows-x86_64"), engine, new Fake(expected),
        FirstUseTest::none);
    MemorySegment src = MemorySegment.ofArray(new float[2]);
    MemorySegment dst = MemorySegment.ofArray(new float[2]);
    if (product) {
      backend.matMul(new MatMulSpec(null, null, null, null, output, true)).run(src, 8, null, null, dst, 8, 1);
    } else {
      backend.conv2d(new Conv2dSpec(null, 1, null, null, false, null, null, output, true)).run(src, dst, 1, 1,
          1);
    }
  }

  private static void epilogue(boolean product, boolean exact, DataType type, int actual, int expected) {
    epilogue(product, exact, type, bytes(0, 0, 0, 0, 0, actual, 0), bytes(0, 0, 0, 0, 0, expected, 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatAnInexactEpilogueRoundsInAnotherWayMayBeOffByOne(boolean product) {
    epilogue(product, false, DataType.U8, 128, 127);
    epilogue(product, false, DataType.U8, 254, 255);
    epilogue(product, false, DataType.S8, -1, 0);
    epilogue(product, false, DataType.S8, 5, 4);
    assertThrows(IllegalStateException.class, () -> epilogue(product, false, DataType.U8, 5, 3));
    // Neighbours in the other type, and the ends of this one.
    assertThrows(IllegalStateException.class, () -> epilogue(product, false, DataType.U8, 255, 0));
    assertThrows(IllegalStateException.class, () -> epilogue(product, false, DataType.S8, 127, -128));
    assertThrows(IllegalStateException.class, () -> epilogue(product, false, DataType.S32, 5, 4));
    epilogue(product, false, DataType.F32, writing(1000.1f, 2), writing(1000, 2));
    assertThrows(IllegalStateException.class,
        () -> epilogue(product, false, DataType.F32, writing(1001, 2), writing(1000, 2)));
  }

  @ParameterizedTest
  @EnumSource(value = DataType.class, names = {"U8", "S8", "S32"})
  void bytesThatWouldBeNaNAreComparedAsBytes(DataType type) {
    assertThrows(IllegalStateException.class, () -> epilogue(true, true, type, bytes(1, 0, 0xff, 0x7f),
        bytes(2, 0, 0xff, 0x7f)));
    assertThrows(IllegalStateException.class,
        () -> checked(new Fake(bytes(1, 0, 0xff, 0x7f)), new Fake(bytes(2, 0, 0xff, 0x7f)))
            .lookup(new byte[256])
            .run(MemorySegment.ofArray(new byte[4]), MemorySegment.ofArray(new byte[4]), 4));
  }

  @Test
  void anExactKernelOfTheSameOpMayNot() {
    String message = assertThrows(IllegalStateException.class,
        () -> epilogue(false, true, DataType.U8, 5, 4)).getMessage();
    assertEquals("engine ONEDNN is wrong on windows-x86_64: onednn:convolution, operand 2 of 2, byte 5 is 5 "
        + "and not 4 as SCALAR has it; use another engine, such as -Doctet.engine=vector, and report it",
        message);
  }

  @Test
  void whatTheReferenceRefusesIsRefused() {
    Fake engine = new Fake(FirstUseTest::addOne);
    Fake reference = new Fake(FirstUseTest::addOne);
    reference.refuses = true;
    UnsupportedOperationException e = assertThrows(UnsupportedOperationException.class,
        () -> checked(engine, reference).lookup(new byte[256]));
    assertTrue(e.getMessage().contains("native:lookup has not been held to SCALAR on linux-aarch64"),
        e.getMessage());
    assertEquals("packed elsewhere", e.getCause().getMessage());
    assertEquals(List.of("native:lookup"), engine.closed);
  }

  @Test
  void theKernelIsClosedWhereTheReferenceFails() {
    Fake engine = new Fake(FirstUseTest::addOne);
    Fake reference = new Fake(FirstUseTest::addOne);
    reference.fails = true;
    assertThrows(IllegalArgumentException.class, () -> checked(engine, reference).lookup(new byte[256]));
    assertEquals(List.of("native:lookup"), engine.closed);
  }

  @Test
  void bothKernelsAreClosed() {
    Fake engine = new Fake(FirstUseTest::addOne);
    Fake reference = new Fake(FirstUseTest::addOne);
    checked(engine, reference).lookup(new byte[256]).close();
    assertEquals(List.of("native:lookup"), engine.closed);
    assertEquals(List.of("native:lookup"), reference.closed);
  }

  @Test
  void theReportSaysWhatIsDone() {
    assertEquals(
        "fake kernels, each kernel held to SCALAR before its first use: no JVM has run them on linux-aarch64 yet",
        checked(new Fake(FirstUseTest::addOne), new Fake(FirstUseTest::addOne)).describe());
  }

  @Test
  void theReportSaysThatThePropertyAskedForIt() {
    assertEquals(
        "fake kernels, each kernel held to SCALAR before its first use: octet.native.check asks for it",
        FirstUse.of(Engine.NATIVE, on(null), new Fake(FirstUseTest::addOne), new ScalarBackend()).describe());
  }

  @Test
  void kernelsOfOneDnnAreComparedAtTheirFirstRun() {
    Broken engine = new Broken(1);
    Backend backend = FirstUse.of(Engine.ONEDNN, on("windows-x86_64"), engine, new ScalarBackend());
    assertEquals(
        "broken, each kernel held to SCALAR at its first use: no JVM has run them on windows-x86_64 yet",
        backend.describe());
    MatMulKernel kernel = backend.matMul(product(DataType.S8));
    assertEquals(0, engine.runs);
    assertThrows(IllegalStateException.class,
        () -> kernel.run(MemorySegment.ofArray(new byte[4]), 4, null, null,
            MemorySegment.ofArray(new byte[4]), 4, 1));
  }

  /** Engine NATIVE whose products are wrong in the last column where a call has so many rows. */
  private static final class Broken implements Backend {
    private final Backend scalar = new ScalarBackend();
    private final int rows;
    int runs;
    int closes;

    Broken(int rows) {
      this.rows = rows;
    }

    @Override
    public String describe() {
      return "broken";
    }

    @Override
    public LookupKernel lookup(byte[] table) {
      return scalar.lookup(table);
    }

    @Override
    public MatMulKernel matMul(MatMulSpec spec) {
      MatMulKernel right = scalar.matMul(spec);
      return new MatMulKernel() {
        @Override
        public String name() {
          return right.name().replace("scalar", "native");
        }

        @Override
        public void run(MemorySegment src, long srcStride, @Nullable MemorySegment rowScales,
            @Nullable MemorySegment rowZeroPoints, MemorySegment dst, long dstStride, int count) {
          runs++;
          right.run(src, srcStride, rowScales, rowZeroPoints, dst, dstStride, count);
          if (count == rows) {
            long at = spec.weights().n() - 1L;
            dst.set(ValueLayout.JAVA_BYTE, at, (byte) (dst.get(ValueLayout.JAVA_BYTE, at) ^ 1));
          }
        }

        @Override
        public void close() {
          closes++;
        }
      };
    }
  }

  private static MatMulSpec product(DataType output) {
    QTensor weights = QTensor.of(DataType.S8, Shape.of(4, 4), Quantization.perTensor(1), new byte[16]);
    return new MatMulSpec(MatrixWeights.of(weights, WeightLayout.OUT_IN),
        new ActivationSpec(DataType.U8, false, 1, 0), null, null,
        new OutputSpec(output, 1, 0, output.min(), output.max(), Float.NEGATIVE_INFINITY,
            Float.POSITIVE_INFINITY),
        false);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void aKernelThatIsWrongInOneTileIsRefusedWhateverItsUsersMultiply(int rows) {
    Broken engine = new Broken(rows);
    Backend backend = FirstUse.of(Engine.NATIVE, on("linux-aarch64"), engine, new ScalarBackend());
    String message = assertThrows(IllegalStateException.class, () -> backend.matMul(product(DataType.S8)))
        .getMessage();
    assertTrue(
        message.startsWith("engine NATIVE is wrong on linux-aarch64: native:u8s8_s8, matMul 39 x 15, rows "
            + rows + ": byte 14 is "),
        message);
    assertTrue(message.endsWith(
        " as SCALAR has it; use another engine, such as -Doctet.engine=vector, and report it"), message);
    // Later ones too, and nothing is computed again.
    int runs = engine.runs;
    assertEquals(message,
        assertThrows(IllegalStateException.class, () -> backend.matMul(product(DataType.S8)))
            .getMessage());
    assertEquals(runs, engine.runs);
    assertTrue(engine.closes >= 2, () -> "closed: " + engine.closes);
    // Kernels of other names are asked for themselves.
    assertThrows(IllegalStateException.class, () -> backend.matMul(product(DataType.U8)));
    assertEquals("scalar:lookup", backend.lookup(new byte[256]).name());
  }

  @Test
  void aKernelThatIsRightIsUsedAsItIs() {
    Broken engine = new Broken(0);
    Backend backend = FirstUse.of(Engine.NATIVE, on("linux-aarch64"), engine, new ScalarBackend());
    assertSame(engine.matMul(product(DataType.S8)).getClass(),
        backend.matMul(product(DataType.S8)).getClass());
    int runs = engine.runs;
    assertTrue(runs > 100, () -> "runs: " + runs);
    backend.matMul(product(DataType.S8));
    assertEquals(runs, engine.runs);
  }
}
