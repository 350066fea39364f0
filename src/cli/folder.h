/* The folder that holds a configuration and everything beside it. */
#ifndef SEKISHO_CLI_FOLDER_H
#define SEKISHO_CLI_FOLDER_H

#include "base/error.h"

/* Removes the folder with its files and, one level down, keys/ and run/. For the demo's own temporary folder
 * only. */
void folder_remove(const char *path);

#endif
