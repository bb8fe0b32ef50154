package dev.octet.quantize.file;

import java.util.regex.Pattern;

/** What the names of a GGUF file's tensors say of them, as llama.cpp gives and reads them. */
final class GgufKinds {
  private static final String WEIGHT = "weight";
  /**
   * Parts of the names of small matrices that are no operands of products with quantized weights, or that a
   * model feels most: llama-quantize leaves them as they are too (tensor_allows_quantization in
   * llama-quant.cpp).
   */
  private static final Pattern FLOATS = Pattern.compile("""
      _norm\\.weight|ffn_gate_inp\\.weight|ffn_gate_tid2eid\\.weight|altup|laurel|per_layer_model_proj\
      |position_embd|token_types|ssm_conv1d|shortconv\\.conv\\.weight|attn_rel_b\\.weight\
      |time_mix_(first|[wvag][012]|decay_w[12]|lerp_fused)\\.weight\
      |sam\\.(pos_embd|neck\\.|net_)|\\.rel_pos|\\.patch_embd|\\.patch_merger""");

  private GgufKinds() {}

  /** Why a tensor of that name stays in floats; null where it may be quantized. */
  static String floats(String name) {
    return !name.endsWith(WEIGHT)
        ? "of a name that does not end in " + WEIGHT
        : FLOATS.matcher(name).find() ? "of a kind that is kept in floats" : null;
  }

  /** Whether a tensor of three dimensions is a stack of the matrices of experts. */
  static boolean isStack(String name) {
    return name.contains("_exps.") || name.contains("experts");
  }
}
