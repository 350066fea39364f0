/* Reading PEM texts of several objects with OpenSSL, whose end looks like an error. */
#ifndef SEKISHO_CRYPTO_PEM_H
#define SEKISHO_CRYPTO_PEM_H

#include <stdbool.h>

/* After a PEM_read_bio function has given nothing: whether that was the end of the text. Empties OpenSSL's
 * queue of errors. */
bool pem_is_at_end(void);

#endif
