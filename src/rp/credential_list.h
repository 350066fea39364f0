/* Credential descriptors as options carry them. */
#ifndef SEKISHO_RP_CREDENTIAL_LIST_H
#define SEKISHO_RP_CREDENTIAL_LIST_H

#include "store/rp_credential.h"

/* [{"type":"public-key","id":…,"transports":[…]}, …] */
void credential_list_write(builder_t *builder, const rp_credential_hint_t *items, size_t count);
/* Room that the above needs at most. */
size_t credential_list_room(const rp_credential_hint_t *items, size_t count);
/* ["usb","nfc"] of "usb,nfc". */
void credential_list_write_transports(builder_t *builder, bytes_t transports);

/* The hints of an account that is known already. */
MUST_USE error_code_t credential_list_of_user(database_t *database, arena_t *arena, rp_user_id_t user,
                                              rp_credential_hints_t *ret_hints);

#endif
