package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NamesTest {
  /** A part of a name first, then by letters that differ, up to a quarter of them. */
  @Test
  void namesThatCouldBeMeant() {
    List<String> names = List.of("blk.0.attn_k.weight", "blk.0.attn_q.weight", "blk.0.attn_output.weight",
        "output_norm.weight", "abc");
    assertEquals("; like it are blk.0.attn_q.weight, blk.0.attn_k.weight",
        Names.near("blk.0.attn_q.weigth", List.of("blk.0.attn_k.weight", "blk.0.attn_q.weight", "output")));
    assertEquals("; like it is blk.0.attn_output.weight", Names.near("attn_output", names));
    assertEquals("; like it is output_norm.weight", Names.near("model.output_norm.weight", names));
    assertEquals("; like it is abcdefgh", Names.near("abxxefgh", List.of("abcdefgh", "abxxxfxx")));
    assertEquals("; like it is blk.0.attn_k.weight", Names.near("blk.0.atn_k.weights", names.subList(0, 1)));
    assertEquals("", Names.near("abd", names));
    assertEquals("", Names.near("put", names)); // three letters are in too many
    assertEquals("", Names.near("embeddings.word", names));
    assertEquals("; like it are l.0.weight, l.1.weight, l.2.weight, l.3.weight, l.4.weight and 4 more",
        Names.near("l.9.weight", IntStream.range(0, 9).mapToObj(i -> "l." + i + ".weight").toList()));
    String longer = "x".repeat(101);
    assertEquals("", Names.near(longer, List.of(longer + "y")));
  }
}
