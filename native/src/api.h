/* The public functions as this library defines them: visible, where everything else is hidden. */
#ifndef OCTET_API_H
#define OCTET_API_H

#pragma GCC visibility push(default)
#include "octet.h"
#pragma GCC visibility pop

#endif
