package dev.octet.onnx.internal.plan;

import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/**
 * The segments of every step of a plan in a block of memory, for one run at a time. Holds no plan, so that
 * plans that are not kept may go.
 */
final class RunMemory {
  private final List<Plan.Planned> steps;
  private final List<Plan.Copy> copies;
  private final Step[] stepOf;
  private final MemorySegment[][] in;
  private final MemorySegment[][] out;
  private final MemorySegment[] scratchOf;
  private final MemorySegment[][] partsOf;
  private final Scratch scratch;

  /**
   * Memory of a plan.
   *
   * @param block of its bytes or more
   * @param scratch of whoever has the block
   */
  RunMemory(Plan plan, MemorySegment block, Scratch scratch) {
    this(plan, block, scratch, (node, step) -> step);
  }

  /** Memory whose runs have other steps instead of those of the plan. */
  RunMemory(Plan plan, MemorySegment block, Scratch scratch, BiFunction<Node, Step, Step> instead) {
    this.steps = plan.steps();
    this.copies = plan.copies();
    this.scratch = scratch;
    this.stepOf = new Step[steps.size()];
    this.in = new MemorySegment[steps.size()][];
    this.out = new MemorySegment[steps.size()][];
    this.scratchOf = new MemorySegment[steps.size()];
    this.partsOf = new MemorySegment[steps.size()][];
    for (int i = 0; i < in.length; i++) {
      Plan.Planned step = steps.get(i);
      stepOf[i] = instead.apply(step.node(), step.step());
      in[i] = fixed(step.in(), block);
      out[i] = fixed(step.out(), block);
      scratchOf[i] = block.asSlice(step.scratchAt(), step.scratchBytes());
      partsOf[i] = Scratch.parts(scratchOf[i], step.step());
    }
  }

  private static MemorySegment[] fixed(Plan.Place[] places, MemorySegment block) {
    return Arrays.stream(places).map(place -> place instanceof Plan.Place.Fixed fixed
        ? fixed.constant() != null ? fixed.constant() : block.asSlice(fixed.at(), fixed.bytes())
        : null).toArray(MemorySegment[]::new);
  }

  void run(MemorySegment[] inputs, MemorySegment[] outputs) {
    try {
      steps(inputs, outputs);
    } finally {
      for (int i = 0; i < in.length; i++) {
        forget(steps.get(i).in(), in[i]);
        forget(steps.get(i).out(), out[i]);
      }
    }
  }

  /** The caller's memory is not held after its run. */
  private static void forget(Plan.Place[] places, MemorySegment[] segments) {
    for (int i = 0; i < places.length; i++) {
      if (places[i] instanceof Plan.Place.Callers) {
        segments[i] = null;
      }
    }
  }

  private void steps(MemorySegment[] inputs, MemorySegment[] outputs) {
    for (int i = 0; i < in.length; i++) {
      Plan.Planned step = steps.get(i);
      bind(step.in(), in[i], inputs, outputs);
      bind(step.out(), out[i], inputs, outputs);
      scratch.memory(scratchOf[i], partsOf[i]);
      try {
        stepOf[i].run(in[i], out[i], scratch);
      } catch (UnsupportedOperationException e) {
        throw new UnsupportedOperationException(step.node() + ": " + e.getMessage(), e);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(step.node() + ": " + e.getMessage(), e);
      }
    }
    for (int i = 0; i < copies.size(); i++) {
      Plan.Copy copy = copies.get(i);
      MemorySegment from = switch (copy.from()) {
        case Plan.Place.Fixed fixed -> fixed.constant();
        case Plan.Place.Callers callers -> callers(callers, inputs, outputs);
      };
      outputs[copy.output()].copyFrom(from);
    }
  }

  private static void bind(Plan.Place[] places, MemorySegment[] segments, MemorySegment[] inputs,
      MemorySegment[] outputs) {
    for (int i = 0; i < places.length; i++) {
      if (places[i] instanceof Plan.Place.Callers callers) {
        segments[i] = callers(callers, inputs, outputs);
      }
    }
  }

  private static MemorySegment callers(Plan.Place.Callers place, MemorySegment[] inputs,
      MemorySegment[] outputs) {
    MemorySegment memory = (place.isOutput() ? outputs : inputs)[place.index()];
    return memory.byteSize() == place.bytes() ? memory : memory.asSlice(0, place.bytes());
  }
}
