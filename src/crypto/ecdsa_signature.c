#include "crypto/ecdsa_signature.h"

#include <string.h>

#define DER_INTEGER 0x02
#define DER_SEQUENCE 0x30
#define DER_LONG_LENGTH 0x80 /* from here on the length takes a byte more; P-521 alone needs it */
#define DER_ONE_BYTE 0x81

/* The orders n of the groups (SEC 2 §2.4.2, §2.5.1, §2.6.1, §2.4.1). */
static const uint8_t P256_ORDER[32] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                       0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
static const uint8_t P384_ORDER[48] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73};

static const uint8_t P521_ORDER[66] = {
    0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfa,
    0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b,
    0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09};
static const uint8_t SECP256K1_ORDER[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                            0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
                                            0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};

static bytes_t order_of(signature_algorithm_t algorithm)
{
  const signature_info_t *info = signature_info(algorithm);
  switch (info != NULL && info->family == SIGNATURE_FAMILY_ECDSA ? info->curve : COSE_CURVE_NONE) {
  case COSE_CURVE_P256:
    return bytes_of(P256_ORDER, sizeof P256_ORDER);
  case COSE_CURVE_P384:
    return bytes_of(P384_ORDER, sizeof P384_ORDER);
  case COSE_CURVE_P521:
    return bytes_of(P521_ORDER, sizeof P521_ORDER);
  case COSE_CURVE_SECP256K1:
    return bytes_of(SECP256K1_ORDER, sizeof SECP256K1_ORDER);
  default:
    return BYTES_NONE;
  }
}

size_t ecdsa_width(signature_algorithm_t algorithm)
{
  return order_of(algorithm).len;
}

/* 0 < number < n, both at the width of n. */
static bool in_range(const uint8_t *number, bytes_t order)
{
  uint8_t any = 0;
  for (size_t i = 0; i < order.len; i++)
    any |= number[i];
  return any != 0 && memcmp(number, order.data, order.len) < 0;
}

/* A positive DER INTEGER in its shortest form, written at fixed width. */
static bool take_integer(reader_t *reader, bytes_t order, uint8_t *number)
{
  uint8_t tag = reader_u8(reader);
  uint8_t len = reader_u8(reader);
  if (tag != DER_INTEGER || len == 0 || len >= DER_LONG_LENGTH)
    return false;
  bytes_t value = reader_take(reader, len);
  if (reader->failed || (value.data[0] & 0x80) != 0)
    return false;
  if (value.data[0] == 0) {
    if (value.len > 1 && (value.data[1] & 0x80) == 0)
      return false;
    value = bytes_of(value.data + 1, value.len - 1);
  }
  if (value.len > order.len)
    return false;
  memset(number, 0, order.len - value.len);
  if (value.len > 0)
    memcpy(number + order.len - value.len, value.data, value.len);
  return in_range(number, order);
}

/* In its shortest form; SIZE_MAX, which no input has left, otherwise. */
static size_t take_length(reader_t *reader)
{
  uint8_t first = reader_u8(reader);
  if (first < DER_LONG_LENGTH)
    return first;
  uint8_t second = reader_u8(reader);
  return first == DER_ONE_BYTE && second >= DER_LONG_LENGTH ? second : SIZE_MAX;
}

error_code_t ecdsa_signature_to_jose(signature_algorithm_t algorithm, bytes_t der, uint8_t *jose,
                                     size_t *ret_len)
{
  bytes_t order = order_of(algorithm);
  reader_t reader = reader_over(der);
  uint8_t tag = reader_u8(&reader);
  size_t len = take_length(&reader);
  uint8_t numbers[ECDSA_JOSE_MAX];
  if (order.len == 0 || tag != DER_SEQUENCE || len != reader.left || !take_integer(&reader, order, numbers) ||
      !take_integer(&reader, order, numbers + order.len) || !reader_done(&reader))
    return ERR_SIGNATURE;
  memcpy(jose, numbers, 2 * order.len);
  *ret_len = 2 * order.len;
  return ERR_NONE;
}

error_code_t ecdsa_signature_check_der(signature_algorithm_t algorithm, bytes_t der)
{
  uint8_t jose[ECDSA_JOSE_MAX];
  size_t len;
  return ecdsa_signature_to_jose(algorithm, der, jose, &len);
}

static void add_integer(builder_t *der, const uint8_t *number, size_t width)
{
  while (width > 1 && *number == 0) {
    number++;
    width--;
  }
  bool needs_zero = (*number & 0x80) != 0; /* else it would read as negative */
  builder_add_u8(der, DER_INTEGER);
  builder_add_u8(der, (uint8_t)(width + (needs_zero ? 1 : 0)));
  if (needs_zero)
    builder_add_u8(der, 0);
  builder_add(der, bytes_of(number, width));
}

error_code_t ecdsa_signature_to_der(signature_algorithm_t algorithm, bytes_t jose, uint8_t *der,
                                    size_t *ret_len)
{
  bytes_t order = order_of(algorithm);
  if (order.len == 0 || jose.len != 2 * order.len || !in_range(jose.data, order) ||
      !in_range(jose.data + order.len, order))
    return ERR_SIGNATURE;
  uint8_t content[ECDSA_DER_MAX];
  builder_t numbers = builder_over(content, sizeof content);
  add_integer(&numbers, jose.data, order.len);
  add_integer(&numbers, jose.data + order.len, order.len);
  builder_t whole = builder_over(der, ECDSA_DER_MAX);
  builder_add_u8(&whole, DER_SEQUENCE);
  if (numbers.len >= DER_LONG_LENGTH)
    builder_add_u8(&whole, DER_ONE_BYTE);
  builder_add_u8(&whole, (uint8_t)numbers.len);
  builder_add(&whole, builder_bytes(&numbers));
  if (numbers.failed || whole.failed)
    return ERR_INTERNAL;
  *ret_len = whole.len;
  return ERR_NONE;
}
