package dev.octet.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.quantize.file.MalformedFileException;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arrays of NumPy: written and read, as NumPy writes them, and damaged. */
class NpyTest {
  @TempDir
  Path folder;

  private Path file(String header, byte... data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.US_ASCII);
    byte[] file = new byte[10 + text.length + data.length];
    System.arraycopy(new byte[]{(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length,
        (byte) (text.length >> 8)}, 0, file, 0, 10);
    System.arraycopy(text, 0, file, 10, text.length);
    System.arraycopy(data, 0, file, 10 + text.length, data.length);
    return Files.write(folder.resolve("a.npy"), file);
  }

  @Test
  void whatIsWrittenIsRead() {
    Path path = folder.resolve("b.npy");
    for (Shape shape : new Shape[]{Shape.of(), Shape.of(3), Shape.of(2, 0), Shape.of(2, 3, 4)}) {
      for (ElementType type : ElementType.values()) {
        if (type == ElementType.OTHER) {
          continue;
        }
        Tensor tensor = Tensor.allocate(type, shape);
        for (long i = 0; i < tensor.data().byteSize(); i++) {
          tensor.data().set(ValueLayout.JAVA_BYTE, i, (byte) (i % 2));
        }
        Npy.write(path, tensor);
        Tensor read = Npy.read(path);
        assertEquals(tensor.toString(), read.toString());
        assertEquals(-1, tensor.data().mismatch(read.data()));
      }
    }
  }

  @Test
  void headersAreThoseOfNumPy() throws IOException {
    Path path = folder.resolve("c.npy");
    Npy.write(path, Tensor.longs(Shape.of(2), 1, 2));
    byte[] file = Files.readAllBytes(path);
    assertEquals(0, (file.length - 16) % 64, "data at a multiple of 64");
    assertTrue(new String(file, 10, 60, StandardCharsets.US_ASCII)
        .startsWith("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }"));
    // numpy.save of numpy.array([[1.5]], dtype=numpy.float32), version 1.0
    Tensor tensor = Npy.read(file("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }          \n",
        (byte) 0, (byte) 0, (byte) 0xc0, (byte) 0x3f));
    assertArrayEquals(new float[]{1.5f}, tensor.floats());
    assertEquals(Shape.of(1, 1), tensor.shape());
  }

  private void refused(String header, String part, byte... data) throws IOException {
    Path path = file(header, data);
    String message = assertThrows(MalformedFileException.class, () -> Npy.read(path)).getMessage();
    assertTrue(message.startsWith(path.toString()) && message.contains(part), message);
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    refused("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", "got <f8", new byte[8]);
    refused("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", "C order", new byte[4]);
    refused("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "got 4 bytes", new byte[4]);
    refused("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,), }", "got 0 bytes");
    refused("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
        "expected a shape");
    refused("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296,), }",
        "expected a shape");
    refused("{'descr': '<f4', 'fortran_order': False}", "shape");
    for (byte[] bytes : new byte[][]{{}, {1, 2, 3}, {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 100, 0},
        {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, -1, -1},
        {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, -1, -1, -1,
            -1}}) {
      Path path = Files.write(folder.resolve("d.npy"), bytes);
      assertThrows(MalformedFileException.class, () -> Npy.read(path));
    }
  }
}
