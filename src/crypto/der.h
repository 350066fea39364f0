/* DER (X.690) as extensions of attestation certificates carry it: one element at a time, definite lengths in
 * their shortest form, nothing copied. */
#ifndef SEKISHO_CRYPTO_DER_H
#define SEKISHO_CRYPTO_DER_H

#include "base/bytes.h"

typedef enum der_class {
  DER_UNIVERSAL = 0x00,
  DER_CONTEXT = 0x80,
} der_class_t;

enum {
  DER_INTEGER = 2,
  DER_OCTET_STRING = 4,
  DER_NULL = 5,
  DER_ENUMERATED = 10,
  DER_SEQUENCE = 16,
  DER_SET = 17
};

typedef struct der_element {
  uint8_t class; /* the two high bits of the first byte */
  bool constructed;
  uint32_t tag;
  bytes_t content;
} der_element_t;

/* The next element. On any other encoding reader->failed is set and the element is empty. */
der_element_t der_read(reader_t *reader);
bool der_is(const der_element_t *element, der_class_t class, uint32_t tag, bool constructed);
/* The content of the next element when it is of that universal tag (SEQUENCE and SET constructed, others
 * primitive); sets reader->failed otherwise. */
bytes_t der_take(reader_t *reader, uint32_t tag);
/* The content of an INTEGER or ENUMERATED as a number; false when it is negative, not in its shortest form or
 * beyond 63 bits. */
bool der_number(bytes_t content, int64_t *ret_number);
/* True when the bytes are elements to the last one, no more than most with all that is inside of them (octet
 * strings are looked into: certificates carry their extensions so). What a decoder of structures takes grows
 * with the elements, not with the bytes. */
bool der_has_at_most(bytes_t bytes, size_t most);

#endif
