package dev.octet.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.testing.Fuzzing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file form of observers: as documented, and whatever contradicts itself is refused. */
class ObserverJsonTest {
  private static final String PERCENTILE = """
      {"format":"octet-observer","version":1,"tensor":"x","method":"percentile","parameter":99.5,"axis":-1,\
      "batches":2,"channels":[{"count":4,"min":-1.0,"max":3.0,"histogram":{"exponent":2,\
      "bins":[[3072,1],[5120,1],[7168,2]]}}]}""";

  @Test
  void theFormIsAsDocumented() {
    Observer observer = Observer.perTensor("x", CalibrationMethod.percentile(99.5));
    observer.observe(-1, 3);
    observer.observe(1, 3);
    // exponent 2: 8192 bins from -4 to 4, 1024 a unit
    assertEquals(PERCENTILE, observer.toJson());
    assertEquals(PERCENTILE, Observer.fromJson(PERCENTILE).toJson());
    Observer average = Observer.perTensor("y", CalibrationMethod.movingAverage());
    average.observe(-1, 3);
    assertEquals(
        "{\"format\":\"octet-observer\",\"version\":1,\"tensor\":\"y\",\"method\":\"moving-average\","
            + "\"parameter\":0.01,\"axis\":-1,\"batches\":1,\"channels\":[{\"count\":2,\"min\":-1.0,\"max\":3.0,"
            + "\"average\":[-1.0,3.0]}]}",
        average.toJson());
    assertEquals(average.toJson(), Observer.fromJson(average.toJson()).toJson());
  }

  @Test
  void contradictionsAreRefusedByField() {
    String[][] changes = {
        {"octet-observer", "other", "format"}, {"\"version\":1", "\"version\":2", "version"},
        {"\"tensor\":\"x\"", "\"tensor\":3", "observer.tensor"}, {"percentile", "magic", "observer.method"},
        {"99.5", "40", "percent"}, {"\"axis\":-1", "\"axis\":-2", "observer.axis"},
        {"\"batches\":2", "\"batches\":5", "observer.count"},
        {"\"batches\":2", "\"batches\":0", "observer.count"},
        {"\"batches\":2", "\"batches\":99999999999999999999", "observer.batches"},
        {"\"count\":4", "\"count\":5", "observer.histogram.bins"},
        {"\"count\":4", "\"count\":3", "observer.histogram.bins"},
        {"\"min\":-1.0", "\"min\":4.0", "observer.min"}, {"\"min\":-1.0", "\"min\":\"a\"", "observer.min"},
        {"\"max\":3.0", "\"max\":1e99", "observer.max"},
        {"\"max\":3.0", "\"max\":3.5", "observer.histogram.bins"},
        {"\"exponent\":2", "\"exponent\":3", "observer.histogram.exponent"},
        {"[3072,1]", "[3071,1]", "observer.histogram.bins"},
        {"[3072,1]", "[-1,1]", "observer.histogram.bins"},
        {"[5120,1]", "[3072,1]", "observer.histogram.bins"},
        {"[5120,1]", "[5120,-1]", "observer.histogram.bins"},
        {"[7168,2]", "[9000,2]", "observer.histogram.bins"}, {"[5120,1]", "5120", "observer.histogram.bins"},
        {"\"channels\":[", "\"channels\":[{},", "observer.channels"},
        {"{\"format\"", "{\"format\":\"octet-observer\",\"format\"", "no JSON"}, {"]}}]}", "]}}]", "no JSON"},
        {"]}}]}", "]}}]} x", "no JSON"}};
    for (String[] change : changes) {
      String json = PERCENTILE.replace(change[0], change[1]);
      assertTrue(!json.equals(PERCENTILE), change[0]);
      String message = assertThrows(IllegalArgumentException.class, () -> Observer.fromJson(json), json)
          .getMessage();
      assertTrue(message.contains(change[2]), change[1] + ": " + message);
    }
  }

  @Test
  void aFileOfManyChannelsIsRefusedBeforeMemoryIsTaken() {
    String json = PERCENTILE.replace("\"axis\":-1", "\"axis\":0").replace("\"channels\":[",
        "\"channels\":[" + "{},".repeat(1 << 14));
    assertEquals("observer.channels: expected an array of 1 to 16384 objects, got ARRAY of 16385",
        assertThrows(IllegalArgumentException.class, () -> Observer.fromJson(json)).getMessage());
    assertEquals("channels: expected 1 to 16384 for Entropy[], got 16385",
        assertThrows(IllegalArgumentException.class,
            () -> Observer.perChannel("x", CalibrationMethod.entropy(), 0, 16385)).getMessage());
    assertEquals(20000, Observer.perChannel("x", CalibrationMethod.minMax(), 0, 20000).channels());
  }

  /** Channels that are none take no histograms. */
  @Test
  void memoryIsTakenForWhatWasReadOnly() throws IOException {
    String json = PERCENTILE.replace("\"axis\":-1", "\"axis\":0").replace("\"channels\":[",
        "\"channels\":[" + "0,".repeat((1 << 14) - 1));
    Fuzzing.bounded(json.getBytes(StandardCharsets.UTF_8), () -> assertThrows(IllegalArgumentException.class,
        () -> Observer.fromJson(json)));
  }

  @Test
  void textThatWasTamperedWithIsAnObserverOrAnError(@TempDir Path folder) throws IOException {
    Fuzzing.mutate(new ObserverTarget(), 5000, folder);
  }
}
