package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import java.lang.foreign.Arena;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * An engine against the outside judge: every op against ONNX Runtime's operator for it, on random and extreme
 * data, tolerance 0.
 */
@Tag("oracle")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class OnnxRuntimeSuite {
  private static final int CASES = 1000;
  private static final int MAX_SIZE = 300;

  private OnnxRuntime runtime;
  private Subject subject;

  /** The engine under test. */
  protected abstract EngineProfile profile();

  @BeforeAll
  final void open() {
    System.out.println(Judge.form());
    runtime = new OnnxRuntime();
    subject = new Subject(profile());
  }

  @AfterAll
  final void close() {
    subject.close();
    runtime.close();
  }

  @Test
  void qLinearMatMul() {
    MatMulJudge judge = new MatMulJudge(runtime);
    run("oracle QLinearMatMul", (dice, index, what) -> {
      MatMulCase c = matMul(dice, index, MatMulCase.Kind.random(dice, profile(), U8, S8).perTensor());
      check(what, c, c.withGaps(judge.qLinearMatMul(c)));
    });
  }

  @Test
  void qGemm() {
    MatMulJudge judge = new MatMulJudge(runtime);
    run("oracle QGemm", (dice, index, what) -> {
      MatMulCase.Kind kind = MatMulCase.Kind.random(dice, profile(), U8, S8).perTensor();
      MatMulCase c = matMul(dice, index, kind);
      c.bias = dice.biases(c.n);
      check(what, c, c.withGaps(judge.qGemm(c)));
    });
  }

  @Test
  void matMulInteger() {
    MatMulJudge judge = new MatMulJudge(runtime);
    run("oracle MatMulInteger", (dice, index, what) -> {
      MatMulCase c = matMul(dice, index, MatMulCase.Kind.random(dice, profile(), S32).perTensor());
      check(what, c, c.withGaps(judge.matMulInteger(c)));
    });
  }

  @Test
  void matMulIntegerToFloat() {
    MatMulJudge judge = new MatMulJudge(runtime);
    run("oracle MatMulIntegerToFloat", (dice, index, what) -> {
      MatMulCase c = matMul(dice, index, MatMulCase.Kind.random(dice, profile(), F32));
      if (dice.oneIn(2)) {
        c.floatBias = dice.reals(c.n);
      }
      check(what, c, c.withGaps(judge.matMulIntegerToFloat(c)));
    });
  }

  /** Sizes from 1 to 300, now and then a thin case with one long side. */
  private static MatMulCase matMul(Dice dice, int index, MatMulCase.Kind kind) {
    int[] sizes = {dice.size(MAX_SIZE), dice.size(MAX_SIZE), dice.size(MAX_SIZE)};
    if (index % 100 == 99) {
      sizes = new int[]{dice.size(8), dice.size(8), dice.size(8)};
      sizes[index / 100 % 3] = dice.pick(1023, 2048, 4095, 4096);
    }
    return MatMulCase.random(dice, kind, sizes[0], sizes[1], sizes[2]).randomGaps(dice);
  }

  private void run(String suite, RandomCases.Body body) {
    RandomCases.run(suite, profile().engine(), CASES, body);
  }

  private void check(String what, OpCase opCase, Tensor expected) {
    try (Arena memory = Arena.ofConfined()) {
      Comparison.check(what, opCase, Map.of("y", expected), opCase.run(subject, memory));
    }
  }
}
