/**
 * Work over an Apache Spark cluster, with the numbers of one machine: calibration
 * ({@link dev.octet.spark.SparkCalibration}), embedding of texts ({@link dev.octet.spark.SparkEmbeddings},
 * and {@link dev.octet.spark.EmbeddingTransformer} in pipelines), models of floats
 * ({@link dev.octet.spark.SparkModel}), and quantization of models in several files
 * ({@link dev.octet.spark.SparkQuantize}).
 *
 * <p>
 * For Spark 4.2 on Java 25, which a program brings itself, with its Jackson. This is no module: packages of
 * Spark are split over its jars, so that Spark and what uses it are on the class path. A driver that is not
 * started by {@code spark-submit} needs the flags of
 * {@code org.apache.spark.launcher.JavaModuleOptions.defaultModuleOptions()}; executors get them by
 * themselves.
 */
package dev.octet.spark;
