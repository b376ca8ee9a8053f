/* A check under way: private to run.c and report.c. */
#ifndef PURCHASES_SCHEMA_RUN_H
#define PURCHASES_SCHEMA_RUN_H

#include "schema/node.h"

/* The place of a value in the document, as a step from what is around it. */
typedef struct pur_frame {
  const struct pur_frame *up; /* NULL: around this is nothing */
  const pur_json_token *key;  /* of the member; NULL: it is an element */
  size_t number;              /* of the element */
} pur_frame;

/* A branch of a choice that is tried: failures are counted here and become no issues. */
typedef struct pur_trial {
  size_t failures;
  const pur_frame *from; /* pointers in messages begin here */
  char *message;         /* for the first failure, PUR_MESSAGE_SIZE bytes; NULL: not wanted */
} pur_trial;

/* A member to look out for. */
typedef struct pur_watched {
  pur_text name;  /* text NULL: none */
  pur_text value; /* text NULL: the document has none */
} pur_watched;

struct pur_schema_run {
  pur_json_scanner scanner;
  pur_matcher *matcher;
  pur_canonical canonical;
  pur_buffer unescaped;
  pur_buffer hints; /* uint16_t: see next_name in run.c */
  pur_buffer pointer;
  bool lacks_memory; /* for a pointer */
  pur_watched watched[PUR_SCHEMA_WATCHED];
  size_t index; /* of this document, for its issues */
  pur_issues *issues;
  pur_trial *trial; /* NULL: what is wrong is an issue */
  size_t work;      /* bytes that may still be read again */
  bool is_spent;    /* more were wanted than that */
  unsigned levels;
};

/* Checks of values by themselves (report.c). `at` tells the value's place; what is wrong is
 * reported. PUR_OK or PUR_NO_MEMORY. */
pur_status pur_check_string(pur_schema_run *run, const pur_string_rule *rule, const pur_frame *at,
                            const pur_json_token *token, pur_error *error);
void pur_check_number(pur_schema_run *run, const pur_number_rule *rule, const pur_frame *at,
                      const pur_json_token *token);

/* The value has `length` bytes. */
pur_status pur_check_enum(pur_schema_run *run, const pur_enum *values, const pur_frame *at,
                          const pur_json_token *token, size_t length, pur_error *error);

/* Refuses fewer things than the first of a range, and more than the second, with that code. */
void pur_check_count(pur_schema_run *run, const pur_frame *at, size_t position,
                     const char *const codes[2], const size_t range[2], size_t count,
                     const char *noun);

/* Takes `length` bytes that are read again off the run's work. False: it has less left; reported
 * once in a run. */
bool pur_run_spend(pur_schema_run *run, const pur_frame *at, size_t position, size_t length);

/* Reports of what is wrong with the value whose place `at` tells and which stands at byte
 * `position`. Each writes an issue, or a note for the trial. */
void pur_report_type(pur_schema_run *run, const pur_frame *at, const pur_schema_node *node,
                     const pur_json_token *token);
void pur_report_missing(pur_schema_run *run, const pur_frame *at, size_t position, pur_text name);

/* The object has all the names of `had` sets, with texts that are not blank, and of `empty` others.
 */
void pur_report_required_choice(pur_schema_run *run, const pur_frame *at, size_t position,
                                const pur_object_rule *rule, const pur_required_choice *choice,
                                const pur_name_set *seen, size_t had, size_t empty);
void pur_report_unknown(pur_schema_run *run, const pur_frame *at, const pur_object_rule *rule);

/* A document that cannot be judged: an issue even while a branch is tried. */
void pur_report_refusal(pur_schema_run *run, const pur_frame *at, size_t position, const char *code,
                        const char *message);

/* A message of the caller's own. */
void pur_report(pur_schema_run *run, const pur_frame *at, size_t position, const char *code,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
