/* sekisho-fetch: gets the metadata BLOB that the configuration names, and leaves it unverified where the
 * login server looks for it. Started by that server's agent; says on its standard output why it failed. */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "metadata/metadata_blob.h"
#include "ops/outward.h"
#include "ops/process.h"
#include "ops/sandbox.h"
#include "rp/metadata_folder.h"

#define CONNECT_TIMEOUT_S 15L
#define TIMEOUT_S 110L /* below what the server waits */
#define SLOW_BYTES 1024L
#define SLOW_S 20L

CLEANUP_FUNCTION(curl_drop, CURL, curl_easy_cleanup)

typedef struct receiving {
  int fd;
  size_t len;
  bool too_large, unwritable;
} receiving_t;

static int fail(const char *why)
{
  printf("%s\n", why);
  return 1;
}

static size_t receive(char *data, size_t size, size_t count, void *context)
{
  receiving_t *receiving = context;
  size_t len = size * count;
  receiving->too_large = len > METADATA_BLOB_MAX_LENGTH - receiving->len;
  if (receiving->too_large)
    return 0;
  for (size_t done = 0; done < len;) {
    ssize_t written = write(receiving->fd, data + done, len - done);
    receiving->unwritable = written <= 0;
    if (receiving->unwritable)
      return 0;
    done += (size_t)written;
  }
  receiving->len += len;
  return len;
}

static bool set_options(CURL *curl, const char *address, receiving_t *receiving)
{
  return outward_prepare(curl, address, CONNECT_TIMEOUT_S, TIMEOUT_S) &&
         curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)METADATA_BLOB_MAX_LENGTH) ==
             CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, SLOW_S) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_WRITEDATA, receiving) == CURLE_OK;
}

static int explain(CURLcode result, const receiving_t *receiving, const char *words)
{
  if (receiving->too_large || result == CURLE_FILESIZE_EXCEEDED)
    return fail("the answer is larger than 32 MiB");
  if (receiving->unwritable)
    return fail("the answer cannot be written: is the disk full?");
  return fail(words[0] != '\0' ? words : curl_easy_strerror(result));
}

static int download(const char *address, int fd)
{
  char words[CURL_ERROR_SIZE] = "";
  long status = 0;
  receiving_t receiving = {.fd = fd};
  CLEANUP(curl_drop) CURL *curl = curl_easy_init();
  if (curl == NULL || curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words) != CURLE_OK ||
      !set_options(curl, address, &receiving))
    return fail("libcurl cannot be set up");
  CURLcode result = curl_easy_perform(curl);
  if (result != CURLE_OK)
    return explain(result, &receiving, words);
  if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status != 200) {
    printf("the server answered %ld instead of 200%s\n", status,
           status >= 300 && status < 400 ? "; redirects are not followed: name the last address" : "");
    return 1;
  }
  return fsync(fd) == 0 ? 0 : fail("the answer cannot be written: is the disk full?");
}

static int fetch(config_t *config, const char *folder)
{
  error_detail_t detail = {""};
  const char *const folders[] = {folder};
  const char *incoming = metadata_folder_path(config->arena, config, METADATA_FILE_INCOMING);
  const char *part = metadata_folder_path(config->arena, config, METADATA_FILE_INCOMING ".part");
  if (incoming == NULL || part == NULL)
    return fail("out of memory");
  if (process_make_folder(folder, &detail) != ERR_NONE || sandbox_enter(folders, 1, &detail) != ERR_NONE)
    return fail(detail.text);
  int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return fail("the folder metadata/ beside the database cannot be written");
  int code = download(config->rp.metadata.url, fd);
  close(fd);
  if (code == 0 && rename(part, incoming) != 0)
    code = fail("the answer cannot be kept");
  if (code != 0)
    unlink(part);
  return code;
}

static void say(void *context, const char *line)
{
  (void)context;
  printf("%s\n", line);
}

int main(int argc, char **argv)
{
  const char *path = NULL;
  for (int option; (option = getopt(argc, argv, "c:")) != -1;)
    path = option == 'c' ? optarg : NULL;
  if (path == NULL || optind != argc) {
    fprintf(stderr, "usage: sekisho-fetch -c FILE\n");
    return 2;
  }
  config_t *config = NULL;
  if (config_load(path, say, NULL, &config) != ERR_NONE)
    return 1;
  const char *folder = metadata_folder_path(config->arena, config, "");
  int code = config->rp.metadata.url == NULL ? fail("rp.metadata.url is not set")
             : folder == NULL                ? fail("out of memory")
                                             : fetch(config, folder);
  config_free(config);
  return code;
}
