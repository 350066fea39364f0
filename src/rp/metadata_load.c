#include "rp/metadata_load.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rp/conformance.h"
#include "rp/metadata_folder.h"

#define PEM_MAX_LENGTH ((size_t)4 * 1024 * 1024)
#define CRL_MAX_LENGTH ((size_t)16 * 1024 * 1024)
#define STATEMENT_MAX_LENGTH ((size_t)2 * 1024 * 1024)
#define PATH_LIMIT 4096
#define ARENA_LIMIT ((size_t)64 * 1024)

/* What one loading works with. */
typedef struct loading {
  const config_t *config;
  const char *folder, *held_path;
  int64_t time_ms;
  bool has_kept;
  metadata_kept_t kept;
  sha256_t roots;
  metadata_loaded_t *loaded;
} loading_t;

bool metadata_is_configured(const config_metadata_t *metadata)
{
  return metadata->file != NULL || metadata->url != NULL || metadata->statements != NULL;
}

void metadata_loaded_done(metadata_loaded_t *loaded)
{
  metadata_release(loaded->metadata);
  loaded->metadata = NULL;
}

static const char *why_unread(error_code_t error)
{
  return error == ERR_NOT_FOUND   ? "is not there"
         : error == ERR_TOO_LARGE ? "is too large"
         : error == ERR_NO_MEMORY ? "does not fit into memory"
                                  : "cannot be read";
}

/* --- who may sign --- */

static error_code_t add_roots(metadata_signer_t *signer, const char *path, sha256_t *roots,
                              error_detail_t *detail)
{
  uint8_t *data = NULL;
  size_t len = 0;
  error_code_t error = file_read(path, PEM_MAX_LENGTH, &data, &len);
  if (error != ERR_NONE)
    return error_because(detail, ERR_METADATA, "rp.metadata.roots: %s %s", path, why_unread(error));
  error = hash_sha256(bytes_of(data, len), roots);
  if (error == ERR_NONE && metadata_signer_add_roots(signer, bytes_of(data, len)) != ERR_NONE)
    error = error_because(detail, ERR_METADATA, "rp.metadata.roots: %s holds no readable certificate", path);
  free(data);
  return error;
}

static error_code_t add_crls(metadata_signer_t *signer, const char *path, error_detail_t *detail)
{
  uint8_t *data = NULL;
  size_t len = 0;
  error_code_t error = file_read(path, CRL_MAX_LENGTH, &data, &len);
  if (error != ERR_NONE)
    return error_because(detail, ERR_METADATA, "rp.metadata.crls: %s %s", path, why_unread(error));
  if (metadata_signer_add_crls(signer, bytes_of(data, len)) != ERR_NONE)
    error =
        error_because(detail, ERR_METADATA, "rp.metadata.crls: %s holds no readable revocation list", path);
  free(data);
  return error;
}

static error_code_t load_signer(const config_metadata_t *config, bool with_crls,
                                metadata_signer_t **ret_signer, sha256_t *ret_roots, error_detail_t *detail)
{
  CLEANUP(metadata_signer_drop) metadata_signer_t *signer = NULL;
  sha256_t roots;
  error_code_t error = metadata_signer_new(&signer);
  if (error == ERR_NONE)
    error = metadata_signer_set_name(signer, config->signer);
  if (error == ERR_NONE)
    error = add_roots(signer, config->roots, &roots, detail);
  if (error == ERR_NONE && with_crls && config->crls != NULL)
    error = add_crls(signer, config->crls, detail);
  if (error != ERR_NONE)
    return error;
  *ret_roots = roots;
  *ret_signer = signer;
  signer = NULL;
  return ERR_NONE;
}

/* --- the BLOB --- */

/* The first problem is the one to mend. */
static void note_problem(loading_t *loading, const char *where, const char *why)
{
  if (loading->loaded->problem.text[0] == '\0')
    error_explain(&loading->loaded->problem, "%s: %s", where, why);
}

static error_code_t keep(loading_t *loading, bytes_t text, const metadata_blob_t *blob,
                         error_detail_t *detail)
{
  const metadata_kept_t kept = {.number = blob->number,
                                .digest = blob->digest,
                                .roots = loading->roots,
                                .received_ms = loading->time_ms};
  error_code_t error = metadata_kept_write(loading->folder, text, &kept, detail);
  if (error == ERR_NONE) {
    loading->kept = kept;
    loading->has_kept = true;
  }
  return error;
}

/* Verifies a document that has come and takes it, when it may follow what is held. */
static error_code_t take(loading_t *loading, bytes_t text, const metadata_signer_t *signer,
                         error_detail_t *detail)
{
  metadata_loaded_t *loaded = loading->loaded;
  CLEANUP(metadata_drop) metadata_t *metadata = NULL;
  metadata_blob_t blob;
  const metadata_blob_t held = {.number = loading->kept.number, .digest = loading->kept.digest};
  bool same = false;
  error_code_t error = metadata_new(&metadata);
  if (error == ERR_NONE)
    error = metadata_blob_read(metadata, text, signer, loading->time_ms, &blob, detail);
  if (error == ERR_NONE)
    error = metadata_blob_check_successor(loading->has_kept ? &held : NULL, &blob, loading->time_ms, &same,
                                          detail);
  if (error == ERR_NONE)
    error = keep(loading, text, &blob, detail);
  if (error != ERR_NONE)
    return error;
  loaded->metadata = metadata;
  metadata = NULL;
  loaded->blob = blob;
  loaded->received_ms = loading->time_ms;
  loaded->has_blob = loaded->is_new = true;
  return ERR_NONE;
}

static bool is_held(const loading_t *loading, bytes_t text)
{
  sha256_t digest;
  return loading->has_kept && metadata_blob_digest(text, &digest) == ERR_NONE &&
         bytes_equal(hash_bytes(&digest), hash_bytes(&loading->kept.digest));
}

/* optional: that it is not there is no problem. */
static error_code_t try_file(loading_t *loading, const char *path, bool optional,
                             const metadata_signer_t *signer)
{
  uint8_t *data = NULL;
  size_t len = 0;
  error_detail_t detail = {""};
  error_code_t error = file_read(path, METADATA_BLOB_MAX_LENGTH + 2, &data, &len);
  if (error == ERR_NOT_FOUND && optional)
    return ERR_NONE;
  if (error != ERR_NONE) {
    note_problem(loading, path, why_unread(error));
    return error == ERR_NO_MEMORY ? error : ERR_NONE;
  }
  if (!is_held(loading, bytes_of(data, len))) {
    error = take(loading, bytes_of(data, len), signer, &detail);
    if (error != ERR_NONE)
      note_problem(loading, path, detail.text[0] != '\0' ? detail.text : error_info(error)->sentence);
  }
  free(data);
  return error == ERR_NO_MEMORY ? error : ERR_NONE;
}

/* What was taken once is good as it was then: its signer may have expired since, and lists of revoked ones
 * are about what comes. */
static error_code_t read_held(loading_t *loading)
{
  CLEANUP(metadata_signer_drop) metadata_signer_t *signer = NULL;
  metadata_loaded_t *loaded = loading->loaded;
  uint8_t *data = NULL;
  size_t len = 0;
  error_detail_t detail = {""};
  error_code_t error = load_signer(&loading->config->rp.metadata, false, &signer, &loading->roots, &detail);
  if (error == ERR_NONE)
    error = file_read(loading->held_path, METADATA_BLOB_MAX_LENGTH + 2, &data, &len);
  if (error == ERR_NONE && !is_held(loading, bytes_of(data, len)))
    error = error_because(&detail, ERR_METADATA, "it is not the one that was kept");
  if (error == ERR_NONE)
    error = metadata_new(&loaded->metadata);
  if (error == ERR_NONE)
    error = metadata_blob_read(loaded->metadata, bytes_of(data, len), signer, loading->kept.received_ms,
                               &loaded->blob, &detail);
  free(data);
  loaded->has_blob = error == ERR_NONE;
  loaded->received_ms = loading->kept.received_ms;
  if (error != ERR_NONE)
    note_problem(loading, loading->held_path, detail.text[0] != '\0' ? detail.text : why_unread(error));
  return error == ERR_NO_MEMORY ? error : ERR_NONE;
}

static error_code_t load_blob(loading_t *loading, arena_t *arena)
{
  const config_metadata_t *config = &loading->config->rp.metadata;
  CLEANUP(metadata_signer_drop) metadata_signer_t *signer = NULL;
  error_detail_t detail = {""};
  const char *incoming = config->file != NULL
                             ? config->file
                             : metadata_folder_path(arena, loading->config, METADATA_FILE_INCOMING);
  if (incoming == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = load_signer(config, true, &signer, &loading->roots, &detail);
  if (error == ERR_NO_MEMORY)
    return error;
  loading->loaded->checks_revocation = signer != NULL && metadata_signer_checks_revocation(signer);
  error = metadata_kept_read(loading->folder, &loading->kept);
  /* the roots are unknown where they or the lists cannot be read: then nothing can take the place anyhow */
  loading->has_kept = error == ERR_NONE && (signer == NULL || bytes_equal(hash_bytes(&loading->kept.roots),
                                                                          hash_bytes(&loading->roots)));
  if (error != ERR_NONE && error != ERR_NOT_FOUND)
    note_problem(loading, loading->folder, "what is kept there cannot be read");
  error = ERR_NONE;
  if (signer == NULL)
    note_problem(loading, "rp.metadata", detail.text);
  else
    error = try_file(loading, incoming, config->file == NULL, signer);
  if (error == ERR_NONE && !loading->loaded->has_blob && signer != NULL) /* of a crash, between two writes */
    error = try_file(loading, loading->held_path, true, signer);
  if (error == ERR_NONE && !loading->loaded->has_blob && loading->has_kept)
    error = read_held(loading);
  return error;
}

/* --- statements --- */

static error_code_t add_statement(loading_t *loading, const char *name)
{
  char path[PATH_LIMIT];
  uint8_t *data = NULL;
  size_t len = 0;
  error_detail_t detail = {""};
  if (snprintf(path, sizeof path, "%s/%s", loading->config->rp.metadata.statements, name) >= (int)sizeof path)
    return ERR_NONE;
  error_code_t error = file_read(path, STATEMENT_MAX_LENGTH, &data, &len);
  if (error == ERR_NONE)
    error = metadata_add_statement(loading->loaded->metadata, bytes_of(data, len), &detail);
  free(data);
  if (error == ERR_NONE)
    loading->loaded->statement_count++;
  else
    note_problem(loading, path, detail.text[0] != '\0' ? detail.text : why_unread(error));
  return error == ERR_NO_MEMORY ? error : ERR_NONE;
}

/* Each by itself, as if it had just come: none follows another, and what is wrong with one says nothing of
 * the others. */
static error_code_t add_document(loading_t *loading, const char *name)
{
  const config_metadata_t *config = &loading->config->rp.metadata;
  CLEANUP(metadata_signer_drop) metadata_signer_t *signer = NULL;
  char path[PATH_LIMIT];
  uint8_t *data = NULL;
  size_t len = 0;
  metadata_blob_t blob;
  sha256_t roots;
  error_detail_t detail = {""};
  if (snprintf(path, sizeof path, "%s/%s", config->statements, name) >= (int)sizeof path)
    return ERR_NONE;
  error_code_t error = config->roots == NULL
                           ? error_because(&detail, ERR_METADATA, "it needs rp.metadata.roots")
                           : load_signer(config, true, &signer, &roots, &detail);
  if (error == ERR_NONE)
    error = file_read(path, METADATA_BLOB_MAX_LENGTH + 2, &data, &len);
  if (error == ERR_NONE)
    error = metadata_blob_read(loading->loaded->metadata, bytes_of(data, len), signer, loading->time_ms,
                               &blob, &detail);
  free(data);
  if (error != ERR_NONE)
    note_problem(loading, path, detail.text[0] != '\0' ? detail.text : why_unread(error));
  return error == ERR_NO_MEMORY ? error : ERR_NONE;
}

static bool ends_with(const char *name, const char *ending)
{
  size_t len = strlen(name), tail = strlen(ending);
  return name[0] != '.' && len > tail && strcmp(name + len - tail, ending) == 0;
}

static bool is_statement(const char *name)
{
  return ends_with(name, ".json");
}

static bool is_document(const config_rp_t *rp, const char *name)
{
  return conformance_reads_blobs(rp) && ends_with(name, ".jwt");
}

static error_code_t add_statements(loading_t *loading)
{
  const char *path = loading->config->rp.metadata.statements;
  DIR *folder = opendir(path);
  error_code_t error = ERR_NONE;
  if (folder == NULL) {
    note_problem(loading, path, "the folder cannot be read");
    return ERR_NONE;
  }
  for (struct dirent *entry; error == ERR_NONE && (entry = readdir(folder)) != NULL;)
    if (is_statement(entry->d_name))
      error = add_statement(loading, entry->d_name);
    else if (is_document(&loading->config->rp, entry->d_name))
      error = add_document(loading, entry->d_name);
  closedir(folder);
  return error;
}

/* --- the whole --- */

static error_code_t load(loading_t *loading, arena_t *arena)
{
  const config_metadata_t *config = &loading->config->rp.metadata;
  metadata_loaded_t *loaded = loading->loaded;
  loading->folder = metadata_folder_path(arena, loading->config, "");
  loading->held_path = metadata_folder_path(arena, loading->config, METADATA_FILE_HELD);
  if (loading->folder == NULL || loading->held_path == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = config->file != NULL || config->url != NULL ? load_blob(loading, arena) : ERR_NONE;
  if (error == ERR_NONE && !loaded->has_blob) {
    metadata_release(loaded->metadata);
    loaded->metadata = NULL;
    error = metadata_new(&loaded->metadata);
  }
  if (error == ERR_NONE && config->statements != NULL)
    error = add_statements(loading);
  return error == ERR_NONE ? metadata_seal(loaded->metadata) : error;
}

error_code_t metadata_load(const config_t *config, int64_t time_ms, metadata_loaded_t *ret_loaded)
{
  metadata_loaded_t loaded = {0};
  loading_t loading = {.config = config, .time_ms = time_ms, .loaded = &loaded};
  arena_t *arena = arena_new(4096, ARENA_LIMIT);
  error_code_t error = arena != NULL ? load(&loading, arena) : ERR_NO_MEMORY;
  arena_free(arena);
  if (error == ERR_NONE)
    *ret_loaded = loaded;
  else
    metadata_loaded_done(&loaded);
  return error;
}

/* --- changes --- */

int64_t metadata_last_fetched_ms(const config_t *config)
{
  struct stat status;
  arena_t *arena = arena_new(PATH_LIMIT, ARENA_LIMIT);
  char *path = arena != NULL ? metadata_folder_path(arena, config, METADATA_FILE_INCOMING) : NULL;
  bool found = path != NULL && stat(path, &status) == 0;
  arena_free(arena);
  return found ? (int64_t)status.st_mtim.tv_sec * 1000 : 0;
}

static void mix(uint64_t *fingerprint, uint64_t value)
{
  *fingerprint = (*fingerprint ^ value) * 0x100000001b3; /* FNV-1a, by words */
}

static void mix_file(uint64_t *fingerprint, const char *path)
{
  struct stat status;
  if (path == NULL || stat(path, &status) != 0) {
    mix(fingerprint, 1);
    return;
  }
  mix(fingerprint, (uint64_t)status.st_ino);
  mix(fingerprint, (uint64_t)status.st_size);
  mix(fingerprint, (uint64_t)status.st_mtim.tv_sec);
  mix(fingerprint, (uint64_t)status.st_mtim.tv_nsec);
}

static void mix_statements(uint64_t *fingerprint, const config_rp_t *rp)
{
  const char *folder = rp->metadata.statements;
  char path[PATH_LIMIT];
  uint64_t sum = 0; /* in whatever order the folder is read */
  DIR *opened = opendir(folder);
  for (struct dirent *entry; opened != NULL && (entry = readdir(opened)) != NULL;) {
    uint64_t one = 7;
    if ((is_statement(entry->d_name) || is_document(rp, entry->d_name)) &&
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path) {
      mix_file(&one, path);
      sum += one;
    }
  }
  if (opened != NULL)
    closedir(opened);
  mix(fingerprint, sum);
}

static void mix_text(uint64_t *fingerprint, const char *text)
{
  for (const char *c = text != NULL ? text : ""; *c != '\0'; c++)
    mix(fingerprint, (uint8_t)*c);
  mix(fingerprint, 0);
}

uint64_t metadata_load_fingerprint(const config_t *config)
{
  const config_metadata_t *metadata = &config->rp.metadata;
  const char *const paths[] = {metadata->file, metadata->roots, metadata->crls};
  uint64_t fingerprint = 0xcbf29ce484222325;
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    mix_text(&fingerprint, paths[i]);
    mix_file(&fingerprint, paths[i]);
  }
  mix_text(&fingerprint, metadata->url);
  mix_text(&fingerprint, metadata->signer);
  mix_text(&fingerprint, metadata->statements);
  if (metadata->statements != NULL)
    mix_statements(&fingerprint, &config->rp);
  return fingerprint;
}
