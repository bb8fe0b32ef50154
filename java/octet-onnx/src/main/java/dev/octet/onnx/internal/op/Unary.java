package dev.octet.onnx.internal.op;

/**
 * A function of each float.
 *
 * @param function which one
 */
record Unary(Function function) implements FloatMap {
  /** The functions. */
  enum Function {
    SQRT("Sqrt") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = (float) Math.sqrt(x[i]);
        }
      }
    },
    ERF("Erf") {
      @Override
      void floats(float[] x, float[] y, int n) {
        FloatFunctions.erf(x, y, n);
      }
    },
    TANH("Tanh") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = (float) Math.tanh(x[i]);
        }
      }
    },
    EXP("Exp") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = (float) Math.exp(x[i]);
        }
      }
    },
    SIGMOID("Sigmoid") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = (float) (1 / (1 + Math.exp(-x[i])));
        }
      }
    },
    RELU("Relu") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = Math.max(x[i], 0);
        }
      }
    },
    HARD_SWISH("HardSwish") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = x[i] * Math.max(0, Math.min(1, x[i] * (1f / 6) + 0.5f));
        }
      }
    },
    LOG("Log") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = (float) Math.log(x[i]);
        }
      }
    },
    NEG("Neg") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = -x[i];
        }
      }
    },
    ABS("Abs") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = Math.abs(x[i]);
        }
      }
    },
    FLOOR("Floor") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = (float) Math.floor(x[i]);
        }
      }
    },
    CEIL("Ceil") {
      @Override
      void floats(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
          y[i] = (float) Math.ceil(x[i]);
        }
      }
    };

    private final String type;

    Function(String type) {
      this.type = type;
    }

    abstract void floats(float[] x, float[] y, int n);
  }

  @Override
  public String type() {
    return function.type;
  }

  @Override
  public void floats(float[] x, float[] y, int n) {
    function.floats(x, y, n);
  }
}
