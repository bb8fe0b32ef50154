package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Known;
import java.util.List;

/** Gives back its input. */
public record Identity() implements Viewing {
  @Override
  public String type() {
    return "Identity";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    return List.of(inputs.getFirst());
  }
}
