package dev.octet.spark;

import dev.octet.Engine;
import dev.octet.Octet;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;

/**
 * What an executor needs to prepare a model. Specs that are equal are of the same model.
 *
 * @param <M> what it prepares, safe for use by threads
 */
interface ModelSpec<M> extends Serializable {
  /** The engine that executors must have; null: the best one there. */
  Engine engine();

  /**
   * Prepares the model, once for each JVM and state of its files.
   *
   * @param octet whose engines run it, open until the JVM ends
   * @param threads as many as a task has cores
   */
  M prepare(Octet octet, int threads);

  /** The files that it is read from, on this executor. Another model is prepared when they are others. */
  List<Path> files();

  /** Files that those name, and that are read with them. */
  List<Path> dataFiles();

  /** Frees a model that was prepared, and that nobody runs. */
  void close(M model);
}
