package dev.octet.bench.networks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Places the activations of a network in one block of memory. A tensor lives from the layer that makes it to
 * the last layer that reads it, and tensors that live at the same time share no byte. Largest first, each at
 * the lowest offset that is free throughout its life.
 */
final class BufferPlan {
  /** A cache line, and the widest vector. */
  private static final long ALIGNMENT = 64;

  private final long[] sizes;
  private final int[] born;
  private final int[] lastRead;
  private final long[] offsets;

  /**
   * Plans the outputs of all layers.
   *
   * @param network the network; its image is the caller's and gets no place
   * @param batch images of a run
   */
  BufferPlan(Architecture network, int batch) {
    int tensors = network.tensors();
    sizes = new long[tensors];
    born = new int[tensors];
    lastRead = new int[tensors];
    offsets = new long[tensors];
    List<Layer> layers = network.layers();
    for (int i = 0; i < layers.size(); i++) {
      int output = i + 1;
      sizes[output] = Math.ceilDiv((long) batch * network.tensor(output).elements(), ALIGNMENT) * ALIGNMENT;
      born[output] = i;
      lastRead[output] = i;
      for (int input : layers.get(i).inputs()) {
        lastRead[input] = i;
      }
    }
    lastRead[tensors - 1] = layers.size(); // the result is read after the run
    place();
  }

  private void place() {
    List<Integer> placed = new ArrayList<>();
    int[] largestFirst = IntStream.range(1, sizes.length).boxed()
        .sorted(Comparator.comparingLong(tensor -> -sizes[tensor])).mapToInt(Integer::intValue).toArray();
    for (int tensor : largestFirst) {
      placed.stream().filter(other -> liveTogether(tensor, other))
          .sorted(Comparator.comparingLong(other -> offsets[other]))
          .forEachOrdered(other -> {
            if (offsets[tensor] + sizes[tensor] > offsets[other]) {
              offsets[tensor] = Math.max(offsets[tensor], offsets[other] + sizes[other]);
            }
          });
      placed.add(tensor);
    }
  }

  private boolean liveTogether(int a, int b) {
    return born[a] <= lastRead[b] && born[b] <= lastRead[a];
  }

  /** Bytes of the block. */
  long bytes() {
    return IntStream.range(1, sizes.length).mapToLong(tensor -> offsets[tensor] + sizes[tensor]).max()
        .orElse(0);
  }

  /** Bytes that the tensors would take if each had memory of its own. */
  long bytesApart() {
    return Arrays.stream(sizes).sum();
  }

  /** Where the output of layer {@code tensor - 1} begins. */
  long offset(int tensor) {
    return offsets[tensor];
  }
}
