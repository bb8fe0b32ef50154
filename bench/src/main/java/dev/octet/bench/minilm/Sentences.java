package dev.octet.bench.minilm;

import java.util.List;

/** Fifty English sentences in groups of similar meaning, four to forty words long. */
final class Sentences {
  static final List<String> ALL = List.of(
      // cooking
      "Bring the salted water to a boil before you add the pasta.",
      "Fry the onions slowly in butter until they turn golden and sweet.",
      "The soup needs more salt.",
      "Let the bread dough rest under a damp cloth for an hour, then knead it once more and shape it into two loaves.",
      "She whisked egg whites and sugar into a stiff white foam.",
      // weather
      "Heavy rain is expected along the coast tonight.",
      "The forecast promises sunshine and a light breeze for the weekend.",
      "Snow fell for three days without a pause, and by the fourth morning every road into the valley was closed.",
      "It was so foggy that we could not see the other side of the street.",
      "A thunderstorm knocked out the power in half of the town.",
      // computers
      "The program crashed because it read past the end of an array.",
      "Restart the server after you change its configuration file.",
      "Our database answers most queries in less than five milliseconds.",
      "A compiler translates source code into machine instructions and, on the way, removes work whose result nobody ever"
          + " looks at.",
      "My laptop will not connect to the wireless network.",
      "The backup job failed since the disk was full.",
      // animals
      "The cat slept on the warm windowsill all afternoon.",
      "A young dog chased its own tail in the garden.",
      "Owls hunt at night and can hear a mouse under the snow.",
      "The horse refused to cross the narrow wooden bridge.",
      "Every autumn the geese gather on the lake, circle once over the village and leave for the south in long wavering"
          + " lines.",
      // money
      "The central bank raised interest rates by a quarter of a percent.",
      "Share prices fell sharply after the company published its results.",
      "He pays back his loan in monthly instalments.",
      "Inflation has made bread and milk noticeably more expensive this year.",
      "You can open a savings account online within ten minutes.",
      // health
      "The doctor told him to rest and to drink plenty of water.",
      "Regular exercise lowers the risk of heart disease.",
      "She has had a sore throat and a fever since Tuesday.",
      "The new vaccine was tested on thirty thousand volunteers before the agency allowed it to be used in hospitals.",
      "Wash the wound carefully and cover it with a clean bandage.",
      // travel
      "Our train to the mountains leaves at seven in the morning.",
      "The flight was delayed for two hours because of a strike.",
      "We rented bicycles and rode along the canal to the old harbour, where we ate fried fish from paper bags and watched"
          + " the ferries come in.",
      "Where can I buy a ticket for the bus to the airport?",
      "The hotel room had a view of the sea.",
      // music
      "The violinist practised the difficult passage until midnight.",
      "Their second album sold more than a million copies.",
      "The choir sang so softly that you could hear the rain on the roof of the church.",
      "He taught himself to play the guitar by listening to old records.",
      // space
      "The telescope took a picture of a galaxy that is ten billion light years away.",
      "Astronauts on the station grow lettuce without any soil.",
      "The moon passed in front of the sun and the birds fell silent.",
      "Two small moons circle the planet Mars.",
      // sport
      "The home team scored in the last minute of the match.",
      "She ran the marathon in under three hours.",
      "The goalkeeper broke his finger during training and will miss the rest of the season.",
      // school
      "The pupils wrote an essay about the causes of the war.",
      "Please hand in your homework by Friday.",
      "The teacher explained the proof a second time, more slowly, and drew a large triangle on the board.");

  /** Sentences whose nearest neighbours are shown. */
  static final List<Integer> QUERIES = List.of(10, 16, 32);

  private Sentences() {}
}
