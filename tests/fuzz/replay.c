/* Feeds every file of a corpus folder, and a few mutations of each, to the fuzz target linked beside. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 21)

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

/* Fixed, so that a failure repeats: cut short, and single bytes changed. */
static void feed_mutations(uint8_t *data, size_t size)
{
  size_t step = size / 64 + 1;
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

static int replay_file(const char *folder, const char *name, uint8_t *memory)
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
  feed_mutations(memory, size);
  return 0;
}

int main(int argc, char **argv)
{
  DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
  uint8_t *memory = malloc(INPUT_MAX);
  if (folder == NULL || memory == NULL) {
    fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
    return 2;
  }
  size_t count = 0;
  int failed = 0;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (entry->d_name[0] == '.')
      continue;
    failed |= replay_file(argv[1], entry->d_name, memory);
    count++;
  }
  closedir(folder);
  free(memory);
  printf("replayed %zu files\n", count);
  return failed != 0 || count == 0 ? 1 : 0;
}
