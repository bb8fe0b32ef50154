package dev.octet.testing;

import dev.octet.BlockFormat;
import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.PackedWeights;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.zip.CRC32C;

/**
 * Files of packed weights, once as they come and once with sizes and checksum that fit, since nothing that is
 * made up would get past a checksum. Inputs are files without the padding of the header: the bytes of the
 * header, of the content, the fields, the content; content that is missing is 0. The input stays in the
 * folder, which tells what it was where native code ends the process.
 */
public final class PackedWeightsTarget implements FuzzTarget {
  private static final String FILE = "w.octetpak";
  private static final int PAGE = 4096;
  private static final int PREFIX = 32;
  /** More than the packed bytes of the largest weights that are multiplied with. */
  private static final int MAX_CONTENT = 1 << 20;
  private static final int MAX_FEATURES = 512;

  private final Octet octet = Octet.open();

  @Override
  public List<byte[]> seeds(Path folder) throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (DataType type : List.of(DataType.S8, DataType.U8)) {
      seeds.add(seed(folder.resolve(FILE), type, Quantization.perTensor(0.1f)));
      seeds.add(seed(folder.resolve(FILE), type,
          Quantization.perChannel(1, new float[]{1, 2, 3}, new int[]{3, 0, 5})));
    }
    for (DataType type : List.of(DataType.S8, DataType.S4, DataType.U4)) {
      float[] scales = new float[6];
      Arrays.fill(scales, 0.5f);
      seeds.add(seed(folder.resolve(FILE), type, Quantization.perGroup(0, 16, scales)));
    }
    for (BlockFormat format : BlockFormat.values()) {
      Dice dice = new Dice(1, format.id());
      int k = format.elements();
      seeds.add(seed(folder.resolve(FILE),
          octet.pack(Blocks.tensor(format, 3, k, Blocks.random(dice, format, 3, k)))));
    }
    return seeds;
  }

  /** Weights of 32 inputs and 3 outputs. */
  private byte[] seed(Path file, DataType type, Quantization quantization) throws IOException {
    byte[] elements = new byte[(int) type.bytes(96)];
    new Random(1).nextBytes(elements);
    QTensor weights = QTensor.of(type, Shape.of(32, 3), quantization, MemorySegment.ofArray(elements));
    return seed(file, octet.pack(weights, WeightLayout.IN_OUT));
  }

  private static byte[] seed(Path file, PackedWeights weights) throws IOException {
    try (weights) {
      weights.writeTo(file);
    }
    byte[] whole = Files.readAllBytes(file);
    int fields = PAGE;
    while (whole[fields - 1] == 0) {
      fields--;
    }
    ByteBuffer seed = ByteBuffer.allocate(8 + fields - PREFIX + whole.length - PAGE);
    seed.putInt(fields - PREFIX).putInt(whole.length - PAGE).put(whole, PREFIX, fields - PREFIX);
    return seed.put(whole, PAGE, whole.length - PAGE).array();
  }

  @Override
  public void run(byte[] input, Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    Files.write(file, input);
    use(file, octet::load);
    if (input.length >= 8) {
      Files.write(file, whole(ByteBuffer.wrap(input)));
      use(file, octet::load);
      use(file, octet::map);
    }
  }

  private static byte[] whole(ByteBuffer input) {
    int fields = Math.min(input.getInt() & (PAGE - 1), PAGE - PREFIX);
    int content = input.getInt() & (MAX_CONTENT - 1);
    byte[] whole = new byte[PAGE + content];
    ByteBuffer head = ByteBuffer.wrap(whole);
    head.put("OCTETPAK".getBytes(StandardCharsets.US_ASCII)).putInt(1).putInt(PAGE)
        .putLong(content);
    fields = Math.min(fields, input.remaining());
    input.get(whole, PREFIX, fields);
    input.get(whole, PAGE, Math.min(content, input.remaining()));
    CRC32C checksum = new CRC32C();
    checksum.update(whole, 0, PREFIX - 8);
    checksum.update(whole, PREFIX, whole.length - PREFIX);
    head.putLong(PREFIX - 8, checksum.getValue());
    return whole;
  }

  private void use(Path file, Function<Path, PackedWeights> read) throws IOException {
    try (PackedWeights weights = read.apply(file)) {
      if (weights.inFeatures() <= MAX_FEATURES && weights.outFeatures() <= MAX_FEATURES) {
        multiply(weights);
      }
      weights.writeTo(file);
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      Fuzzing.refusal(e, IllegalArgumentException.class, UnsupportedOperationException.class);
      return;
    }
    try (PackedWeights again = octet.load(file)) {
      again.bytes();
    }
  }

  /** On all ops that take them; what an op does not take, it refuses. */
  private void multiply(PackedWeights weights) {
    MemorySegment x = MemorySegment.ofArray(new float[weights.inFeatures()]);
    MemorySegment y = MemorySegment.ofArray(new float[weights.outFeatures()]);
    try (Octet own = Octet.open()) {
      prepared(() -> own.dynamicMatMul().weights(weights).prepare().run(x, y, 1));
      prepared(() -> own.weightOnlyMatMul().weights(weights).prepare().run(x, y, 1));
      prepared(() -> own.matMul().input(DataType.U8, Quantization.perTensor(0.1f, 3)).weights(weights)
          .outputF32().prepare().run(MemorySegment.ofArray(new byte[weights.inFeatures()]), y, 1));
    }
  }

  private static void prepared(Runnable op) {
    try {
      op.run();
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      Fuzzing.refusal(e, IllegalArgumentException.class, UnsupportedOperationException.class);
    }
  }
}
