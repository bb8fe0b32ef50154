/* The loops of a convolution, the same on every tier: a product of matrices, tile by tile, whose rows are
   windows of images. No more of them is ever in memory than an area of outputs needs:

   - lines: the rows of the images that the area sees, with their padding, as U8. The windows of neighbours
     overlap there, and a row of the window (its columns and channels) is one run of bytes. Rows of the window
     that lie above or below the image are not multiplied.
   - gathered: windows one after the other, for groups, dilation, and strides beyond the window.

   Depthwise convolutions: depthwise.inc.h.

   The file that includes this has defined FLIPS as 0 and RUNS as 1 and included the tiles of its tier and its
   taps, depthwise_<tier>.inc.h. */

#include "conv2d.h"
#include "matmul_outputs.inc.h"

/* What makes outputs of a type. Everything else is the same for all types, and stands once. */
struct outputs_of_type {
  /* Of a row of windows. */
  void (*tiles)(const struct octet_conv2d *plan, struct tile *tile, const struct column_block *block,
                const int32_t *start, const int32_t *window_sums, uint8_t *dst, int32_t outputs);
  /* Of a line of a depthwise convolution. */
  void (*depthwise_line)(const struct octet_conv2d *plan, struct windows *w, const int8_t *ones,
                         const int32_t *start, const struct column_block *block, uint8_t *dst,
                         int32_t outputs);
  int32_t type;
  /* The bytes of one. */
  int32_t element;
};

/* A running call. */
struct conv2d_run {
  const struct octet_conv2d *plan;
  const struct outputs_of_type *make;
  const uint8_t *src;
  uint8_t *dst;
  /* Frames of src, and the one where the window begins. */
  int32_t depth;
  int64_t first_frame;
  int32_t height;
  int32_t width;
  /* Outputs of a line, and pixels of a line of dst. */
  int32_t out_width;
  int32_t dst_width;
  /* XORed to bytes of the image: makes u8 of s8. */
  uint8_t flip;
  /* Lines or windows, as U8. */
  uint8_t *bytes;
  /* Sums over windows, of the outputs of an area. */
  int32_t *sums;
};

ALWAYS_INLINE void copy_flipped(const uint8_t *from, int64_t count, uint8_t flip, uint8_t *to) {
  for (int64_t i = 0; i < count; i++) {
    to[i] = from[i] ^ flip;
  }
}

ALWAYS_INLINE void fill(uint8_t *to, int64_t count, uint8_t with) {
  for (int64_t i = 0; i < count; i++) {
    to[i] = with;
  }
}

/* What pads an image, as U8. */
ALWAYS_INLINE uint8_t padding_of(const struct conv2d_run *run) {
  return (uint8_t)run->plan->input_zero_point ^ run->flip;
}

ALWAYS_INLINE int64_t clamp64(int64_t x, int64_t low, int64_t high) {
  return x < low ? low : x > high ? high : x;
}

/* Some rows of an image, and of the padding at their sides, dense; at least one column. */
static __attribute__((noinline)) void copy_lines(const struct conv2d_run *run, int64_t first_row,
                                                 int32_t rows, int64_t first_column, int64_t columns) {
  const int64_t channels = run->plan->in_channels;
  const int64_t left = clamp64(-first_column, 0, columns);
  const int64_t right = clamp64(first_column + columns - run->width, 0, columns - left);
  const int64_t inside = (columns - left - right) * channels;
  const uint8_t padding = padding_of(run);
  uint8_t *to = run->bytes;
  for (int32_t row = 0; row < rows; row++) {
    fill(to, left * channels, padding);
    copy_flipped(run->src + ((first_row + row) * run->width + first_column + left) * channels, inside,
                 run->flip, to + left * channels);
    fill(to + left * channels + inside, right * channels, padding);
    to += columns * channels;
  }
}

/* The window of an output in the channels of a group. */
ALWAYS_INLINE void gather_window(const struct conv2d_run *run, int64_t y, int64_t x, int64_t first_channel,
                                 uint8_t *to) {
  const struct octet_conv2d *plan = run->plan;
  const int64_t all = (int64_t)plan->in_channels * plan->groups;
  const int32_t in = plan->in_channels;
  const int32_t rows = plan->frame_rows == 0 ? plan->kernel_height : plan->frame_rows;
  const int64_t top = y * plan->stride_height - plan->pad_top;
  int64_t frame = run->first_frame;
  int64_t row = top;
  for (int32_t ky = 0, left = rows; ky < plan->kernel_height; ky++) {
    const int inside = frame >= 0 && frame < run->depth && row >= 0 && row < run->height;
    for (int32_t kx = 0; kx < plan->kernel_width; kx++) {
      const int64_t column = x * plan->stride_width - plan->pad_left + (int64_t)kx * plan->dilation_width;
      if (!inside || column < 0 || column >= run->width) {
        fill(to, in, padding_of(run));
      } else {
        copy_flipped(run->src + ((frame * run->height + row) * run->width + column) * all + first_channel, in,
                     run->flip, to);
      }
      to += in;
    }
    row += plan->dilation_height;
    if (--left == 0) {
      left = rows;
      row = top;
      frame += plan->dilation_depth;
    }
  }
}

/* Some windows, each padded to fours. */
static __attribute__((noinline)) void gather_windows(const struct conv2d_run *run, int64_t first,
                                                     int32_t count, int64_t first_channel, int64_t pitch) {
  int64_t y = first / run->out_width;
  int64_t x = first % run->out_width;
  for (int32_t i = 0; i < count; i++) {
    gather_window(run, y, x, first_channel, run->bytes + i * pitch);
    if (++x == run->out_width) {
      x = 0;
      y++;
    }
  }
}

/* The tables of a plan as those of a product. */
ALWAYS_INLINE struct octet_matmul product_of(const struct octet_conv2d *plan) {
  const struct octet_matmul product = {.offsets = plan->offsets,
                                       .weight_zero_points = plan->weight_zero_points,
                                       .multipliers = plan->multipliers,
                                       .bias = plan->bias};
  return product;
}

/* Outputs of bytes. Short lines are multiplied by half of the columns of a block at a time: in a tall tile
   weights are read once for the whole line. 7x7x512 with 3x3 windows takes 260 us so, 296 us by tiles of 4
   and 3 rows; of long lines tiles of all columns are as fast. */
ALWAYS_INLINE void fused_tiles(const int is_signed, const struct tile *of, const struct column_block *block,
                               const int32_t *start, const struct output *output, uint8_t *dst,
                               int64_t dst_stride, int32_t outputs) {
  const int32_t wide = outputs > SHORT_LINE ? BLOCK_COLUMNS : BLOCK_COLUMNS / 2;
  struct tile tile = *of;
  struct column_block part = *block;
  tile.start_stride = 0;
  for (int32_t column = 0; column < block->columns; column += wide) {
    tile.columns = part.columns = at_most(wide, block->columns - column);
    tile.weights = of->weights + column * 4;
    tile.start = start + column;
    part.multipliers = block->multipliers + column;
    if (tile.tap_steps != 0 && multiplies_line(outputs) && part.columns > BLOCK_COLUMNS / 4) {
      line_bytes(is_signed, outputs, &tile, &part, output, dst + column, dst_stride);
      continue;
    }
    for (int32_t done = 0; done < outputs;) {
      const int32_t count = share(outputs - done, fused_rows(part.columns));
      tile.src = of->src + done * of->src_stride;
      fused_bytes(is_signed, count, &tile, &part, output, dst + done * dst_stride + column, dst_stride);
      done += count;
    }
  }
}

/* A row of outputs, tile by tile: their first one's bytes, sums over windows, and the first output. */
ALWAYS_INLINE void tiles(const int type, const struct octet_conv2d *plan, struct tile *tile,
                         const struct column_block *block, const int32_t *start, const int32_t *window_sums,
                         uint8_t *dst, int32_t outputs) {
  const int element = type == OCTET_S32 || type == OCTET_F32 ? 4 : 1;
  const int64_t dst_stride = output_elements(plan);
  const struct output output = {plan->low, plan->high, plan->zero_point};
  const uint8_t *src = tile->src;
  _Alignas(64) int32_t sums[TILE_ROWS * BLOCK_COLUMNS];
  tile->sums = sums;
  tile->sums_stride = BLOCK_COLUMNS;
  tile->start = start;
  tile->start_stride = 0;
  if (FUSES && is_bytes(type) && block->weight_zero_points == 0 && tile->runs > 0) {
    fused_tiles(type == OCTET_S8, tile, block, start, &output, dst, dst_stride, outputs);
    return;
  }
  for (int32_t done = 0; done < outputs;) {
    const int32_t count = share(outputs - done, TILE_ROWS);
    uint8_t *to = dst + done * dst_stride * element;
    tile->src = src + done * tile->src_stride;
    if (tile->runs > 0) {
      multiply(count, tile);
    } else {
      /* The whole window lies above or below the image. */
      for (int32_t i = 0; i < count * BLOCK_COLUMNS; i++) {
        sums[i] = i % BLOCK_COLUMNS < block->columns ? start[i % BLOCK_COLUMNS] : 0;
      }
    }
    const struct row_terms terms = {
        .scales = 0, .zero_points = 0, .zero_point_shift = 0, .sums = window_sums + done};
    if (block->weight_zero_points != 0) {
      finish(type, 1, sums, count, block, &terms, &output, to, dst_stride);
    } else {
      finish(type, 0, sums, count, block, &terms, &output, to, dst_stride);
    }
    done += count;
  }
}

/* Lines and columns of outputs whose windows lie in the lines that were copied. */
struct area {
  int64_t first_row;
  int64_t pitch;
  int32_t y;
  int32_t lines;
  int32_t x;
  int32_t columns;
};

/* The rows of the window of an output line that lie in the image: from first to before end. */
struct window_rows {
  int32_t first;
  int32_t end;
};

ALWAYS_INLINE struct window_rows rows_inside(const struct conv2d_run *run, int32_t y) {
  const int64_t top = (int64_t)y * run->plan->stride_height - run->plan->pad_top;
  const int64_t first = clamp64(-top, 0, run->plan->kernel_height);
  const struct window_rows rows = {(int32_t)first,
                                   (int32_t)clamp64(run->height - top, first, run->plan->kernel_height)};
  return rows;
}

ALWAYS_INLINE const uint8_t *line_of(const struct conv2d_run *run, const struct area *area, int32_t y,
                                     int32_t first_tap) {
  const int64_t row = (int64_t)y * run->plan->stride_height - run->plan->pad_top + first_tap;
  return run->bytes + (row - area->first_row) * area->pitch;
}

/* Sums over the windows of an area, rows outside the image left out. */
static __attribute__((noinline)) void sum_windows(const struct conv2d_run *run, const struct area *area) {
  const struct octet_conv2d *plan = run->plan;
  const int32_t length = plan->kernel_width * plan->in_channels;
  for (int32_t line = 0; line < area->lines; line++) {
    const struct window_rows rows = rows_inside(run, area->y + line);
    const uint8_t *from = rows.first < rows.end ? line_of(run, area, area->y + line, rows.first) : 0;
    for (int32_t x = 0; x < area->columns; x++) {
      uint32_t sum = 0;
      for (int32_t ky = rows.first; ky < rows.end; ky++) {
        sum += (uint32_t)sum_row(
            from + (ky - rows.first) * area->pitch + (int64_t)x * plan->stride_width * plan->in_channels,
            length, 0);
      }
      run->sums[line * area->columns + x] = (int32_t)sum;
    }
  }
}

/* What the sums of a line start from: the offsets, and what rows of the window give back that are not
   multiplied. */
ALWAYS_INLINE const int32_t *start_of(const struct octet_conv2d *plan, struct window_rows rows,
                                      int32_t column, const struct column_block *block, int32_t *space) {
  if (plan->skipped == 0 || rows.end - rows.first == plan->kernel_height) {
    return block->offsets;
  }
  for (int32_t c = 0; c < block->columns; c++) {
    uint32_t offset = (uint32_t)block->offsets[c];
    for (int32_t ky = 0; ky < plan->kernel_height; ky++) {
      if (ky < rows.first || ky >= rows.end) {
        offset += (uint32_t)plan->skipped[(int64_t)ky * plan->out_channels + column + c];
      }
    }
    space[c] = (int32_t)offset;
  }
  return space;
}

/* The steps of a tap, where only the outer taps of the outer outputs of a line lie in the padding, and add
   nothing; else 0. */
ALWAYS_INLINE int32_t tap_steps_of(const struct conv2d_run *run, const struct area *area) {
  const struct octet_conv2d *plan = run->plan;
  const int window = plan->kernel_width == 3 && plan->stride_width == 1 && plan->pad_left == 1;
  const int line = area->columns == run->width && area->columns == run->out_width;
  return window && line && plan->in_channels % 4 == 0 && padding_of(run) == 0 ? plan->in_channels / 4 : 0;
}

ALWAYS_INLINE void convolve_area(const struct conv2d_run *run, const struct area *area, int32_t first_panel,
                                 int32_t panels) {
  const struct octet_conv2d *plan = run->plan;
  const struct octet_matmul product = product_of(plan);
  const int64_t element = run->make->element;
  const int32_t steps = divided_up(plan->kernel_width * plan->in_channels, 4);
  const int64_t row_bytes = (int64_t)steps * 4 * PANEL_COLUMNS;
  const int64_t panel_bytes = row_bytes * plan->kernel_height;
  struct tables space;
  int32_t start_space[BLOCK_COLUMNS];
  struct tile tile = {.src_stride = (int64_t)plan->stride_width * plan->in_channels,
                      .steps = steps,
                      .run_stride = area->pitch,
                      .tap_steps = tap_steps_of(run, area),
                      .panel_bytes = panel_bytes};
  for (int32_t panel = first_panel; panel < first_panel + panels; panel++) {
    const int32_t column = panel * BLOCK_COLUMNS;
    const int32_t columns = at_most(BLOCK_COLUMNS, plan->out_channels - column);
    const struct column_block block = block_of(&product, column, columns, &space);
    const int8_t *weights = (const int8_t *)plan->weights + column / PANEL_COLUMNS * panel_bytes;
    tile.columns = columns;
    for (int32_t line = 0; line < area->lines; line++) {
      const int32_t y = area->y + line;
      const struct window_rows rows = rows_inside(run, y);
      tile.runs = rows.end - rows.first;
      tile.weights = weights + rows.first * row_bytes;
      tile.src = tile.runs > 0 ? line_of(run, area, y, rows.first) : run->bytes;
      const int64_t pixel = pixel_of(plan, run->dst_width, y, area->x);
      run->make->tiles(plan, &tile, &block, start_of(plan, rows, column, &block, start_space),
                       run->sums + line * area->columns,
                       run->dst + (pixel * plan->out_channels + column) * element, area->columns);
    }
  }
}

/* Lines of outputs that an area may have, at least 1: as many as its bytes and sums have room for. */
ALWAYS_INLINE int32_t lines_of(const struct octet_conv2d *plan, int64_t pitch, int32_t columns,
                               int32_t lines) {
  const int64_t rows = LINE_BYTES / pitch;
  const int64_t fitting = (rows - plan->kernel_height) / plan->stride_height + 1;
  return (int32_t)clamp64(fitting < MOST_PIXELS / columns ? fitting : MOST_PIXELS / columns, 1, lines);
}

ALWAYS_INLINE void convolve_lines(struct conv2d_run *run, int32_t first_line, int32_t lines,
                                  int32_t first_panel, int32_t panels) {
  const struct octet_conv2d *plan = run->plan;
  /* Columns of outputs whose windows fit, in whole tiles. */
  const int64_t most =
      (LINE_BYTES / ((int64_t)plan->kernel_height * plan->in_channels) - plan->kernel_width) /
          plan->stride_width +
      1;
  const int32_t fitting =
      (int32_t)clamp64(most / TILE_ROWS * TILE_ROWS, 1, MOST_PIXELS / TILE_ROWS * TILE_ROWS);
  struct area area;
  for (area.x = 0; area.x < run->out_width; area.x += area.columns) {
    area.columns = share(run->out_width - area.x, fitting);
    const int64_t columns = (int64_t)(area.columns - 1) * plan->stride_width + plan->kernel_width;
    area.pitch = columns * plan->in_channels;
    const int32_t most_lines = lines_of(plan, area.pitch, area.columns, lines);
    for (area.y = first_line; area.y < first_line + lines; area.y += area.lines) {
      area.lines = share(first_line + lines - area.y, most_lines);
      const int64_t top = (int64_t)area.y * plan->stride_height - plan->pad_top;
      const int64_t bottom = top + (int64_t)(area.lines - 1) * plan->stride_height + plan->kernel_height;
      area.first_row = clamp64(top, 0, run->height);
      const int32_t rows = (int32_t)(clamp64(bottom, area.first_row, run->height) - area.first_row);
      copy_lines(run, area.first_row, rows, (int64_t)area.x * plan->stride_width - plan->pad_left, columns);
      if (plan->weight_zero_points != 0) {
        sum_windows(run, &area);
      }
      convolve_area(run, &area, first_panel, panels);
    }
  }
}

ALWAYS_INLINE void convolve_gathered(struct conv2d_run *run, int32_t first_line, int32_t lines,
                                     int32_t first_panel, int32_t panels) {
  const struct octet_conv2d *plan = run->plan;
  const struct octet_matmul product = product_of(plan);
  const int64_t element = run->make->element;
  const int32_t group_panels = divided_up(plan->out_channels, BLOCK_COLUMNS);
  const int32_t k = (int32_t)run_bytes(plan);
  const int32_t steps = divided_up(k, 4);
  const int64_t panel_bytes = (int64_t)steps * 4 * PANEL_COLUMNS;
  const int64_t group_bytes = panel_bytes * divided_up(plan->out_channels, PANEL_COLUMNS);
  const int64_t end = (int64_t)(first_line + lines) * run->out_width;
  const int32_t most = (int32_t)clamp64(LINE_BYTES / ((int64_t)steps * 4), 1, MOST_PIXELS);
  const int dense = run->out_width == run->dst_width && at_least_one(plan->output_stride_height) == 1 &&
                    at_least_one(plan->output_stride_width) == 1;
  struct tables space;
  struct tile tile = {
      .src_stride = (int64_t)steps * 4, .steps = steps, .runs = 1, .panel_bytes = panel_bytes};
  int32_t count;
  for (int64_t pixel = (int64_t)first_line * run->out_width; pixel < end; pixel += count) {
    count = share((int32_t)clamp64(end - pixel, 0, INT32_MAX / 2), most);
    for (int32_t panel = first_panel; panel < first_panel + panels; panel++) {
      const int32_t group_number = panel / group_panels;
      if (panel == first_panel || panel % group_panels == 0) {
        gather_windows(run, pixel, count, (int64_t)group_number * plan->in_channels, (int64_t)steps * 4);
        for (int32_t i = 0; plan->weight_zero_points != 0 && i < count; i++) {
          run->sums[i] = sum_row(run->bytes + (int64_t)i * steps * 4, k, 0);
        }
      }
      const int32_t inside = panel % group_panels * BLOCK_COLUMNS;
      const int32_t column = group_number * plan->out_channels + inside;
      const struct column_block block =
          block_of(&product, column, at_most(BLOCK_COLUMNS, plan->out_channels - inside), &space);
      tile.columns = block.columns;
      tile.weights =
          (const int8_t *)plan->weights + group_number * group_bytes + inside / PANEL_COLUMNS * panel_bytes;
      int32_t some;
      for (int32_t done = 0; done < count; done += some) {
        /* One line after the other, where those of dst do not follow each other. */
        const int64_t x = (pixel + done) % run->out_width;
        some = dense ? count - done : at_most((int32_t)(run->out_width - x), count - done);
        const int64_t to = pixel_of(plan, run->dst_width, (pixel + done) / run->out_width, x);
        tile.src = run->bytes + done * tile.src_stride;
        run->make->tiles(plan, &tile, &block, block.offsets, run->sums + done,
                         run->dst + (to * plan->out_channels * plan->groups + column) * element, some);
      }
    }
  }
}

#include "depthwise.inc.h"

static ONCE void convolve(const struct outputs_of_type *make, uint8_t flip, const struct octet_conv2d *plan,
                          const void *src, void *dst, int32_t depth, int64_t first_frame, int32_t height,
                          int32_t width, int32_t out_width, int32_t first_line, int32_t lines,
                          int32_t first_panel, int32_t panels, void *scratch) {
  struct conv2d_run run = {.plan = plan,
                           .make = make,
                           .src = src,
                           .dst = dst,
                           .depth = depth,
                           .first_frame = first_frame,
                           .height = height,
                           .width = width,
                           .out_width = outputs_of_line(plan, out_width),
                           .dst_width = out_width,
                           .flip = flip,
                           .bytes = (uint8_t *)scratch + MOST_PIXELS * 4,
                           .sums = scratch};
  if (plan->form == OCTET_CONV2D_LINES) {
    convolve_lines(&run, first_line, lines, first_panel, panels);
  } else if (plan->form == OCTET_CONV2D_DEPTHWISE) {
    convolve_depthwise(&run, first_line, lines, first_panel, panels);
  } else {
    convolve_gathered(&run, first_line, lines, first_panel, panels);
  }
}

/* One kernel for each type of output and two of source. */
#define CONV2D_KERNELS(unsigned_name, signed_name, type)                                            \
  static __attribute__((noinline)) void unsigned_name##_tiles(                                      \
      const struct octet_conv2d *plan, struct tile *tile, const struct column_block *block,         \
      const int32_t *start, const int32_t *window_sums, uint8_t *dst, int32_t outputs) {            \
    tiles(type, plan, tile, block, start, window_sums, dst, outputs);                               \
  }                                                                                                 \
  static __attribute__((noinline)) void unsigned_name##_depthwise_line(                             \
      const struct octet_conv2d *plan, struct windows *w, const int8_t *ones, const int32_t *start, \
      const struct column_block *block, uint8_t *dst, int32_t outputs) {                            \
    depthwise_line(type, plan, w, ones, start, block, dst, outputs);                                \
  }                                                                                                 \
  static const struct outputs_of_type unsigned_name##_outputs = {                                   \
      unsigned_name##_tiles, unsigned_name##_depthwise_line, type,                                  \
      type == OCTET_S32 || type == OCTET_F32 ? 4 : 1};                                              \
  CONV2D_KERNEL(unsigned_name, unsigned_name##_outputs, 0)                                          \
  CONV2D_KERNEL(signed_name, unsigned_name##_outputs, 0x80)

#define CONV2D_KERNEL(name, outputs, flip)                                                                   \
  void name(const struct octet_conv2d *plan, const void *src, void *dst, int32_t depth, int64_t first_frame, \
            int32_t height, int32_t width, int32_t out_width, int32_t first_line, int32_t lines,             \
            int32_t first_panel, int32_t panels, void *scratch) {                                            \
    convolve(&outputs, flip, plan, src, dst, depth, first_frame, height, width, out_width, first_line,       \
             lines, first_panel, panels, scratch);                                                           \
  }
