package dev.octet.bench.networks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.harness.report.Figure;
import dev.octet.harness.report.Rounds;
import dev.octet.harness.shape.Peer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class NetworkSuiteTest {
  @Test
  void ratiosAreThoseOfRounds() {
    AtomicLong nanos = new AtomicLong();
    List<Contestant> contestants = List.of(contestant(Peer.ORT, "f32", nanos, 8_000_000),
        contestant(Peer.ORT, "u8s8u8q", nanos, 4_000_000),
        contestant(Peer.OCTET_NATIVE, "u8s8u8q", nanos, 2_000_000));
    Rounds rounds = Rounds.run(contestants.stream().map(Contestant::run).toList(), 0, 3, 60, nanos::get);
    List<Figure> figures = NetworkSuite.figures("some", contestants, rounds);
    assertEquals(
        List.of("ort-fp32 a run 8.00 ms", "ort-fp32 over ort-int8 0.5000 times", "ort-int8 a run 4.00 ms",
            "ort-int8 over ort-fp32 2.00 times", "octet-native a run 2.00 ms",
            "octet-native over ort-fp32 4.00 times", "octet-native over ort-int8 2.00 times"),
        figures.stream().map(
            figure -> String.join(" ", figure.peer(), figure.what(), figure.text(), figure.unit())).toList());
  }

  private static Contestant contestant(Peer peer, String form, AtomicLong nanos, long each) {
    return new Contestant(peer, form, () -> nanos.addAndGet(each), () -> {
    });
  }
}
