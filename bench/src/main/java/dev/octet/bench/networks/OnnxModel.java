package dev.octet.bench.networks;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S8;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.bench.networks.Architecture.Image;
import dev.octet.bench.networks.Layer.Activation;
import dev.octet.bench.subject.Matrices;
import dev.octet.bench.subject.OnnxGraph;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A network as an ONNX model in memory, NCHW as exporters write it: Conv, Add, Gemm and their activations, or
 * QLinearConv, QLinearAdd, QGemm, whose clamps are the ranges of the output types.
 *
 * @param architecture the network
 * @param type of image and results: F32, U8 or S8
 * @param batch images of a run
 * @param outputs the tensors that are outputs of the model
 * @param bytes the model
 */
record OnnxModel(Architecture architecture, DataType type, int batch, List<Integer> outputs, byte[] bytes) {
  /** Which tensors are outputs. */
  enum Outputs {
    /** The output of every layer, which keeps ONNX Runtime from merging layers. */
    ALL,
    /** That of the last layer, as users have it. */
    LAST
  }

  static OnnxModel floats(FloatNetwork network, int batch, Outputs outputs) {
    return new Writer(network.architecture(), F32, batch, outputs).write(new FloatNodes(network));
  }

  static OnnxModel integers(QuantizedNetwork network, int batch, Outputs outputs) {
    return new Writer(network.architecture(), network.type(), batch, outputs)
        .write(new IntegerNodes(network));
  }

  /** The name of a tensor. */
  static String name(int tensor) {
    return tensor == 0 ? "image" : "t" + tensor;
  }

  /** The shape of a tensor: NCHW, without H and W for that of a dense layer. */
  long[] shape(int tensor) {
    return shape(architecture, batch, tensor);
  }

  private static long[] shape(Architecture architecture, int batch, int tensor) {
    Image image = architecture.tensor(tensor);
    boolean dense = tensor > 0 && architecture.layers().get(tensor - 1).kind() == Layer.Kind.DENSE;
    return dense
        ? new long[]{batch, image.channels()}
        : new long[]{batch, image.channels(), image.height(), image.width()};
  }

  /** Writes the nodes of a layer, up to the result of the last one. */
  private interface Nodes {
    /**
     * Adds them.
     *
     * @param writer has the graph
     * @param index the layer
     */
    void add(Writer writer, int index, Layer layer);
  }

  /** Walks through the layers. */
  private static final class Writer {
    private final Architecture architecture;
    private final DataType type;
    private final int batch;
    private final List<Integer> outputs;
    private OnnxGraph graph;

    Writer(Architecture architecture, DataType type, int batch, Outputs outputs) {
      this.architecture = architecture;
      this.type = type;
      this.batch = batch;
      this.outputs = outputs == Outputs.ALL
          ? IntStream.range(1, architecture.tensors()).boxed().toList()
          : List.of(architecture.last());
    }

    OnnxModel write(Nodes nodes) {
      List<Layer> layers = architecture.layers();
      for (int i = 0; i < layers.size(); i++) {
        nodes.add(this, i, layers.get(i));
        int tensor = i + 1;
        if (outputs.contains(tensor)) {
          graph.output(name(tensor), type, shape(architecture, batch, tensor));
        } else {
          graph.result(name(tensor));
        }
      }
      return new OnnxModel(architecture, type, batch, outputs, graph.build());
    }

    OnnxGraph standard(String op) {
      graph = graph == null ? OnnxGraph.standard(op) : graph.thenStandard(op);
      return graph;
    }

    OnnxGraph microsoft(String op) {
      graph = graph == null ? OnnxGraph.microsoft(op) : graph.thenMicrosoft(op);
      return graph;
    }

    /** The next operand: a tensor of the network. */
    OnnxGraph tensor(int tensor) {
      return tensor == 0
          ? graph.input(name(0), type, shape(architecture, batch, 0))
          : graph.operand(name(tensor));
    }

    /** The next operand: weights, OIHW for convolutions, {@code [outputs][inputs]} for a dense layer. */
    OnnxGraph weights(Layer layer, DataType weightType, MemorySegment weights) {
      int bytes = weightType.bits() / 8;
      int channels = architecture.tensor(layer.input()).channels() / layer.groups();
      if (layer.kind() == Layer.Kind.DENSE) {
        return graph.constant(weightType, weights, layer.outChannels(), channels);
      }
      MemorySegment turned = MemorySegment.ofArray(new byte[Math.toIntExact(weights.byteSize())]);
      Matrices.transpose(weights, turned, bytes, layer.outChannels(), layer.kernel() * layer.kernel(),
          channels);
      return graph.constant(weightType, turned, layer.outChannels(), channels, layer.kernel(),
          layer.kernel());
    }

    OnnxGraph window(Layer layer) {
      return graph.attributes("kernel_shape", layer.kernel(), layer.kernel())
          .attributes("strides", layer.stride(), layer.stride())
          .attributes("pads", layer.padding(), layer.padding(), layer.padding(), layer.padding());
    }

    /** Images of one pixel as rows. */
    String flattened(int tensor) {
      standard("Flatten");
      tensor(tensor);
      String rows = name(tensor) + "_rows";
      graph.result(rows);
      return rows;
    }
  }

  /** FP32. */
  private record FloatNodes(FloatNetwork network) implements Nodes {
    @Override
    public void add(Writer writer, int index, Layer layer) {
      switch (layer.kind()) {
        case CONVOLUTION -> {
          writer.standard("Conv");
          writer.tensor(layer.input());
          product(writer, index, layer);
          writer.window(layer).attribute("group", layer.groups());
        }
        case ADD -> {
          writer.standard("Add");
          writer.tensor(layer.input());
          writer.tensor(layer.inputs().get(1));
        }
        case MAX_POOL -> {
          writer.standard("MaxPool");
          writer.tensor(layer.input());
          writer.window(layer);
        }
        case GLOBAL_AVERAGE_POOL -> {
          writer.standard("GlobalAveragePool");
          writer.tensor(layer.input());
        }
        case DENSE -> {
          String rows = writer.flattened(layer.input());
          writer.standard("Gemm").operand(rows);
          product(writer, index, layer).attribute("transB", 1);
        }
      }
      if (layer.activation() != Activation.NONE) {
        String sums = name(index + 1) + "_sums";
        writer.graph.result(sums);
        if (layer.activation() == Activation.RELU) {
          writer.standard("Relu").operand(sums);
        } else {
          writer.standard("Clip").operand(sums).floats(layer.activation().min())
              .floats(layer.activation().max());
        }
      }
    }

    private OnnxGraph product(Writer writer, int index, Layer layer) {
      FloatNetwork.Product product = network.product(index);
      return writer.weights(layer, F32, MemorySegment.ofArray(product.weights()))
          .constant(F32, MemorySegment.ofArray(product.bias()), layer.outChannels());
    }
  }

  /** 8 bits. */
  private record IntegerNodes(QuantizedNetwork network) implements Nodes {
    @Override
    public void add(Writer writer, int index, Layer layer) {
      int output = index + 1;
      switch (layer.kind()) {
        case CONVOLUTION -> {
          writer.standard("QLinearConv");
          quantized(writer, layer.input());
          weights(writer, index, layer);
          parameters(writer, output);
          bias(writer, index);
          writer.window(layer).attribute("group", layer.groups());
        }
        case ADD -> {
          writer.microsoft("QLinearAdd");
          quantized(writer, layer.input());
          quantized(writer, layer.inputs().get(1));
          parameters(writer, output);
        }
        case MAX_POOL -> {
          writer.standard("MaxPool");
          writer.tensor(layer.input());
          writer.window(layer);
        }
        case GLOBAL_AVERAGE_POOL -> {
          writer.microsoft("QLinearGlobalAveragePool");
          quantized(writer, layer.input());
          parameters(writer, output).attribute("channels_last", 0);
        }
        case DENSE -> {
          String rows = writer.flattened(layer.input());
          writer.microsoft("QGemm").operand(rows);
          parameters(writer, layer.input());
          weights(writer, index, layer);
          bias(writer, index);
          parameters(writer, output).attribute("transB", 1);
        }
      }
    }

    private void quantized(Writer writer, int tensor) {
      writer.tensor(tensor);
      parameters(writer, tensor);
    }

    private OnnxGraph parameters(Writer writer, int tensor) {
      Quantization quantization = network.activation(tensor);
      return writer.graph.floats(quantization.scale(0)).integers(network.type(), quantization.zeroPoint(0),
          1);
    }

    private void weights(Writer writer, int index, Layer layer) {
      QuantizedNetwork.Product product = network.product(index);
      writer.weights(layer, S8, product.weights().data()).floats(product.weights().quantization().scales())
          .integers(S8, 0, layer.outChannels());
    }

    private void bias(Writer writer, int index) {
      int[] bias = network.product(index).bias();
      writer.graph.constant(S32, MemorySegment.ofArray(bias), bias.length);
    }
  }
}
