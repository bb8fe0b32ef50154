package dev.octet.quantize.file;

import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.quantize.ClippingSearch;
import java.lang.foreign.MemorySegment;

/** {@link WeightQuantizer.Method#CLIPPING}. */
final class ClippedRounding {
  private ClippedRounding() {}

  static QTensor quantize(StoredTensor tensor, WeightForm form, MemorySegment values, Shape shape) {
    // of the full ranges; refuses what is not finite, by its position
    QTensor nearest = WeightQuantizer.Method.NEAREST.quantize(tensor, form, values, shape);
    if (shape.elements() == 0) {
      return nearest;
    }
    int[] zeroPoints = new int[nearest.quantization().count()];
    float[] scales = new float[zeroPoints.length];
    ScaleSharing sharing = ScaleSharing.of(form, shape);
    for (int p = 0; p < scales.length; p++) {
      Quantization best = ClippingSearch.leastError(tensor.name(), sharing.floats(values, p), form.type(),
          form.symmetric());
      scales[p] = best.scale(0);
      zeroPoints[p] = best.zeroPoint(0);
    }
    return form.quantizer().with(form.quantization(scales, zeroPoints)).quantize(values, shape);
  }
}
