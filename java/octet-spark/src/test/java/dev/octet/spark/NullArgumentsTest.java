package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.Model;
import dev.octet.testing.NullArguments;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/** Null for each argument of the public API: refused, and the message has the argument's name. */
class NullArgumentsTest {
  @Test
  void theMessageNamesTheArgument() {
    Map<Class<?>, Object> usable = new HashMap<>();
    usable.put(Path.class, Path.of("none"));
    usable.put(Model.class, Model.of(List.of(), (x, net) -> x));
    usable.put(SparkSession.class, LocalSpark.session());
    usable.put(Dataset.class, RecordedRows.dataset(List.of()));
    NullArguments trials = new NullArguments(Set.of(), parameter -> usable.get(parameter.getType()));
    trials.methods(SparkCalibration.class, SparkCalibration.of(CalibrationMethod.minMax()));
    assertEquals(List.of(), trials.wrong());
    assertTrue(trials.tried() >= 6, trials.tried() + " were tried");
  }
}
