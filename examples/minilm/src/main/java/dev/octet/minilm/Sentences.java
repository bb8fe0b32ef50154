package dev.octet.minilm;

import java.util.List;

/**
 * Fifty English sentences on ten subjects, most with two sentences that say nearly the same, four to thirty
 * words long.
 */
public final class Sentences {
  public static final List<String> ALL = List.of(
      // cooking
      "Bring the salted water to a boil before you add the pasta.",
      "Fry the onions slowly in butter until they turn golden and sweet.",
      "The soup needs more salt.",
      "Let the bread dough rest under a damp cloth for an hour, then knead it once more and shape it into two loaves.",
      "Cook the spaghetti in boiling water with plenty of salt.",
      // weather
      "Heavy rain is expected along the coast tonight.",
      "The forecast promises sunshine and a light breeze for the weekend.",
      "Snow fell for three days without a pause, and by the fourth morning every road into the valley was closed.",
      "It was so foggy that we could not see the other side of the street.",
      "Tonight the seaside will get a lot of rain.",
      // computers
      "The program crashed because it read past the end of an array.",
      "Restart the server after you change its configuration file.",
      "Our database answers most queries in less than five milliseconds.",
      "A compiler translates source code into machine instructions and, on the way, removes work whose result nobody ever"
          + " looks at.",
      "My laptop will not connect to the wireless network.",
      "An index out of bounds made the application stop with an error.",
      // animals
      "The cat slept on the warm windowsill all afternoon.",
      "A young dog chased its own tail in the garden.",
      "Owls hunt at night and can hear a mouse under the snow.",
      "In the afternoon the kitten took a nap in the sun on the window ledge.",
      "Every autumn the geese gather on the lake, circle once over the village and leave for the south in long wavering"
          + " lines.",
      // money
      "The central bank raised interest rates by a quarter of a percent.",
      "Share prices fell sharply after the company published its results.",
      "Borrowing becomes dearer: the bank put its rate up by 0.25 percent.",
      "Inflation has made bread and milk noticeably more expensive this year.",
      "You can open a savings account online within ten minutes.",
      // health
      "The doctor told him to rest and to drink plenty of water.",
      "Regular exercise lowers the risk of heart disease.",
      "She has had a sore throat and a fever since Tuesday.",
      "The new vaccine was tested on thirty thousand volunteers before the agency allowed it to be used in hospitals.",
      "Working out several times a week keeps your heart healthy.",
      // travel
      "Our train to the mountains leaves at seven in the morning.",
      "The flight was delayed for two hours because of a strike.",
      "We rented bicycles and rode along the canal to the old harbour, where we ate fried fish from paper bags and watched"
          + " the ferries come in.",
      "Where can I buy a ticket for the bus to the airport?",
      "Because the staff were on strike, our plane took off two hours late.",
      // music
      "The violinist practised the difficult passage until midnight.",
      "Late at night the violin player was still rehearsing the hardest bars.",
      "The choir sang so softly that you could hear the rain on the roof of the church.",
      "He taught himself to play the guitar by listening to old records.",
      // space
      "The telescope took a picture of a galaxy that is ten billion light years away.",
      "Astronauts on the station grow lettuce without any soil.",
      "The moon passed in front of the sun and the birds fell silent.",
      "During the eclipse the sky went dark and the birds stopped singing.",
      // sport
      "A late goal won the match for the hosts.",
      "She ran the marathon in under three hours.",
      "The goalkeeper broke his finger during training and will miss the rest of the season.",
      // school
      "The pupils wrote an essay about the causes of the war.",
      "Please hand in your homework by Friday.",
      "The teacher explained the proof a second time, more slowly, and drew a large triangle on the board.");

  /** Other sentences, for the ranges of activations: what is compared with FP32 has not been seen before. */
  public static final List<String> SAMPLE = List.of(
      "The museum opens at ten and closes at six, except on Mondays.",
      "My grandfather repaired clocks in a small shop behind the station.",
      "Add two eggs, a cup of flour and a pinch of sugar, and stir until nothing sticks to the bowl any more.",
      "Scientists have found traces of water in rocks that are four billion years old.",
      "Could you send me the invoice again? I cannot find it.",
      "The new law obliges manufacturers to repair appliances for at least ten years after they were sold.",
      "Stop!",
      "The river rose overnight, flooded the cellars of the old town and carried away the wooden bridge that children used"
          + " on their way to school.",
      "He types 90 words per minute but never looks at the screen.",
      "Wolves returned to these forests in 1998; today there are some 40 packs.",
      "Our quarterly revenue grew by 12.5%, mostly thanks to customers in Asia.",
      "What is the difference between a violin and a viola?",
      "After the concert the audience stood and clapped for several minutes.",
      "The patient was discharged with antibiotics and asked to come back in a week.",
      "To reset the device, hold both buttons for five seconds until the red light blinks twice, then release them.",
      "Nobody remembers who planted the oak in front of the town hall.");

  /** Sentences whose nearest neighbours are shown. */
  public static final List<Integer> QUERIES = List.of(10, 16, 32);

  private Sentences() {}
}
