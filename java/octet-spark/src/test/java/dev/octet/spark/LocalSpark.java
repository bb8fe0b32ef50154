package dev.octet.spark;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** The one session of all tests, two threads, a task is tried twice: a session takes seconds to start. */
final class LocalSpark {
  private static final SparkSession SESSION = SparkSession.builder().master("local[2, 2]").appName("tests")
      .config("spark.ui.enabled", false).config("spark.driver.host", "127.0.0.1")
      .config("spark.driver.bindAddress", "127.0.0.1").config("spark.sql.shuffle.partitions", 2)
      // the stricter one: what it reads, Java's reads too
      .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
      .config("spark.local.dir", Path.of("target", "spark").toAbsolutePath().toString())
      .config("spark.sql.warehouse.dir", Path.of("target", "warehouse").toUri().toString()).getOrCreate();

  private LocalSpark() {}

  static SparkSession session() {
    return SESSION;
  }
}
