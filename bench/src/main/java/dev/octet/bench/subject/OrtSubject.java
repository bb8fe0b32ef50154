package dev.octet.bench.subject;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.octet.harness.shape.BenchCase;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * ONNX Runtime from Java, the way that costs least: one node, weights packed by the session, tensors over
 * native memory made once, outputs pinned.
 */
final class OrtSubject implements Subject {
  private final Arena arena = Arena.ofConfined();
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
  private final List<OnnxTensor> others = new ArrayList<>();
  private final OrtGraphs.Model model;
  private final OrtSession session;

  private OrtSubject(BenchCase benchCase, Inputs.Weights weights) throws OrtException {
    this.model = OrtGraphs.model(benchCase, new Inputs(benchCase, weights), arena);
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(benchCase.threads());
      options.setInterOpNumThreads(1);
      if (Boolean.getBoolean(Subjects.PASSIVE)) {
        options.addConfigEntry("session.intra_op.allow_spinning", "0");
      }
      this.session = OrtTensors.environment().createSession(model.graph().build(), options);
    }
    for (OrtGraphs.Operand operand : model.inputs()) {
      inputs.put(operand.name(), tensor(operand));
    }
    for (OrtGraphs.Operand operand : model.outputs()) {
      outputs.put(operand.name(), tensor(operand));
    }
  }

  static OrtSubject open(BenchCase benchCase, Inputs.Weights weights) {
    try {
      return new OrtSubject(benchCase, weights);
    } catch (OrtException e) {
      throw new IllegalStateException(benchCase + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Runnable caller() {
    Map<String, OnnxTensor> in = new LinkedHashMap<>();
    Map<String, OnnxTensor> out = new LinkedHashMap<>();
    try {
      for (OrtGraphs.Operand operand : model.inputs()) {
        in.put(operand.name(), tensor(copy(operand)));
      }
      for (OrtGraphs.Operand operand : model.outputs()) {
        out.put(operand.name(), tensor(copy(operand)));
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    }
    others.addAll(in.values());
    others.addAll(out.values());
    return () -> run(in, out);
  }

  private static OrtGraphs.Operand copy(OrtGraphs.Operand operand) {
    MemorySegment data = Arena.ofAuto().allocate(operand.data().byteSize(), 64).copyFrom(operand.data());
    return new OrtGraphs.Operand(operand.name(), operand.type(), data, operand.shape());
  }

  private static OnnxTensor tensor(OrtGraphs.Operand operand) throws OrtException {
    return OrtTensors.over(operand.data(), operand.type(), operand.shape());
  }

  @Override
  public void run() {
    run(inputs, outputs);
  }

  private void run(Map<String, OnnxTensor> from, Map<String, OnnxTensor> to) {
    try {
      session.run(from, to).close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    }
  }

  @Override
  public String kernel() {
    return "ort:" + model.op();
  }

  @Override
  public MemorySegment output() {
    return model.result().get();
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    } finally {
      others.forEach(OnnxTensor::close);
      inputs.values().forEach(OnnxTensor::close);
      outputs.values().forEach(OnnxTensor::close);
      arena.close();
    }
  }
}
