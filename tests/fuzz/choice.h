/* Decisions of a mutator: taken from bytes while there are some (so that a fuzzer can learn which ones
 * matter), made up from them afterwards. The same bytes give the same decisions. */
#ifndef SEKISHO_TESTS_CHOICE_H
#define SEKISHO_TESTS_CHOICE_H

#include "base/bytes.h"

typedef struct choice {
  reader_t bytes;
  uint64_t state;
} choice_t;

choice_t choice_over(bytes_t bytes);
choice_t choice_of_seed(uint64_t seed);
/* Below most; 0 when most is 0. */
size_t choice_below(choice_t *choice, size_t most);
bool choice_one_in(choice_t *choice, size_t n);
uint8_t choice_byte(choice_t *choice);

#endif
