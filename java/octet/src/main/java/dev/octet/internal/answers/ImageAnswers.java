package dev.octet.internal.answers;

import dev.octet.CoordinateMode;
import dev.octet.DataType;
import dev.octet.NearestMode;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.Backend;
import dev.octet.engine.Kernel;
import dev.octet.engine.OutputSpec;
import dev.octet.engine.PadKernel;
import dev.octet.engine.PadSpec;
import dev.octet.engine.PoolKernel;
import dev.octet.engine.PoolSpec;
import dev.octet.engine.ResizeAxis;
import dev.octet.engine.ResizeKernel;
import dev.octet.engine.ResizeSpec;
import dev.octet.engine.TransposeKernel;
import dev.octet.engine.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Images: vectors of 16 to 64 channels, and of fewer channels of several pixels. */
final class ImageAnswers {
  private static final int[] CHANNELS = {1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 130};
  private static final int HEIGHT = 5;
  private static final int WIDTH = 9;
  private static final long PIXELS = (long) HEIGHT * WIDTH;

  private ImageAnswers() {}

  /** A run over one image with a number of channels. */
  private interface ChannelsRun<K> {
    void of(K kernel, Sample sample, int channels);
  }

  private static <K extends Kernel> Answer<K> answer(String shape, Function<Backend, K> prepare,
      ChannelsRun<K> run) {
    List<Answer.Run<K>> runs = new ArrayList<>();
    for (int channels : CHANNELS) {
      runs.add(new Answer.Run<>("channels " + channels,
          (kernel, sample) -> run.of(kernel, sample, channels)));
    }
    return new Answer<>(shape, prepare, Answer.Tolerance.NONE, runs);
  }

  static List<Answer<?>> pool(PoolSpec.Kind kind, DataType type, boolean countPadding) {
    if (kind == PoolSpec.Kind.GLOBAL_AVERAGE) {
      return List.of(pool(kind, type, countPadding, null, "whole image"));
    }
    return List.of(
        pool(kind, type, countPadding, new Window(2, 2, 2, 2, 1, 1, 0, 0, 0, 0), "2 x 2, stride 2"),
        pool(kind, type, countPadding, new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1), "3 x 3"),
        pool(kind, type, countPadding, new Window(3, 3, 2, 2, 2, 2, 1, 1, 2, 2, true), "3 x 3, dilation 2"),
        pool(kind, type, countPadding, new Window(5, 9, 1, 1, 1, 1, 0, 0, 0, 0), "5 x 9"));
  }

  private static Answer<PoolKernel> pool(PoolSpec.Kind kind, DataType type, boolean countPadding,
      @Nullable Window window, String shape) {
    PoolSpec spec = new PoolSpec(kind,
        new ActivationSpec(type, false, Draw.INPUT_SCALE, type.min() + 131),
        new OutputSpec(type, Draw.INPUT_SCALE / 2, type.min() + 120, type.min(), type.max(),
            Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY),
        window, countPadding);
    long outputs = window == null ? 1 : window.outHeight(HEIGHT) * window.outWidth(WIDTH);
    return answer(shape, backend -> backend.pool(spec),
        (kernel, sample, channels) -> kernel.run(sample.bytes(PIXELS * channels),
            sample.result(type, outputs * channels), 1, HEIGHT, WIDTH, channels));
  }

  static List<Answer<?>> pad(DataType type) {
    PadSpec spec = new PadSpec(type, 1, 2, 2, 3, type.min() + 5);
    long outputs = (HEIGHT + 3L) * (WIDTH + 5L);
    return List.of(answer("every side", backend -> backend.pad(spec),
        (PadKernel kernel, Sample sample, int channels) -> kernel.run(sample.bytes(PIXELS * channels),
            sample.result(type, outputs * channels), 1, HEIGHT, WIDTH, channels)));
  }

  /** Larger and smaller images. */
  static List<Answer<?>> resize(DataType type, @Nullable NearestMode nearest, CoordinateMode rows,
      CoordinateMode columns) {
    List<Answer<?>> answers = new ArrayList<>();
    for (int[] size : new int[][]{{10, 18}, {7, 11}, {3, 4}}) {
      ResizeSpec spec = new ResizeSpec(type, nearest,
          new ResizeAxis(rows, size[0], 0),
          new ResizeAxis(columns, size[1], 0));
      answers.add(answer("to " + size[0] + " x " + size[1], backend -> backend.resize(spec),
          (ResizeKernel kernel, Sample sample, int channels) -> kernel.run(sample.bytes(PIXELS * channels),
              sample.result(type, (long) size[0] * size[1] * channels), 1, HEIGHT, WIDTH, channels)));
    }
    return answers;
  }

  static List<Answer<?>> transpose() {
    List<Answer<?>> answers = new ArrayList<>();
    for (int rows : new int[]{1, 2, 3, 4, 5, 15, 16, 17, 33, 65}) {
      answers.add(answer("rows " + rows, Backend::transpose,
          (TransposeKernel kernel, Sample sample, int columns) -> kernel.run(
              sample.bytes(2L * rows * columns), sample.result(DataType.U8, 2L * rows * columns), 2, rows,
              columns)));
    }
    return answers;
  }
}
