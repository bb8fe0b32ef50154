package dev.octet.quantize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The file form of {@link InputMoments}. Numbers are written as doubles, in the shortest decimals that give
 * them back exactly; what is read may come from anywhere and is held to be consistent.
 */
final class MomentsJson {
  private static final String FORMAT = "octet-input-moments";
  private static final int VERSION = 1;
  private static final String WHAT = "moments";
  private static final ObjectMapper JSON = new ObjectMapper();

  private MomentsJson() {}

  static String write(InputMoments moments) {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT).put("version", VERSION).put("tensor", moments.tensor())
        .put("rows", moments.rows());
    ArrayNode sums = root.putArray("sums");
    ArrayNode absmax = root.putArray("absmax");
    for (int i = 0; i < moments.features(); i++) {
      sums.add(moments.sum(i));
      absmax.add((double) moments.absmax(i));
    }
    if (moments.hasProducts()) {
      ArrayNode products = root.putArray("products");
      for (int i = 0; i < moments.features(); i++) {
        for (int j = 0; j <= i; j++) {
          products.add(moments.product(i, j));
        }
      }
    }
    return root.toString();
  }

  static InputMoments read(JsonNode root) {
    String tensor = SavedJson.tensor(WHAT, root, FORMAT, VERSION);
    long rows = SavedJson.integer(WHAT, root, "rows", 0, SavedJson.MOST);
    JsonNode sums = root.path("sums");
    require(sums.isArray() && !sums.isEmpty(), "sums", "an array of numbers", sums.getNodeType());
    JsonNode absmax = root.path("absmax");
    int features = sums.size();
    require(absmax.isArray() && absmax.size() == features, "absmax",
        "as many numbers as sums, " + features, absmax.getNodeType() + " of " + absmax.size());
    JsonNode products = root.path("products");
    long pairs = features * (features + 1L) / 2;
    require(products.isMissingNode() || (products.isArray() && products.size() == pairs), "products",
        pairs + " numbers, the lower triangle for " + features + " features, or none",
        products.getNodeType() + " of " + products.size());
    InputMoments moments = new InputMoments(tensor, features, !products.isMissingNode());
    moments.restoreRows(rows);
    int pair = 0;
    for (int i = 0; i < features; i++) {
      double largest = number(absmax.get(i), "absmax", i);
      require(largest >= 0 && largest == (float) largest, "absmax[" + i + "]",
          "a number of binary32 that is not negative", absmax.get(i));
      moments.restore(i, number(sums.get(i), "sums", i), (float) largest);
      for (int j = 0; j <= i && !products.isMissingNode(); j++) {
        moments.restoreProduct(i, j, number(products.get(pair), "products", pair));
        pair++;
      }
      requireConsistent(moments, i);
    }
    return moments;
  }

  /** Of as many rows as were seen, rounded as sums are; without rows everything is 0. */
  private static void requireConsistent(InputMoments moments, int i) {
    double absmax = moments.absmax(i);
    double most = moments.rows() * absmax * (1 + 1e-6);
    require(Math.abs(moments.sum(i)) <= most && (moments.rows() > 0 || absmax == 0), "sums[" + i + "]",
        "at most " + moments.rows() + " rows of absmax " + absmax, moments.sum(i));
    if (moments.hasProducts()) {
      require(moments.product(i, i) >= 0 && moments.product(i, i) <= most * absmax, "products",
          "squares of feature " + i + " of at most " + moments.rows() + " rows of absmax " + absmax,
          moments.product(i, i));
    }
  }

  private static double number(JsonNode value, String field, int index) {
    require(value.isNumber() && Double.isFinite(value.doubleValue()), field + "[" + index + "]",
        "a finite number", value);
    return value.doubleValue();
  }

  private static void require(boolean condition, String field, String expected, Object got) {
    SavedJson.require(condition, WHAT + "." + field, expected, got);
  }
}
