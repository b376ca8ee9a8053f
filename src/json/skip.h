/* Skipping the inside of an object or array: private to json/ and bulk/. */
#ifndef PURCHASES_JSON_SKIP_H
#define PURCHASES_JSON_SKIP_H

#include <stdbool.h>
#include <stddef.h>

/* Moves `position`, which is inside a container and outside strings, behind the bracket that closes
 * the container. False, with `position` as it was: the text ends before.
 *
 * Any [ or { opens and any ] or } closes; a backslash counts in strings only. */
bool pur_json_skip(const char *text, size_t length, size_t *position);

#endif
