package dev.octet.bench.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.bench.models.Pairing.Form;
import dev.octet.harness.report.Figure;
import dev.octet.harness.turns.Effort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSuiteTest {
  private static final Effort SHORT = new Effort(0, 3, 3, 0);

  @Test
  void timesOfBothAndTheRatioOfRounds(@TempDir Path folder) throws IOException {
    List<String> said = new ArrayList<>();
    List<Figure> figures = new ModelSuite(new ModelFolder(folder, folder), said::add).run(List.of(
        new Pairing(Model.MINILM_Q, Form.FILE, Model.MINILM_Q, Form.FILE, 1, 4),
        new Pairing(Model.MINILM, Form.INT8, Model.MINILM_Q, Form.FILE, 1, 4),
        new Pairing(Model.MINILM, Form.STATIC, Model.MINILM, Form.STATIC, 1, 4)), SHORT);
    List<String> rows = List.of("all-MiniLM-L6-v2-q of 4 tokens, octet beside ort on the same file",
        "all-MiniLM-L6-v2 in int8 of 4 tokens, octet beside ort on all-MiniLM-L6-v2-q",
        "all-MiniLM-L6-v2 static of 4 tokens, octet beside ort on the same file");
    assertEquals(
        rows.stream().flatMap(row -> List.of(row + ", Octet, ms", row + ", ONNX Runtime, ms",
            row + ", faster, times").stream()).toList(),
        figures.stream().map(figure -> figure.subject() + ", " + figure.peer() + ", " + figure.quantity())
            .toList());
    for (Figure figure : figures) {
      assertEquals(ModelContest.TOPIC, figure.topic());
      assertEquals(3, figure.samples(), figure.toString());
      assertTrue(figure.low() > 0 && figure.low() <= figure.median() && figure.median() <= figure.high(),
          figure.toString());
    }
    assertEquals(figures.stream().map(Figure::toString).toList(), said);
  }

  /** What ci/models has not fetched is named with the command, and the rest goes on. */
  @Test
  void aModelThatIsMissingIsLeftOut(@TempDir Path folder) throws IOException {
    List<String> said = new ArrayList<>();
    List<Figure> figures = new ModelSuite(new ModelFolder(folder, folder.resolve("none")), said::add).run(
        List.of(
            new Pairing(Model.OCR_DETECTION, Form.STATIC, Model.OCR_DETECTION, Form.FILE, 1, 3, 320, 320),
            new Pairing(Model.MINILM_Q, Form.FILE, Model.MINILM_Q, Form.FILE, 1, 4)),
        SHORT);
    assertEquals("Left out: PP-OCRv4 detection static of 320x320: ch_PP-OCRv4_det_infer.onnx is not there; "
        + "run ci/models", said.getFirst());
    assertEquals(3, figures.size(), figures.toString());
  }
}
