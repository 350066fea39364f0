#include "choice.h"

choice_t choice_of_seed(uint64_t seed)
{
  return (choice_t){.bytes = reader_over(BYTES_NONE), .state = seed};
}

choice_t choice_over(bytes_t bytes)
{
  uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
  for (size_t i = 0; i < bytes.len; i++)
    hash = (hash ^ bytes.data[i]) * UINT64_C(0x100000001b3);
  return (choice_t){.bytes = reader_over(bytes), .state = hash};
}

/* splitmix64 */
static uint64_t made_up(choice_t *choice)
{
  uint64_t z = (choice->state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

uint8_t choice_byte(choice_t *choice)
{
  return choice->bytes.left > 0 ? reader_u8(&choice->bytes) : (uint8_t)made_up(choice);
}

size_t choice_below(choice_t *choice, size_t most)
{
  if (most == 0)
    return 0;
  size_t number = choice_byte(choice);
  if (most > 256)
    number = number << 8 | choice_byte(choice);
  return number % most;
}

bool choice_one_in(choice_t *choice, size_t n)
{
  return choice_below(choice, n) == 0;
}
