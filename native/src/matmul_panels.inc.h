/* A tile, panel by panel: included behind multiply_panel_<rows>(tile, weights, start, sums), a function for
   each number of rows. */

#define PANEL_CASE(rows)                               \
  case rows:                                           \
    multiply_panel_##rows(tile, weights, start, sums); \
    break;

static void multiply(int32_t rows, const struct tile *tile) {
  const int8_t *weights = tile->weights;
  for (int32_t column = 0; column < tile->columns; column += PANEL_COLUMNS) {
    const loose_int *start = tile->start + column;
    loose_int *sums = tile->sums + column;
    switch (rows) {
      PANEL_CASE(1)
      PANEL_CASE(2)
      PANEL_CASE(3)
      PANEL_CASE(4)
      PANEL_CASE(5)
      PANEL_CASE(6)
    }
    weights += tile->panel_bytes;
  }
}
