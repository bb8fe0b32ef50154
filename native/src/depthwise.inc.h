/* The loops of a depthwise convolution, the same on every tier. Channels lie across lanes: of each column the
   bytes of four rows of the window are interleaved, channel by channel, so that one product of fours serves
   four taps; columns of a line are interleaved once and read by all windows that see them. Where a window has
   at most three rows and the stride is 1, four rows serve two lines of outputs, by weights that are one row
   further down for the second one.

   Rows and columns outside the image are interleaved as the zero point, so that offsets are the same
   everywhere.

   The file that includes this has included the outputs of its tier and defined

     interleave(rows, channels, flip, to)       four rows of up to 64 channels, as U8, [64][4]
     pick_16(from, index, to)                 16 bytes by their index among 16
     struct taps, load_taps(weights)            weights of TAP_LANES channels
     lanes, load_lanes(from), store_lanes(to, sums)
     add_taps(sums, bytes, taps)                TAP_LANES channels of four taps
     SLIDES                                     1: weights of three columns fit in registers, see slide
     SIGNED_TAPS                                1: of bytes less 128; sums start with the rest then
     slide_to_bytes(is_signed, ...)             outputs of bytes at once; only where FUSES */

/* A tile whose window has up to four rows and three columns: its weights stay in registers, and columns that
   several windows see are loaded once. */
ALWAYS_INLINE void slide(const struct windows *w, const int outputs, const int stride) {
  for (int32_t lane = 0; lane < w->columns; lane += TAP_LANES) {
    struct taps taps[SLIDE_WIDTH];
    UNROLL for (int kx = 0; kx < SLIDE_WIDTH; kx++) {
      taps[kx] = load_taps(w->weights + kx * COLUMN_BYTES + lane * 4);
    }
    const lanes start = load_lanes(w->start + lane);
    const uint8_t *bytes = w->bytes + lane * 4;
    UNROLL for (int i = 0; i < outputs; i++) {
      lanes sums = start;
      UNROLL for (int kx = 0; kx < SLIDE_WIDTH; kx++) {
        sums = add_taps(sums, bytes + (i * stride + kx) * COLUMN_BYTES, taps[kx]);
      }
      store_lanes(w->sums + i * BLOCK_COLUMNS + lane, sums);
    }
  }
}

#define SLIDE_CASE(outputs, stride) \
  case outputs:                     \
    slide(w, outputs, stride);      \
    break;
#define SLIDE(stride)                                                                             \
  static __attribute__((noinline)) void slide_by_##stride(const struct windows *w, int outputs) { \
    switch (outputs) {                                                                            \
      SLIDE_CASE(1, stride)                                                                       \
      SLIDE_CASE(2, stride)                                                                       \
      SLIDE_CASE(3, stride)                                                                       \
      SLIDE_CASE(4, stride)                                                                       \
      SLIDE_CASE(5, stride)                                                                       \
      SLIDE_CASE(6, stride)                                                                       \
    }                                                                                             \
  }
SLIDE(1)
SLIDE(2)

/* Any tile. */
static __attribute__((noinline)) void walk(const struct windows *w, int32_t outputs) {
  for (int32_t i = 0; i < outputs; i++) {
    for (int32_t lane = 0; lane < w->columns; lane += TAP_LANES) {
      lanes sums = load_lanes(w->start + lane);
      const int8_t *weights = w->weights + lane * 4;
      for (int32_t quad = 0; quad < w->quads; quad++) {
        const uint8_t *bytes = w->bytes + quad * w->quad_bytes + i * w->stride + lane * 4;
        for (int32_t kx = 0; kx < w->kernel_width; kx++) {
          sums = add_taps(sums, bytes + kx * w->dilation, load_taps(weights));
          weights += COLUMN_BYTES;
        }
      }
      store_lanes(w->sums + i * BLOCK_COLUMNS + lane, sums);
    }
  }
}

static void multiply_windows(const struct windows *w, int32_t outputs) {
  const int slides = SLIDES && w->quads == 1 && w->kernel_width == SLIDE_WIDTH && w->dilation == COLUMN_BYTES;
  if (slides && w->stride == COLUMN_BYTES) {
    slide_by_1(w, outputs);
  } else if (slides && w->stride == 2 * COLUMN_BYTES) {
    slide_by_2(w, outputs);
  } else {
    walk(w, outputs);
  }
}

/* Input channels of the output channels of a panel, where each has several: for each 16 of them the first
   input channel, from that of the panel on, and which of those behind it. */
struct spread {
  int32_t first[DEPTH_COLUMNS / 16];
  uint8_t index[DEPTH_COLUMNS];
};

ALWAYS_INLINE struct spread spread_of(int32_t channel, int32_t multiplier) {
  struct spread spread;
  for (int32_t c = 0; c < DEPTH_COLUMNS; c++) {
    const int32_t first = (channel + c / 16 * 16) / multiplier;
    spread.first[c / 16] = first - channel / multiplier;
    spread.index[c] = (uint8_t)((channel + c) / multiplier - first);
  }
  return spread;
}

/* A pixel, its channels as often as each has outputs; nothing is read from end on. */
ALWAYS_INLINE void spread_pixel(const struct spread *spread, const uint8_t *from, const uint8_t *end,
                                int32_t channels, uint8_t *to) {
  for (int32_t c = 0; c < channels; c += 16) {
    const uint8_t *first = from + spread->first[c / 16];
    if (end - first >= 16) {
      pick_16(first, spread->index + c, to + c);
    } else {
      for (int32_t i = c; i < at_most(c + 16, channels); i++) {
        to[i] = first[spread->index[i]];
      }
    }
  }
}

/* Columns that are interleaved: from where, how many, and to where. */
struct columns {
  /* Four rows of the window from this one of the image on, and from this tap on. */
  int64_t top;
  int32_t first_tap;
  /* The first column, and how many. */
  int64_t left;
  int64_t count;
  /* Of the input. */
  int32_t first_channel;
  /* Of the output; those of the input are spread to them where they are more. */
  int32_t channels;
  const struct spread *spread;
  /* From one interleaved column to the next. */
  int64_t column_bytes;
  uint8_t *to;
};

ALWAYS_INLINE void repeat_padding(const struct conv2d_run *run, const struct columns *columns,
                                  const uint8_t *padding, int64_t first, int64_t count) {
  const uint8_t *const rows[4] = {padding, padding, padding, padding};
  for (int64_t column = first; column < first + count; column++) {
    interleave(rows, columns->channels, run->flip, columns->to + column * columns->column_bytes);
  }
}

/* Rows and columns outside the image are read from padding, which is as long as the channels. */
static ONCE void interleave_columns(const struct conv2d_run *run, const struct columns *columns,
                                    const uint8_t *padding) {
  const struct octet_conv2d *plan = run->plan;
  const int64_t pixel = plan->groups;
  const int64_t before = clamp64(-columns->left, 0, columns->count);
  const int64_t behind = clamp64(columns->left + columns->count - run->width, 0, columns->count - before);
  const int64_t inside = columns->count - before - behind;
  /* Copies: what is written might be what they were read from. */
  const uint8_t flip = run->flip;
  const int32_t channels = columns->channels;
  const int64_t column_bytes = columns->column_bytes;
  const uint8_t *rows[4];
  int64_t steps[4];
  int all = 1;
  const int32_t frame_rows = plan->frame_rows == 0 ? INT32_MAX : plan->frame_rows;
  for (int32_t i = 0; i < 4; i++) {
    const int32_t tap = columns->first_tap + i;
    const int64_t row = columns->top + (int64_t)(tap % frame_rows) * plan->dilation_height;
    const int64_t frame = run->first_frame + (int64_t)(tap / frame_rows) * plan->dilation_depth;
    const int there = row >= 0 && row < run->height && frame >= 0 && frame < run->depth;
    const int64_t line = frame * run->height + row;
    rows[i] = there && inside > 0
                  ? run->src + (line * run->width + columns->left + before) * pixel + columns->first_channel
                  : padding;
    steps[i] = there ? pixel : 0;
    all &= there;
  }
  repeat_padding(run, columns, padding, 0, before);
  uint8_t *to = columns->to + before * columns->column_bytes;
  int64_t column = 0;
  /* Where pixels have half as many channels, two of them are as long as one. */
  const int pairs =
      all && columns->spread == 0 && pixel == DEPTH_COLUMNS / 2 && column_bytes == COLUMN_BYTES / 2;
  for (; pairs && column + 2 <= inside; column += 2) {
    const uint8_t *const here[4] = {rows[0] + column * pixel, rows[1] + column * pixel,
                                    rows[2] + column * pixel, rows[3] + column * pixel};
    interleave(here, DEPTH_COLUMNS, flip, to);
    to += COLUMN_BYTES;
  }
  const uint8_t *end = run->src + (int64_t)run->depth * run->height * run->width * pixel;
  _Alignas(64) uint8_t spread[4][DEPTH_COLUMNS];
  for (; column < inside; column++) {
    const uint8_t *here[4];
    for (int32_t i = 0; i < 4; i++) {
      here[i] = rows[i] + column * steps[i];
      if (columns->spread != 0) {
        spread_pixel(columns->spread, here[i], steps[i] == 0 ? padding + DEPTH_COLUMNS : end, channels,
                     spread[i]);
        here[i] = spread[i];
      }
    }
    interleave(here, channels, flip, to);
    to += column_bytes;
  }
  repeat_padding(run, columns, padding, before + inside, behind);
}

/* Takes zero points of the weights off, by the sums over the windows. */
ALWAYS_INLINE void take_zero_points(const int32_t *zero_points, const int32_t *window_sums, int32_t columns,
                                    int32_t outputs, int32_t *sums) {
  for (int32_t i = 0; i < outputs; i++) {
    for (int32_t c = 0; c < columns; c++) {
      const int32_t at = i * BLOCK_COLUMNS + c;
      sums[at] = (int32_t)((uint32_t)sums[at] - (uint32_t)zero_points[c] * (uint32_t)window_sums[at]);
    }
  }
}

/* Whether outputs are made by slide_to_bytes. */
ALWAYS_INLINE int slides_to_bytes(int to_bytes, const struct octet_conv2d *plan) {
  const int fits = (plan->kernel_width == SLIDE_WIDTH && plan->kernel_height <= 4) ||
                   (plan->kernel_width == WIDE_SLIDE && plan->kernel_height <= 8);
  return FUSES && to_bytes && plan->weight_zero_points == 0 && fits && plan->dilation_width == 1;
}

/* Whether lines of outputs are made by slide_columns_to_bytes. */
ALWAYS_INLINE int slides_columns(int type, const struct octet_conv2d *plan) {
  return slides_to_bytes(is_bytes(type), plan) && plan->kernel_width == SLIDE_WIDTH &&
         plan->out_channels == 1 && plan->frame_rows == 0 &&
         (plan->stride_width == 1 || (plan->stride_width == 2 && plan->kernel_height <= 3));
}

/* What the sums of a line start from: where taps are signed, 128 times the sum of the weights more. */
ALWAYS_INLINE const int32_t *start_of_taps(const struct windows *w, const int8_t *weights,
                                           const int32_t *start, int32_t *space) {
  if (!SIGNED_TAPS) {
    return start;
  }
  for (int32_t c = 0; c < DEPTH_COLUMNS; c++) {
    space[c] = start[c];
  }
  for (int32_t tap = 0; tap < w->quads * w->kernel_width; tap++) {
    for (int32_t i = 0; i < COLUMN_BYTES; i++) {
      space[i / 4] = (int32_t)((uint32_t)space[i / 4] + (uint32_t)weights[tap * COLUMN_BYTES + i] * 128);
    }
  }
  return space;
}

/* A line of outputs from interleaved columns. */
ALWAYS_INLINE void depthwise_line(const int type, const struct octet_conv2d *plan, struct windows *w,
                                  const int8_t *ones, const int32_t *start, const struct column_block *block,
                                  uint8_t *dst, int32_t outputs) {
  static const int32_t nothing[BLOCK_COLUMNS];
  const int element = type == OCTET_S32 || type == OCTET_F32 ? 4 : 1;
  const struct output output = {plan->low, plan->high, plan->zero_point};
  const struct row_terms terms = {.scales = 0, .zero_points = 0, .zero_point_shift = 0, .sums = 0};
  const struct column_block without = {.offsets = block->offsets,
                                       .multipliers = block->multipliers,
                                       .bias = block->bias,
                                       .columns = block->columns};
  if (slides_to_bytes(is_bytes(type), plan)) {
    slide_to_bytes(type == OCTET_S8, w, start, block, &output, dst, output_elements(plan), outputs);
    return;
  }
  const uint8_t *bytes = w->bytes;
  const int8_t *weights = w->weights;
  _Alignas(64) int32_t sums[TILE_ROWS * BLOCK_COLUMNS];
  _Alignas(64) int32_t window_sums[TILE_ROWS * BLOCK_COLUMNS];
  _Alignas(64) int32_t start_space[DEPTH_COLUMNS];
  _Alignas(64) int32_t ones_space[DEPTH_COLUMNS];
  start = start_of_taps(w, weights, start, start_space);
  const int32_t *ones_start =
      block->weight_zero_points == 0 ? nothing : start_of_taps(w, ones, nothing, ones_space);
  for (int32_t done = 0; done < outputs;) {
    const int32_t count = share(outputs - done, TILE_ROWS);
    w->bytes = bytes + done * w->stride;
    w->weights = weights;
    w->start = start;
    w->sums = sums;
    multiply_windows(w, count);
    if (block->weight_zero_points != 0) {
      w->weights = ones;
      w->start = ones_start;
      w->sums = window_sums;
      multiply_windows(w, count);
      take_zero_points(block->weight_zero_points, window_sums, block->columns, count, sums);
    }
    finish(type, 0, sums, count, &without, &terms, &output, dst + done * output_elements(plan) * element,
           output_elements(plan));
    done += count;
  }
}

/* One line of outputs, or two that share their columns, of a panel. */
struct depthwise_lines {
  int32_t first;
  int32_t count;
  int32_t x;
  int32_t columns;
};

ALWAYS_INLINE void depthwise_panel(const struct conv2d_run *run, int32_t panel,
                                   const struct depthwise_lines *lines, const int32_t *last_start,
                                   const uint8_t *padding) {
  const struct octet_conv2d *plan = run->plan;
  const struct octet_matmul product = product_of(plan);
  const int64_t element = run->make->element;
  const int32_t channel = panel * DEPTH_COLUMNS;
  const int32_t all = plan->groups * plan->out_channels;
  const int32_t channels = at_most(DEPTH_COLUMNS, all - channel);
  const struct spread spread = spread_of(channel, plan->out_channels);
  const int32_t quads = quads_of(plan);
  const int32_t sets = depthwise_sets(plan);
  const int64_t set_bytes = depthwise_set_bytes(plan);
  const int8_t *ones = plan->weights;
  const int8_t *weights = ones + (1 + panel) * sets * set_bytes;
  const int64_t window = (int64_t)(plan->kernel_width - 1) * plan->dilation_width + 1;
  const int64_t span = (int64_t)(lines->columns - 1) * plan->stride_width + window;
  const int64_t column_bytes =
      slides_to_bytes(element == 1, plan) && channels <= DEPTH_COLUMNS / 2 ? COLUMN_BYTES / 2 : COLUMN_BYTES;
  struct tables space;
  const struct column_block block = block_of(&product, channel, channels, &space);
  for (int32_t quad = 0; quad < quads; quad++) {
    const struct columns columns = {.top = (int64_t)lines->first * plan->stride_height - plan->pad_top,
                                    .first_tap = quad * 4,
                                    .left = (int64_t)lines->x * plan->stride_width - plan->pad_left,
                                    .count = span,
                                    .first_channel = channel / plan->out_channels,
                                    .channels = channels,
                                    .spread = plan->out_channels == 1 ? 0 : &spread,
                                    .column_bytes = column_bytes,
                                    .to = run->bytes + quad * span * COLUMN_BYTES};
    interleave_columns(run, &columns, padding);
  }
  for (int32_t set = 0; set < lines->count; set++) {
    struct windows w = {.bytes = run->bytes,
                        .weights = weights + set * set_bytes,
                        .stride = plan->stride_width * column_bytes,
                        .dilation = plan->dilation_width * column_bytes,
                        .quad_bytes = span * COLUMN_BYTES,
                        .kernel_width = plan->kernel_width,
                        .quads = quads,
                        .columns = channels};
    const int64_t pixel = pixel_of(plan, run->dst_width, lines->first + set, lines->x);
    run->make->depthwise_line(plan, &w, ones + set * set_bytes,
                              channels == DEPTH_COLUMNS ? block.offsets : last_start, &block,
                              run->dst + (pixel * all + channel) * element, lines->columns);
  }
}

ALWAYS_INLINE void deal_panel(const int is_signed, const struct octet_conv2d *plan, int32_t panel,
                              struct column_panel *to) {
  const int32_t first = panel * DEPTH_COLUMNS;
  const int32_t channels = at_most(DEPTH_COLUMNS, plan->groups - first);
  const int32_t sets = depthwise_sets(plan);
  const int8_t *weights =
      (const int8_t *)plan->weights + (int64_t)(1 + panel) * sets * depthwise_set_bytes(plan);
  for (int32_t line = 0; line < sets; line++) {
    for (int32_t kx = 0; kx < SLIDE_WIDTH; kx++) {
      deal_table(weights + line * depthwise_set_bytes(plan) + kx * COLUMN_BYTES, channels,
                 to->weights[line][kx]);
    }
  }
  deal_table(plan->offsets == 0 ? 0 : plan->offsets + first, channels, to->start);
  deal_table(plan->multipliers + first, channels, to->multipliers);
  to->clamps =
      panel_clamps(is_signed, to, plan->high, plan->zero_point, (int32_t)plan->low + plan->zero_point);
}

ALWAYS_INLINE void slide_panel(const struct conv2d_run *run, const int is_signed, int32_t panel, int32_t y,
                               int32_t lines, const struct column_panel *tables) {
  const struct octet_conv2d *plan = run->plan;
  const int64_t pixel = plan->groups;
  const int32_t first = panel * DEPTH_COLUMNS;
  struct column_lines l = {
      .panel = tables,
      .pixel = pixel,
      .left = -(int64_t)plan->pad_left,
      .width = run->width,
      .dst = run->dst + pixel_of(plan, run->dst_width, y, 0) * pixel + first,
      .dst_stride = output_elements(plan),
      .dst_line = (int64_t)run->dst_width * at_least_one(plan->output_stride_height) * pixel,
      .outputs = run->out_width,
      .channels = at_most(DEPTH_COLUMNS, plan->groups - first),
      .high = plan->high,
      .zero_point = plan->zero_point,
      .lowest = (int32_t)plan->low + plan->zero_point,
      .padding = (uint8_t)plan->input_zero_point,
      .flip = run->flip};
  for (int32_t i = 0; i < 4; i++) {
    const int64_t row = (int64_t)y * plan->stride_height - plan->pad_top + (int64_t)i * plan->dilation_height;
    const int there = row >= 0 && row < run->height;
    /* Or a row that can be read. */
    l.rows[i] = run->src + (there ? row : 0) * run->width * pixel + first;
    l.inside[i] = (uint8_t)there;
  }
  slide_columns_to_bytes(is_signed, lines, plan->stride_width, &l);
}

/* Lines outside, panels inside: a line of an image is read from its first byte to its last. */
static __attribute__((noinline)) void convolve_columns(const struct conv2d_run *run, int is_signed,
                                                       int32_t first_line, int32_t lines, int32_t first_panel,
                                                       int32_t panels) {
  const struct octet_conv2d *plan = run->plan;
  struct column_panel *tables = (struct column_panel *)(void *)run->bytes;
  const int32_t together = plan->stride_width == 1 ? depthwise_sets(plan) : 1;
  int32_t count;
  for (int32_t panel = 0; panel < panels; panel += count) {
    count = at_most(COLUMN_PANELS, panels - panel);
    for (int32_t i = 0; i < count; i++) {
      deal_panel(is_signed, plan, first_panel + panel + i, &tables[i]);
    }
    int32_t some;
    for (int32_t done = 0; done < lines; done += some) {
      some = at_most(together, lines - done);
      for (int32_t i = 0; i < count; i++) {
        slide_panel(run, is_signed, first_panel + panel + i, first_line + done, some, &tables[i]);
      }
    }
  }
}

/* Panels inside, lines outside: a line of an image is read from its first byte to its last. */
ALWAYS_INLINE void convolve_depthwise(const struct conv2d_run *run, int32_t first_line, int32_t lines,
                                      int32_t first_panel, int32_t panels) {
  const struct octet_conv2d *plan = run->plan;
  const int32_t sets = depthwise_sets(plan);
  const int64_t window = (int64_t)(plan->kernel_width - 1) * plan->dilation_width + 1;
  const int64_t most =
      (DEPTHWISE_BYTES / ((int64_t)quads_of(plan) * COLUMN_BYTES) - window) / plan->stride_width + 1;
  const int32_t all = plan->groups * plan->out_channels;
  const int32_t last = all / DEPTH_COLUMNS * DEPTH_COLUMNS;
  uint8_t padding[DEPTH_COLUMNS];
  _Alignas(64) int32_t last_start[DEPTH_COLUMNS];
  fill(padding, DEPTH_COLUMNS, (uint8_t)plan->input_zero_point);
  if (slides_columns(run->make->type, plan)) {
    convolve_columns(run, run->make->type == OCTET_S8, first_line, lines, first_panel, panels);
    return;
  }
  for (int32_t c = 0; c < DEPTH_COLUMNS; c++) {
    last_start[c] = plan->offsets != 0 && last + c < all ? plan->offsets[last + c] : 0;
  }
  struct depthwise_lines some;
  for (some.x = 0; some.x < run->out_width; some.x += some.columns) {
    some.columns = share(run->out_width - some.x, (int32_t)clamp64(most, 1, INT32_MAX / 2));
    for (int32_t done = 0; done < lines; done += some.count) {
      some.first = first_line + done;
      some.count = at_most(sets, lines - done);
      for (int32_t panel = first_panel; panel < first_panel + panels; panel++) {
        depthwise_panel(run, panel, &some, last_start, padding);
      }
    }
  }
}
