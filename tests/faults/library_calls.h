/* One row a call that can fail: type, name, what it gives back when it fails, parameters, arguments. Those
 * that src/webauthn, src/metadata and src/crypto make, and those that libfido2 makes of OpenSSL and libcbor
 * on the way to a verdict. check_library_calls fails when a call of ours is neither here nor in its list of
 * those that cannot fail. */

/* OpenSSL, from our code and from libfido2. */
OPENSSL_CALL(long, ASN1_INTEGER_get, -1, (const ASN1_INTEGER *a), (a))
OPENSSL_CALL(ASN1_OCTET_STRING *, a2i_IPADDRESS, NULL, (const char *a), (a))
OPENSSL_CALL(BIO *, BIO_new_mem_buf, NULL, (const void *a, int b), (a, b))
OPENSSL_CALL(int, BN_add_word, 0, (BIGNUM * a, long unsigned int b), (a, b))
OPENSSL_CALL(BIGNUM *, BN_bin2bn, NULL, (const unsigned char *a, int b, BIGNUM *c), (a, b, c))
OPENSSL_CALL(int, BN_bn2binpad, -1, (const BIGNUM *a, unsigned char *b, int c), (a, b, c))
LASTING_CALL(BIGNUM *, BN_CTX_get, NULL, (BN_CTX * a), (a))
OPENSSL_CALL(BN_CTX *, BN_CTX_new, NULL, (void), ())
OPENSSL_CALL(int, BN_hex2bn, 0, (BIGNUM * *a, const char *b), (a, b))
OPENSSL_CALL(int, BN_kronecker, -2, (const BIGNUM *a, const BIGNUM *b, BN_CTX *c), (a, b, c))
OPENSSL_CALL(BIGNUM *, BN_lebin2bn, NULL, (const unsigned char *a, int b, BIGNUM *c), (a, b, c))
OPENSSL_CALL(int, BN_mod_mul, 0, (BIGNUM * a, const BIGNUM *b, const BIGNUM *c, const BIGNUM *d, BN_CTX *e),
             (a, b, c, d, e))
OPENSSL_CALL(int, BN_mod_sqr, 0, (BIGNUM * a, const BIGNUM *b, const BIGNUM *c, BN_CTX *d), (a, b, c, d))
OPENSSL_CALL(int, BN_mod_sub, 0, (BIGNUM * a, const BIGNUM *b, const BIGNUM *c, const BIGNUM *d, BN_CTX *e),
             (a, b, c, d, e))
OPENSSL_CALL(int, BN_mul_word, 0, (BIGNUM * a, long unsigned int b), (a, b))
OPENSSL_CALL(int, BN_sub, 0, (BIGNUM * a, const BIGNUM *b, const BIGNUM *c), (a, b, c))
OPENSSL_CALL(int, BN_sub_word, 0, (BIGNUM * a, long unsigned int b), (a, b))
OPENSSL_CALL(PKCS8_PRIV_KEY_INFO *, d2i_PKCS8_PRIV_KEY_INFO, NULL,
             (PKCS8_PRIV_KEY_INFO * *a, const unsigned char **b, long int c), (a, b, c))
OPENSSL_CALL(X509_CRL *, d2i_X509_CRL, NULL, (X509_CRL * *a, const unsigned char **b, long int c), (a, b, c))
OPENSSL_CALL(X509 *, d2i_X509, NULL, (X509 * *a, const unsigned char **b, long int c), (a, b, c))
OPENSSL_CALL(int, i2d_X509, -1, (const X509 *a, unsigned char **b), (a, b))
OPENSSL_CALL(int, EVP_CIPHER_CTX_ctrl, 0, (EVP_CIPHER_CTX * a, int b, int c, void *d), (a, b, c, d))
OPENSSL_CALL(EVP_CIPHER_CTX *, EVP_CIPHER_CTX_new, NULL, (void), ())
OPENSSL_CALL(EVP_CIPHER *, EVP_CIPHER_fetch, NULL, (OSSL_LIB_CTX * a, const char *b, const char *c),
             (a, b, c))
OPENSSL_CALL(int, EVP_CipherFinal_ex, 0, (EVP_CIPHER_CTX * a, unsigned char *b, int *c), (a, b, c))
OPENSSL_CALL(int, EVP_CipherInit_ex2, 0,
             (EVP_CIPHER_CTX * a, const EVP_CIPHER *b, const unsigned char *c, const unsigned char *d, int e,
              const OSSL_PARAM *f),
             (a, b, c, d, e, f))
OPENSSL_CALL(int, EVP_CipherUpdate, 0,
             (EVP_CIPHER_CTX * a, unsigned char *b, int *c, const unsigned char *d, int e), (a, b, c, d, e))
OPENSSL_CALL(int, EVP_Digest, 0,
             (const void *a, size_t b, unsigned char *c, unsigned int *d, const EVP_MD *e, ENGINE *f),
             (a, b, c, d, e, f))
OPENSSL_CALL(int, EVP_DigestFinal_ex, 0, (EVP_MD_CTX * a, unsigned char *b, unsigned int *c), (a, b, c))
OPENSSL_CALL(int, EVP_DigestInit_ex2, 0, (EVP_MD_CTX * a, const EVP_MD *b, const OSSL_PARAM *c), (a, b, c))
OPENSSL_CALL(int, EVP_DigestSign, 0,
             (EVP_MD_CTX * a, unsigned char *b, size_t *c, const unsigned char *d, size_t e), (a, b, c, d, e))
OPENSSL_CALL(int, EVP_DigestSignInit, 0,
             (EVP_MD_CTX * a, EVP_PKEY_CTX **b, const EVP_MD *c, ENGINE *d, EVP_PKEY *e), (a, b, c, d, e))
OPENSSL_CALL(int, EVP_DigestUpdate, 0, (EVP_MD_CTX * a, const void *b, size_t c), (a, b, c))
OPENSSL_CALL(int, EVP_DigestVerify, -1,
             (EVP_MD_CTX * a, const unsigned char *b, size_t c, const unsigned char *d, size_t e),
             (a, b, c, d, e))
OPENSSL_CALL(int, EVP_DigestVerifyInit, 0,
             (EVP_MD_CTX * a, EVP_PKEY_CTX **b, const EVP_MD *c, ENGINE *d, EVP_PKEY *e), (a, b, c, d, e))
OPENSSL_CALL(EVP_MD_CTX *, EVP_MD_CTX_new, NULL, (void), ())
OPENSSL_CALL(EVP_MD *, EVP_MD_fetch, NULL, (OSSL_LIB_CTX * a, const char *b, const char *c), (a, b, c))
OPENSSL_CALL(EVP_PKEY *, EVP_PKCS82PKEY, NULL, (const PKCS8_PRIV_KEY_INFO *a), (a))
OPENSSL_CALL(PKCS8_PRIV_KEY_INFO *, EVP_PKEY2PKCS8, NULL, (const EVP_PKEY *a), (a))
OPENSSL_CALL(int, EVP_PKEY_copy_parameters, 0, (EVP_PKEY * a, const EVP_PKEY *b), (a, b))
OPENSSL_CALL(EVP_PKEY_CTX *, EVP_PKEY_CTX_new, NULL, (EVP_PKEY * a, ENGINE *b), (a, b))
OPENSSL_CALL(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_from_name, NULL,
             (OSSL_LIB_CTX * a, const char *b, const char *c), (a, b, c))
OPENSSL_CALL(int, EVP_PKEY_CTX_set_rsa_padding, 0, (EVP_PKEY_CTX * a, int b), (a, b))
OPENSSL_CALL(int, EVP_PKEY_CTX_set_rsa_pss_saltlen, 0, (EVP_PKEY_CTX * a, int b), (a, b))
OPENSSL_CALL(int, EVP_PKEY_CTX_set_signature_md, 0, (EVP_PKEY_CTX * a, const EVP_MD *b), (a, b))
OPENSSL_CALL(int, EVP_PKEY_eq, -1, (const EVP_PKEY *a, const EVP_PKEY *b), (a, b))
OPENSSL_CALL(int, EVP_PKEY_fromdata, 0, (EVP_PKEY_CTX * a, EVP_PKEY **b, int c, OSSL_PARAM *d), (a, b, c, d))
OPENSSL_CALL(int, EVP_PKEY_fromdata_init, 0, (EVP_PKEY_CTX * a), (a))
OPENSSL_CALL(int, EVP_PKEY_get_bits, 0, (const EVP_PKEY *a), (a))
OPENSSL_CALL(int, EVP_PKEY_get_bn_param, 0, (const EVP_PKEY *a, const char *b, BIGNUM **c), (a, b, c))
OPENSSL_CALL(int, EVP_PKEY_get_group_name, 0, (const EVP_PKEY *a, char *b, size_t c, size_t *d), (a, b, c, d))
OPENSSL_CALL(int, EVP_PKEY_get_int_param, 0, (const EVP_PKEY *a, const char *b, int *c), (a, b, c))
OPENSSL_CALL(int, EVP_PKEY_get_octet_string_param, 0,
             (const EVP_PKEY *a, const char *b, unsigned char *c, size_t d, size_t *e), (a, b, c, d, e))
OPENSSL_CALL(int, EVP_PKEY_get_raw_public_key, 0, (const EVP_PKEY *a, unsigned char *b, size_t *c), (a, b, c))
OPENSSL_CALL(int, EVP_PKEY_is_a, 0, (const EVP_PKEY *a, const char *b), (a, b))
OPENSSL_CALL(EVP_PKEY *, EVP_PKEY_new, NULL, (void), ())
OPENSSL_CALL(EVP_PKEY *, EVP_PKEY_new_raw_public_key_ex, NULL,
             (OSSL_LIB_CTX * a, const char *b, const char *c, const unsigned char *d, size_t e),
             (a, b, c, d, e))
OPENSSL_CALL(int, EVP_PKEY_set1_encoded_public_key, 0, (EVP_PKEY * a, const unsigned char *b, size_t c),
             (a, b, c))
OPENSSL_CALL(int, EVP_PKEY_sign, -1,
             (EVP_PKEY_CTX * a, unsigned char *b, size_t *c, const unsigned char *d, size_t e),
             (a, b, c, d, e))
OPENSSL_CALL(int, EVP_PKEY_sign_init, -1, (EVP_PKEY_CTX * a), (a))
OPENSSL_CALL(int, EVP_PKEY_up_ref, 0, (EVP_PKEY * a), (a))
OPENSSL_CALL(int, EVP_PKEY_verify, -1,
             (EVP_PKEY_CTX * a, const unsigned char *b, size_t c, const unsigned char *d, size_t e),
             (a, b, c, d, e))
OPENSSL_CALL(int, EVP_PKEY_verify_init, -1, (EVP_PKEY_CTX * a), (a))
OPENSSL_CALL(EVP_SIGNATURE *, EVP_SIGNATURE_fetch, NULL, (OSSL_LIB_CTX * a, const char *b, const char *c),
             (a, b, c))
OPENSSL_CALL(int, i2d_PKCS8_PRIV_KEY_INFO, -1, (const PKCS8_PRIV_KEY_INFO *a, unsigned char **b), (a, b))
OPENSSL_CALL(ASN1_OBJECT *, OBJ_txt2obj, NULL, (const char *a, int b), (a, b))
OPENSSL_CALL(OPENSSL_STACK *, OPENSSL_sk_new_null, NULL, (void), ())
OPENSSL_CALL(int, OPENSSL_sk_push, 0, (OPENSSL_STACK * a, const void *b), (a, b))
OPENSSL_CALL(OSSL_PARAM_BLD *, OSSL_PARAM_BLD_new, NULL, (void), ())
OPENSSL_CALL(int, OSSL_PARAM_BLD_push_BN, 0, (OSSL_PARAM_BLD * a, const char *b, const BIGNUM *c), (a, b, c))
OPENSSL_CALL(OSSL_PARAM *, OSSL_PARAM_BLD_to_param, NULL, (OSSL_PARAM_BLD * a), (a))
OPENSSL_CALL(X509 *, PEM_read_bio_X509, NULL, (BIO * a, X509 **b, pem_password_cb *c, void *d), (a, b, c, d))
OPENSSL_CALL(X509_CRL *, PEM_read_bio_X509_CRL, NULL, (BIO * a, X509_CRL **b, pem_password_cb *c, void *d),
             (a, b, c, d))
OPENSSL_CALL(int, X509_check_ca, 0, (X509 * a), (a))
OPENSSL_CALL(int, X509_check_host, -1, (X509 * a, const char *b, size_t c, unsigned int d, char **e),
             (a, b, c, d, e))
OPENSSL_CALL(int, X509_check_issued, X509_V_ERR_UNSPECIFIED, (X509 * a, X509 *b), (a, b))
OPENSSL_CALL(int, X509_cmp_time, 0, (const ASN1_TIME *a, time_t *b), (a, b))
OPENSSL_CALL(void *, X509_get_ext_d2i, unread_extension(c), (const X509 *a, int b, int *c, int *d),
             (a, b, c, d))
OPENSSL_CALL(EVP_PKEY *, X509_get0_pubkey, NULL, (const X509 *a), (a))
OPENSSL_CALL(uint32_t, X509_get_extension_flags, EXFLAG_INVALID, (X509 * a), (a))
OPENSSL_CALL(int, X509_NAME_add_entry_by_txt, 0,
             (X509_NAME * a, const char *b, int c, const unsigned char *d, int e, int f, int g),
             (a, b, c, d, e, f, g))
OPENSSL_CALL(X509_NAME *, X509_NAME_new, NULL, (void), ())
OPENSSL_CALL(int, X509_NAME_cmp, -2, (const X509_NAME *a, const X509_NAME *b), (a, b))
OPENSSL_CALL(int, X509_NAME_get_index_by_NID, -2, (const X509_NAME *a, int b, int c), (a, b, c))
OPENSSL_CALL(int, X509_pubkey_digest, 0, (const X509 *a, const EVP_MD *b, unsigned char *c, unsigned int *d),
             (a, b, c, d))
OPENSSL_CALL(int, X509_STORE_add_cert, 0, (X509_STORE * a, X509 *b), (a, b))
OPENSSL_CALL(int, X509_STORE_add_crl, 0, (X509_STORE * a, X509_CRL *b), (a, b))
OPENSSL_CALL(int, X509_STORE_CTX_init, 0,
             (X509_STORE_CTX * a, X509_STORE *b, X509 *c, struct stack_st_X509 *d), (a, b, c, d))
OPENSSL_CALL(X509_STORE_CTX *, X509_STORE_CTX_new, NULL, (void), ())
OPENSSL_CALL(X509_STORE *, X509_STORE_new, NULL, (void), ())
OPENSSL_CALL(int, X509_up_ref, 0, (X509 * a), (a))
OPENSSL_CALL(int, X509_verify, -1, (X509 * a, EVP_PKEY *b), (a, b))
OPENSSL_CALL(int, X509_verify_cert, -1, (X509_STORE_CTX * a), (a))
OPENSSL_CALL(int, X509_VERIFY_PARAM_set_purpose, 0, (X509_VERIFY_PARAM * a, int b), (a, b))
OPENSSL_CALL(int, X509_VERIFY_PARAM_set_flags, 0, (X509_VERIFY_PARAM * a, long unsigned int b), (a, b))

/* OpenSSL, from libfido2 alone. */
OPENSSL_CALL(BIGNUM *, BN_new, NULL, (void), ())
OPENSSL_CALL(X509 *, d2i_X509_bio, NULL, (BIO * a, X509 **b), (a, b))
OPENSSL_CALL(const EC_GROUP *, EC_KEY_get0_group, NULL, (const EC_KEY *a), (a))
OPENSSL_CALL(EC_KEY *, EC_KEY_new_by_curve_name, NULL, (int a), (a))
OPENSSL_CALL(int, EC_KEY_set_public_key, 0, (EC_KEY * a, const EC_POINT *b), (a, b))
OPENSSL_CALL(EC_POINT *, EC_POINT_new, NULL, (const EC_GROUP *a), (a))
OPENSSL_CALL(int, EC_POINT_set_affine_coordinates_GFp, 0,
             (const EC_GROUP *a, EC_POINT *b, const BIGNUM *c, const BIGNUM *d, BN_CTX *e), (a, b, c, d, e))
OPENSSL_CALL(int, EVP_DigestInit_ex, 0, (EVP_MD_CTX * a, const EVP_MD *b, ENGINE *c), (a, b, c))
OPENSSL_CALL(int, EVP_PKEY_assign, 0, (EVP_PKEY * a, int b, void *c), (a, b, c))
OPENSSL_CALL(EVP_PKEY *, EVP_PKEY_new_raw_public_key, NULL,
             (int a, ENGINE *b, const unsigned char *c, size_t d), (a, b, c, d))
OPENSSL_CALL(RSA *, RSA_new, NULL, (void), ())
OPENSSL_CALL(int, RSA_set0_key, 0, (RSA * a, BIGNUM *b, BIGNUM *c, BIGNUM *d), (a, b, c, d))
OPENSSL_CALL(unsigned char *, SHA1, NULL, (const unsigned char *a, size_t b, unsigned char *c), (a, b, c))
OPENSSL_CALL(unsigned char *, SHA256, NULL, (const unsigned char *a, size_t b, unsigned char *c), (a, b, c))
OPENSSL_CALL(EVP_PKEY *, X509_get_pubkey, NULL, (X509 * a), (a))

/* libfido2. */
OTHER_CALL(fido_cred_t *, fido_cred_new, NULL, (void), ())
OTHER_CALL(int, fido_cred_set_attstmt, FIDO_ERR_INTERNAL, (fido_cred_t * a, const unsigned char *b, size_t c),
           (a, b, c))
OTHER_CALL(int, fido_cred_set_authdata_raw, FIDO_ERR_INTERNAL,
           (fido_cred_t * a, const unsigned char *b, size_t c), (a, b, c))
OTHER_CALL(int, fido_cred_set_clientdata_hash, FIDO_ERR_INTERNAL,
           (fido_cred_t * a, const unsigned char *b, size_t c), (a, b, c))
OTHER_CALL(int, fido_cred_set_extensions, FIDO_ERR_INTERNAL, (fido_cred_t * a, int b), (a, b))
OTHER_CALL(int, fido_cred_set_fmt, FIDO_ERR_INTERNAL, (fido_cred_t * a, const char *b), (a, b))
OTHER_CALL(int, fido_cred_set_pin_minlen, FIDO_ERR_INTERNAL, (fido_cred_t * a, size_t b), (a, b))
OTHER_CALL(int, fido_cred_set_prot, FIDO_ERR_INTERNAL, (fido_cred_t * a, int b), (a, b))
OTHER_CALL(int, fido_cred_set_rp, FIDO_ERR_INTERNAL, (fido_cred_t * a, const char *b, const char *c),
           (a, b, c))
OTHER_CALL(int, fido_cred_set_type, FIDO_ERR_INTERNAL, (fido_cred_t * a, int b), (a, b))
OTHER_CALL(int, fido_cred_verify, FIDO_ERR_INTERNAL, (const fido_cred_t *a), (a))
OTHER_CALL(int, fido_cred_verify_self, FIDO_ERR_INTERNAL, (const fido_cred_t *a), (a))

/* libcbor, from libfido2. */
OTHER_CALL(bool, cbor_array_push, false, (cbor_item_t * a, cbor_item_t *b), (a, b))
OTHER_CALL(cbor_item_t *, cbor_build_bytestring, NULL, (cbor_data a, size_t b), (a, b))
OTHER_CALL(cbor_item_t *, cbor_load, NULL, (cbor_data a, size_t b, struct cbor_load_result *c), (a, b, c))
OTHER_CALL(cbor_item_t *, cbor_new_definite_array, NULL, (size_t a), (a))
OTHER_CALL(cbor_item_t *, cbor_new_definite_map, NULL, (size_t a), (a))
OTHER_CALL(size_t, cbor_serialize_alloc, 0, (const cbor_item_t *a, cbor_mutable_data *b, size_t *c),
           (a, b, c))
