/* The members that access and ID tokens have in common, written straight into the text. */
#ifndef SEKISHO_AUTHORITY_CLAIMS_H
#define SEKISHO_AUTHORITY_CLAIMS_H

#include "base/bytes.h"

/* Each writes `,"name":value`; texts must be valid UTF-8. */
void claim_add_text(builder_t *claims, const char *name, bytes_t text);
void claim_add_seconds(builder_t *claims, const char *name, int64_t time_ms);
/* A list of words that are separated by single spaces, as a JSON array. */
void claim_add_words(builder_t *claims, const char *name, bytes_t words);
/* Takes the next word off the front; empty at the end. */
bytes_t words_next(bytes_t *words);
bool words_contain(bytes_t words, bytes_t word);
/* Adds a word behind those that are there. */
void word_add(builder_t *words, bytes_t word);

#endif
