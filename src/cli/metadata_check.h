/* `sekisho metadata check`: a BLOB or a statement held against its root, without any server. */
#ifndef SEKISHO_CLI_METADATA_CHECK_H
#define SEKISHO_CLI_METADATA_CHECK_H

/* argv[0] is "check". Returns the exit code: EXIT_DONE when it may be used. */
int metadata_check(int argc, char **argv);

#endif
