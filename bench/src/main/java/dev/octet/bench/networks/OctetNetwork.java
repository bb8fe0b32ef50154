package dev.octet.bench.networks;

import dev.octet.DataType;
import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.WeightLayout;
import dev.octet.bench.networks.Architecture.Image;
import dev.octet.op.Binary;
import dev.octet.op.Conv2d;
import dev.octet.op.GlobalAveragePool;
import dev.octet.op.MatMul;
import dev.octet.op.MaxPool;
import dev.octet.op.Op;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * A network on Octet: each layer an op that is prepared once, activations in one block of memory that
 * {@link BufferPlan} shares out. One run at a time.
 */
final class OctetNetwork implements AutoCloseable {
  private final QuantizedNetwork network;
  private final Architecture architecture;
  private final Engine engine;
  private final int batch;
  private final Octet octet;
  /** Takes layers that the engine does not offer: ONEDNN has no element-wise ops and no pooling. */
  private final Octet rest;
  private final Arena arena = Arena.ofShared();
  private final BufferPlan plan;
  private final MemorySegment image;
  private final MemorySegment activations;
  private final List<Op> ops = new ArrayList<>();
  private final List<Runnable> steps = new ArrayList<>();

  /**
   * Prepares a network.
   *
   * @param network the integers; not needed any more afterwards
   * @param engine runs every convolution and product
   * @param threads threads of a run
   * @param batch images of a run
   * @throws UnsupportedOperationException if the engine is not here, or lacks a convolution or product
   */
  OctetNetwork(QuantizedNetwork network, Engine engine, int threads, int batch) {
    this.network = network;
    this.architecture = network.architecture();
    this.engine = engine;
    this.batch = batch;
    this.octet = Octet.builder().engine(engine).threads(threads).open();
    this.rest = Octet.builder().threads(threads).open();
    this.plan = new BufferPlan(architecture, batch);
    this.image = arena.allocate((long) batch * architecture.tensor(0).elements(), 64);
    this.activations = arena.allocate(plan.bytes(), 64);
    try {
      List<Layer> layers = architecture.layers();
      for (int i = 0; i < layers.size(); i++) {
        add(i, layers.get(i));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void add(int index, Layer layer) {
    MemorySegment x = tensor(layer.input());
    MemorySegment y = tensor(index + 1);
    Image in = architecture.tensor(layer.input());
    switch (layer.kind()) {
      case CONVOLUTION -> {
        Conv2d op = convolution(index, layer);
        add(op, () -> op.run(x, y, batch, in.height(), in.width()));
      }
      case DENSE -> {
        MatMul op = dense(index, layer);
        add(op, () -> op.run(x, y, batch));
      }
      case ADD -> {
        MemorySegment other = tensor(layer.inputs().get(1));
        Binary op = prepared(by -> sum(by, index, layer));
        add(op, () -> op.run(x, other, y, (long) batch * in.elements()));
      }
      case MAX_POOL -> {
        MaxPool op = prepared(by -> by.maxPool().input(network.type()).window(layer.kernel())
            .stride(layer.stride()).padding(layer.padding()).prepare());
        add(op, () -> op.run(x, y, batch, in.height(), in.width(), in.channels()));
      }
      case GLOBAL_AVERAGE_POOL -> {
        GlobalAveragePool op = prepared(
            by -> by.globalAveragePool().input(network.type(), network.activation(layer.input()))
                .output(network.type(), network.activation(index + 1)).prepare());
        add(op, () -> op.run(x, y, batch, in.height(), in.width(), in.channels()));
      }
    }
  }

  private void add(Op op, Runnable step) {
    ops.add(op);
    steps.add(step);
  }

  private <T extends Op> T prepared(Function<Octet, T> prepare) {
    try {
      return prepare.apply(octet);
    } catch (UnsupportedOperationException lacking) {
      return prepare.apply(rest);
    }
  }

  private Conv2d convolution(int index, Layer layer) {
    DataType type = network.type();
    QuantizedNetwork.Product product = network.product(index);
    return octet.conv2d().input(type, network.activation(layer.input()))
        .weights(product.weights(), WeightLayout.OHWI).bias(product.bias()).stride(layer.stride())
        .padding(layer.padding()).groups(layer.groups()).output(type, network.activation(index + 1))
        .clamp(layer.activation().min(), layer.activation().max()).prepare();
  }

  private MatMul dense(int index, Layer layer) {
    DataType type = network.type();
    QuantizedNetwork.Product product = network.product(index);
    return octet.matMul().input(type, network.activation(layer.input()))
        .weights(product.matrix(), WeightLayout.OUT_IN).bias(product.bias())
        .output(type, network.activation(index + 1)).prepare();
  }

  private Binary sum(Octet by, int index, Layer layer) {
    DataType type = network.type();
    return by.add().left(type, network.activation(layer.input()))
        .right(type, network.activation(layer.inputs().get(1))).output(type, network.activation(index + 1))
        .clamp(layer.activation().min(), layer.activation().max()).prepare();
  }

  /** What {@link #run} reads: the images of a batch, NHWC. */
  MemorySegment image() {
    return image;
  }

  /** A tensor, NHWC; the output of a layer has other contents once the last layer that reads it has run. */
  MemorySegment tensor(int tensor) {
    return tensor == 0
        ? image
        : activations.asSlice(plan.offset(tensor), (long) batch * architecture.tensor(tensor).elements());
  }

  /** Runs all layers. */
  void run() {
    for (Runnable step : steps) {
      step.run();
    }
  }

  /**
   * Runs all layers, with something in between.
   *
   * @param after called with the number of each layer once it has run
   */
  void run(IntConsumer after) {
    for (int i = 0; i < steps.size(); i++) {
      steps.get(i).run();
      after.accept(i);
    }
  }

  /** Who runs convolutions and products. */
  Engine engine() {
    return engine;
  }

  /** How many layers there are. */
  int layers() {
    return steps.size();
  }

  /** The kernel of a layer. */
  String kernel(int layer) {
    return ops.get(layer).kernel();
  }

  BufferPlan plan() {
    return plan;
  }

  @Override
  public void close() {
    ops.forEach(Op::close);
    octet.close();
    rest.close();
    arena.close();
  }
}
