package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.Dimension;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.testing.NullArguments;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Null for each argument of the public API: refused, and the message has the argument's name. */
class NullArgumentsTest {
  @Test
  void theMessageNamesTheArgument() {
    TestModel test = new TestModel(13).input("x", ElementType.F32, 1).output("y", ElementType.F32).node(
        "Relu",
        "x", "y");
    Map<Class<?>, Object> usable = new HashMap<>();
    usable.put(InputStream.class, new ByteArrayInputStream(test.bytes()));
    usable.put(Path.class, Path.of("none.onnx"));
    usable.put(OnnxOptions.class, OnnxOptions.defaults());
    usable.put(OnnxQuantization.class, OnnxQuantization.int8Dynamic());
    usable.put(Iterable.class, List.of());
    usable.put(CalibrationMethod.class, CalibrationMethod.minMax());
    usable.put(String[].class, new String[]{"x"});
    usable.put(Rewrite.class, Rewrite.INTEGER_PRODUCTS);
    usable.put(ElementType.class, ElementType.F32);
    usable.put(Shape.class, Shape.of(1));
    usable.put(MemorySegment.class, MemorySegment.ofArray(new float[1]));
    usable.put(float[].class, new float[1]);
    usable.put(long[].class, new long[1]);
    usable.put(String.class, "x");
    usable.put(List.class, List.of());
    usable.put(Optional.class, Optional.empty());
    usable.put(long.class, 1L);
    usable.put(int.class, 1);
    usable.put(double.class, 1.0);
    usable.put(NodeReport.class, new NodeReport("n", "Relu", "java", List.of()));
    usable.put(Map.class, Map.of());
    NullArguments trials = new NullArguments(Set.of(), parameter -> usable.get(parameter.getType()));
    try (Octet octet = Octet.builder().engine(Engine.SCALAR).threads(1).open();
        OnnxModel model = test.open();
        PreparedOnnx prepared = model.prepare(octet)) {
      usable.put(Octet.class, octet);
      trials.methods(OnnxModel.class, null);
      trials.methods(OnnxModel.class, model);
      trials.methods(PreparedOnnx.class, prepared);
      trials.methods(OnnxOptions.class, OnnxOptions.defaults());
      trials.methods(OnnxQuantization.class, null);
      trials.methods(OnnxQuantization.class, OnnxQuantization.int8Dynamic());
      trials.methods(QuantizedOnnx.class, QuantizationTest.product(QuantizationTest.Product.MATMUL,
          new TestData(1).floats(1, 70, 33), null).open().quantize(octet, OnnxQuantization.int8Dynamic()));
      trials.methods(Tensor.class, null);
      trials.constructors(TensorInfo.class);
      trials.constructors(Dimension.class);
      trials.constructors(NodeReport.class);
      trials.constructors(NodeTime.class);
      trials.constructors(RunProfile.class);
    }
    assertEquals(List.of(), trials.wrong());
    assertTrue(trials.tried() > 20, trials.tried() + " were tried");
  }
}
