package dev.octet.op;

import static dev.octet.DataType.S8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.octet.Engine;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.engine.Backend;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.parallel.CallerOnly;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a BatchMatMul hands to an engine's kernel. */
class BatchMatMulCallTest {
  private static final Quantization ONE = Quantization.perTensor(1);

  /** Writes down what it is called with, and does nothing. */
  private static final class Recorder implements Backend, BatchMatMulKernel {
    private final List<String> calls = new ArrayList<>();
    private BatchMatMulCall last;

    @Override
    public String describe() {
      return "recorder";
    }

    @Override
    public String name() {
      return "recorder:batch";
    }

    @Override
    public BatchMatMulKernel batchMatMul(BatchMatMulSpec spec) {
      return this;
    }

    @Override
    public void run(BatchMatMulCall call) {
      last = call;
      calls.add(
          call.batch() + " of " + call.m() + "x" + call.k() + "x" + call.n() + ", left " + call.leftBatch()
              + " " + call.leftRow() + ", right " + call.rightBatch() + " " + call.rightRow() + ", out "
              + call.outBatch() + " " + call.outRow() + scales(call));
    }

    private static String scales(BatchMatMulCall call) {
      return (call.leftScales() == null ? "" : ", left scales")
          + (call.rightScales() == null ? "" : ", right scales");
    }

    @Override
    public void close() {}

    BatchMatMul.Builder builder() {
      return new BatchMatMul.Builder(
          new Dispatch(List.of(new Dispatch.Candidate(Engine.SCALAR, this)), List.of(), List.of(),
              new CallerOnly()));
    }
  }

  private static MemorySegment memory() {
    return MemorySegment.ofArray(new byte[1000]);
  }

  private static BatchArguments arguments() {
    return new BatchArguments().left(memory(), memory(), null).right(memory(), memory(), null).out(memory());
  }

  @Test
  void lendsMemoryForTheRunOnly() {
    Recorder recorder = new Recorder();
    try (BatchMatMul op = recorder.builder().left(S8).right(S8).outputF32().prepare()) {
      op.run(arguments().sizes(2, 3, 4, 5));
      assertEquals(List.of("2 of 3x4x5, left 12 4, right 20 5, out 15 5, left scales, right scales"),
          recorder.calls);
      assertNull(recorder.last.left());
      assertNull(recorder.last.leftScales());
      assertNull(recorder.last.right());
      assertNull(recorder.last.rightScales());
      assertNull(recorder.last.out());
    }
  }

  @Test
  void nothingToDoIsNotCalled() {
    Recorder recorder = new Recorder();
    try (BatchMatMul op = recorder.builder().left(S8, ONE).right(S8, ONE).outputS32().prepare()) {
      op.run(memory(), memory(), memory(), 0, 3, 4, 5);
      op.run(memory(), memory(), memory(), 2, 0, 4, 5);
      op.run(memory(), memory(), memory(), 2, 3, 4, 0);
      op.run(BatchOperand.of(memory()), Shape.of(0, 1, 1), BatchOperand.of(memory()), Shape.of(1, 1),
          memory());
      assertEquals(List.of(), recorder.calls);
    }
  }

  @Test
  void integerResultsComeWithoutScales() {
    Recorder recorder = new Recorder();
    try (BatchMatMul op = recorder.builder().left(S8).right(S8).rightTransposed().outputS32().prepare()) {
      op.run(arguments().sizes(1, 2, 3, 4));
      assertEquals(List.of("1 of 2x3x4, left 6 3, right 12 3, out 8 4"), recorder.calls);
    }
  }

  @Test
  void broadcastsInAsFewRunsAsTheShapesAllow() {
    // Both move on every axis: one run. One is repeated on the inner, or on the outer axes: as many runs as
    // the
    // outer axes have places, and none where all axes of an operand are repeated.
    assertEquals(List.of("6 of 1x2x3, left 2 2, right 6 3, out 3 3"),
        calls(Shape.of(2, 3, 1, 2), Shape.of(2, 3, 2, 3)));
    assertEquals(List.of("6 of 1x2x3, left 2 2, right 0 3, out 3 3"),
        calls(Shape.of(2, 3, 1, 2), Shape.of(2, 3)));
    assertEquals(List.of("6 of 1x2x3, left 0 2, right 6 3, out 3 3"),
        calls(Shape.of(1, 1, 2), Shape.of(2, 1, 3, 2, 3)));
    String inner = "3 of 1x2x3, left 2 2, right 0 3, out 3 3";
    assertEquals(List.of(inner, inner), calls(Shape.of(2, 3, 1, 2), Shape.of(2, 1, 2, 3)));
    String outer = "3 of 1x2x3, left 2 2, right 6 3, out 3 3";
    assertEquals(List.of(outer, outer), calls(Shape.of(2, 3, 1, 2), Shape.of(3, 2, 3)));
    assertEquals(List.of("1 of 1x2x3, left 2 2, right 6 3, out 3 3"),
        calls(Shape.of(1, 2), Shape.of(1, 2, 3)));
  }

  private static List<String> calls(Shape left, Shape right) {
    Recorder recorder = new Recorder();
    try (BatchMatMul op = recorder.builder().left(S8, ONE).right(S8, ONE).outputS32().prepare()) {
      op.run(BatchOperand.of(memory()), left, BatchOperand.of(memory()), right, memory());
    }
    return recorder.calls;
  }
}
