package dev.octet.bench.minilm;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.octet.minilm.Encoder;
import dev.octet.minilm.Vectors;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;

/**
 * all-MiniLM-L6-v2 on ONNX Runtime, as its model file is; the sentences of a batch are padded to the longest.
 */
final class OrtEncoder implements Encoder {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final String name;
  private final double weightMegabytes;

  OrtEncoder(String name, byte[] model, double weightMegabytes, int threads) {
    this.name = name;
    this.weightMegabytes = weightMegabytes;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      this.session = environment.createSession(model, options);
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime does not take the model of " + name, e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public double weightMegabytes() {
    return weightMegabytes;
  }

  @Override
  public float[][] embed(int[][] sentences) {
    int longest = 0;
    for (int[] sentence : sentences) {
      longest = Math.max(longest, sentence.length);
    }
    long[] shape = {sentences.length, longest};
    LongBuffer ids = LongBuffer.allocate(sentences.length * longest);
    LongBuffer mask = LongBuffer.allocate(sentences.length * longest);
    for (int s = 0; s < sentences.length; s++) {
      for (int i = 0; i < sentences[s].length; i++) {
        ids.put(s * longest + i, sentences[s][i]);
        mask.put(s * longest + i, 1);
      }
    }
    try (OnnxTensor idTensor = OnnxTensor.createTensor(environment, ids, shape);
        OnnxTensor maskTensor = OnnxTensor.createTensor(environment, mask, shape);
        OnnxTensor typeTensor = OnnxTensor.createTensor(environment,
            LongBuffer.allocate(sentences.length * longest), shape);
        OrtSession.Result result = session.run(
            Map.of("input_ids", idTensor, "attention_mask", maskTensor, "token_type_ids", typeTensor))) {
      FloatBuffer states = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] rows = new float[states.remaining()];
      states.get(rows);
      float[][] vectors = new float[sentences.length][];
      for (int s = 0; s < sentences.length; s++) {
        vectors[s] = Vectors.pool(rows, s * longest, sentences[s].length);
      }
      return vectors;
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed on " + name, e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
