package dev.octet.similar;

import java.util.List;
import java.util.Random;

/** Short texts, made up: a text depends on its number alone. */
final class Texts {
  private static final List<String> WHO = List.of("The cat", "A young fox", "My neighbour", "The old captain",
      "Our teacher", "The central bank", "A tired programmer", "The orchestra", "The football team",
      "A small company", "The gardener", "Her grandmother");
  private static final List<String> DOES = List.of("slept on", "painted", "looked for", "sold", "repaired",
      "wrote about", "waited beside", "dreamed of", "complained about", "paid for", "listened to",
      "walked around");
  private static final List<String> WHAT = List.of("the windowsill", "a wooden boat",
      "the new interest rates",
      "a broken computer", "the garden wall", "an unfinished symphony", "the morning train",
      "a pot of hot soup", "the last match", "an old photograph", "the quiet harbour", "a fast bicycle");
  private static final List<String> WHEN = List.of("all afternoon", "before breakfast", "in the rain",
      "with great care", "for three years", "on Sunday", "without a word", "after the storm");

  /** What is looked for. */
  static final List<String> QUERIES = List.of("Where is the kitten?", "monetary policy",
      "a computer that does not work", "classical music", "sailing", "lunch", "public transport",
      "plants and flowers", "sports news", "memories of the past");

  private Texts() {}

  static String of(long number) {
    Random random = new Random(number * 0x9E3779B97F4A7C15L);
    return pick(WHO, random) + " " + pick(DOES, random) + " " + pick(WHAT, random) + " "
        + pick(WHEN, random) + ".";
  }

  private static String pick(List<String> words, Random random) {
    return words.get(random.nextInt(words.size()));
  }
}
