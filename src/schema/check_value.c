/* Checks values by themselves: strings, numbers, and whether an enum has a value. */
#include <stdlib.h>

#include "schema/run.h"

bool pur_run_spend(pur_schema_run *run, const pur_frame *at, size_t position, size_t length) {
  if (!run->is_spent && run->work >= length) {
    run->work -= length;
    return true;
  }
  if (!run->is_spent)
    pur_report_refusal(run, at, position, "too_complex",
                       "takes too long to check against the schema's alternatives");
  run->is_spent = true;
  return false;
}

pur_status pur_check_string(pur_schema_run *run, const pur_string_rule *rule, const pur_frame *at,
                            const pur_json_token *token, pur_error *error) {
  pur_text text;
  pur_status status = pur_json_string_text(token, &run->unescaped, &text, error);
  if (status != PUR_OK) return status;
  if (text.length / 4 < rule->least ||
      text.length > rule->most) { /* a character has 1 to 4 bytes */
    size_t count = pur_utf8_count(text.text, text.length);
    if (count < rule->least)
      pur_report_count(run, at, token->position, "minLength", "at least", rule->least, count,
                       "character");
    if (count > rule->most)
      pur_report_count(run, at, token->position, "maxLength", "at most", rule->most, count,
                       "character");
  }
  if (rule->format != PUR_FORMAT_NONE && !pur_format_holds(rule->format, text.text, text.length))
    pur_report_format(run, at, token, rule->format);
  if (rule->pattern == NULL) return PUR_OK;
  switch (pur_schema_pattern_match(rule->pattern, run->matcher, text.text, text.length)) {
  case PUR_OK:
    break;
  case PUR_NOT_FOUND:
    pur_report_pattern(run, at, token, rule);
    break;
  case PUR_NO_MEMORY:
    return pur_error_no_memory(error);
  default:
    pur_report_refusal(run, at, token->position, "pattern_limit",
                       "takes too long to match against the schema's pattern");
  }
  return PUR_OK;
}

void pur_check_number(pur_schema_run *run, const pur_number_rule *rule, const pur_frame *at,
                      const pur_json_token *token) {
  pur_decimal value;
  (void)pur_decimal_read(token->text, token->length, &value);
  if (rule->minimum.is_there) {
    int order = pur_decimal_compare(&value, &rule->minimum.value);
    if (order < 0 || (order == 0 && rule->above_minimum))
      pur_report_number(run, at, token, order < 0 ? "minimum" : "exclusiveMinimum",
                        rule->above_minimum ? "more than" : "at least", rule->minimum.text);
  }
  if (rule->maximum.is_there) {
    int order = pur_decimal_compare(&value, &rule->maximum.value);
    if (order > 0 || (order == 0 && rule->below_maximum))
      pur_report_number(run, at, token, order > 0 ? "maximum" : "exclusiveMaximum",
                        rule->below_maximum ? "less than" : "at most", rule->maximum.text);
  }
  if (rule->divisor.is_there && !pur_decimal_is_multiple(&value, &rule->divisor.value))
    pur_report_number(run, at, token, "multipleOf", "a multiple of", rule->divisor.text);
}

/* A string without escapes stands there in its canonical form already. */
pur_status pur_check_enum(pur_schema_run *run, const pur_enum *values, const pur_frame *at,
                          const pur_json_token *token, size_t length, pur_error *error) {
  pur_text value = {run->scanner.text + token->position, length};
  if (token->kind != PUR_JSON_STRING || token->escaped) {
    if (!pur_run_spend(run, at, token->position, length)) return PUR_OK;
    if (pur_canonical_write(&run->canonical, value.text, length) != PUR_OK)
      return pur_error_no_memory(error);
    value = (pur_text){run->canonical.text.data, run->canonical.text.length};
  }
  if (bsearch(&value, values->values, values->count, sizeof value, pur_canonical_compare) == NULL)
    pur_report_enum(run, at, values, token->position, length);
  return PUR_OK;
}
