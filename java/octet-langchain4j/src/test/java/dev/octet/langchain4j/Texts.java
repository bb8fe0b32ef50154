package dev.octet.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import java.util.ArrayList;
import java.util.List;

/** Real sentences of one to some hundred words, in several scripts, and texts that are hard to tokenize. */
final class Texts {
  static final List<String> SENTENCES = List.of(
      "a",
      "?",
      "Stop!",
      "Yes, of course.",
      "The soup needs more salt.",
      "My laptop will not connect to the wireless network.",
      "Fry the onions slowly in butter until they turn golden and sweet.",
      "Tonight the seaside will get a lot of rain.",
      "Heavy rain is expected along the coast tonight.",
      "The program crashed because it read past the end of an array.",
      "An index out of bounds made the application stop with an error.",
      "Don't you think it's odd that the shop isn't open, although it's Tuesday?",
      "In 1998 the company sold 12,345 bicycles at $299.99 each; a year later it was 3.5 % more.",
      "The central bank raised interest rates by a quarter of a percent.",
      "Borrowing becomes dearer: the bank put its rate up by 0.25 percent.",
      "Pneumonoultramicroscopicsilicovolcanoconiosis is a disease of the lungs.",
      "for (int i = 0; i < n; i++) { sum += a[i] * b[i]; } // dot product",
      "See https://example.org/a/b?c=d&e=f#g or write to info@example.org.",
      "naïve café, Straße, coöperate, Ångström, El Niño, façade",
      "😀 emoji 👍🏽 and → arrows ≠ words",
      "Where can I buy a ticket for the bus to the airport?",
      "The violinist practised the difficult passage until midnight.",
      "Late at night the violin player was still rehearsing the hardest bars.",
      "Die Bahn kommt heute wieder einmal eine halbe Stunde zu spät.",
      "Le musée est fermé le lundi, mais le jardin reste ouvert toute la semaine.",
      "El tren hacia las montañas sale a las siete de la mañana.",
      "Поезд в горы отправляется в семь часов утра.",
      "Το μουσείο είναι κλειστό τη Δευτέρα.",
      "東京は日本の首都で、世界最大の都市圏の一つです。",
      "今天天气很好，我们去公园散步吧。",
      "오늘은 날씨가 좋아서 공원에 산책하러 갑니다.",
      "القطار إلى الجبال يغادر في السابعة صباحا.",
      "הרכבת להרים יוצאת בשבע בבוקר.",
      "पहाड़ों की ट्रेन सुबह सात बजे जाती है।",
      "รถไฟไปภูเขาออกเวลาเจ็ดโมงเช้า",
      "We rented bicycles and rode along the canal to the old harbour, where we ate fried fish from paper bags and"
          + " watched the ferries come in.",
      "To reset the device, hold both buttons for five seconds until the red light blinks twice, then release them;"
          + " if it does not blink, the battery is empty, and the cover on the back has to be opened with a coin.",
      "Every autumn the geese gather on the lake, circle once over the village and leave for the south in long"
          + " wavering lines. Nobody remembers a year in which they did not, though the old people say that there"
          + " were more of them once, that the sky was dark with them, and that one heard them all night. The young"
          + " ones shrug, and look up all the same when the first line comes over the church and turns.");

  /** More than 512 tokens each; the second one has words of many tokens, the third one no spaces. */
  static final List<String> LONG = List.of(
      String.join(" ", SENTENCES.subList(3, 25)) + " " + String.join(" ", SENTENCES.subList(35, 38)) + " "
          + String.join(" ", SENTENCES),
      "Pneumonoultramicroscopicsilicovolcanoconiosis, supercalifragilisticexpialidocious! ".repeat(60),
      "東京は日本の首都で、世界最大の都市圏の一つです。".repeat(60));

  private Texts() {}

  static List<TextSegment> segments(List<String> texts) {
    List<TextSegment> segments = new ArrayList<>();
    texts.forEach(text -> segments.add(TextSegment.from(text)));
    return segments;
  }
}
