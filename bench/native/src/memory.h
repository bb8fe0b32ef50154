#pragma once

#include <cstddef>

namespace bench {

// Memory of ones from huge pages, as the weights of Octet are: in small ones some sets of a cache hold too
// much of it, and it is a matter of luck what is measured.
char *huge_memory(size_t bytes);
void free_huge_memory(char *start);

// The same from pages of the smallest kind.
char *small_memory(size_t bytes);
void free_small_memory(char *start, size_t bytes);

}  // namespace bench
