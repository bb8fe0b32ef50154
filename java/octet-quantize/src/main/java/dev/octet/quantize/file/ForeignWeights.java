package dev.octet.quantize.file;

import java.util.List;
import java.util.Objects;

/**
 * Names weights that another tool has quantized in a form of its own. They are copied as they are: neither
 * the packed integers nor the scales beside them are weights to be quantized. {@link ForeignTensor} reads
 * some of the forms.
 *
 * @param format the name of the form, such as {@code GPTQ} or {@code MXFP4}
 * @param layer the layer of these tensors: the name of the weight without its suffix
 * @param tensors the names of all tensors that belong together, in the order of the file
 */
public record ForeignWeights(String format, String layer, List<String> tensors) {
  /** Copies the list. */
  public ForeignWeights {
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(layer, "layer");
    Objects.requireNonNull(tensors, "tensors");
    tensors = List.copyOf(tensors);
  }
}
