package dev.octet.onnx.internal.plan;

import java.lang.foreign.MemorySegment;

/**
 * The memory of the runs of some plans: as many workspaces as there are runs at once, whatever their shapes.
 * Safe for use by threads.
 */
final class Workspaces {
  private final long limit;
  private final Pool<Workspace> pool = new Pool<>(Workspace::new);

  /**
   * Workspaces.
   *
   * @param limit of the bytes of a run
   */
  Workspaces(long limit) {
    this.limit = limit;
  }

  /** Runs a plan. */
  void run(Plan plan, MemorySegment[] inputs, MemorySegment[] into) {
    Workspace workspace = pool.take();
    workspace.of(plan, limit).run(inputs, into);
    pool.give(workspace);
  }
}
