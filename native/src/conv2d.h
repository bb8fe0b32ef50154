/* What the kernels of a convolution share: how images are cut, and where their windows lie. */
#ifndef OCTET_CONV2D_H
#define OCTET_CONV2D_H

#include "matmul.h"

/* Once in a file, whatever constants it is called with: gcc at -O3 makes a copy for each type of output. */
#ifdef __clang__
#define ONCE __attribute__((noinline))
#else
#define ONCE __attribute__((noinline, noclone))
#endif

enum {
  /* The lines of images that an area of outputs sees, with their padding: they stay in L2 beside the weights
     of a block of columns. */
  LINE_BYTES = 160 * 1024,
  /* What tiles read behind the last line: fours of bytes, multiplied by weights of 0. */
  LINE_SLACK = 64,
  /* Outputs of an area, for each of which a sum over its window is kept. */
  MOST_PIXELS = 4096,
  CONV2D_SCRATCH = LINE_BYTES + LINE_SLACK + MOST_PIXELS * 4,
  /* Outputs of a line that is multiplied by half of the columns of a block at a time. */
  SHORT_LINE = 16,
  /* Channels of a panel of a depthwise convolution, and bytes of a column of four rows of them. */
  DEPTH_COLUMNS = BLOCK_COLUMNS,
  COLUMN_BYTES = DEPTH_COLUMNS * 4,
  /* Outputs of an input channel of a depthwise convolution; beyond, gathered windows fill the vectors of a
     tile. */
  MOST_MULTIPLIER = 16,
  /* Columns of the windows whose weights stay in registers. */
  SLIDE_WIDTH = 3,
  WIDE_SLIDE = 5,
  /* Interleaved columns of a line of outputs: they stay in L1. */
  DEPTHWISE_BYTES = 32 * 1024
};

/* The largest row of weights of one output channel that convolve_lines takes; beyond, not even one tile's
   lines would fit. */
static inline int fits_lines(const struct octet_conv2d *plan) {
  const int64_t span = (int64_t)(TILE_ROWS - 1) * plan->stride_width + plan->kernel_width;
  return span <= LINE_BYTES && span * plan->kernel_height <= LINE_BYTES &&
         span * plan->kernel_height * plan->in_channels <= LINE_BYTES;
}

/* Fours of rows of a window. */
static inline int32_t quads_of(const struct octet_conv2d *plan) {
  return divided_up(plan->kernel_height, 4);
}

/* Whether windows of a depthwise convolution fit among interleaved columns. */
static inline int fits_columns(const struct octet_conv2d *plan) {
  const int64_t window = (int64_t)(plan->kernel_width - 1) * plan->dilation_width + 1;
  return window <= DEPTHWISE_BYTES / COLUMN_BYTES &&
         window * quads_of(plan) <= DEPTHWISE_BYTES / COLUMN_BYTES;
}

/* Lines of outputs that the fours of rows of a depthwise window serve: two of up to three rows; beyond, as
   many as leave no row of the fours unused. Of volumes one: its rows lie in several frames. */
static inline int32_t depthwise_sets(const struct octet_conv2d *plan) {
  const int neighbours = plan->stride_height == 1 && plan->dilation_height == 1 && plan->frame_rows == 0;
  return !neighbours ? 1 : plan->kernel_height <= 3 ? 2 : quads_of(plan) * 4 - plan->kernel_height + 1;
}

/* Bytes of the weights of a panel of a depthwise convolution, for one of those lines. */
static inline int64_t depthwise_set_bytes(const struct octet_conv2d *plan) {
  return (int64_t)quads_of(plan) * plan->kernel_width * COLUMN_BYTES;
}

/* Bytes of a run of weights as they are packed: a row of the window where lines are kept, else all of K. */
static inline int64_t run_bytes(const struct octet_conv2d *plan) {
  const int64_t row = (int64_t)plan->kernel_width * plan->in_channels;
  return plan->form == OCTET_CONV2D_LINES ? row : row * plan->kernel_height;
}

static inline int32_t runs_of(const struct octet_conv2d *plan) {
  return plan->form == OCTET_CONV2D_LINES ? plan->kernel_height : 1;
}

static inline int32_t at_least_one(int32_t stride) {
  return stride > 1 ? stride : 1;
}

/* Elements from one output of a line to the next. */
static inline int64_t output_elements(const struct octet_conv2d *plan) {
  return (int64_t)plan->out_channels * plan->groups * at_least_one(plan->output_stride_width);
}

/* Outputs of a line of pixels. */
static inline int32_t outputs_of_line(const struct octet_conv2d *plan, int32_t pixels) {
  const int32_t left = pixels - plan->first_output_column;
  return left > 0 ? divided_up(left, at_least_one(plan->output_stride_width)) : 0;
}

/* The pixel of an output among lines of pixels. */
static inline int64_t pixel_of(const struct octet_conv2d *plan, int32_t pixels, int64_t y, int64_t x) {
  const int64_t row = plan->first_output_row + y * at_least_one(plan->output_stride_height);
  return row * pixels + plan->first_output_column + x * at_least_one(plan->output_stride_width);
}

enum {
  /* Lines of outputs that share columns. */
  COLUMN_LINES = 2,
  /* Panels whose tables are made at a time. */
  COLUMN_PANELS = 64
};

/* The weights and tables of a panel in the order of the lanes. */
struct column_panel {
  int8_t weights[COLUMN_LINES][SLIDE_WIDTH][COLUMN_BYTES];
  int32_t start[DEPTH_COLUMNS];
  float multipliers[DEPTH_COLUMNS];
  /* Whether outputs are clamped; what follows keeps the next panel at whole lines of the cache. */
  int32_t clamps;
  int32_t unused[15];
};

/* Lines of outputs of a panel. */
struct column_lines {
  const struct column_panel *panel;
  /* The first pixel of four rows of the image, as far as they are inside, and from one pixel to the next. */
  const uint8_t *rows[4];
  uint8_t inside[4];
  int64_t pixel;
  /* The column where the first window begins, and columns of the image. */
  int64_t left;
  int64_t width;
  uint8_t *dst;
  int64_t dst_stride;
  int64_t dst_line;
  int32_t outputs;
  int32_t channels;
  float high;
  int32_t zero_point;
  int32_t lowest;
  uint8_t padding;
  uint8_t flip;
};

/* Where the windows of a tile lie among interleaved columns, in bytes. */
struct windows {
  const uint8_t *bytes;
  const int8_t *weights;
  const int32_t *start;
  int32_t *sums;
  /* From one output to the next. */
  int64_t stride;
  /* From one column of the window to the next. */
  int64_t dilation;
  /* From four rows of the window to the next four. */
  int64_t quad_bytes;
  int32_t kernel_width;
  int32_t quads;
  int32_t columns;
};

#endif
