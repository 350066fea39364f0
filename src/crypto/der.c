#include "crypto/der.h"

#define CLASS_BITS 0xc0
#define CONSTRUCTED_BIT 0x20
#define TAG_BITS 0x1f
#define LONG_TAG 0x1f /* the tag follows, seven bits a byte */
#define MORE_BIT 0x80
#define LENGTH_BYTES_MAX 4
#define NESTING_MAX 24

static bytes_t fail(reader_t *reader)
{
  return reader_take(reader, SIZE_MAX);
}

/* X.690 §8.1.2.4: the first byte is not zero, and the form is for tags from 31 on. */
static uint32_t read_long_tag(reader_t *reader)
{
  uint32_t tag = 0;
  uint8_t byte = 0;
  do {
    byte = reader_u8(reader);
    if ((tag == 0 && byte == MORE_BIT) || tag > UINT32_MAX >> 7)
      fail(reader);
    tag = tag << 7 | (byte & ~MORE_BIT & 0xff);
  } while ((byte & MORE_BIT) != 0 && !reader->failed);
  if (tag < LONG_TAG)
    fail(reader);
  return tag;
}

/* X.690 §10.1: definite, in the fewest octets. */
static size_t read_length(reader_t *reader)
{
  uint8_t first = reader_u8(reader);
  if (first < MORE_BIT)
    return first;
  size_t count = first & ~MORE_BIT & 0xff, len = 0;
  if (count == 0 || count > LENGTH_BYTES_MAX)
    fail(reader);
  for (size_t i = 0; i < count && !reader->failed; i++) {
    len = len << 8 | reader_u8(reader);
    if (len == 0)
      fail(reader);
  }
  if (len < MORE_BIT)
    fail(reader);
  return len;
}

der_element_t der_read(reader_t *reader)
{
  uint8_t first = reader_u8(reader);
  der_element_t element = {.class = first & CLASS_BITS, .constructed = (first & CONSTRUCTED_BIT) != 0};
  element.tag = (first & TAG_BITS) == LONG_TAG ? read_long_tag(reader) : first & TAG_BITS;
  size_t len = read_length(reader);
  element.content = reader_take(reader, len);
  if (reader->failed)
    element = (der_element_t){0};
  return element;
}

bool der_is(const der_element_t *element, der_class_t class, uint32_t tag, bool constructed)
{
  return element->class == class && element->tag == tag && element->constructed == constructed;
}

bytes_t der_take(reader_t *reader, uint32_t tag)
{
  der_element_t element = der_read(reader);
  if (reader->failed || !der_is(&element, DER_UNIVERSAL, tag, tag == DER_SEQUENCE || tag == DER_SET))
    return fail(reader);
  return element.content;
}

bool der_number(bytes_t content, int64_t *ret_number)
{
  if (content.len == 0 || content.len > sizeof(int64_t) || (content.data[0] & 0x80) != 0)
    return false;
  if (content.len > 1 && content.data[0] == 0 && (content.data[1] & 0x80) == 0)
    return false;
  int64_t number = 0;
  for (size_t i = 0; i < content.len; i++)
    number = number << 8 | content.data[i];
  *ret_number = number;
  return true;
}

typedef struct budget {
  size_t left;
  bool exceeded;
} budget_t;

static bool spend(bytes_t bytes, unsigned nesting_left, budget_t *budget)
{
  reader_t reader = reader_over(bytes);
  while (reader.left > 0) {
    der_element_t element = der_read(&reader);
    if (reader.failed)
      return false;
    budget->exceeded = budget->left == 0;
    if (budget->exceeded)
      return false;
    size_t before = --budget->left;
    bool may_be_other = element.class == DER_UNIVERSAL && element.tag == DER_OCTET_STRING;
    if (!element.constructed && !may_be_other)
      continue;
    if (nesting_left > 0 && spend(element.content, nesting_left - 1, budget))
      continue;
    if (element.constructed || budget->exceeded)
      return false;
    budget->left = before; /* the string holds something else */
  }
  return true;
}

bool der_has_at_most(bytes_t bytes, size_t most)
{
  budget_t budget = {.left = most};
  return spend(bytes, NESTING_MAX, &budget);
}
