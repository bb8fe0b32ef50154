package dev.octet.onnx.internal.packs;

import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.WeightLayout;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names of files by what is in them: SHA-256. */
final class ContentKey {
  private static final long CHUNK = 1 << 30;

  private final MessageDigest digest;

  private ContentKey() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JVM has it", e);
    }
  }

  /** The key of bytes. */
  static String of(MemorySegment data) {
    return new ContentKey().add(data).hex();
  }

  /**
   * The key of weights as an Octet packs them.
   *
   * @param octet its engines, their versions and instruction sets decide the order of the bytes
   * @param weights with their scales and zero points
   * @param layout of the weights
   * @param use what else decides the order of the bytes: how a convolution moves over images; empty: nothing
   */
  static String of(Octet octet, QTensor weights, WeightLayout layout, String use) {
    ContentKey key = new ContentKey();
    octet.engines().stream().filter(EngineStatus::available)
        .forEach(engine -> key.add(engine.engine() + " " + engine.detail() + "\n"));
    Quantization quantization = weights.quantization();
    boolean perTensor = quantization.granularity() == Quantization.Granularity.PER_TENSOR;
    boolean perGroup = quantization.granularity() == Quantization.Granularity.PER_GROUP;
    key.add(weights.type() + " " + weights.shape() + " " + layout + " " + quantization.granularity() + " "
        + (perTensor ? 0 : quantization.axis()) + " " + (perGroup ? quantization.groupSize() : 0) + " " + use
        + "\n");
    for (int i = 0; i < quantization.count(); i++) {
      key.add(Integer.toHexString(Float.floatToIntBits(quantization.scale(i))) + " "
          + quantization.zeroPoint(i) + "\n");
    }
    return key.add(weights.data()).hex();
  }

  private void add(String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
  }

  private ContentKey add(MemorySegment data) {
    for (long at = 0; at < data.byteSize(); at += CHUNK) {
      digest.update(data.asSlice(at, Math.min(CHUNK, data.byteSize() - at)).asByteBuffer());
    }
    return this;
  }

  private String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
