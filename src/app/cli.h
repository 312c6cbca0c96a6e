#ifndef KT_APP_CLI_H
#define KT_APP_CLI_H

/* Runs one command line to its end; the exit status (docs/cli.md). Signals that main blocked are
 * let through again for every command but the service. */
int kt_cli_run(int argc, const char *const *argv);

#endif
