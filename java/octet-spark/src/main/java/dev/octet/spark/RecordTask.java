package dev.octet.spark;

import java.io.Serializable;
import java.util.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/**
 * Records what a partition has, and returns the state. A class of its own: of a lambda Spark reads the
 * classes around it for every job.
 *
 * @param <T> a row or a file
 */
final class RecordTask<T> extends AbstractFunction1<scala.collection.Iterator<T>, byte[]>
    implements
      Serializable {
  private static final long serialVersionUID = 1;

  /** How a partition is recorded. */
  @FunctionalInterface
  interface Recorder<T> extends Serializable {
    void record(Iterator<T> partition, LayerStatistics seen);
  }

  private final Recording recording;
  private final Recorder<T> recorder;

  RecordTask(Recording recording, Recorder<T> recorder) {
    this.recording = recording;
    this.recorder = recorder;
  }

  @Override
  public byte[] apply(scala.collection.Iterator<T> partition) {
    return record(CollectionConverters.asJava(partition));
  }

  /** The state of a partition. */
  byte[] record(Iterator<T> partition) {
    LayerStatistics seen = new LayerStatistics(recording);
    recorder.record(partition, seen);
    return seen.toBytes();
  }
}
