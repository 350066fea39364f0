#include "crypto/cose_key.h"

#include "crypto/cbor_walk.h"

/* Labels of RFC 9052 §7.1 and RFC 9053 §7, RFC 8230 §4. -1 and -2 mean something else for each key type. */
enum { LABEL_KTY = 1, LABEL_ALG = 3, LABEL_MINUS_1 = -1, LABEL_MINUS_2 = -2, LABEL_MINUS_3 = -3 };
enum { KTY_OKP = 1, KTY_EC2 = 2, KTY_RSA = 3, KTY_AKP = 7 }; /* AKP: ML-DSA */

#define POINT_MAX (1 + 2 * 66)

/* Flat, and some more members than a key has: those that do not belong are refused by name, not by number. */
static const cbor_limits_t KEY_LIMITS = {.depth = 1, .items = 32};

/* The members by label; string members as they are, integers in their own field. */
typedef struct cose_members {
  int64_t kty, alg, crv;
  bytes_t minus_1, minus_2, minus_3; /* n / -, x / e, y */
  bool has_kty, has_alg, has_crv;
} cose_members_t;

static bool member_integer(const cbor_value_t *item, int64_t *value, bool *has)
{
  *has = cbor_value_integer(item, value);
  return *has;
}

static bool member_bytes(const cbor_value_t *item, bytes_t *value)
{
  *value = item->string;
  return item->kind == CBOR_KIND_BYTES && item->string.len > 0;
}

static bool member_take(cose_members_t *members, int64_t label, const cbor_value_t *item)
{
  switch (label) {
  case LABEL_KTY:
    return member_integer(item, &members->kty, &members->has_kty);
  case LABEL_ALG:
    return member_integer(item, &members->alg, &members->has_alg);
  case LABEL_MINUS_1:
    return item->kind == CBOR_KIND_BYTES ? member_bytes(item, &members->minus_1)
                                         : member_integer(item, &members->crv, &members->has_crv);
  case LABEL_MINUS_2:
    return member_bytes(item, &members->minus_2);
  case LABEL_MINUS_3:
    return member_bytes(item, &members->minus_3);
  default:
    return false; /* L3 §6.5.1: "MUST NOT contain any other OPTIONAL parameters" */
  }
}

static error_code_t members_parse(bytes_t bytes, cose_members_t *members, error_detail_t *detail)
{
  size_t walked = cbor_walk(bytes, KEY_LIMITS);
  if (walked == 0 || walked != bytes.len)
    return error_because(detail, ERR_CBOR, "the COSE key is not one canonical CBOR map");
  reader_t reader = reader_over(bytes);
  cbor_value_t map = cbor_read(&reader);
  if (map.kind != CBOR_KIND_MAP)
    return error_because(detail, ERR_CBOR, "the COSE key is not a map");
  for (uint64_t i = 0; i < map.value; i++) {
    int64_t label = 0;
    cbor_value_t key = cbor_read(&reader), value = cbor_read(&reader);
    if (!cbor_value_integer(&key, &label) || !member_take(members, label, &value))
      return error_because(detail, ERR_KEY, "the COSE key has a member that does not belong there");
  }
  if (!members->has_kty || !members->has_alg)
    return error_because(detail, ERR_KEY, "the COSE key lacks kty or alg");
  return ERR_NONE;
}

static error_code_t explain(error_code_t code, error_detail_t *detail, const char *why)
{
  return code == ERR_KEY ? error_because(detail, ERR_KEY, "%s", why) : code;
}

static error_code_t key_from_ec2(const cose_members_t *members, const signature_info_t *info,
                                 public_key_t **ret_key, error_detail_t *detail)
{
  if (members->kty != KTY_EC2 || members->crv != info->curve || members->minus_1.len != 0)
    return error_because(detail, ERR_KEY, "kty or crv does not fit alg %d", (int)members->alg);
  if (members->minus_2.len != info->width || members->minus_3.len != info->width)
    return error_because(detail, ERR_KEY, "x and y must have %zu bytes each", info->width);
  uint8_t point[POINT_MAX];
  builder_t builder = builder_over(point, sizeof(point));
  builder_add_u8(&builder, 0x04);
  builder_add(&builder, members->minus_2);
  builder_add(&builder, members->minus_3);
  return explain(public_key_from_point(info->algorithm, builder_bytes(&builder), ret_key), detail,
                 "the point is not on the curve");
}

static error_code_t key_from_okp(const cose_members_t *members, const signature_info_t *info,
                                 public_key_t **ret_key, error_detail_t *detail)
{
  /* L3 §5.8.5: -8 is Ed25519 only. */
  if (members->kty != KTY_OKP || members->crv != info->curve || members->minus_1.len != 0 ||
      members->minus_2.len != info->width || members->minus_3.len != 0)
    return error_because(detail, ERR_KEY, "a key of alg %d must be OKP, %s, with %zu bytes of x",
                         (int)members->alg, info->key_type, info->width);
  return explain(public_key_from_raw(info->algorithm, members->minus_2, ret_key), detail,
                 "the key is no point of full order on its curve");
}

static error_code_t key_from_akp(const cose_members_t *members, const signature_info_t *info,
                                 public_key_t **ret_key, error_detail_t *detail)
{
  if (members->kty != KTY_AKP || members->has_crv || members->minus_1.len != info->width ||
      members->minus_2.len != 0 || members->minus_3.len != 0)
    return error_because(detail, ERR_KEY, "a key of %s must be AKP, with %zu bytes of pub", info->name,
                         info->width);
  return explain(public_key_from_raw(info->algorithm, members->minus_1, ret_key), detail,
                 "the key cannot be read");
}

/* The modulus without the sign byte that big number libraries put before a set top bit. RFC 8230 §4 asks the
 * fewest octets of whoever writes it; the number is the same. */
static bytes_t without_sign(bytes_t n)
{
  bool has_sign = n.len > 1 && n.data[0] == 0 && (n.data[1] & 0x80) != 0;
  return has_sign ? bytes_of(n.data + 1, n.len - 1) : n;
}

static error_code_t key_from_rsa(const cose_members_t *members, public_key_t **ret_key,
                                 error_detail_t *detail)
{
  if (members->kty != KTY_RSA || members->has_crv || members->minus_3.len != 0 || members->minus_1.len == 0 ||
      members->minus_2.len == 0)
    return error_because(detail, ERR_KEY, "an RSA key must have kty 3, n and e");
  bytes_t n = without_sign(members->minus_1), e = members->minus_2;
  if (n.data[0] == 0 || e.data[0] == 0)
    return error_because(detail, ERR_KEY, "n or e of the RSA key has leading zeros");
  return explain(public_key_from_rsa((signature_algorithm_t)members->alg, n, e, ret_key), detail,
                 "the RSA key must have 2048 to 8192 bits and an odd exponent above 1, of at most 32 bits");
}

static error_code_t key_build(const cose_members_t *members, bool with_rs1, public_key_t **ret_key,
                              error_detail_t *detail)
{
  const signature_info_t *info = signature_info(members->alg);
  if (info == NULL || (info->algorithm == SIGNATURE_RS1 && !with_rs1))
    return error_because(detail, ERR_ALGORITHM, "algorithm %lld (%s) is not supported for credentials",
                         (long long)members->alg, info != NULL ? info->name : "unknown");
  if (!signature_is_available(info))
    return error_because(detail, ERR_ALGORITHM, "algorithm %lld (%s) is not in the linked OpenSSL",
                         (long long)members->alg, info->name);
  switch (info->family) {
  case SIGNATURE_FAMILY_ECDSA:
    return key_from_ec2(members, info, ret_key, detail);
  case SIGNATURE_FAMILY_EDWARDS:
    return key_from_okp(members, info, ret_key, detail);
  case SIGNATURE_FAMILY_ML_DSA:
    return key_from_akp(members, info, ret_key, detail);
  case SIGNATURE_FAMILY_RSA_PKCS1:
  case SIGNATURE_FAMILY_RSA_PSS:
    return key_from_rsa(members, ret_key, detail);
  }
  return ERR_INTERNAL;
}

static error_code_t parse(bytes_t bytes, bool with_rs1, public_key_t **ret_key, int64_t *ret_algorithm,
                          error_detail_t *detail)
{
  cose_members_t members = {0};
  error_code_t code = members_parse(bytes, &members, detail);
  if (code != ERR_NONE)
    return code;
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  code = key_build(&members, with_rs1, &key, detail);
  if (code != ERR_NONE)
    return code;
  *ret_algorithm = members.alg;
  if (ret_key != NULL) {
    *ret_key = key;
    key = NULL;
  }
  return ERR_NONE;
}

error_code_t cose_key_parse(bytes_t bytes, public_key_t **ret_key, int64_t *ret_algorithm,
                            error_detail_t *detail)
{
  return parse(bytes, false, ret_key, ret_algorithm, detail);
}

error_code_t cose_key_parse_with_rs1(bytes_t bytes, public_key_t **ret_key, int64_t *ret_algorithm,
                                     error_detail_t *detail)
{
  return parse(bytes, true, ret_key, ret_algorithm, detail);
}
