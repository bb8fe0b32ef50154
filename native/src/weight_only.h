/* What turns the packed weights of a block into floats; of the vector type that is included before. */
#ifndef OCTET_WEIGHT_ONLY_H
#define OCTET_WEIGHT_ONLY_H

struct block {
  /* 4 bits, where a kernel looks floats up: the float of each value, less the zero point that all share. */
  floats values;
  /* What is taken away: the zero point, plus 2^23 where weights become floats by that. */
  floats zero_points[2];
  floats scales[2];
};

#endif
