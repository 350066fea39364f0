/* What every fuzz target defines. */
#ifndef SEKISHO_TESTS_FUZZ_H
#define SEKISHO_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Changes data, which has room for most bytes; gives back the new size. The same seed changes it in the same
 * way. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);

#endif
