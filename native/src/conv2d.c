/* Convolutions with fixed weights: their form, their packed weights, and the way to their kernels. */
#include "conv2d.h"
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
static const int32_t KERNELS_OF_TIERS[][2][4] = {KERNELS(6x16, baseline),
#if defined(__x86_64__)
                                                 KERNELS(6x16, avx2), KERNELS(6x16, avxvnni),
                                                 KERNELS(6x16, avx2), KERNELS(6x64, avx512vnni)
#endif
};

int32_t octet_conv2d_kernel(int32_t tier, int32_t src_type, int32_t dst_type) {
  if (!is_tier(tier) || (src_type != OCTET_U8 && src_type != OCTET_S8)) {
    return -1;
  }
  return kernel_of_output(KERNELS_OF_TIERS[tier][src_type == OCTET_S8], dst_type);
}

/* Lines are worth keeping where windows overlap, or touch: beyond, most of them would be copied for nothing.
 */
int32_t octet_conv2d_form(const struct octet_conv2d *plan) {
  if (plan->frame_rows != 0) {
    return OCTET_CONV2D_GATHERED;
  }
  if (plan->in_channels == 1 && plan->out_channels == 1 && plan->groups > 1 && fits_columns(plan)) {
    return OCTET_CONV2D_DEPTHWISE;
  }
  const int neighbours = (plan->kernel_height == 1 || plan->dilation_height == 1) &&
                         (plan->kernel_width == 1 || plan->dilation_width == 1);
  const int overlap = plan->stride_height <= plan->kernel_height && plan->stride_width <= plan->kernel_width;
  return plan->groups == 1 && neighbours && overlap && fits_lines(plan) ? OCTET_CONV2D_LINES
                                                                        : OCTET_CONV2D_GATHERED;
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
  return plan->form == OCTET_CONV2D_DEPTHWISE ? divided_up(plan->groups, DEPTH_COLUMNS)
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
  const int64_t all = (int64_t)w->plan->out_channels * w->plan->groups;
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
  PIECE_COLUMNS = 64
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
    octet_matmul_pack(packed_layout, w->bytes + place(w, first, row, 0, 0), w->type, 0,
                      (int64_t)w->plan->out_channels * w->plan->groups, (int32_t)length, 0, columns, packed,
                      sums);
    return;
  }
  uint8_t piece[PIECE_COLUMNS * PIECE];
  int32_t some[PIECE_COLUMNS];
  for (int32_t c = 0; c < columns; c++) {
    sums[c] = 0;
  }
  for (int64_t k = 0; k < length; k += PIECE) {
    const int32_t count = (int32_t)(length - k < PIECE ? length - k : PIECE);
    gather_piece(w, row, k, count, first, columns, piece);
    octet_matmul_pack(packed_layout, piece, w->type, 1, PIECE, count, 0, columns, packed + k * panel, some);
    for (int32_t c = 0; c < columns; c++) {
      sums[c] = (int32_t)((uint32_t)sums[c] + (uint32_t)some[c]);
    }
  }
}

static void pack_runs(const struct weights *w, int32_t tier, int8_t *packed, int32_t *sums) {
  const struct octet_conv2d *plan = w->plan;
  const int32_t layout = octet_matmul_layout(tier);
  const int32_t panel = octet_matmul_panel_columns(layout);
  const int32_t runs = runs_of(plan);
  const int64_t bytes = padded_run(plan) * panel;
  const int64_t all = (int64_t)plan->out_channels * plan->groups;
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
        const int there = ky >= 0 && ky < plan->kernel_height && first + c < plan->groups;
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
  for (int32_t c = 0; c < plan->groups; c++) {
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
