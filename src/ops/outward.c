#include "ops/outward.h"

#include <string.h>

bool outward_prepare(CURL *curl, const char *address, long connect_timeout_s, long timeout_s)
{
  bool https = strncmp(address, "https:", 6) == 0;
  return curl_easy_setopt(curl, CURLOPT_URL, address) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, https ? "https" : "http") == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_NOPROXY, "localhost,127.0.0.1,[::1]") == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_timeout_s) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_TIMEOUT, timeout_s) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_USERAGENT, "sekisho/" SEKISHO_VERSION) == CURLE_OK;
}
