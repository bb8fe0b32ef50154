package dev.octet.harness.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TimeSharesTest {
  private static Map<String, Double> sample(double products, double rest) {
    Map<String, Double> micros = new LinkedHashMap<>();
    micros.put("products", products);
    micros.put("rest", rest);
    return micros;
  }

  @Test
  void sharesAreThoseOfASample() {
    TimeShares shares = new TimeShares();
    shares.add(sample(900, 100));
    shares.add(sample(8000, 2000));
    shares.add(sample(850, 150));
    assertEquals(List.of("T,s,p,all,ms,1.00,1.00,10.0,3", "T,s,p,products,%,85.0,80.0,90.0,3",
        "T,s,p,rest,%,15.0,10.0,20.0,3"),
        shares.figures("T", "s", "p").stream().map(Figure::toCsv).toList());
  }

  @Test
  void samplesThatDoNotFitAreRefused() {
    TimeShares shares = new TimeShares();
    assertEquals("expected parts that take time, got {products=0.0, rest=0.0}",
        assertThrows(IllegalArgumentException.class, () -> shares.add(sample(0, 0))).getMessage());
    shares.add(sample(1, 1));
    assertEquals("expected times of [products, rest], got [products]", assertThrows(
        IllegalArgumentException.class, () -> shares.add(Map.of("products", 1.0))).getMessage());
  }
}
