package dev.octet.quantize.file;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.quantize.mapped.Mapping;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Reads the output of Ascend ModelSlim: {@code quant_model_description*.json}, which names the form of each
 * tensor, and {@code quant_model_weight*.safetensors} beside it, one or several. A layer of W8A8 has
 * {@code weight} (I8, {@code [out][in]}), {@code weight_scale} and {@code weight_offset}, {@code input_scale}
 * and {@code input_offset}, {@code quant_bias} and {@code deq_scale}; {@link #layer} makes of them what a
 * {@link dev.octet.op.MatMul} takes.
 */
public final class ModelSlimFile implements WeightFile {
  private static final String WEIGHT = ".weight";
  private static final String SCALE = "_scale";
  private static final List<String> PARAMETERS = List.of(WEIGHT + SCALE, WEIGHT + "_offset");
  /** With fixed scales of the inputs. */
  private static final String FIXED = "W8A8";
  /** Descriptions of weights that are I8 with scales per output feature. */
  private static final Set<String> READ = Set.of(FIXED, "W8A8_DYNAMIC", "W8A16");
  private static final String UNKNOWN = "in an unknown form";

  private final ModelSlimFolder folder;
  private final Map<String, StoredTensor> tensors;
  private final Map<String, String> description;
  private final Map<String, String> unreadable;

  /**
   * Holds a layer of W8A8 with a fixed scale of its input.
   *
   * <p>
   * ModelSlim computes {@code y = deq_scale * (sum(x * w) + quant_bias)} with inputs {@code x} that are not
   * centred: {@code quant_bias} holds {@code -input_offset * sum(w)} besides the bias. Octet's products are
   * of centred inputs and fold that in themselves, so it is taken out of the bias again here. The scales of
   * the weights are {@code deq_scale / input_scale}, which gives back the {@code deq_scale} that ModelSlim's
   * runtime multiplies by, where {@code weight_scale} differs from it by a rounding to 16 bits.
   *
   * @param weights S8 {@code [out][in]}, per output channel
   * @param input type S8
   * @param bias in units of the accumulator, for each output feature
   */
  public record Layer(QTensor weights, Quantization input, int[] bias) {}

  private ModelSlimFile(ModelSlimFolder folder) {
    this.folder = folder;
    this.tensors = folder.tensors();
    this.description = folder.description();
    try {
      unreadable = StoredQuantization.unreadable(tensors.keySet().stream().filter(this::isQuantized),
          this::quantized);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Maps the files of a folder.
   *
   * @param path the description or the folder that it is in
   * @return the files, to be closed
   * @throws MalformedFileException if there is no such description, a file is damaged, a tensor that the
   *         description or an index names is in no file, the folder has safetensors that are not of the model
   *         and that Octet did not write, or, where the folder is opened, several descriptions that
   *         contradict each other
   * @throws UncheckedIOException if a file cannot be read
   */
  public static ModelSlimFile open(Path path) {
    Objects.requireNonNull(path, "path");
    return new ModelSlimFile(ModelSlimFolder.open(path));
  }

  @Override
  public String format() {
    return "ModelSlim";
  }

  @Override
  public List<StoredTensor> tensors() {
    return List.copyOf(tensors.values());
  }

  @Override
  public StoredTensor tensor(String name) {
    return Names.require(tensors, name);
  }

  @Override
  public List<String> quantizedNames() {
    return tensors.keySet().stream().filter(name -> isQuantized(name) && !unreadable.containsKey(name))
        .toList();
  }

  private boolean isQuantized(String name) {
    return name.endsWith(WEIGHT) && READ.contains(description.getOrDefault(name, ""))
        && tensors.get(name).type() == StoredType.I8;
  }

  /**
   * Returns a weight with its {@code weight_scale} and {@code weight_offset}, or, without these, that of
   * {@link #layer}.
   */
  @Override
  public QTensor quantized(String name) {
    StoredTensor weight = tensor(name);
    if (!isQuantized(name)) {
      throw new IllegalArgumentException("tensor " + name + " is not quantized: the description says "
          + description.getOrDefault(name, "nothing of it"));
    }
    StoredTensor scale = tensors.get(name + SCALE);
    if (scale == null) {
      String form = description.get(name);
      if (!form.equals(FIXED)) {
        throw new MalformedFileException("tensor " + name + SCALE + ": expected the scales of " + name
            + ", which the description calls " + form + ", there is none");
      }
      return layer(name.substring(0, name.length() - WEIGHT.length())).weights();
    }
    StoredTensor offset = tensors.get(name + "_offset");
    return Mapping.reading(this::requireUnchanged,
        () -> StoredQuantization.put(weight, StoredForm.of(DataType.S8, weight.shape(), -1, 0), scale,
            offset == null ? null : integers(offset)));
  }

  /**
   * Returns a layer with a fixed scale of its input.
   *
   * @param name of the layer, without {@code .weight}
   * @return what a product takes
   * @throws IllegalArgumentException if there is no such layer, or its input is quantized at run time
   * @throws MalformedFileException if its tensors do not fit each other
   */
  public Layer layer(String name) {
    StoredTensor weight = tensor(name + WEIGHT);
    String form = description.getOrDefault(name + WEIGHT, "");
    if (!form.equals(FIXED)) {
      throw new IllegalArgumentException("layer " + name + ": expected W8A8, the description says "
          + (form.isEmpty() ? "nothing of it" : form));
    }
    return Mapping.reading(this::requireUnchanged, () -> layer(name, weight));
  }

  private Layer layer(String name, StoredTensor weight) {
    if (weight.type() != StoredType.I8 || weight.shape().rank() != 2) {
      throw new MalformedFileException("expected I8 [out][in], got " + weight);
    }
    int out = weight.shape().intDim(0);
    float inputScale = only(name + ".input_scale");
    StoredTensor offset = tensors.get(name + ".input_offset");
    int inputOffset = offset == null ? 0 : integers(vector(name + ".input_offset", 1)).ints()[0];
    float[] scales = deqScales(name, out);
    StoredTensor quantBias = vector(name + ".quant_bias", out);
    if (!quantBias.type().isInteger()) {
      throw new MalformedFileException("expected integers, got " + quantBias);
    }
    int[] bias = quantBias.ints();
    int in = weight.shape().intDim(1);
    for (int n = 0; n < out; n++) {
      long sum = 0;
      for (int k = 0; k < in; k++) {
        sum += weight.data().get(ValueLayout.JAVA_BYTE, (long) n * in + k);
      }
      bias[n] = (int) (bias[n] + sum * inputOffset);
      scales[n] /= inputScale;
    }
    try {
      Quantization input = Quantization.perTensor(inputScale, inputOffset);
      input.checkPositiveScales("input");
      return new Layer(
          QTensor.of(DataType.S8, weight.shape(), Quantization.perChannel(0, scales), weight.data()), input,
          bias);
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException("layer " + name + ": " + e.getMessage(), e);
    }
  }

  /** Floats as they are; I64 holds the bits of a binary32, as Ascend's operators of 16-bit models want it. */
  private float[] deqScales(String name, int count) {
    StoredTensor stored = vector(name + ".deq_scale", count);
    if (stored.type().isFloat()) {
      return stored.binary32();
    }
    if (!stored.type().isInteger()) {
      throw new MalformedFileException("expected floats, or I64 of their bits, got " + stored);
    }
    float[] scales = new float[count];
    for (int i = 0; i < count; i++) {
      scales[i] = Float.intBitsToFloat((int) stored.integer(i));
    }
    return scales;
  }

  private float only(String name) {
    StoredTensor tensor = vector(name, 1);
    if (!tensor.type().isFloat()) {
      throw new MalformedFileException("expected floats, got " + tensor);
    }
    return tensor.binary32()[0];
  }

  private StoredTensor vector(String name, int count) {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null || tensor.shape().elements() != count) {
      throw new MalformedFileException("tensor " + name + ": expected " + count + " elements, "
          + (tensor == null ? "there is none" : "got " + tensor));
    }
    return tensor;
  }

  /** Offsets, which are stored as floats that are whole numbers. */
  private static StoredTensor integers(StoredTensor offsets) {
    if (offsets.type().isInteger()) {
      return offsets;
    }
    if (!offsets.type().isFloat()) {
      throw new MalformedFileException("expected whole numbers, got " + offsets);
    }
    float[] values = offsets.floats();
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
      if (bytes[i] != values[i]) {
        throw new MalformedFileException("tensor " + offsets.name() + "[" + i
            + "]: expected a whole number of 8 bits, got " + values[i]);
      }
    }
    return new StoredTensor(offsets.name(), StoredType.I8, offsets.shape(), MemorySegment.ofArray(bytes));
  }

  @Override
  public WeightAxes axes(String name) {
    return WeightAxes.named(name, 0, tensor(name).shape().rank());
  }

  /** Returns the layers whose description is another one than those that are read. */
  @Override
  public List<ForeignWeights> foreign() {
    Map<String, String> forms = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> {
      String form = form(tensor);
      if (!form.equals(ModelSlimFolder.FLOAT) && !isRead(layerOf(name))) {
        forms.putIfAbsent(layerOf(name), form);
      }
    });
    Map<String, List<String>> members = new LinkedHashMap<>();
    tensors.keySet().forEach(name -> {
      if (forms.containsKey(layerOf(name))) {
        members.computeIfAbsent(layerOf(name), key -> new ArrayList<>()).add(name);
      }
    });
    return members.entrySet().stream()
        .map(e -> new ForeignWeights("ModelSlim " + forms.get(e.getKey()), e.getKey(), e.getValue()))
        .toList();
  }

  /**
   * What the description calls the form of a tensor, if by a word. Integers of a weight are no FLOAT, whether
   * the description says so or nothing at all.
   */
  private String form(StoredTensor tensor) {
    String form = description.getOrDefault(tensor.name(), ModelSlimFolder.FLOAT);
    if (form.equals(ModelSlimFolder.FLOAT)) {
      return looksLikeWeight(tensor) && !tensor.type().isFloat() ? UNKNOWN : form;
    }
    return ModelSlimFolder.FORM.matcher(form).matches() ? form : UNKNOWN;
  }

  /** By name, or by the scales beside it, as those of experts in one tensor. */
  private boolean looksLikeWeight(StoredTensor tensor) {
    return tensor.name().endsWith(WEIGHT) || tensors.containsKey(tensor.name() + SCALE);
  }

  /** A name without a dot is no layer's parameter, but a layer of its own. */
  private static String layerOf(String name) {
    int dot = name.lastIndexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  private boolean isRead(String layer) {
    return tensors.containsKey(layer + WEIGHT) && isQuantized(layer + WEIGHT);
  }

  @Override
  public Map<String, String> unreadable() {
    return unreadable;
  }

  /**
   * Returns whether a tensor is the scales or offsets of a weight that is read. Those that do not fit their
   * weight are tensors of their own: nothing else has their numbers.
   */
  @Override
  public boolean isParameter(String name) {
    Objects.requireNonNull(name, "name");
    return PARAMETERS.stream().anyMatch(suffix -> name.endsWith(suffix)
        && isParameterOf(name.substring(0, name.length() - suffix.length())));
  }

  private boolean isParameterOf(String layer) {
    return isRead(layer) && !unreadable.containsKey(layer + WEIGHT);
  }

  /** Returns the description: from names of tensors to their forms, and settings. */
  @Override
  public Map<String, String> metadata() {
    return Map.copyOf(description);
  }

  @Override
  public List<Path> files() {
    return folder.files();
  }

  @Override
  public void requireUnchanged() {
    folder.requireUnchanged();
  }

  @Override
  public void close() {
    folder.close();
  }
}
