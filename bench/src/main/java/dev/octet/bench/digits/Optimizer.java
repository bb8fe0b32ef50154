package dev.octet.bench.digits;

import java.util.Arrays;
import java.util.List;

/** Moves parameters against their gradients. Weights decay by themselves, apart from the gradient (AdamW). */
sealed abstract class Optimizer {
  private static final float DECAY = 1e-4f;

  private final List<Parameter> parameters;

  private Optimizer(List<Parameter> parameters) {
    this.parameters = parameters;
  }

  /** Stochastic gradient descent with momentum: what LSQ's gradient scales are made for. */
  static Optimizer sgd(List<Parameter> parameters, float momentum) {
    return new Sgd(parameters, momentum);
  }

  /** Adam (Kingma and Ba, 2015) with its usual constants. */
  static Optimizer adam(List<Parameter> parameters) {
    return new Adam(parameters);
  }

  /** One step; clears the gradients. */
  final void step(float rate) {
    for (int p = 0; p < parameters.size(); p++) {
      Parameter parameter = parameters.get(p);
      if (parameter.kind() == Parameter.Kind.WEIGHT) {
        for (int i = 0; i < parameter.value().length; i++) {
          parameter.value()[i] *= 1 - rate * DECAY;
        }
      }
      move(p, parameter, rate);
      Arrays.fill(parameter.gradient(), 0);
    }
  }

  abstract void move(int index, Parameter parameter, float rate);

  private static float[][] zeros(List<Parameter> parameters) {
    return parameters.stream().map(p -> new float[p.value().length]).toArray(float[][]::new);
  }

  private static final class Sgd extends Optimizer {
    private final float momentum;
    private final float[][] velocities;

    Sgd(List<Parameter> parameters, float momentum) {
      super(parameters);
      this.momentum = momentum;
      this.velocities = zeros(parameters);
    }

    @Override
    void move(int index, Parameter parameter, float rate) {
      float[] velocity = velocities[index];
      for (int i = 0; i < velocity.length; i++) {
        velocity[i] = momentum * velocity[i] + parameter.gradient()[i];
        parameter.add(i, -rate * velocity[i]);
      }
    }
  }

  private static final class Adam extends Optimizer {
    private static final float BETA1 = .9f;
    private static final float BETA2 = .999f;
    private static final float EPSILON = 1e-8f;

    private final float[][] means;
    private final float[][] squares;
    private final int[] steps;

    Adam(List<Parameter> parameters) {
      super(parameters);
      this.means = zeros(parameters);
      this.squares = zeros(parameters);
      this.steps = new int[parameters.size()];
    }

    @Override
    void move(int index, Parameter parameter, float rate) {
      int t = ++steps[index];
      float unbias1 = (float) (1 / (1 - StrictMath.pow(BETA1, t)));
      float unbias2 = (float) (1 / (1 - StrictMath.pow(BETA2, t)));
      float[] m = means[index];
      float[] v = squares[index];
      for (int i = 0; i < m.length; i++) {
        float g = parameter.gradient()[i];
        m[i] += (1 - BETA1) * (g - m[i]);
        v[i] += (1 - BETA2) * (g * g - v[i]);
        parameter.add(i, -rate * m[i] * unbias1 / ((float) Math.sqrt(v[i] * unbias2) + EPSILON));
      }
    }
  }
}
