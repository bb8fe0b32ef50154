/* Weights with a scale for each group of rows and column, packed: where what lies.

   Panels of 16 or 32 columns, one after the other. A panel is a block for each group, first group first: the
   scales of its columns; their zero points, one byte each, where not all are the same; the weights. Weights
   are unsigned: S4 as w + 8, S8 as w + 128, zero points likewise. 8 rows of k ("an octet") are together: of
   8-bit weights, four bytes a column for k to k + 3, then the same for k + 4 to k + 7; of 4-bit weights, four
   bytes a column, whose low nibbles are k to k + 3 and whose high nibbles are k + 4 to k + 7. So a kernel for
   bytes reads four k of a column as one 32-bit lane, a kernel for floats finds eight of them in it, and a
   panel is one stream of memory. The last block of a panel has only as many octets as K needs. */
#ifndef OCTET_GROUP_LAYOUT_H
#define OCTET_GROUP_LAYOUT_H

#include "api.h"

/* Sizes in bytes unless said. */
struct group_layout {
  /* enum octet_scale_type */
  int32_t scale_type;
  int32_t groups;
  /* Of a group other than the last. */
  int32_t octets;
  int32_t last_octets;
  /* Of one octet in a panel. */
  int64_t octet;
  int64_t scales;
  int64_t zero_points;
  int64_t block;
  int64_t panel;
};

static inline int32_t group_weight_bits(const struct octet_group_matmul *product) {
  return product->type == OCTET_S8 ? 8 : 4;
}

static inline int32_t group_ceil_div(int32_t count, int32_t by) {
  return count / by + (count % by != 0);
}

/* K rounded up to whole octets, which a quantized row has. */
static inline int64_t group_padded_k(int32_t k) {
  return ((int64_t)k + 7) / 8 * 8;
}

static inline struct group_layout group_layout_of(const struct octet_group_matmul *product) {
  const int32_t columns = product->packed_layout;
  struct group_layout layout;
  layout.scale_type = product->scale_type;
  layout.groups = group_ceil_div(product->k, product->group);
  layout.octets = group_ceil_div(product->group, 8);
  layout.last_octets = group_ceil_div(product->k - (layout.groups - 1) * product->group, 8);
  layout.octet = columns * group_weight_bits(product);
  layout.scales = columns * (layout.scale_type == OCTET_SCALES_F32 ? 4 : 2);
  layout.zero_points = product->zero_point == OCTET_ZERO_POINTS_PACKED ? columns : 0;
  layout.block = layout.scales + layout.zero_points + layout.octets * layout.octet;
  layout.panel = layout.groups * (layout.scales + layout.zero_points) +
                 ((layout.groups - 1) * (int64_t)layout.octets + layout.last_octets) * layout.octet;
  return layout;
}

/* The packed weights from the panel of a column on. */
static inline const uint8_t *group_panel(const struct octet_group_matmul *product,
                                         const struct group_layout *layout, int32_t column) {
  return (const uint8_t *)product->weights + column / product->packed_layout * layout->panel;
}

/* What is added to a stored weight to make it unsigned. */
static inline int32_t group_weight_offset(int32_t type) {
  return type == OCTET_S8 ? 128 : type == OCTET_S4 ? 8 : 0;
}

#endif
