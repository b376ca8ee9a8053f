/* Services of the operating system: a clock that only goes forward, chance, new files, Ctrl-C,
 * ports, exec. */
#ifndef PURCHASES_BASE_SYSTEM_H
#define PURCHASES_BASE_SYSTEM_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Seconds on a clock that nobody sets; only differences mean something. */
double pur_system_monotonic(void);

/* A number in [0, 1) that nobody can foresee: the waits of many machines must not fall together.
 * Leaves the host application's random generator alone. */
double pur_system_random(void);

/* Makes a new file for writing, which nothing of that name may be in the way of: no file, no link,
 * no pipe. Returns its descriptor, or -1 and errno. */
int pur_system_create(const char *path);

/* Makes a file without a name, for reading and writing, in the folder that TMPDIR names, or in
 * /tmp. Returns its descriptor, or -1 and errno. */
int pur_system_temporary(void);

/* Writes all of a text to a file, or as good as nothing: a part that could be written is taken
 * back. Returns false and errno. */
bool pur_system_write(int file, const char *text, size_t length);

/* Columns of the terminal that standard error writes to; 0 when it is none, 80 when it does not
 * say. */
int pur_system_terminal_width(void);

/* Does standard output go to a terminal? */
bool pur_system_is_terminal(void);

/* Prepares a process that is a command of its own. A reader who went away, or a limit to the size
 * of files, makes writing fail instead of ending the process; Ctrl-C ends it, where the interpreter
 * would raise an error, unless `ignores_interrupts`; and a standard file that was closed is held,
 * so that no other file takes its number and gets what is printed. Returns false when standard
 * output and standard error were both closed: nobody could be told anything. */
bool pur_system_begin_command(bool ignores_interrupts);

/* Counts the first SIGINT, SIGTERM or SIGHUP from now on; a second one of any of them ends the
 * process as usual. A signal that the process was told to ignore stays ignored. */
void pur_system_catch_interrupts(void);

/* The number of signals counted. */
int pur_system_interrupts(void);

/* The reason why nobody can listen on this port of 127.0.0.1; NULL: somebody can. */
const char *pur_system_port_refusal(unsigned port);

/* Becomes another program, found along PATH; `arguments` ends with NULL. Returns only on failure:
 * PUR_NOT_FOUND with the reason. */
pur_status pur_system_exec(char *const arguments[], pur_error *error);

#endif
