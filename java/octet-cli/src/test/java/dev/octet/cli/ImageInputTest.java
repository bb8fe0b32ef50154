package dev.octet.cli;

import static dev.octet.cli.OnnxBytes.input;
import static dev.octet.cli.OnnxBytes.model;
import static dev.octet.cli.OnnxBytes.node;
import static dev.octet.cli.OnnxBytes.output;
import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Shape;
import dev.octet.onnx.value.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images as inputs of octet run. */
class ImageInputTest {
  private static final int F32 = 1;
  private static final int U8 = 2;

  @TempDir
  Path folder;

  /** Two rows of three pixels: red, green, blue, white, black, grey. */
  private Path image() throws IOException {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    int[] colours = {0xff0000, 0x00ff00, 0x0000ff, 0xffffff, 0x000000, 0x333333};
    for (int i = 0; i < colours.length; i++) {
      image.setRGB(i % 3, i / 3, colours[i]);
    }
    Path path = folder.resolve("image.png");
    ImageIO.write(image, "png", path.toFile());
    return path;
  }

  /** What a model that gives its images back got. */
  private Tensor run(int type, Object[] dims, Object... options) throws IOException {
    Path file = Files.write(folder.resolve("model.onnx"),
        model(13, input("x", type, dims), node("Identity", "x", "y"), output("y", type, dims)));
    Path out = folder.resolve("out.npy");
    Object[] args = new Object[options.length + 6];
    System.arraycopy(new Object[]{"run", file, "--input", "x=" + image(), "--output", "y=" + out}, 0, args, 0,
        6);
    System.arraycopy(options, 0, args, 6, options.length);
    Run run = octet(args);
    assertEquals(0, run.exit(), run.err());
    return Npy.read(out);
  }

  @Test
  void channelsAreTheSecondAxis() throws IOException {
    Tensor tensor = run(F32, new Object[]{"n", 3, "h", "w"});
    assertEquals(Shape.of(1, 3, 2, 3), tensor.shape());
    assertArrayEquals(new float[]{1, 0, 0, 1, 0, 0.2f, 0, 1, 0, 1, 0, 0.2f, 0, 0, 1, 1, 0, 0.2f},
        tensor.floats());
  }

  @Test
  void orTheLastOneAndIntegers() throws IOException {
    Tensor tensor = run(U8, new Object[]{1, 2, 3, 3});
    assertEquals(Shape.of(1, 2, 3, 3), tensor.shape());
    assertEquals(0x33, tensor.data().get(java.lang.foreign.ValueLayout.JAVA_BYTE, 17));
    assertEquals(-1, tensor.data().get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void meanAndDeviationOfChannels() throws IOException {
    float[] values = run(F32, new Object[]{1, 3, "h", "w"}, "--mean", "0.5,0,1", "--std", "0.5").floats();
    assertArrayEquals(new float[]{1, 0, -2}, new float[]{values[0], values[6], values[12]});
  }

  @Test
  void sidesAreThoseOfTheModelOrAsked() throws IOException {
    assertEquals(Shape.of(1, 3, 8, 5), run(F32, new Object[]{1, 3, 8, 5}).shape());
    assertEquals(Shape.of(1, 1, 4, 3),
        run(F32, new Object[]{1, 1, "h", "w"}, "--dim", "h=4").shape());
  }

  @Test
  void atRandomWithLengthsOrAShape() throws IOException {
    Path images = Files.write(folder.resolve("images.onnx"),
        model(13, input("x", F32, 1, 3, "h", "w"), node("Identity", "x", "y"),
            output("y", F32, 1, 3, "h", "w")));
    assertEquals(0, octet("run", images, "--input", "x=random", "--dim", "h=2", "--dim", "w=2").exit());
    Run run = octet("run", images, "--input", "x=random:1x3x2x5");
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.out().contains("[1, 3, 2, 5]"), run.out());
    assertTrue(octet("run", images, "--input", "x=random:1,3").err().contains("expected a shape"));
    assertTrue(octet("run", images, "--input", "x=random:1x3").err().contains("x"));
  }

  @Test
  void whatTakesNoImageSaysSo() throws IOException {
    Path file = Files.write(folder.resolve("model.onnx"),
        model(13, input("x", F32, "n", 4), node("Identity", "x", "y"), output("y", F32, "n", 4)));
    Run run = octet("run", file, "--input", "x=" + image());
    assertEquals(1, run.exit());
    assertTrue(run.err().contains("--input: x: expected images"), run.err());
    Path text = Files.writeString(folder.resolve("text.png"), "no image");
    Path images = Files.write(folder.resolve("images.onnx"),
        model(13, input("x", F32, 1, 3, "h", "w"), node("Identity", "x", "y"),
            output("y", F32, 1, 3, "h", "w")));
    assertTrue(octet("run", images, "--input", "x=" + text).err().contains("expected an image"));
    assertTrue(
        octet("run", images, "--input", "x=" + folder.resolve("none.png")).err().contains("cannot read"));
    assertEquals(2, octet("run", images, "--input", "x=" + text, "--std", "0").exit());
    assertEquals(2, octet("run", images, "--input", "x=" + text, "--mean", "1,2").exit());
  }
}
