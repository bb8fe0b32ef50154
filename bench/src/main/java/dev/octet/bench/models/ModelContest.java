package dev.octet.bench.models;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.octet.Octet;
import dev.octet.bench.models.Pairing.Form;
import dev.octet.bench.subject.OrtTensors;
import dev.octet.harness.report.Figure;
import dev.octet.harness.turns.Effort;
import dev.octet.harness.turns.Turns;
import dev.octet.onnx.OnnxModel;
import dev.octet.onnx.OnnxOptions;
import dev.octet.onnx.OnnxQuantization;
import dev.octet.onnx.PreparedOnnx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Times a model on Octet and a model on ONNX Runtime by turns, each on one thread. */
final class ModelContest {
  /** The section of the report. */
  static final String TOPIC = "ONNX models";

  private static final long SEED = 1;

  private final ModelFolder folder;
  private final Effort effort;
  private final Map<Model, Path> files = new EnumMap<>(Model.class);
  private final Map<Model, Path> statics = new EnumMap<>(Model.class);

  ModelContest(ModelFolder folder, Effort effort) {
    this.folder = folder;
    this.effort = effort;
  }

  /** Why a pairing cannot be timed, or nothing. */
  Optional<String> missing(Pairing pairing) throws IOException {
    for (Model model : List.of(pairing.octet(), pairing.ort())) {
      if (!files.containsKey(model)) {
        Optional<Path> file = model.in(folder);
        if (file.isEmpty()) {
          return Optional.of(pairing.subject() + ": " + model.file() + " is not there; run ci/models");
        }
        files.put(model, file.get());
      }
    }
    return Optional.empty();
  }

  /** Times a pairing that is not {@link #missing}. */
  List<Figure> time(Pairing pairing) throws IOException {
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel model = OnnxModel.open(file(octet, pairing.octet(), pairing.form(), pairing.dims()));
        PreparedOnnx prepared = model.prepare(octet, options(pairing));
        OrtSession.SessionOptions settings = new OrtSession.SessionOptions();
        ModelInputs inputs = new ModelInputs(prepared.inputs(), pairing.dims(), SEED)) {
      settings.setIntraOpNumThreads(1);
      settings.setInterOpNumThreads(1);
      String file = file(octet, pairing.ort(), pairing.ortForm(), pairing.dims()).toString();
      try (OrtSession session = OrtTensors.environment().createSession(file, settings)) {
        return PairFigures.of(TOPIC, pairing.subject(), pairing.peer(), "ONNX Runtime",
            Turns.time(List.of(times -> {
              for (long i = 0; i < times; i++) {
                prepared.run(inputs.octet());
              }
            }, times -> run(session, inputs, times)), effort, 1));
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime does not take " + pairing.ort().title(), e);
    }
  }

  private static void run(OrtSession session, ModelInputs inputs, long times) {
    try {
      for (long i = 0; i < times; i++) {
        session.run(inputs.ort()).close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private static OnnxOptions options(Pairing pairing) {
    return pairing.form() == Form.INT8
        ? OnnxOptions.defaults().quantize(OnnxQuantization.int8Dynamic())
        : OnnxOptions.defaults();
  }

  /**
   * The file of a form. The ranges of a static one are of random inputs: its results are of no use, its time
   * is that of any.
   */
  private Path file(Octet octet, Model model, Form form, long[] dims) throws IOException, OrtException {
    Path file = files.get(model);
    if (form != Form.STATIC) {
      return file;
    }
    Path made = statics.get(model);
    if (made == null) {
      made = folder.made("static-" + model.file());
      try (OnnxModel floats = OnnxModel.open(file);
          ModelInputs samples = new ModelInputs(floats.inputs(), dims, SEED + 1)) {
        floats.quantize(octet, OnnxQuantization.int8Static(List.of(samples.octet()))).write(made);
      }
      statics.put(model, made);
    }
    return made;
  }
}
