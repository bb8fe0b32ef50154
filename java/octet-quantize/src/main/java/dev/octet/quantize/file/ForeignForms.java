package dev.octet.quantize.file;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds weights that other tools have quantized, by the names and types that each tool gives its tensors. A
 * layer of which one tensor is found is left alone as a whole: everything whose name begins with the layer's
 * belongs to it, so that no scale, code book or bias of a group is taken for a weight.
 *
 * <p>
 * Layouts: AutoGPTQ and GPTQModel, AutoAWQ, compressed-tensors, transformers' integrations (bitsandbytes,
 * fine-grained FP8, MXFP4, quanto, HQQ, AQLM, VPTQ, SpQR, EETQ), ModelOpt, MLX, torchao. AutoRound writes
 * GPTQ's or AWQ's.
 */
final class ForeignForms {
  /** Metadata: JSON, from layer to its form and tensors, so that a copy is known for what it was. */
  static final String KEY = "octet.foreign";
  private static final Set<StoredType> F8 = EnumSet.of(StoredType.F8_E4M3, StoredType.F8_E5M2,
      StoredType.F8_E4M3FNUZ, StoredType.F8_E5M2FNUZ);
  private static final Set<StoredType> WORDS = EnumSet.of(StoredType.I32, StoredType.U32, StoredType.I16,
      StoredType.I64);
  private static final Set<StoredType> BYTES = EnumSet.of(StoredType.U8, StoredType.I8);
  private static final Set<StoredType> ANY = EnumSet.allOf(StoredType.class);
  /** Zero points are stored as they are, not less one. */
  static final String GPTQ_V2 = "GPTQ v2";
  private static final String UNKNOWN = "an unknown form";

  /**
   * A sign by which a form is known; the first that applies gives the name. A type that Octet does not know
   * may be any: it has the place of all others, and the form has no name then.
   *
   * @param format the name of the form
   * @param mark the ending of the name of the tensor that holds the codes
   * @param codes the types that this tensor may have
   * @param beside the ending of another tensor of the layer that must be there
   * @param types the types that this one may have
   */
  private record Sign(String format, String mark, Set<StoredType> codes, String beside,
      Set<StoredType> types) {
    String layer(String name, StoredTensor tensor, Map<String, StoredTensor> tensors) {
      if (!isOf(tensor, codes)) {
        return null;
      }
      // A layer that was saved by itself has no name, and no dot after it.
      boolean bare = name.length() == mark.length() - 1 && mark.startsWith(".") && mark.endsWith(name);
      if (!bare && !name.endsWith(mark)) {
        return null;
      }
      String layer = bare ? "" : name.substring(0, name.length() - mark.length());
      StoredTensor other = part(layer, beside, tensors);
      boolean unknown = tensor.type() == StoredType.OTHER;
      return other != null && (unknown || isOf(other, types)) ? layer : null;
    }

    private static boolean isOf(StoredTensor tensor, Set<StoredType> types) {
      return types.contains(tensor.type()) || tensor.type() == StoredType.OTHER;
    }

    /** Whether the tensors that made it apply have types that it names. */
    boolean isExact(String layer, StoredTensor tensor, Map<String, StoredTensor> tensors) {
      return codes.contains(tensor.type()) && types.contains(part(layer, beside, tensors).type());
    }
  }

  private static final List<Sign> SIGNS = List.of(
      new Sign("torchao", "._weight_qdata", ANY, "._weight_qdata", ANY),
      new Sign("torchao", ".weight:qdata", ANY, ".weight:qdata", ANY),
      new Sign("EETQ", ".qweight", EnumSet.of(StoredType.I8), ".weight_scales", ANY),
      new Sign("GPTQ", ".qweight", WORDS, ".g_idx", ANY),
      new Sign("GPTQ or AWQ", ".qweight", WORDS, ".scales", ANY),
      new Sign("compressed-tensors NVFP4", ".weight_packed", BYTES, ".weight_global_scale", ANY),
      new Sign("compressed-tensors MXFP4", ".weight_packed", BYTES, ".weight_scale", BYTES),
      new Sign("compressed-tensors pack-quantized", ".weight_packed", WORDS, ".weight_scale", ANY),
      new Sign("compressed-tensors", ".weight_packed", ANY, ".weight_packed", ANY),
      new Sign("FP8 per block", ".weight", F8, ".weight_scale_inv", ANY),
      new Sign("MXFP8", ".weight", F8, ".weight_scale", EnumSet.of(StoredType.U8, StoredType.F8_E8M0)),
      new Sign("FP8", ".weight", F8, ".weight_scale", ANY),
      new Sign("FP8", ".weight", F8, ".scale_weight", ANY),
      new Sign("FP8 per block", ".weight", F8, ".scale", ANY),
      new Sign("FP8", ".weight", F8, ".scales", ANY),
      new Sign("INT8 per block", ".weight", BYTES, ".weight_scale_inv", ANY),
      new Sign("8-bit integers", ".weight", BYTES, ".weight_scales", ANY),
      new Sign("8-bit integers", ".weight", BYTES, ".weight.scale", ANY),
      new Sign("8-bit integers", ".weight", BYTES, ".scales", ANY),
      new Sign("8-bit integers", ".weight", BYTES, ".scale", ANY),
      new Sign("NVFP4", ".weight", EnumSet.of(StoredType.U8, StoredType.F4), ".weight_scale", F8),
      new Sign("MXFP4", ".weight", EnumSet.of(StoredType.U8, StoredType.F4), ".weight_scale",
          EnumSet.of(StoredType.F8_E8M0, StoredType.U8)),
      new Sign("MXFP4", "_blocks", EnumSet.of(StoredType.U8), "_scales", BYTES),
      new Sign("bitsandbytes 4-bit", ".weight", BYTES, ".weight.absmax", ANY),
      new Sign("bitsandbytes LLM.int8()", ".weight", EnumSet.of(StoredType.I8), ".SCB", ANY),
      new Sign("MLX", ".weight", EnumSet.of(StoredType.U32), ".scales", ANY),
      new Sign("quanto", ".weight._data", ANY, ".weight._scale", ANY),
      new Sign("HQQ", ".W_q", ANY, ".scale", ANY),
      new Sign("HQQ", ".W_q", ANY, ".meta", ANY),
      new Sign("AQLM", ".codes", ANY, ".codebooks", ANY),
      new Sign("VPTQ", ".indices", ANY, ".centroids", ANY),
      new Sign("VPTQ", ".indices", ANY, ".centroids.weight", ANY),
      new Sign("SpQR", ".dense_weights", ANY, ".in_perm", ANY),
      new Sign("FP8", "", F8, "_scale_inv", ANY),
      new Sign("FP8", "", F8, "_scale", ANY));

  /** Endings of what belongs to codes that are named without them. */
  static final List<String> PARAMETERS = List.of("_blocks", "_bias", "_scale", "_scales",
      "_scale_inv", "_scale_2", "_zero_point", "_zero_points", "_offset", "_absmax", ".scale", ".scales",
      ".scale_inv", ".biases", ".zeros", ".absmax");

  private ForeignForms() {}

  /**
   * Finds them.
   *
   * @param tensors all tensors of the file
   * @param ours names of tensors that Octet's own metadata describes
   * @param known those that the metadata names
   * @param configured what a configuration beside the file says
   * @return them, no tensor in two
   */
  static List<ForeignWeights> find(Map<String, StoredTensor> tensors, Set<String> ours,
      List<ForeignWeights> known, QuantizationConfig configured) {
    List<ForeignWeights> all = new ArrayList<>(known);
    Set<String> others = new HashSet<>(ours);
    known.forEach(weights -> others.addAll(weights.tensors()));
    all.addAll(find(tensors, others, configured));
    return List.copyOf(all);
  }

  private static List<ForeignWeights> find(Map<String, StoredTensor> tensors, Set<String> ours,
      QuantizationConfig configured) {
    Map<String, String> layers = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> {
      if (!ours.contains(name)) {
        for (Sign sign : SIGNS) {
          String layer = sign.layer(name, tensor, tensors);
          if (layer != null) {
            layers.putIfAbsent(layer, sign.isExact(layer, tensor, tensors)
                ? format(sign, layer, tensors, configured)
                : unknown(layer, configured));
            break;
          }
        }
      }
    });
    // What is left: packed zero points of a layer that has a sign are no layer of their own.
    Set<String> signed = Set.copyOf(layers.keySet());
    BitSet lengths = lengths(signed);
    tensors.forEach((name, tensor) -> {
      if (!ours.contains(name) && owner(name, signed, lengths) == null
          && isCodes(name, tensor, tensors, configured)) {
        String layer = layer(name, tensor, tensors);
        layers.putIfAbsent(layer, unknown(layer, configured));
      }
    });
    return gather(layers, tensors, ours);
  }

  /**
   * The names that tools give the scales of codes: those of X, X_q or X_quantized are X_scale or X_scales.
   */
  static List<String> scaleNames(String codes) {
    return Stream.of("", "_q", "_quantized").filter(codes::endsWith)
        .map(ending -> codes.substring(0, codes.length() - ending.length()))
        .flatMap(name -> Stream.of(name + "_scale", name + "_scales")).toList();
  }

  /** The text of {@link #KEY}. */
  static String format(List<ForeignWeights> all) {
    ObjectNode json = MetadataText.JSON.createObjectNode();
    all.forEach(weights -> {
      ObjectNode node = json.putObject(weights.layer());
      node.put("format", weights.format());
      weights.tensors().forEach(node.putArray("tensors")::add);
    });
    return json.toString();
  }

  /** Those of a text whose tensors are in the file. */
  static List<ForeignWeights> parse(String text, Map<String, StoredTensor> tensors) {
    List<ForeignWeights> all = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    MetadataText.parse(KEY, text).forEach((layer, node) -> {
      if (!node.path("tensors").isArray()) {
        throw new MalformedFileException("metadata " + KEY + ": " + layer
            + ": expected an array of names as tensors, got " + node);
      }
      List<String> names = new ArrayList<>();
      node.path("tensors").forEach(name -> {
        if (tensors.containsKey(name.asText()) && seen.add(name.asText())) {
          names.add(name.asText());
        }
      });
      if (!names.isEmpty()) {
        all.add(new ForeignWeights(node.path("format").asText(UNKNOWN), layer, names));
      }
    });
    return all;
  }

  /** A tensor of a layer, by its ending; a layer without a name has no dot after it. */
  static StoredTensor part(String layer, String ending, Map<String, StoredTensor> tensors) {
    return tensors.get(layer.isEmpty() && ending.startsWith(".") ? ending.substring(1) : layer + ending);
  }

  /** GPTQ and AWQ have the same names: AWQ packs eight columns into a word, GPTQ eight rows. */
  private static String format(Sign sign, String layer, Map<String, StoredTensor> tensors,
      QuantizationConfig configured) {
    if (!sign.format.equals("GPTQ or AWQ")) {
      return sign.format.equals("GPTQ") && GPTQ_V2.equals(unknown(layer, configured))
          ? GPTQ_V2
          : sign.format;
    }
    if (configured.isSaid()) {
      return configured.of(layer);
    }
    StoredTensor codes = part(layer, ".qweight", tensors);
    StoredTensor scales = part(layer, ".scales", tensors);
    if (codes.shape().rank() != 2 || scales.shape().rank() != 2) {
      return sign.format;
    }
    return codes.shape().dim(1) == scales.shape().dim(1) ? "GPTQ" : "AWQ";
  }

  private static String unknown(String layer, QuantizationConfig configured) {
    return configured.isSaid() ? configured.of(layer) : UNKNOWN;
  }

  /**
   * Whether a tensor holds codes of a form that has no sign: integers that are no 8-bit weights as Octet
   * reads them, or elements of a type that it does not know, with something beside them that is named like
   * their scales; or, where a configuration says that the file is quantized, any matrix of packed words, of
   * an unknown type, or of bytes that hold two rows.
   */
  private static boolean isCodes(String name, StoredTensor tensor, Map<String, StoredTensor> tensors,
      QuantizationConfig configured) {
    StoredType type = tensor.type();
    boolean other = type == StoredType.OTHER;
    if (type.isFloat() || type == StoredType.BOOL || (tensor.shape().rank() < 2 && !other)) {
      return false;
    }
    if (configured.isSaid() && ((WORDS.contains(type) && type != StoredType.I64)
        || (other && tensor.shape().rank() > 1) || isPairs(tensor, tensors.get(name + "_scale")))) {
      return true;
    }
    return !BYTES.contains(type)
        && (hasParameters(name, tensors) || hasParameters(layer(name, tensor, tensors), tensors));
  }

  private static boolean hasParameters(String layer, Map<String, StoredTensor> tensors) {
    return PARAMETERS.stream().anyMatch(ending -> part(layer, ending, tensors) != null);
  }

  /**
   * The layer of codes that have no sign: the name without {@code .weight}; of a type that is not known, the
   * name without its last part whatever that is, where scales have the layer's name.
   */
  private static String layer(String name, StoredTensor tensor, Map<String, StoredTensor> tensors) {
    String layer = SchemeChoice.layer(name);
    String whole = name.substring(0, Math.max(0, name.lastIndexOf('.')));
    return tensor.type() == StoredType.OTHER && !whole.isEmpty() && !hasParameters(layer, tensors)
        && hasParameters(whole, tensors) ? whole : layer;
  }

  /** Whether a byte holds two rows, as ModelOpt packs 4-bit integers: there are twice as many scales. */
  private static boolean isPairs(StoredTensor codes, StoredTensor scales) {
    return codes.type() == StoredType.U8 && scales != null && scales.shape().rank() == codes.shape().rank()
        && scales.shape().dim(0) == 2 * codes.shape().dim(0);
  }

  private static List<ForeignWeights> gather(Map<String, String> layers, Map<String, StoredTensor> tensors,
      Set<String> ours) {
    BitSet lengths = lengths(layers.keySet());
    Map<String, Set<String>> members = new LinkedHashMap<>();
    tensors.keySet().forEach(name -> {
      if (!ours.contains(name)) {
        String layer = owner(name, layers.keySet(), lengths);
        if (layer != null) {
          members.computeIfAbsent(layer, key -> new LinkedHashSet<>()).add(name);
        }
      }
    });
    List<ForeignWeights> found = new ArrayList<>();
    members.forEach(
        (layer, names) -> found.add(new ForeignWeights(layers.get(layer), layer, List.copyOf(names))));
    return List.copyOf(found);
  }

  /** A name has as many beginnings as dots: only those that are as long as a layer are looked up. */
  private static BitSet lengths(Set<String> layers) {
    BitSet lengths = new BitSet();
    layers.forEach(layer -> lengths.set(layer.length()));
    return lengths;
  }

  /**
   * The longest layer that a name begins with: all that has a dot after it, and what has an underscore and
   * one of the endings above, since {@code q_norm.weight} does not belong to {@code q}.
   *
   * @param lengths those that layers have
   */
  private static String owner(String name, Set<String> layers, BitSet lengths) {
    if (layers.contains(name)) {
      return name;
    }
    for (int end = lengths.previousSetBit(name.length() - 1); end > 0; end = lengths
        .previousSetBit(end - 1)) {
      char c = name.charAt(end);
      if ((c == '.' || (c == '_' && PARAMETERS.contains(name.substring(end))))
          && layers.contains(name.substring(0, end))) {
        return name.substring(0, end);
      }
    }
    return layers.contains("") && name.indexOf('.') < 0 ? "" : null;
  }
}
