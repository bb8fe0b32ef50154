package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.langchain4j.EmbeddingArtifact;
import dev.octet.langchain4j.Pooling;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.Model;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.testing.NullArguments;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** Null for each argument of the public API: refused, and the message has the argument's name. */
class NullArgumentsTest {
  @Test
  void theMessageNamesTheArgument() {
    Map<Class<?>, Object> usable = new HashMap<>();
    usable.put(Path.class, Path.of("none"));
    usable.put(Pooling.class, Pooling.CLS);
    usable.put(SparkCounters.class, SparkCounters.register(LocalSpark.session()));
    usable.put(SparkQuantize.Scheme.class, (SparkQuantize.Scheme) QuantizationScheme::int8Dynamic);
    usable.put(Map.class, Map.of());
    usable.put(Model.class, Model.of(List.of(), (x, net) -> x));
    usable.put(SparkSession.class, LocalSpark.session());
    usable.put(Dataset.class, RecordedRows.dataset(List.of()).withColumnRenamed("layer", "text"));
    NullArguments trials = new NullArguments(Set.of(), parameter -> usable.get(parameter.getType()));
    trials.methods(SparkCalibration.class, SparkCalibration.of(CalibrationMethod.minMax()));
    trials.methods(SparkCalibration.class, null);
    usable.put(String.class, "text");
    trials.methods(SparkEmbeddings.class, SparkEmbeddings.of(EmbeddingArtifact.E5_SMALL_V2));
    trials.methods(SparkEmbeddings.class, null);
    usable.put(List.class, List.of("text"));
    usable.put(OpFactory.class, (OpFactory) octet -> row -> row);
    trials.methods(SparkModel.class, SparkModel.of(Path.of("none")));
    trials.methods(SparkModel.class, null);
    trials.methods(SparkCounters.class, null);
    trials.methods(SparkQuantize.class, null);
    usable.put(StructType.class, RecordedRows.SCHEMA);
    trials.methods(EmbeddingTransformer.class, new EmbeddingTransformer());
    trials.constructors(EmbeddingTransformer.class);
    assertEquals(List.of(), trials.wrong());
    assertTrue(trials.tried() >= 30, trials.tried() + " were tried");
  }
}
