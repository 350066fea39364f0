#include <string.h>

#include "cli/cli.h"

const command_t commands[] = {
    {"init", "make a folder with a configuration, keys and databases",
     "sekisho init DIR [--rp-id localhost] [--port 8080]\n"
     "Writes DIR/sekisho.yaml with two example domains, keys and databases; never overwrites.",
     command_init},
    {"serve", "run rp and authority under a supervisor",
     "sekisho serve -c FILE\n"
     "SIGTERM drains and ends both; SIGHUP rereads the configuration and keeps the old one when the new one "
     "is wrong.",
     command_serve},
    {"rp", "run the relying party alone", "sekisho rp -c FILE", command_rp},
    {"authority", "run the authority alone, of all domains or one", "sekisho authority -c FILE [--domain ID]",
     command_authority},
    {"demo", "run everything with two example products, in a temporary folder",
     "sekisho demo [--port 8080]\n"
     "Takes five ports from this one on: login, issuers, gateway checks, pay, coin.",
     command_demo},
    {"check-config", "check a configuration and name every error", "sekisho check-config FILE",
     command_check_config},
    {"policy", "explain a decision in words",
     "sekisho policy explain -c FILE --domain D [--scope S]... [--route 'POST /x'] [--acr A] [--max-age T] "
     "--evidence FILE [--now T] [--json]\n"
     "FILE holds a JSON array of evidence; docs/configuration.md describes it. Exit code 1: not satisfied.",
     command_policy},
    {"verify", "check recorded ceremonies, JSON lines in and out",
     "sekisho verify [--at TIME] < cases.jsonl\n"
     "TIME (RFC 3339) is when certificates are judged, for lines without a time of their own.",
     command_verify},
    {"help", "this list, or one command", "sekisho help [COMMAND]", command_help},
    {"--version", "the version and those of its libraries", "sekisho --version", command_version},
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

const command_t *command_find(const char *name)
{
  for (size_t i = 0; i < command_count; i++)
    if (strcmp(commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}
