package dev.octet.spark;

import dev.langchain4j.data.embedding.Embedding;
import dev.octet.Engine;
import dev.octet.langchain4j.OctetEmbeddingModel;
import dev.octet.langchain4j.TokenizedText;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * Embeds the rows of a partition.
 *
 * @param spec the model
 * @param batchTokens the most of a batch
 * @param maxTokens the most of a text
 * @param text the index of the column of texts
 * @param policy for bad rows
 */
record EmbeddingTask(EmbeddingSpec spec, int batchTokens, int maxTokens, int text, RowPolicy policy)
    implements
      Serializable {
  Iterator<Row> embed(Iterator<Row> rows) {
    return rows.hasNext()
        ? new RowBatches<>(rows, new Texts(ExecutorModels.ofTask(spec)), batchTokens,
            policy)
        : rows; // and no model
  }

  /** The model of a column of texts. */
  private final class Texts implements RowModel<TokenizedText> {
    private final ModelSlot.Lease<OctetEmbeddingModel> prepared;

    Texts(ModelSlot.Lease<OctetEmbeddingModel> prepared) {
      this.prepared = prepared;
    }

    @Override
    public TokenizedText read(Row row) throws BadRowException {
      String value = row.getString(text);
      TokenizedText tokenized = value == null ? null : prepared.model().tokenize(value);
      int tokens = tokenized == null ? 0 : tokenized.count();
      if (tokens < 1 || tokens > maxTokens) {
        throw new BadRowException("expected a text of "
            + (maxTokens == Integer.MAX_VALUE ? "at least a token" : "1 to " + maxTokens + " tokens")
            + ", got "
            + (value == null ? "null" : tokens + " tokens in " + value.length() + " characters"));
      }
      return tokenized;
    }

    @Override
    public int tokens(TokenizedText item) {
      return item.count();
    }

    @Override
    public int size(TokenizedText item) {
      return item.count();
    }

    @Override
    public List<float[][]> run(List<TokenizedText> items) {
      return prepared.model().embedTokenized(items).stream().map(Embedding::vector)
          .map(vector -> new float[][]{vector}).toList();
    }

    @Override
    public int columns() {
      return 1;
    }

    @Override
    public Engine engine() {
      return prepared.engine();
    }
  }
}
