package dev.octet.quantize.file;

import dev.octet.DataType;
import dev.octet.Quantization.Granularity;
import dev.octet.testing.FuzzTarget;
import dev.octet.testing.Fuzzing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Safetensors in one file: of floats, quantized by Octet, and in forms of other tools. */
final class SafetensorsTarget implements FuzzTarget {
  @Override
  public List<byte[]> seeds(Path folder) throws IOException {
    List<byte[]> seeds = new ArrayList<>(List.of(plain(folder), quantized(folder, DataType.S4, true),
        quantized(folder, DataType.U4, false)));
    for (TensorFiles file : List.of(
        new TensorFiles().with("l.qweight", StoredType.I32, 1, 4).with("l.qzeros", StoredType.I32, 1, 1)
            .with("l.scales", StoredType.F16, 1, 4).with("l.g_idx", StoredType.I32, 8)
            .with("n.weight", StoredType.F32, 2, 4),
        new TensorFiles().with("g.qweight", StoredType.I32, 4, 8)
            .bytes("g.qzeros", StoredType.I32, new byte[4], 1, 1)
            .with("g.scales", StoredType.F16, 1, 8).bytes("g.g_idx", StoredType.I32, new byte[128], 32)
            .with("a.qweight", StoredType.I32, 32, 1).with("a.qzeros", StoredType.I32, 1, 1)
            .with("a.scales", StoredType.F16, 1, 8),
        new TensorFiles().with("c.weight_packed", StoredType.I32, 2, 4)
            .with("c.weight_scale", StoredType.BF16, 2, 1).with("c.weight_zero_point", StoredType.I32, 1, 1)
            .bytes("c.weight_shape", StoredType.I64,
                new byte[]{2, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0},
                2)
            .with("e_blocks", StoredType.U8, 2, 1, 16)
            .bytes("e_scales", StoredType.U8, new byte[]{127, 90}, 2, 1),
        new TensorFiles().with("n.weight", StoredType.U8, 2, 32)
            .bytes("n.weight_scale", StoredType.F8_E4M3, new byte[]{1, 2, 3, 4, 5, 6, 7, 8}, 2, 4)
            .with("n.weight_scale_2", StoredType.F32).with("m.weight_packed", StoredType.U8, 1, 32)
            .bytes("m.weight_scale", StoredType.F8_E4M3, new byte[]{50, 60, 70, 80}, 1, 4)
            .with("m.weight_global_scale", StoredType.F32, 1),
        new TensorFiles().with("l.weight", StoredType.F8_E4M3, 2, 4)
            .with("l.weight_scale_inv", StoredType.F32, 1, 1)
            .with("l.experts", StoredType.BF16, 2, 3, 2),
        new TensorFiles().with("l.weight", StoredType.U8, 2, 4).with("l.weight_scale", StoredType.F8_E8M0, 2)
            .with("m.weight", StoredType.U32, 2, 1).with("m.scales", StoredType.F16, 2, 1)
            .with("m.biases", StoredType.F16, 2, 1).with("a", StoredType.F4, 2, 2),
        new TensorFiles().with("w", StoredType.I8, 2, 4).floats("w_scale", new float[]{1, 2, 3, 4}, 2, 2)
            .with("w_zero_point", StoredType.I8, 2, 2).with("e", StoredType.F64, 0, 3)
            .with("s", StoredType.F32))) {
      seeds.add(Files.readAllBytes(file.write(folder.resolve("seed.safetensors"))));
    }
    return seeds;
  }

  static byte[] plain(Path folder) throws IOException {
    TensorFiles files = new TensorFiles().metadata("format", "pt");
    for (StoredType type : List.of(StoredType.F32, StoredType.BF16, StoredType.F16, StoredType.I8,
        StoredType.I64)) {
      files.with("layer." + type, type, 4, 6);
    }
    files.with("layer.I8_scale", StoredType.F32, 4, 1).with("layer.I8_zero_point", StoredType.I8, 4, 1);
    return Files.readAllBytes(files.write(folder.resolve("seed.safetensors")));
  }

  static byte[] quantized(Path folder, DataType type, boolean symmetric) throws IOException {
    Path in = new TensorFiles().with("w", StoredType.F32, 4, 64).write(folder.resolve("floats.safetensors"));
    Path out = folder.resolve("quantized.safetensors");
    try (WeightFile file = WeightFile.open(in)) {
      WeightQuantizer.quantize(file, out,
          (tensor, axis) -> Optional.of(new WeightForm(type, symmetric, Granularity.PER_GROUP, 1, 32)),
          WeightQuantizer.Method.NEAREST, List.of(), Map.of(), (name, done, total) -> {
          });
    }
    return Files.readAllBytes(out);
  }

  @Override
  public void run(byte[] input, Path folder) throws IOException {
    Path in = Files.write(folder.resolve("in.safetensors"), input);
    Fuzzing.bounded(input, () -> WholeFile.use(in, folder.resolve("out.safetensors")));
  }
}
