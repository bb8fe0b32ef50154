package dev.octet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.harness.shape.Peer;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VersionsTest {
  @Test
  void ofThoseWhoTakePart() {
    assertEquals(List.of(), Versions.of(Set.of(Peer.JAVA_LOOP)));
    List<String> versions = Versions.of(Set.of(Peer.ORT_U8, Peer.OCTET_SCALAR));
    assertEquals(2, versions.size(), versions.toString());
    assertTrue(versions.getFirst().startsWith("octet-scalar "), versions.toString());
    assertTrue(versions.getLast().matches("ONNX Runtime \\d+\\.\\d+.*"), versions.toString());
  }
}
