package dev.octet.cli;

import dev.octet.Shape;
import dev.octet.onnx.value.Dimension;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import dev.octet.quantize.file.MalformedFileException;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * Images of files as inputs of models: one image, channels red, green and blue or grey alone, which are the
 * second axis or the last one. Floats are {@code (value / 255 - mean) / deviation}, integers the values.
 */
final class ImageInput {
  private static final int PLANES = 4;

  private final double[] mean;
  private final double[] deviation;

  /**
   * How values become floats.
   *
   * @param mean of each channel, or one number of all
   * @param deviation likewise
   */
  ImageInput(double[] mean, double[] deviation) {
    this.mean = mean.clone();
    this.deviation = deviation.clone();
  }

  /** Whether the name of a file is that of an image. */
  static boolean isImage(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return List.of(".png", ".jpg", ".jpeg", ".bmp", ".gif").stream().anyMatch(lower::endsWith);
  }

  /**
   * Reads an image; it gets the height and width that the model, or a length, asks for, else it keeps its
   * own.
   *
   * @param lengths of dimensions that the model leaves open, as people gave them
   * @throws MalformedFileException if the file is no image
   * @throws IllegalArgumentException if the input takes none
   */
  Tensor read(Path path, TensorInfo info, Lengths lengths) {
    List<Dimension> dims = info.dimensions().orElse(List.of());
    boolean first = dims.size() == PLANES && isChannels(dims.get(1));
    boolean last = dims.size() == PLANES && !first && isChannels(dims.get(3));
    if ((!first && !last) || (info.type() != ElementType.F32 && info.type() != ElementType.U8)) {
      throw new IllegalArgumentException("--input: " + info.name()
          + ": expected images of F32 or U8 with 1 or 3 channels as second or last axis, got " + info);
    }
    int channels = (int) dims.get(first ? 1 : 3).length();
    requireOne(info, dims.getFirst(), lengths);
    BufferedImage image = load(path);
    int height = side(info, dims.get(first ? 2 : 1), lengths, image.getHeight());
    int width = side(info, dims.get(first ? 3 : 2), lengths, image.getWidth());
    BufferedImage scaled = scaled(image, width, height, channels);
    Tensor tensor = Tensor.allocate(info.type(), first
        ? Shape.of(1, channels, height, width)
        : Shape.of(1, height, width, channels));
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          long pixel = (long) y * width + x;
          put(tensor, first ? (long) c * height * width + pixel : pixel * channels + c,
              scaled.getRaster().getSample(x, y, c), c);
        }
      }
    }
    return tensor;
  }

  private static boolean isChannels(Dimension dim) {
    return dim.length() == 1 || dim.length() == 3;
  }

  private static void requireOne(TensorInfo info, Dimension batch, Lengths lengths) {
    Long count = batch.isFixed() ? Long.valueOf(batch.length()) : lengths.of(batch);
    if (count != null && count != 1) {
      throw new IllegalArgumentException(
          "--input: " + info.name() + ": expected one image, the model or --dim wants " + count);
    }
  }

  private static int side(TensorInfo info, Dimension dim, Lengths lengths, int own) {
    Long length = dim.isFixed() ? Long.valueOf(dim.length()) : lengths.of(dim);
    if (length != null && (length < 1 || length > 1 << 15)) {
      throw new IllegalArgumentException(
          "--input: " + info.name() + ": expected an image of sides from 1 to 32768, got " + length);
    }
    return length == null ? own : Math.toIntExact(length);
  }

  private static BufferedImage load(Path path) {
    try {
      BufferedImage image = ImageIO.read(path.toFile());
      if (image == null) {
        throw new MalformedFileException(path + ": expected an image, PNG, JPEG, BMP or GIF");
      }
      return image;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path + ": " + e.getMessage(), e);
    }
  }

  private static BufferedImage scaled(BufferedImage image, int width, int height, int channels) {
    BufferedImage result = new BufferedImage(width, height,
        channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = result.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(image, 0, 0, width, height, null);
    graphics.dispose();
    return result;
  }

  private void put(Tensor tensor, long index, int value, int channel) {
    if (tensor.type() == ElementType.U8) {
      tensor.data().set(ValueLayout.JAVA_BYTE, index, (byte) value);
    } else {
      double real = (value / 255.0 - at(mean, channel)) / at(deviation, channel);
      tensor.data().set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * index, (float) real);
    }
  }

  private static double at(double[] numbers, int channel) {
    return numbers[numbers.length == 1 ? 0 : channel];
  }
}
