/* FIDO's metadata read and asked, with every call and allocation made to fail in turn. */
#ifndef SEKISHO_TESTS_METADATA_FAULTS_H
#define SEKISHO_TESTS_METADATA_FAULTS_H

void documents_whose_calls_fail(void **state);
void lists_in_DER_whose_calls_fail(void **state);
void models_by_key_whose_calls_fail(void **state);

#endif
