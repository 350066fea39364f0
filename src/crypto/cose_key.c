#include "crypto/cose_key.h"

#include "crypto/cbor_walk.h"

/* Labels of RFC 9052 §7.1 and RFC 9053 §7, RFC 8230 §4. -1 and -2 mean something else for each key type. */
enum { LABEL_KTY = 1, LABEL_ALG = 3, LABEL_MINUS_1 = -1, LABEL_MINUS_2 = -2, LABEL_MINUS_3 = -3 };
enum { KTY_OKP = 1, KTY_EC2 = 2, KTY_RSA = 3 };
enum { CRV_P256 = 1, CRV_P384 = 2, CRV_ED25519 = 6 };

#define POINT_MAX (1 + 2 * 48)

/* depth 1, five members: nothing else is a key that we take */
static const cbor_limits_t KEY_LIMITS = {.depth = 1, .items = 1 + 2 * 5};

/* The members by label; string members as they are, integers in their own field. */
typedef struct cose_members {
  int64_t kty, alg, crv;
  bytes_t minus_1, minus_2, minus_3; /* n / -, x / e, y */
  bool has_kty, has_alg, has_crv;
} cose_members_t;

static bool member_integer(const cbor_item_t *item, int64_t *value, bool *has)
{
  *has = cbor_item_integer(item, value);
  return *has;
}

static bool member_bytes(const cbor_item_t *item, bytes_t *value)
{
  *value = item->string;
  return item->kind == CBOR_KIND_BYTES && item->string.len > 0;
}

static bool member_take(cose_members_t *members, int64_t label, const cbor_item_t *item)
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
    return false; /* L3 §5.8.5: "MUST NOT contain any other OPTIONAL parameters" */
  }
}

static error_code_t members_parse(bytes_t bytes, cose_members_t *members, error_detail_t *detail)
{
  size_t walked = cbor_walk(bytes, KEY_LIMITS);
  if (walked == 0 || walked != bytes.len)
    return error_because(detail, ERR_CBOR, "the COSE key is not one canonical CBOR map");
  reader_t reader = reader_over(bytes);
  cbor_item_t map = cbor_read(&reader);
  if (map.kind != CBOR_KIND_MAP)
    return error_because(detail, ERR_CBOR, "the COSE key is not a map");
  for (uint64_t i = 0; i < map.value; i++) {
    int64_t label = 0;
    cbor_item_t key = cbor_read(&reader), value = cbor_read(&reader);
    if (!cbor_item_integer(&key, &label) || !member_take(members, label, &value))
      return error_because(detail, ERR_KEY, "the COSE key has a member that does not belong there");
  }
  if (!members->has_kty || !members->has_alg)
    return error_because(detail, ERR_KEY, "the COSE key lacks kty or alg");
  return ERR_NONE;
}

static error_code_t key_from_ec2(const cose_members_t *members, int64_t crv, size_t width,
                                 public_key_t **ret_key, error_detail_t *detail)
{
  if (members->kty != KTY_EC2 || members->crv != crv || members->minus_1.len != 0)
    return error_because(detail, ERR_KEY, "kty or crv does not fit alg %d", (int)members->alg);
  if (members->minus_2.len != width || members->minus_3.len != width)
    return error_because(detail, ERR_KEY, "x and y must have %zu bytes each", width);
  uint8_t point[POINT_MAX];
  builder_t builder = builder_over(point, sizeof(point));
  builder_add_u8(&builder, 0x04);
  builder_add(&builder, members->minus_2);
  builder_add(&builder, members->minus_3);
  if (public_key_from_point((signature_algorithm_t)members->alg, builder_bytes(&builder), ret_key) !=
      ERR_NONE)
    return error_because(detail, ERR_KEY, "the point is not on the curve");
  return ERR_NONE;
}

/* The encodings of the eight points of small order on edwards25519, and the same not reduced, without their
 * sign bit: with such a key a signature without any private key verifies (RFC 8032 §5.1.7 does not forbid
 * it). */
static const uint8_t SMALL_ORDER[][32] = {
    {0},
    {1},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
     0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
     0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
};

static bool point_has_small_order(bytes_t x)
{
  for (size_t i = 0; i < sizeof(SMALL_ORDER) / sizeof(SMALL_ORDER[0]); i++)
    if (bytes_equal(bytes_of(x.data, 31), bytes_of(SMALL_ORDER[i], 31)) &&
        (x.data[31] & 0x7f) == SMALL_ORDER[i][31])
      return true;
  return false;
}

static error_code_t key_from_okp(const cose_members_t *members, public_key_t **ret_key,
                                 error_detail_t *detail)
{
  /* L3 §5.8.5: -8 is Ed25519 only. */
  if (members->kty != KTY_OKP || members->crv != CRV_ED25519 || members->minus_1.len != 0 ||
      members->minus_2.len != 32 || members->minus_3.len != 0)
    return error_because(detail, ERR_KEY, "an EdDSA key must be OKP, Ed25519, with 32 bytes of x");
  if (point_has_small_order(members->minus_2))
    return error_because(detail, ERR_KEY, "the Ed25519 key has small order");
  if (public_key_from_ed25519(members->minus_2, ret_key) != ERR_NONE)
    return error_because(detail, ERR_KEY, "the Ed25519 key cannot be used");
  return ERR_NONE;
}

static error_code_t key_from_rsa(const cose_members_t *members, public_key_t **ret_key,
                                 error_detail_t *detail)
{
  if (members->kty != KTY_RSA || members->has_crv || members->minus_3.len != 0 || members->minus_1.len == 0 ||
      members->minus_2.len == 0)
    return error_because(detail, ERR_KEY, "an RSA key must have kty 3, n and e");
  if (members->minus_1.data[0] == 0 || members->minus_2.data[0] == 0) /* RFC 8230 §4: the fewest octets */
    return error_because(detail, ERR_KEY, "n or e of the RSA key has leading zeros");
  error_code_t code =
      public_key_from_rsa((signature_algorithm_t)members->alg, members->minus_1, members->minus_2, ret_key);
  if (code != ERR_NONE)
    return error_because(detail, ERR_KEY, "the RSA key has %zu bits; 2048 to 8192 and an odd e are taken",
                         members->minus_1.len * 8);
  return ERR_NONE;
}

static error_code_t key_build(const cose_members_t *members, public_key_t **ret_key, error_detail_t *detail)
{
  switch (members->alg) {
  case SIGNATURE_ES256:
    return key_from_ec2(members, CRV_P256, 32, ret_key, detail);
  case SIGNATURE_ES384:
    return key_from_ec2(members, CRV_P384, 48, ret_key, detail);
  case SIGNATURE_EDDSA:
    return key_from_okp(members, ret_key, detail);
  case SIGNATURE_RS256:
    return key_from_rsa(members, ret_key, detail);
  default:
    return error_because(detail, ERR_ALGORITHM, "algorithm %lld is not supported", (long long)members->alg);
  }
}

error_code_t cose_key_parse(bytes_t bytes, public_key_t **ret_key, int64_t *ret_algorithm,
                            error_detail_t *detail)
{
  cose_members_t members = {0};
  error_code_t code = members_parse(bytes, &members, detail);
  if (code != ERR_NONE)
    return code;
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  code = key_build(&members, &key, detail);
  if (code != ERR_NONE)
    return code;
  *ret_algorithm = members.alg;
  if (ret_key != NULL) {
    *ret_key = key;
    key = NULL;
  }
  return ERR_NONE;
}
