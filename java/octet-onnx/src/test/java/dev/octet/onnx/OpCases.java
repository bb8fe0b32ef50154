package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Octet;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Nodes by themselves, each judged by ONNX Runtime as it is written: with inputs that are known when a model
 * runs, and with constants.
 */
final class OpCases {
  /** Of elementary functions and of sums in another order, relative to 1 and the element. */
  static final double ROUNDING = 2e-6;

  final TestData data;
  private final long seed;
  private final List<String> wrong = new ArrayList<>();
  private final Set<String> tried = new TreeSet<>();
  private int cases;
  private long moved;

  OpCases(long seed) {
    this.seed = seed;
    this.data = new TestData(seed);
  }

  /** One node under way. */
  final class Case {
    private final String op;
    private final int opset;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final List<String> names = new ArrayList<>();
    private final Map<String, Object> attributes = new LinkedHashMap<>();
    private double tolerance;
    private int steps;
    /** The first input that is always a constant, since shapes depend on it. */
    private int shapes = Integer.MAX_VALUE;

    Case(String op, int opset) {
      this.op = op;
      this.opset = opset;
    }

    Case in(Tensor... tensors) {
      for (Tensor tensor : tensors) {
        String name = tensor == null ? "-" : "x" + names.size();
        names.add(name);
        if (tensor != null) {
          inputs.put(name, tensor);
        }
      }
      return this;
    }

    Case with(String name, Object value) {
      attributes.put(name, value);
      return this;
    }

    Case within(double bound) {
      tolerance = bound;
      return this;
    }

    /** Integers may differ by 1. */
    Case withinOne() {
      steps = 1;
      return this;
    }

    /** Inputs that say shapes; a shape that is known only when the model runs is not offered. */
    Case shapes(Tensor... tensors) {
      shapes = names.size();
      return in(tensors);
    }

    void gives(ElementType... types) {
      for (boolean constant : new boolean[]{false, true}) {
        // Constants beside one input, which is known when the model runs; or all are inputs.
        TestModel model = new TestModel(opset);
        Map<String, Tensor> given = new LinkedHashMap<>();
        inputs.forEach((name, tensor) -> {
          if ((constant && !name.equals("x0")) || names.indexOf(name) >= shapes) {
            model.initializer(name, tensor);
          } else {
            Object[] dims = new Object[tensor.shape().rank()];
            model.input(name, tensor.type(), dims);
            given.put(name, tensor);
          }
        });
        StringBuilder outputs = new StringBuilder();
        for (int i = 0; i < types.length; i++) {
          outputs.append(i == 0 ? "" : " ").append("y").append(i);
          model.output("y" + i, types[i]);
        }
        model.node(op, String.join(" ", names), outputs.toString());
        attributes.forEach((name, value) -> {
          switch (value) {
            case Integer number -> model.attribute(name, number.longValue());
            case Float number -> model.attribute(name, number);
            case Tensor tensor -> model.attribute(name, tensor);
            case String text -> model.attribute(name, text);
            case float[] numbers -> model.attribute(name, numbers);
            default -> model.attribute(name, (long[]) value);
          }
        });
        compare(model, given, constant);
      }
    }

    private void compare(TestModel model, Map<String, Tensor> given, boolean constant) {
      String what = op + ", opset " + opset + " " + inputs.values() + (constant ? ", constants" : "");
      tried.add(op);
      cases++;
      try (Octet octet = Octet.builder().threads(1).open();
          PreparedOnnx prepared = TestModel.prepareAndClose(model.open(), octet, OnnxOptions.defaults())) {
        Map<String, Tensor> expected = OnnxRuntimeJudge.run(model.bytes(), given);
        if (steps > 0) {
          moved += TestData.moved(what, expected, prepared.run(given), steps);
          return;
        }
        TestData.assertSame(what, expected, prepared.run(given), tolerance);
        TestData.assertSame(what + ", again", expected, prepared.run(given), tolerance);
      } catch (AssertionError | RuntimeException e) {
        wrong.add(what + ": " + e);
      }
    }
  }

  Case op(String op, int opset) {
    return new Case(op, opset);
  }

  Tensor floats(long... dims) {
    return data.floats(2, dims);
  }

  /** Says what was tried; fails where a case was not equal. */
  Set<String> finish() {
    assertEquals(List.of(), wrong, wrong.size() + " of " + cases + ", seed " + seed);
    System.out.println(tried.size() + " operators, " + cases + " cases, all equal"
        + (moved == 0 ? "" : ", but " + moved + " integers that may differ by 1"));
    return tried;
  }
}
