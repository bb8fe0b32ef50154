package dev.octet.bench.networks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.octet.bench.networks.Architecture.Image;
import dev.octet.bench.subject.Matrices;
import dev.octet.bench.subject.OrtTensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/** A network on ONNX Runtime; input and outputs are pinned. */
final class OrtNetwork implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final OnnxModel model;
  private final int bytes;
  private final OrtSession session;
  private final MemorySegment image;
  private final Map<Integer, MemorySegment> results = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();

  OrtNetwork(OnnxModel model, int threads) {
    this.model = model;
    this.bytes = model.type().bits() / 8;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      // Its threads spin within a run as by default, and leave the processors to others between runs.
      options.addConfigEntry("session.force_spinning_stop", "1");
      this.session = OrtTensors.environment().createSession(model.bytes(), options);
      this.image = allocate(0);
      inputs.put(OnnxModel.name(0), OrtTensors.over(image, model.type(), model.shape(0)));
      for (int tensor : model.outputs()) {
        MemorySegment result = allocate(tensor);
        results.put(tensor, result);
        outputs.put(OnnxModel.name(tensor), OrtTensors.over(result, model.type(), model.shape(tensor)));
      }
    } catch (OrtException e) {
      arena.close();
      throw new IllegalStateException("ONNX Runtime does not take " + model.architecture(), e);
    }
  }

  private MemorySegment allocate(int tensor) {
    return arena.allocate((long) bytes * model.batch() * model.architecture().tensor(tensor).elements(), 64);
  }

  /**
   * Sets what {@link #run} reads.
   *
   * @param images NHWC
   */
  void setImages(MemorySegment images) {
    Image shape = model.architecture().tensor(0);
    Matrices.transpose(images, image, bytes, model.batch(), shape.height() * shape.width(),
        shape.channels());
  }

  void run() {
    try {
      session.run(inputs, outputs).close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed on " + model.architecture(), e);
    }
  }

  /** An output, NCHW. */
  MemorySegment output(int tensor) {
    return results.get(tensor);
  }

  /** An output, NHWC. */
  MemorySegment pixels(int tensor) {
    Image shape = model.architecture().tensor(tensor);
    MemorySegment planes = output(tensor);
    MemorySegment pixels = MemorySegment.ofArray(new byte[Math.toIntExact(planes.byteSize())]);
    Matrices.transpose(planes, pixels, bytes, model.batch(), shape.channels(),
        shape.height() * shape.width());
    return pixels;
  }

  @Override
  public void close() {
    try (arena) {
      inputs.values().forEach(OnnxTensor::close);
      outputs.values().forEach(OnnxTensor::close);
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
