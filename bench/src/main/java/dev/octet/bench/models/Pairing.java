package dev.octet.bench.models;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A row: a model on Octet and a model on ONNX Runtime, on the same inputs.
 *
 * @param octet the model on Octet
 * @param form how Octet runs it
 * @param ort the model on ONNX Runtime
 * @param ortForm FILE or STATIC
 * @param dims the dimensions of each input
 */
record Pairing(Model octet, Form form, Model ort, Form ortForm, long... dims) {
  /** How a model is run. */
  enum Form {
    /** As the file is. */
    FILE(""),
    /** The products in floats quantized when the model is prepared. */
    INT8(" in int8"),
    /** The file that Octet makes of it with static quantization. */
    STATIC(" static");

    private final String words;

    Form(String words) {
      this.words = words;
    }
  }

  /** What runs on Octet, and on how much. */
  String subject() {
    return octet.title() + form.words + " of " + (dims.length == 2
        ? dims[1] + " tokens"
        : Arrays.stream(dims).skip(2).mapToObj(Long::toString).collect(Collectors.joining("x")));
  }

  /** Whom it takes turns with. */
  String peer() {
    return "octet beside ort on "
        + (octet == ort && form == ortForm ? "the same file" : ort.title() + ortForm.words);
  }
}
