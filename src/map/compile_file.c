/* What a map says about the file, and which of its rows count. */
#include "map/compiler.h"

static pur_status compile_encoding(pur_map_compiler *c, pur_node *root) {
  pur_form *form = &c->map->form;
  pur_text encoding = {NULL, 0}, delimiter = {NULL, 0};
  pur_status status = pur_map_compiler_text(c, root, "encoding", &encoding);
  if (status == PUR_OK) status = pur_map_compiler_text(c, root, "delimiter", &delimiter);
  if (status != PUR_OK) return status;
  if (encoding.text != NULL) {
    form->encoding = pur_encoding_find(encoding.text, encoding.length);
    if (form->encoding == PUR_ENCODING_ANY)
      return pur_map_compiler_fail(c, "encoding",
                                   "expected 'utf8', 'windows-1252', 'latin1' or 'utf16'");
  }
  if (delimiter.text == NULL) return PUR_OK;
  form->delimiter = *delimiter.text;
  if (delimiter.length != 1 || strchr("\"\r\n", *delimiter.text) != NULL || *delimiter.text < 0)
    return pur_map_compiler_fail(c, "delimiter",
                                 "expected one character of ASCII, neither a quote nor a line end");
  return PUR_OK;
}

static pur_status compile_header(pur_map_compiler *c, pur_node *root) {
  pur_form *form = &c->map->form;
  pur_node *header = pur_node_get(root, "header"), *names = pur_node_get(root, "names");
  long line = 0, skip = 0;
  pur_status status = pur_map_compiler_whole(c, root, "skip", 0, 1000000, &skip);
  if (status != PUR_OK) return status;
  form->skip = (size_t)skip;
  form->no_header = header != NULL && header->kind == PUR_JSON_FALSE;
  if (header != NULL && !form->no_header && !pur_node_whole(header, 1, 1000000, &line))
    return pur_map_compiler_fail(c, "header", "expected the number of its line, or false");
  form->header = (size_t)line;
  if (skip > 0 && !form->no_header)
    return pur_map_compiler_fail(
        c, "skip", "goes with header = false; a header's line is header = %ld", skip + 1);
  if (names == NULL) return PUR_OK;
  if (names->kind != PUR_JSON_ARRAY_BEGIN || names->count == 0)
    return pur_map_compiler_fail(c, "names", "expected the list of all columns' names");
  for (const pur_node *name = names->first; name != NULL; name = name->next)
    if (name->kind != PUR_JSON_STRING)
      return pur_map_compiler_fail(c, "names", "each column's name is a text");
  return pur_map_compiler_texts(c, names, "names", false, &form->names, &form->name_count);
}

static pur_status compile_signs(pur_map_compiler *c, pur_node *root) {
  pur_map *map = c->map;
  pur_text decimal = {".", 1}, thousands = {NULL, 0};
  pur_status status = pur_map_compiler_text(c, root, "decimal", &decimal);
  if (status == PUR_OK) status = pur_map_compiler_text(c, root, "thousands", &thousands);
  if (status != PUR_OK) return status;
  if (decimal.length != 1 || (*decimal.text != '.' && *decimal.text != ','))
    return pur_map_compiler_fail(c, "decimal", "expected '.' or ','");
  map->decimal = *decimal.text;
  if (thousands.text == NULL) return PUR_OK;
  if (thousands.length == 1 && strchr(".,' ", *thousands.text) != NULL && *thousands.text != '\0')
    map->thousands = *thousands.text;
  else if (pur_blank_length(thousands.text, thousands.length) == thousands.length &&
           thousands.length > 1)
    map->thousands = ' ';
  else if (thousands.length == 3 && memcmp(thousands.text, "\xE2\x80\x99", 3) == 0)
    map->thousands = '\'';
  else
    return pur_map_compiler_fail(c, "thousands", "expected '.', ',', ' ' or \"'\"");
  if (map->thousands == map->decimal)
    return pur_map_compiler_fail(c, "thousands", "is the same as decimal = \"%c\"", map->decimal);
  return PUR_OK;
}

/* Adds the columns of `where` or of `unless`. A number stands in a table's key as its digits: a
 * column of that name comes first. */
static pur_status add_filters(pur_map_compiler *c, pur_node *root, const char *key) {
  pur_map *map = c->map;
  pur_node *table = pur_node_get(root, key), *member;
  size_t number = 0, saved = c->path_length;
  pur_status status = PUR_OK;
  if (table == NULL) return PUR_OK;
  if (table->first == NULL &&
      (table->kind == PUR_JSON_OBJECT_BEGIN || table->kind == PUR_JSON_ARRAY_BEGIN))
    return PUR_OK;
  if (table->first == NULL) return pur_map_compiler_fail(c, key, "expected { column = text }");
  pur_map_compiler_enter(c, key, strlen(key));
  for (member = table->first; member != NULL && status == PUR_OK; member = member->next) {
    pur_map_filter *filter = &map->filters[map->filter_count];
    pur_text name = pur_blank_trim(member->name.text, member->name.length);
    number++;
    if (member->kind == PUR_JSON_NULL) continue;
    if (table->kind == PUR_JSON_OBJECT_BEGIN) {
      pur_fixed digits;
      bool is_number =
          pur_fixed_read(name.text, name.length, &digits) && digits.places == 0 && digits.value > 0;
      if (name.length == 0) return pur_map_compiler_fail(c, NULL, "a column's name is empty");
      number = is_number ? (size_t)digits.value : 0;
    }
    filter->leaves_out = *key == 'u';
    status = pur_map_compiler_column_named(c, NULL, name, number, &filter->slot);
    if (status == PUR_OK)
      status = pur_map_compiler_texts(c, member, NULL, true, &filter->texts, &filter->count);
    if (status == PUR_OK && filter->count == 0)
      return pur_map_compiler_fail(c, NULL, "expected a text, or a list of texts, for each column");
    map->filter_count++;
  }
  pur_map_compiler_leave(c, saved);
  return status;
}

pur_status pur_map_compile_file(pur_map_compiler *c, pur_node *root) {
  pur_map *map = c->map;
  pur_node *nulls = pur_node_get(root, "null");
  const pur_text *texts = NULL;
  pur_status status = compile_encoding(c, root);
  if (status == PUR_OK) status = compile_header(c, root);
  if (status == PUR_OK) status = compile_signs(c, root);
  if (status == PUR_OK) status = pur_map_compiler_text(c, root, "list", &map->list);
  if (status == PUR_OK && map->list.length > 0 && *map->list.text != '/')
    return pur_map_compiler_fail(c, "list", "expected a JSON pointer such as /indicator/values");
  if (status == PUR_OK && map->list.text != NULL && map->use == PUR_MAP_SALES)
    return pur_map_compiler_fail(c, "list", "is of JSON, but a map of sales reads CSV");
  if (status == PUR_OK && nulls != NULL)
    status = pur_map_compiler_texts(c, nulls, "null", true, &texts, &map->null_count);
  map->nulls = texts;
  if (status == PUR_OK) status = add_filters(c, root, "where");
  if (status == PUR_OK) status = add_filters(c, root, "unless");
  map->filter_slots = map->column_count;
  return status;
}
