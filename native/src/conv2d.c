/* Convolutions with fixed weights: their form, their packed weights, and the way to their kernels. */
#include "conv2d.h"
#include "interleave.h"
#include "tiers.h"

#define KERNELS_OF(src, tile, isa)                            \
  {                                                           \
    KERNEL_octet_##src##s8_s32_pc_conv2d_##tile##__##isa,     \
        KERNEL_octet_##src##s8_f32_pc_conv2d_##tile##__##isa, \
        KERNEL_octet_##src##s8_u8_pc_conv2d_##tile##__##isa,  \
        KERNEL_octet_##src##s8_s8_pc_conv2d_##tile##__##isa   \
  }
#define KERNELS(tile, isa) \
  { KERNELS_OF(u8, tile, isa), KERNELS_OF(s8, tile, isa) }

/* By tier; U8 and S8 sources; S32, F32, U8 and S8 outputs. */
static const int32_t KERNELS_OF_TIERS[][2][4] = {OCTET_PRODUCTS_BY_TIER(KERNELS)};

int32_t octet_conv2d_kernel(int32_t tier, int32_t src_type, int32_t dst_type) {
  if (!is_tier(tier) || (src_type != OCTET_U8 && src_type != OCTET_S8)) {
    return -1;
  }
  return kernel_of_output(KERNELS_OF_TIERS[tier][src_type == OCTET_S8], dst_type);
}

/* Lines are worth keeping where windows overlap, or touch: beyond, most of them would be copied for nothing.
 */
int32_t octet_conv2d_form(const struct octet_conv2d *plan) {
  if (plan->in_channels == 1 && plan->out_channels <= MOST_MULTIPLIER && plan->groups > 1 &&
      fits_columns(plan)) {
    return OCTET_CONV2D_DEPTHWISE;
  }
  if (plan->frame_rows != 0) {
    return OCTET_CONV2D_GATHERED;
  }
  const int neighbours = (plan->kernel_height == 1 || plan->dilation_height == 1) &&
                         (plan->kernel_width == 1 || plan->dilation_width == 1);
  const int overlap = plan->stride_height <= plan->kernel_height && plan->stride_width <= plan->kernel_width;
  return plan->groups == 1 && neighbours && overlap && fits_lines(plan) ? OCTET_CONV2D_LINES
                                                                        : OCTET_CONV2D_GATHERED;
}

static int64_t all_channels(const struct octet_conv2d *plan) {
  return (int64_t)plan->groups * plan->out_channels;
}

/* A run of weights in a panel. */
static int64_t padded_run(const struct octet_conv2d *plan) {
  return (run_bytes(plan) + 3) / 4 * 4;
}

int64_t octet_conv2d_packed_bytes(const struct octet_conv2d *plan, int32_t tier) {
  if (plan->form == OCTET_CONV2D_DEPTHWISE) {
    return (1 + (int64_t)octet_conv2d_panels(plan)) * depthwise_sets(plan) * depthwise_set_bytes(plan);
  }
  const int32_t columns = octet_matmul_panel_columns(octet_matmul_layout(tier));
  return padded_run(plan) * runs_of(plan) * plan->groups *
         ((int64_t)divided_up(plan->out_channels, columns) * columns);
}

int32_t octet_conv2d_sum_rows(const struct octet_conv2d *plan) {
  return runs_of(plan);
}

int32_t octet_conv2d_panels(const struct octet_conv2d *plan) {
  return plan->form == OCTET_CONV2D_DEPTHWISE ? divided_up(plan->groups * plan->out_channels, DEPTH_COLUMNS)
                                              : plan->groups * divided_up(plan->out_channels, BLOCK_COLUMNS);
}

int64_t octet_conv2d_scratch_bytes(const struct octet_conv2d *plan) {
  const int64_t window = plan->form == OCTET_CONV2D_GATHERED ? padded_run(plan) : 0;
  return CONV2D_SCRATCH + (window > LINE_BYTES ? window - LINE_BYTES : 0);
}

/* Where weights are in their own layout. */
struct weights {
  const struct octet_conv2d *plan;
  const uint8_t *bytes;
  int32_t type;
  int32_t layout;
};

/* The weight of an output channel of all and an input channel of its group. */
static int64_t place(const struct weights *w, int64_t o, int64_t ky, int64_t kx, int64_t i) {
  const int64_t in = w->plan->in_channels;
  const int64_t height = w->plan->kernel_height;
  const int64_t width = w->plan->kernel_width;
  const int64_t all = all_channels(w->plan);
  switch (w->layout) {
    case OCTET_OIHW:
      return ((o * in + i) * height + ky) * width + kx;
    case OCTET_HWIO:
      return ((ky * width + kx) * in + i) * all + o;
    default:
      return ((o * height + ky) * width + kx) * in + i;
  }
}

enum {
  /* Weights of an output channel that are put in order at a time, and channels. */
  PIECE = 64,
  PIECE_COLUMNS = 64,
  /* Neighbouring taps that are read at a time. */
  PIECE_TAPS = 4
};

/* Some weights of each of some output channels, in the order of the taps: [columns][PIECE]. k counts along a
   run that begins at a row of the window. */
static void gather_piece(const struct weights *w, int64_t row, int64_t k, int32_t count, int64_t first,
                         int32_t columns, uint8_t *piece) {
  const int64_t in = w->plan->in_channels;
  const int64_t width = w->plan->kernel_width;
  const int64_t base = place(w, first, 0, 0, 0);
  const int64_t step = place(w, 1, 0, 0, 0);
  int64_t places[PIECE];
  for (int32_t j = 0; j < count; j++) {
    const int64_t tap = (k + j) / in;
    places[j] = base + place(w, 0, row + tap / width, tap % width, (k + j) % in);
  }
  for (int32_t c = 0; c < columns; c++) {
    for (int32_t j = 0; j < count; j++) {
      piece[c * PIECE + j] = w->bytes[places[j] + c * step];
    }
  }
}

typedef uint32_t fours_4 __attribute__((vector_size(16)));

static uint32_t load_four(const uint8_t *bytes) {
  uint32_t four;
  __builtin_memcpy(&four, bytes, sizeof four);
  return four;
}

/* Four neighbouring bytes at each of 16 places: the 16 first ones, the 16 second ones, and so on, PIECE times
   PIECE_COLUMNS apart. Interleaving one half of 64 bytes with the other moves the top bit of every byte's
   index to the bottom; four times that, and places have changed with taps. */
static inline void spread_16(const uint8_t *from, int64_t step, uint8_t *to) {
  bytes_16 n[4];
  for (int q = 0; q < 4; q++) {
    const uint8_t *p = from + q * 4 * step;
    n[q] = (bytes_16)(fours_4){load_four(p), load_four(p + step), load_four(p + 2 * step),
                               load_four(p + 3 * step)};
  }
  for (int round = 0; round < 4; round++) {
    const bytes_16 a = interleave_low(n[0], n[2]);
    const bytes_16 b = interleave_high(n[0], n[2]);
    const bytes_16 c = interleave_low(n[1], n[3]);
    const bytes_16 d = interleave_high(n[1], n[3]);
    n[0] = a;
    n[1] = b;
    n[2] = c;
    n[3] = d;
  }
  for (int t = 0; t < PIECE_TAPS; t++) {
    __builtin_memcpy(to + t * PIECE_COLUMNS * PIECE, &n[t], sizeof n[t]);
  }
}

/* The weights of OIHW of some input channels and up to four neighbouring taps of each of some output
   channels: [taps][columns][PIECE]. Four bytes are read at once where the weights do not end before. */
static void gather_taps(const struct weights *w, int64_t row, int32_t tap, int32_t taps, int64_t in,
                        int32_t count, int64_t first, int32_t columns, uint8_t *piece) {
  const int64_t area = (int64_t)w->plan->kernel_height * w->plan->kernel_width;
  const int64_t bytes = area * w->plan->in_channels * all_channels(w->plan);
  for (int32_t c = 0; c < columns; c++) {
    const int64_t from = place(w, first + c, row, tap, in);
    const int64_t whole = (bytes - PIECE_TAPS - from) / area + 1;
    const int32_t fours = from + PIECE_TAPS > bytes ? 0 : whole < count ? (int32_t)whole : count;
    uint8_t *to = piece + c * PIECE;
    int32_t j = 0;
    for (; j + 16 <= fours; j += 16) {
      spread_16(w->bytes + from + j * area, area, to + j);
    }
    for (; j < count; j++) {
      for (int32_t t = 0; t < taps; t++) {
        to[t * PIECE_COLUMNS * PIECE + j] = w->bytes[from + j * area + t];
      }
    }
  }
}

static void add_sums(int32_t *sums, const int32_t *some, int32_t columns) {
  for (int32_t c = 0; c < columns; c++) {
    sums[c] = (int32_t)((uint32_t)sums[c] + (uint32_t)some[c]);
  }
}

/* Packs rows of a window of OIHW whose input channels are whole fours, or whatever lies together: then a
   piece of them is one of the packed run too. */
static void pack_taps(const struct weights *w, int32_t packed_layout, int64_t row, int64_t rows,
                      int64_t first, int32_t columns, int8_t *packed, int32_t *sums) {
  const int32_t panel = octet_matmul_panel_columns(packed_layout);
  const int64_t channels = w->plan->in_channels;
  const int32_t width = w->plan->kernel_width;
  uint8_t piece[PIECE_TAPS * PIECE_COLUMNS * PIECE];
  int32_t some[PIECE_COLUMNS];
  for (int64_t y = 0; y < rows; y++) {
    for (int32_t tap = 0; tap < width; tap += PIECE_TAPS) {
      const int32_t taps = width - tap < PIECE_TAPS ? width - tap : PIECE_TAPS;
      for (int64_t i = 0; i < channels; i += PIECE) {
        const int32_t count = (int32_t)(channels - i < PIECE ? channels - i : PIECE);
        gather_taps(w, row + y, tap, taps, i, count, first, columns, piece);
        for (int32_t t = 0; t < taps; t++) {
          octet_matmul_pack(packed_layout, piece + t * PIECE_COLUMNS * PIECE, w->type, 1, PIECE, count, 0,
                            columns, packed + ((y * width + tap + t) * channels + i) * panel, some);
          add_sums(sums, some, columns);
        }
      }
    }
  }
}

/* A run of weights of up to a panel of output channels. */
static void pack_run(const struct weights *w, int32_t packed_layout, int64_t row, int64_t length,
                     int64_t first, int32_t columns, int8_t *packed, int32_t *sums) {
  const int32_t panel = octet_matmul_panel_columns(packed_layout);
  const int one_tap = w->plan->kernel_height == 1 && w->plan->kernel_width == 1;
  if (w->layout == OCTET_OHWI || (w->layout == OCTET_OIHW && one_tap)) {
    const int64_t k = (int64_t)w->plan->kernel_height * w->plan->kernel_width * w->plan->in_channels;
    octet_matmul_pack(packed_layout, w->bytes + place(w, first, row, 0, 0), w->type, 1, k, (int32_t)length, 0,
                      columns, packed, sums);
    return;
  }
  if (w->layout == OCTET_HWIO) {
    octet_matmul_pack(packed_layout, w->bytes + place(w, first, row, 0, 0), w->type, 0, all_channels(w->plan),
                      (int32_t)length, 0, columns, packed, sums);
    return;
  }
  for (int32_t c = 0; c < columns; c++) {
    sums[c] = 0;
  }
  if (w->plan->in_channels % matmul_k_together(packed_layout) == 0) {
    const int64_t row_bytes = (int64_t)w->plan->kernel_width * w->plan->in_channels;
    pack_taps(w, packed_layout, row, length / row_bytes, first, columns, packed, sums);
    return;
  }
  uint8_t piece[PIECE_COLUMNS * PIECE];
  int32_t some[PIECE_COLUMNS];
  for (int64_t k = 0; k < length; k += PIECE) {
    const int32_t count = (int32_t)(length - k < PIECE ? length - k : PIECE);
    gather_piece(w, row, k, count, first, columns, piece);
    octet_matmul_pack(packed_layout, piece, w->type, 1, PIECE, count, 0, columns, packed + k * panel, some);
    add_sums(sums, some, columns);
  }
}

static void pack_runs(const struct weights *w, int32_t tier, int8_t *packed, int32_t *sums) {
  const struct octet_conv2d *plan = w->plan;
  const int32_t layout = octet_matmul_layout(tier);
  const int32_t panel = octet_matmul_panel_columns(layout);
  const int32_t runs = runs_of(plan);
  const int64_t bytes = padded_run(plan) * panel;
  const int64_t all = all_channels(plan);
  for (int64_t group = 0; group < plan->groups; group++) {
    for (int64_t column = 0; column < plan->out_channels; column += panel) {
      const int64_t first = group * plan->out_channels + column;
      const int64_t left = plan->out_channels - column;
      const int32_t columns = (int32_t)(left < panel ? left : panel);
      for (int32_t run = 0; run < runs; run++) {
        pack_run(w, layout, run, run_bytes(plan), first, columns, packed, sums + run * all + first);
        packed += bytes;
      }
    }
  }
}

/* A set of weights of a panel, of which the rows of the window begin some rows down; ones where w is NULL. */
static void pack_set(const struct octet_conv2d *plan, const struct weights *w, int32_t first, int32_t down,
                     int8_t *packed) {
  const int32_t flip = w != 0 && w->type == OCTET_U8 ? 0x80 : 0;
  for (int32_t row = 0; row < quads_of(plan) * 4; row++) {
    const int32_t ky = row - down;
    for (int32_t kx = 0; kx < plan->kernel_width; kx++) {
      int8_t *to = packed + ((int64_t)(row / 4) * plan->kernel_width + kx) * COLUMN_BYTES + row % 4;
      for (int32_t c = 0; c < DEPTH_COLUMNS; c++) {
        const int there = ky >= 0 && ky < plan->kernel_height && first + c < all_channels(plan);
        const int32_t weight = !there ? 0 : w == 0 ? 1 : w->bytes[place(w, first + c, ky, kx, 0)] ^ flip;
        to[c * 4] = (int8_t)weight;
      }
    }
  }
}

static void pack_depthwise(const struct weights *w, int8_t *packed, int32_t *sums) {
  const struct octet_conv2d *plan = w->plan;
  const int32_t sets = depthwise_sets(plan);
  const int64_t bytes = depthwise_set_bytes(plan);
  const int32_t panels = octet_conv2d_panels(plan);
  const int32_t flip = w->type == OCTET_U8 ? 0x80 : 0;
  for (int32_t panel = -1; panel < panels; panel++) {
    for (int32_t set = 0; set < sets; set++) {
      pack_set(plan, panel < 0 ? 0 : w, panel < 0 ? 0 : panel * DEPTH_COLUMNS, set, packed);
      packed += bytes;
    }
  }
  for (int64_t c = 0; c < all_channels(plan); c++) {
    sums[c] = 0;
    for (int32_t ky = 0; ky < plan->kernel_height; ky++) {
      for (int32_t kx = 0; kx < plan->kernel_width; kx++) {
        sums[c] += (int8_t)(w->bytes[place(w, c, ky, kx, 0)] ^ flip);
      }
    }
  }
}

void octet_conv2d_pack(const struct octet_conv2d *plan, int32_t tier, const void *weights, int32_t type,
                       int32_t weight_layout, void *packed, int32_t *sums) {
  const struct weights w = {plan, weights, type, weight_layout};
  if (plan->form == OCTET_CONV2D_DEPTHWISE) {
    pack_depthwise(&w, packed, sums);
  } else {
    pack_runs(&w, tier, packed, sums);
  }
}

void octet_conv2d_run(const struct octet_conv2d *plan, const void *src, void *dst, int32_t height,
                      int32_t width, int32_t out_width, int32_t first_line, int32_t lines,
                      int32_t first_panel, int32_t panels, void *scratch) {
  octet_conv3d_run(plan, src, dst, 1, 0, height, width, out_width, first_line, lines, first_panel, panels,
                   scratch);
}

void octet_conv3d_run(const struct octet_conv2d *plan, const void *src, void *dst, int32_t depth,
                      int64_t first_frame, int32_t height, int32_t width, int32_t out_width,
                      int32_t first_line, int32_t lines, int32_t first_panel, int32_t panels, void *scratch) {
  if (OCTET_IS_KERNEL(conv2d_kernel, plan->kernel)) {
    conv2d_kernel *kernel = OCTET_KERNEL(conv2d_kernel, plan->kernel);
    kernel(plan, src, dst, depth, first_frame, height, width, out_width, first_line, lines, first_panel,
           panels, scratch);
  }
}

/* Offsets, sums of rows and multipliers of all output channels lie behind the rest. */
int64_t octet_conv2d_scaled_scratch_bytes(const struct octet_conv2d *plan) {
  return octet_conv2d_scratch_bytes(plan) + (2 + (int64_t)runs_of(plan)) * all_channels(plan) * 4;
}

/* The first output channel of a panel. */
static int64_t first_channel(const struct octet_conv2d *plan, int64_t panel) {
  if (plan->form == OCTET_CONV2D_DEPTHWISE) {
    const int64_t channel = panel * DEPTH_COLUMNS;
    return channel < all_channels(plan) ? channel : all_channels(plan);
  }
  const int64_t blocks = divided_up(plan->out_channels, BLOCK_COLUMNS);
  return panel / blocks * plan->out_channels + panel % blocks * BLOCK_COLUMNS;
}

/* Makes the tables of some output channels for a scale and a zero point. Sums are modulo 2^32, as the law has
   them. */
static void scale_tables(struct octet_conv2d *plan, float scale, int32_t zero_point, int64_t first,
                         int64_t end, void *memory) {
  const int64_t all = all_channels(plan);
  const int32_t rows = runs_of(plan);
  const uint32_t zero = (uint32_t)zero_point - (uint32_t)plan->input_zero_point;
  uint32_t *offsets = memory;
  uint32_t *skipped = offsets + all;
  float *multipliers = (float *)(void *)(skipped + rows * all);
  for (int64_t o = first; o < end; o++) {
    offsets[o] = plan->offsets == 0 ? 0 : (uint32_t)plan->offsets[o];
  }
  for (int32_t row = 0; row < rows && plan->skipped != 0; row++) {
    for (int64_t o = first; o < end; o++) {
      skipped[row * all + o] = zero * (uint32_t)plan->skipped[row * all + o];
      offsets[o] -= skipped[row * all + o];
    }
  }
  for (int64_t o = first; o < end && plan->multipliers != 0; o++) {
    multipliers[o] = scale * plan->multipliers[o];
  }
  plan->offsets = (const int32_t *)offsets;
  plan->skipped = plan->skipped == 0 ? 0 : (const int32_t *)skipped;
  plan->multipliers = plan->multipliers == 0 ? 0 : multipliers;
  plan->input_zero_point = zero_point;
}

void octet_conv2d_scaled_run(const struct octet_conv2d *plan, float scale, int32_t zero_point,
                             const void *src, void *dst, int32_t height, int32_t width, int32_t out_width,
                             int32_t first_line, int32_t lines, int32_t first_panel, int32_t panels,
                             void *scratch) {
  if (!OCTET_IS_KERNEL(conv2d_kernel, plan->kernel)) {
    return;
  }
  struct octet_conv2d scaled = *plan;
  scale_tables(&scaled, scale, zero_point, first_channel(plan, first_panel),
               first_channel(plan, (int64_t)first_panel + panels),
               (uint8_t *)scratch + octet_conv2d_scratch_bytes(plan));
  octet_conv2d_run(&scaled, src, dst, height, width, out_width, first_line, lines, first_panel, panels,
                   scratch);
}
