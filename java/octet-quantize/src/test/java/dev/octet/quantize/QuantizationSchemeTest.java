package dev.octet.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Quantization.Granularity;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What layers get by name, the presets, and pairs that no op takes. */
class QuantizationSchemeTest {
  private static final LayerScheme INT4 = LayerScheme
      .weightsOnly(WeightScheme.perGroup(DataType.S4, 32, true));

  @Test
  void presetsAreWhatTheirNamesSay() {
    assertEquals("weights S8 per channel, symmetric; activations U8 per tensor, asymmetric, static",
        QuantizationScheme.int8Static().toString());
    assertEquals("weights S8 per channel, symmetric; activations U8 per token, asymmetric, dynamic",
        QuantizationScheme.int8Dynamic().toString());
    assertEquals("weights S8 per channel, symmetric; activations F32",
        QuantizationScheme.int8WeightOnly().toString());
    assertEquals("weights S4 per group of 32, symmetric; activations F32",
        QuantizationScheme.int4WeightOnly().toString());
    assertEquals(
        "weights S4 per group of 32, symmetric; activations S8 per token and group, symmetric, dynamic",
        QuantizationScheme.int4Dynamic().toString());
    assertEquals("weights S4 per channel, symmetric; activations U8 per tensor, asymmetric, static",
        QuantizationScheme.int4Static().toString());
  }

  @Test
  void whatWasSaidLastAboutANameHolds() {
    QuantizationScheme scheme = QuantizationScheme.int8Static();
    LayerScheme int8 = scheme.layer("any").orElseThrow();
    assertTrue(int8.needsCalibration());
    QuantizationScheme some = scheme.exclude("head", "a.*.out").override("a.1.*", INT4);
    assertEquals(Optional.empty(), some.layer("head"));
    assertEquals(Optional.of(int8), some.layer("header"));
    assertEquals(Optional.empty(), some.layer("a.0.x/y.out"));
    assertEquals(Optional.of(INT4), some.layer("a.1.out"));
    assertEquals(Optional.of(int8), scheme.layer("head"), "the first scheme is what it was");
  }

  @Test
  void includedLayersAreTheOnlyOnes() {
    QuantizationScheme scheme = QuantizationScheme.int8Dynamic().include("ffn?.*").exclude("ffn1.b");
    assertTrue(scheme.layer("ffn1.a").isPresent());
    assertTrue(scheme.layer("ffn1.b").isEmpty());
    assertTrue(scheme.layer("ffn.a").isEmpty());
    assertTrue(scheme.layer("other").isEmpty());
  }

  @Test
  void aDotInAGlobIsADot() {
    assertTrue(QuantizationScheme.int8Static().exclude("a.b").layer("axb").isPresent());
  }

  @Test
  void schemesThatNoOpTakesAreRefused() {
    refused("weights: expected S8, S4 or U4, got F32", () -> WeightScheme.perTensor(DataType.F32, true));
    refused("weights: expected S8 or S4 for symmetric quantization, got U4",
        () -> WeightScheme.perGroup(DataType.U4, 32, true));
    refused("weights: U4 is for groups only, got PER_CHANNEL",
        () -> WeightScheme.perChannel(DataType.U4, false));
    refused("groupSize: expected 16, 32, 64, 128 or 256 per group and 0 otherwise, got 48 PER_GROUP",
        () -> WeightScheme.perGroup(DataType.S4, 48, true));
    refused("groupSize: expected 16, 32, 64, 128 or 256 per group and 0 otherwise, got 32 PER_TENSOR",
        () -> new WeightScheme(DataType.S8, Granularity.PER_TENSOR, 32, true));
    refused("activations: expected U8 or S8, got S4",
        () -> ActivationScheme.staticPerTensor(DataType.S4, true));
    refused("activations: expected S8 for symmetric quantization, got U8",
        () -> ActivationScheme.staticPerTensor(DataType.U8, true));
    assertThrows(IllegalArgumentException.class, () -> new ActivationScheme(ActivationScheme.When.STATIC,
        ActivationScheme.Granularity.PER_TOKEN, DataType.U8, false));
    refused("scheme: weights per group go with activations per token and group, got "
        + "S4 per group of 32, symmetric with U8 per token, asymmetric, dynamic",
        () -> LayerScheme.of(WeightScheme.perGroup(DataType.S4, 32, true),
            ActivationScheme.dynamicPerToken()));
    refused("scheme: weights with zero points go with U8 activations, got S8 per tensor, symmetric, static",
        () -> LayerScheme.of(WeightScheme.perChannel(DataType.S8, false),
            ActivationScheme.staticPerTensor(DataType.S8, true)));
    refused("scheme: expected quantized weights, activations or both, got neither",
        () -> new LayerScheme(Optional.empty(), Optional.empty()));
  }

  private static void refused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
