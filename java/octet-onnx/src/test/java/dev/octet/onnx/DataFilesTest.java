package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.octet.onnx.value.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files beside a model that a program has to look after with it. */
class DataFilesTest {
  private final TestData data = new TestData(3);

  private TestModel model() {
    return new TestModel(13).input("x", ElementType.F32, 2).initializer("w", data.floats(1, 2))
        .initializer("v", data.floats(1, 2)).node("Add", "x w", "p").node("Constant", "", "c")
        .attribute("value", data.floats(1, 2)).node("Add", "p v", "q").node("Add", "q c", "y")
        .output("y", ElementType.F32);
  }

  private static void moveOut(TensorProto.Builder tensor, Path folder, String location) throws IOException {
    Path file = folder.resolve(location);
    Files.createDirectories(file.getParent());
    Files.write(file, tensor.getRawData().toByteArray());
    tensor.clearRawData().setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue(location));
  }

  /** A link is what the model names; what it leads to may change with the link. */
  @Test
  void initializersAndAttributesNameThem(@TempDir Path folder) throws IOException {
    TestModel model = model();
    moveOut(model.graph.getInitializerBuilder(0), folder, "weights.bin");
    moveOut(model.graph.getInitializerBuilder(1), folder, "link.bin");
    moveOut(model.graph.getNodeBuilder(1).getAttributeBuilder(0).getTBuilder(), folder, "more/constants.bin");
    Files.move(folder.resolve("link.bin"), folder.resolve("behind.bin"));
    Files.createSymbolicLink(folder.resolve("link.bin"), Path.of("behind.bin"));
    Path file = Files.write(folder.resolve("model.onnx"), model.bytes());
    try (OnnxModel opened = OnnxModel.open(file)) {
      assertEquals(List.of(folder.resolve("link.bin"), folder.resolve("more/constants.bin"),
          folder.resolve("weights.bin")), opened.dataFiles());
    }
  }

  @Test
  void aModelInOneFileHasNone(@TempDir Path folder) throws IOException {
    try (OnnxModel opened = OnnxModel.open(Files.write(folder.resolve("model.onnx"), model().bytes()));
        OnnxModel streamed = model().open()) {
      assertEquals(List.of(), opened.dataFiles());
      assertEquals(List.of(), streamed.dataFiles());
    }
  }
}
