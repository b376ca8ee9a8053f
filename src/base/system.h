/* What the operating system gives a program: a clock that only goes forward, chance, Ctrl-C, ports,
 * exec. */
#ifndef PURCHASES_BASE_SYSTEM_H
#define PURCHASES_BASE_SYSTEM_H

#include "base/error.h"

/* Seconds on a clock that nobody sets; only differences mean something. */
double pur_system_monotonic(void);

/* A number in [0, 1) nobody can foresee: waits of many machines must not fall together. The host
 * application's own random generator is left alone. */
double pur_system_random(void);

/* Columns of the terminal that standard error writes to; 0 when it is none, 80 when it does not
 * say. */
int pur_system_terminal_width(void);

/* For a process that is a command of its own. A reader who went away makes writing fail instead of
 * ending the process; Ctrl-C ends it, where the interpreter would raise an error; and a standard
 * file that was closed is held, so that nothing else that is opened takes its number and gets what
 * is printed. */
void pur_system_begin_command(void);

/* From now on the first SIGINT, SIGTERM or SIGHUP is only counted; a second one of any of them ends
 * the process as usual. One that the process was told to ignore stays ignored. */
void pur_system_catch_interrupts(void);

/* How many signals were counted. */
int pur_system_interrupts(void);

/* Why nobody could listen on this port of 127.0.0.1; NULL when somebody could. */
const char *pur_system_port_refusal(unsigned port);

/* Becomes another program, found along PATH; `arguments` ends with NULL. Returns only on failure:
 * PUR_NOT_FOUND with the reason. */
pur_status pur_system_exec(char *const arguments[], pur_error *error);

#endif
