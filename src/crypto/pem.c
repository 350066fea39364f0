#include "crypto/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

bool pem_is_at_end(void)
{
  unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}
