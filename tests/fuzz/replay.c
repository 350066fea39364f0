/* Feeds every file of corpus folders to the fuzz target linked beside, and mutations of each: some plain, and
 * a number by the target's own mutator. The environment's SEKISHO_FUZZ_ROUNDS says how many; seeds are fixed,
 * so that a failure repeats. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 21)
#define ROUNDS 200 /* by the mutator, over all files */

/* A heap copy of the exact size, so that a read past the end is seen. */
static void feed(const uint8_t *data, size_t size)
{
  uint8_t *copy = malloc(size > 0 ? size : 1);
  if (copy == NULL)
    exit(2);
  if (size > 0)
    memcpy(copy, data, size);
  LLVMFuzzerTestOneInput(copy, size);
  free(copy);
}

/* Where files are cut and changed, over all files; fewer for targets that take their time. */
#ifndef REPLAY_PLACES
#define REPLAY_PLACES 2048
#endif

/* Fixed, so that a failure repeats: cut short, and single bytes changed. */
static void feed_mutations(uint8_t *data, size_t size, size_t places)
{
  size_t step = size / places + 1;
  for (size_t i = 0; i < size; i += step) {
    feed(data, i);
    uint8_t kept = data[i];
    data[i] = (uint8_t)(kept ^ (1U << (i % 8)));
    feed(data, size);
    data[i] = 0xff;
    feed(data, size);
    data[i] = kept;
  }
}

static size_t rounds(void)
{
  const char *text = getenv("SEKISHO_FUZZ_ROUNDS");
  return text != NULL ? strtoul(text, NULL, 10) : ROUNDS;
}

/* Each from the file itself; every fourth is what the one before has become. */
static void feed_structured_mutations(const uint8_t *data, size_t size, size_t count)
{
  static unsigned seed; /* goes on, so that files do not all get the same changes */
  uint8_t *memory = malloc(INPUT_MAX);
  size_t len = size;
  if (memory == NULL)
    exit(2);
  for (size_t i = 0; i < count; i++) {
    if (i % 4 != 3) {
      if (size > 0)
        memcpy(memory, data, size);
      len = size;
    }
    len = LLVMFuzzerCustomMutator(memory, len, INPUT_MAX / 4, seed++);
    feed(memory, len);
  }
  free(memory);
}

static int replay_file(const char *folder, const char *name, size_t files, uint8_t *memory)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    return 1;
  }
  size_t size = fread(memory, 1, INPUT_MAX, file);
  fclose(file);
  feed(memory, size);
  feed_mutations(memory, size, REPLAY_PLACES / files + 1);
  feed_structured_mutations(memory, size, rounds() / files + 1);
  return 0;
}

static size_t count_files(DIR *folder)
{
  size_t count = 0;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
    count += entry->d_name[0] != '.';
  rewinddir(folder);
  return count;
}

/* How many files were replayed, or -1. */
static int replay_folder(const char *path, uint8_t *memory)
{
  DIR *folder = opendir(path);
  int failed = 0;
  if (folder == NULL)
    return 0;
  size_t count = count_files(folder);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
    if (entry->d_name[0] != '.')
      failed |= replay_file(path, entry->d_name, count, memory);
  closedir(folder);
  return failed != 0 ? -1 : (int)count;
}

int main(int argc, char **argv)
{
  uint8_t *memory = malloc(INPUT_MAX);
  if (argc < 2 || memory == NULL) {
    fprintf(stderr, "usage: %s CORPUS...\n", argv[0]);
    return 2;
  }
  int total = 0;
  bool failed = false;
  for (int i = 1; i < argc; i++) {
    int count = replay_folder(argv[i], memory);
    failed |= count < 0;
    total += count;
  }
  feed_structured_mutations(NULL, 0, rounds() / 8);
  free(memory);
  printf("replayed %d files\n", total);
  return failed || total == 0 ? 1 : 0;
}
