/* A compiled schema, and what its rules need to know of formats, patterns and equal values: private
 * to the schema folder. */
#ifndef PURCHASES_SCHEMA_NODE_H
#define PURCHASES_SCHEMA_NODE_H

#include <stddef.h>
#include <string.h>

#include "json/json.h"
#include "map/node.h"
#include "number/number.h"
#include "schema/schema.h"

/* The formats that strings can have (format.c) */

typedef struct pur_format {
  const char *name;
  const char *description; /* for messages: "an e-mail address, such as ..." */
  bool (*holds)(const char *text, size_t length);
} pur_format;

/* email, RFC 5321's Mailbox, with RFC 6531's characters; date-time, RFC 3339's; uri, RFC 3986's
 * URI, with a scheme. NULL: no such format. */
const pur_format *pur_format_named(pur_text name);

/* Regular expressions; only pattern.c knows of PCRE2 */

typedef struct pur_schema_pattern {
  struct pur_schema_pattern *next;
  pur_text text;  /* the expression as it was given */
  void *code;     /* a pcre2_code */
  bool is_native; /* it was compiled to machine code */
} pur_schema_pattern;

/* The memory of a match, for one at a time. */
typedef struct pur_matcher pur_matcher;

/* Compiles a regular expression in ECMA's manner, which is valid UTF-8 and must live as long, and
 * puts the pattern before those in `*all`. PUR_INVALID_SCHEMA: the message says what is wrong, and
 * at which byte. PUR_NO_MEMORY. */
pur_status pur_schema_pattern_new(const char *text, size_t length, pur_schema_pattern **all,
                                  pur_error *error);

/* Ends all patterns of a list; NULL: none. */
void pur_schema_patterns_destroy(pur_schema_pattern *all);

/* NULL: out of memory. */
pur_matcher *pur_matcher_new(void);
void pur_matcher_destroy(pur_matcher *matcher);

/* Another document begins, whose matches may take as much as those of any other. To be called
 * before the first match, too. */
void pur_matcher_restart(pur_matcher *matcher);

/* Tells whether the pattern matches somewhere in a text of valid UTF-8. PUR_OK: yes; PUR_NOT_FOUND:
 * no; PUR_TOO_LARGE: a limit, of this match or of the document's, was reached before that could be
 * told; PUR_NO_MEMORY. */
pur_status pur_schema_pattern_match(const pur_schema_pattern *pattern, pur_matcher *matcher,
                                    const char *text, size_t length);

/* One spelling for each JSON value (canonical.c) */

/* Memory for the work, kept from call to call: zeros at first. */
typedef struct pur_canonical {
  pur_json_scanner scanner;
  pur_buffer text;
  pur_buffer members;
  pur_buffer unescaped;
} pur_canonical;

/* The order of canonical texts, pur_text, for qsort and bsearch. */
int pur_canonical_compare(const void *a, const void *b);

void pur_canonical_free(pur_canonical *canonical);

/* Writes a value that is known to be valid into `canonical->text`, which is emptied before: equal
 * values, and only these, give equal bytes. Members are sorted, numbers stand without zeros at
 * their ends, and strings with no escapes but those that must be. PUR_OK or PUR_NO_MEMORY. */
pur_status pur_canonical_write(pur_canonical *canonical, const char *text, size_t length);

/* Nodes and their rules */

typedef struct pur_schema_node pur_schema_node;

/* The types of draft 4 are bits in the order of their names: array, boolean, integer and so on. */
enum { PUR_TYPE_INTEGER = 4, PUR_TYPE_NUMBER = 16, PUR_TYPE_ALL = 127 };

#define PUR_SCHEMA_NAMED 256 /* names that one object can have rules for */

/* Which of an object's names. */
typedef struct pur_name_set {
  uint64_t bits[PUR_SCHEMA_NAMED / 64];
} pur_name_set;

/* anyOf or oneOf of nothing but `required`, and texts that are not blank. */
typedef struct pur_required_choice {
  const char *keyword;
  bool only_one;
  pur_name_set *sets;
  pur_name_set *filled; /* for each set: the names of those texts */
  size_t count;
  struct pur_required_choice *next;
} pur_required_choice;

typedef struct pur_object_rule {
  const pur_text *names; /* that any rule knows */
  size_t count;
  const pur_text *spelled;         /* each as documents nearly always have it, "name": */
  size_t first_hint;               /* of its own among a run's; one more than it has names */
  const pur_schema_node **members; /* what a name's value must be, by its number, and last that of
                                      any other name; NULL: refused */
  size_t words;                    /* of a name set, that have bits */
  pur_name_set allowed;            /* names that have values: for a message */
  pur_name_set required;
  pur_required_choice *choices;
  bool heeds_empty; /* a choice wants texts that are not blank */
} pur_object_rule;

typedef struct pur_array_rule {
  const pur_schema_node *const *first; /* what the first elements must be, one by one */
  size_t first_count;
  const pur_schema_node *others; /* what each other must be; never NULL */
  size_t count[2];               /* at least, at most */
} pur_array_rule;

typedef struct pur_string_rule {
  size_t length[2];                  /* at least, at most; code points */
  const pur_schema_pattern *pattern; /* NULL: none */
  pur_text description;              /* of the schema it stands in; empty: none */
  const pur_format *format;          /* NULL: none */
} pur_string_rule;

typedef struct pur_bound {
  bool is_there;
  bool is_exclusive;
  pur_text text; /* as the schema has it, for messages */
  pur_decimal value;
} pur_bound;

typedef struct pur_number_rule {
  pur_bound minimum, maximum, divisor;
} pur_number_rule;

typedef struct pur_enum {
  pur_text text;    /* as the schema has it, for messages */
  pur_text *values; /* sorted: see above */
  size_t count;
} pur_enum;

/* In the order of their keywords. */
typedef enum pur_choice_kind { PUR_ALL_OF, PUR_ANY_OF, PUR_ONE_OF } pur_choice_kind;

/* A keyword that takes the value's bytes again, once for each branch. */
typedef struct pur_choice {
  pur_choice_kind kind;
  const char *keyword;
  pur_schema_node **branches;
  size_t count;
  struct pur_choice *next;
} pur_choice;

struct pur_schema_node {
  unsigned kinds;        /* values that are let in: bit (1 << pur_json_kind) of their first token */
  bool whole;            /* numbers: integers only */
  unsigned plain;        /* strings and numbers that need no further look (run.c) */
  unsigned char types;   /* as the schema names them */
  unsigned char nesting; /* choices within one another below, and one more; 0: not known yet */
  const char *keyword;   /* that says which kinds are let in: type, anyOf, oneOf */
  const pur_schema_node **by_kind; /* one branch for each kind of value; NULL: the node itself */
  const pur_object_rule *object;   /* NULL: no rule; so below */
  const pur_array_rule *array;
  const pur_string_rule *string;
  const pur_number_rule *number;
  const pur_enum *values;
  const pur_choice *choices;
};

/* Lets in everything. */
extern const pur_schema_node pur_schema_anything;

struct pur_schema {
  pur_arena memory; /* of all but the patterns */
  const pur_schema_node *root;
  size_t hints;                 /* of all objects' rules */
  pur_schema_pattern *patterns; /* all, to be freed */
};

#define PUR_KIND_BIT(kind) (1u << (kind))
#define PUR_KIND_ALL (PUR_KIND_BIT(PUR_JSON_NULL + 1) - 1)

/* The number of a name among so many; `count`: it is none of them. */
static inline size_t pur_name_find(const pur_text *names, size_t count, pur_text name) {
  size_t i = 0;
  while (i < count &&
         (names[i].length != name.length || memcmp(names[i].text, name.text, name.length) != 0))
    i++;
  return i;
}

static inline bool pur_name_set_has(const pur_name_set *set, size_t number) {
  return (set->bits[number / 64] >> number % 64 & 1) != 0;
}

/* Tells whether all names of a set are in another, too; so many words of it have bits. */
static inline bool pur_name_set_within(const pur_name_set *set, const pur_name_set *other,
                                       size_t words) {
  uint64_t missing = 0;
  for (size_t i = 0; i < words; i++) missing |= set->bits[i] & ~other->bits[i];
  return missing == 0;
}

static inline void pur_name_set_add(pur_name_set *set, size_t number) {
  set->bits[number / 64] |= (uint64_t)1 << number % 64;
}

#endif
