/* What every fuzz target defines. */
#ifndef SEKISHO_TESTS_FUZZ_H
#define SEKISHO_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
