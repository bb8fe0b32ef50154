package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.cfg.PackageVersion;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.Observer;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;

/** What the tests run on is what Spark runs on. */
class JavaOptionsTest {
  @Test
  void flagsAreThoseOfSpark() {
    List<String> missing = new ArrayList<>(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    missing.removeAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    assertEquals(List.of(), missing, "of spark.java.options in pom.xml");
  }

  @Test
  void observersAreSavedByTheJacksonOfSpark() {
    assertTrue(PackageVersion.VERSION.toString().startsWith("2.21."), PackageVersion.VERSION.toString());
    Observer observer = Observer.perTensor("x", CalibrationMethod.entropy());
    observer.observe(1.25f, -3e-7f, 0.1f);
    assertEquals(observer.toJson(), Observer.fromJson(observer.toJson()).toJson());
  }
}
