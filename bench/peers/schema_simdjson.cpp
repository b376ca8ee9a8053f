// Measures: NDJSON walked with simdjson's on-demand parser: every name, string and number read, nothing checked.
// usage: schema_simdjson FILE TIMES
#include <simdjson.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

using namespace simdjson;

static size_t sum; // of what was read, so that it is read

static void walk(ondemand::value value) {
  switch (value.type()) {
  case ondemand::json_type::object:
    for (auto field : value.get_object()) {
      sum += std::string_view(field.unescaped_key()).size();
      walk(field.value());
    }
    break;
  case ondemand::json_type::array:
    for (auto element : value.get_array()) walk(element.value());
    break;
  case ondemand::json_type::string:
    sum += std::string_view(value.get_string()).size();
    break;
  case ondemand::json_type::number:
    sum += double(value.get_double()) > 0;
    break;
  case ondemand::json_type::boolean:
    sum += bool(value.get_bool());
    break;
  default:
    sum += value.is_null();
  }
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  padded_string text = padded_string::load(arguments[1]);
  long times = atol(arguments[2]), purchases = 0;
  ondemand::parser parser;
  auto wall = std::chrono::steady_clock::now();
  clock_t cpu = clock();
  for (long i = 0; i < times; i++) {
    ondemand::document_stream documents = parser.iterate_many(text);
    for (auto document : documents) {
      walk(ondemand::value(document.get_value()));
      purchases++;
    }
  }
  double seconds = double(clock() - cpu) / CLOCKS_PER_SEC;
  double passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
  printf("{\"cpu\":%.6f,\"wall\":%.6f,\"count\":%ld,\"bytes\":%zu,\"sum\":%zu}\n", seconds, passed, purchases,
         text.size() * size_t(times), sum);
}
