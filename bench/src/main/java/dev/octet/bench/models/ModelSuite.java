package dev.octet.bench.models;

import dev.octet.bench.models.Pairing.Form;
import dev.octet.harness.report.Figure;
import dev.octet.harness.turns.Effort;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** {@code ci/bench models}: whole ONNX models on Octet and on ONNX Runtime, one thread each, batch 1. */
public final class ModelSuite {
  private static final int[] TOKENS = {16, 64, 128};
  private static final int MOST_TOKENS = 128;
  private static final long[] PAGE = {1, 3, 320, 320};
  private static final long[] LINE = {1, 3, 48, 320};

  /** To be quoted. */
  private static final Effort QUOTED = new Effort(1.5, 21, 101, 7);
  /** To see that it runs. */
  private static final Effort QUICK = new Effort(0.02, 3, 3, 0.1);

  private final ModelFolder folder;
  private final Consumer<String> say;

  /**
   * With model files.
   *
   * @param folder has them
   * @param say takes a line for each figure, and what was left out
   */
  public ModelSuite(ModelFolder folder, Consumer<String> say) {
    this.folder = folder;
    this.say = say;
  }

  /**
   * Measures all models that are there.
   *
   * @param quick whether to see that it runs, not to quote
   */
  public List<Figure> run(boolean quick) throws IOException {
    return run(pairings(), quick ? QUICK : QUOTED);
  }

  List<Figure> run(List<Pairing> pairings, Effort effort) throws IOException {
    ModelContest contest = new ModelContest(folder, effort);
    List<Figure> figures = new ArrayList<>();
    for (Pairing pairing : pairings) {
      Optional<String> missing = contest.missing(pairing);
      if (missing.isPresent()) {
        say.accept("Left out: " + missing.get());
      } else {
        List<Figure> row = contest.time(pairing);
        row.forEach(figure -> say.accept(figure.toString()));
        figures.addAll(row);
      }
    }
    return figures;
  }

  private static List<Pairing> pairings() {
    List<Pairing> rows = new ArrayList<>();
    for (Model model : List.of(Model.MINILM_Q, Model.E5_SMALL_Q, Model.BGE_SMALL_Q)) {
      for (int tokens : TOKENS) {
        rows.add(text(model, Form.FILE, model, Form.FILE, tokens));
      }
    }
    rows.add(text(Model.MINILM, Form.INT8, Model.MINILM_Q, Form.FILE, MOST_TOKENS));
    rows.add(text(Model.MINILM, Form.INT8, Model.MINILM, Form.FILE, MOST_TOKENS));
    rows.add(text(Model.BGE_SMALL, Form.INT8, Model.BGE_SMALL, Form.FILE, MOST_TOKENS));
    for (int tokens : TOKENS) {
      rows.add(text(Model.MINILM, Form.STATIC, Model.MINILM_Q, Form.FILE, tokens));
    }
    rows.add(text(Model.MINILM, Form.STATIC, Model.MINILM, Form.STATIC, MOST_TOKENS));
    rows.add(text(Model.MINILM, Form.STATIC, Model.MINILM, Form.FILE, MOST_TOKENS));
    rows.add(text(Model.BGE_SMALL, Form.STATIC, Model.BGE_SMALL_Q, Form.FILE, MOST_TOKENS));
    rows.add(text(Model.MINILM, Form.FILE, Model.MINILM, Form.FILE, MOST_TOKENS));
    for (Form form : List.of(Form.STATIC, Form.FILE)) {
      rows.add(new Pairing(Model.OCR_DETECTION, Form.STATIC, Model.OCR_DETECTION, form, PAGE));
    }
    for (Form form : List.of(Form.STATIC, Form.FILE)) {
      rows.add(new Pairing(Model.OCR_RECOGNITION, Form.STATIC, Model.OCR_RECOGNITION, form, LINE));
    }
    rows.add(new Pairing(Model.OCR_DETECTION, Form.FILE, Model.OCR_DETECTION, Form.FILE, PAGE));
    return rows;
  }

  private static Pairing text(Model octet, Form form, Model ort, Form ortForm, int tokens) {
    return new Pairing(octet, form, ort, ortForm, 1, tokens);
  }
}
